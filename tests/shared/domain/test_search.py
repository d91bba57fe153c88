"""What the search finds: every item under its code, its id and each of its names."""

from __future__ import annotations

from shared.domain.search import entries
from shared.domain.snapshot import NotUnderstood
from tests.builders import a_snapshot, a_user_field


def test_a_field_is_found_by_the_labels_that_were_understood() -> None:
    odd = (NotUnderstood("labels", '["?"]'),)
    fields = (
        a_user_field(code="UF_NONE", id=1, labels={}, not_understood=odd),
        a_user_field(code="UF_SOME", id=2, labels={"en": "Budget"}, not_understood=odd),
    )
    found = {entry.code: entry.folded for entry in entries(a_snapshot(user_fields=fields))}
    assert (found["UF_NONE"], found["UF_SOME"]) == ("uf_none 1", "uf_some budget 2")
