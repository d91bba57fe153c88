"""Two versions of one portal are compared without reading what is the same in both."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from hypothesis import given

from shared.domain.compare import have_same_label_languages, may_be_left_out, without_labels
from shared.domain.diff import diff
from shared.domain.order import in_business_order
from shared.domain.parts import PartKey, parts_of, with_parts
from shared.domain.snapshot import Snapshot
from tests.builders import a_snapshot, a_user_field
from tests.shared.domain.portals import examples, two_reads


@examples(300)
@given(two_reads())
def test_versions_compare_the_same_without_what_is_the_same_in_both(reads: tuple[Snapshot, Snapshot]) -> None:
    ours, theirs = (parts_of(in_business_order(side)) for side in reads)
    left_out = may_be_left_out({part for part in ours.keys() & theirs.keys() if ours[part] == theirs[part]})

    def sides(left_out: AbstractSet[PartKey]) -> list[Snapshot]:
        return [
            with_parts(side, {part: rows for part, rows in known.items() if part not in left_out})
            for side, known in zip(reads, (ours, theirs), strict=True)
        ]

    assert diff(*sides(without_labels(left_out))) == diff(*reads)
    if have_same_label_languages(*sides(left_out)):
        assert diff(*sides(left_out)) == diff(*reads)


def test_what_is_the_same_matters_where_only_it_is_in_the_language_of_a_label() -> None:
    def version(*labels: str) -> Snapshot:
        weight = a_user_field(id=1, labels=dict.fromkeys(labels, "Вес"))
        return a_snapshot(
            user_fields=(weight, a_user_field(id=2, entity_type="contact", labels={"ru": "Вес"}))
        )

    def without_contacts(whole: Snapshot) -> Snapshot:
        return replace(whole, user_fields=whole.user_fields[:1])

    whole = version(), version("de")
    some = without_contacts(whole[0]), without_contacts(whole[1])
    assert not have_same_label_languages(*some)
    assert diff(*some) != diff(*whole)
