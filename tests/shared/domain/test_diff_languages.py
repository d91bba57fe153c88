"""Labels and names of reads in different languages."""

from __future__ import annotations

from shared.domain.snapshot import Snapshot
from tests.builders import a_snapshot, a_user_field
from tests.shared.domain.comparing import between, changes, edits


def labelled(*labels: dict[str, str]) -> Snapshot:
    return a_snapshot(
        user_fields=tuple(a_user_field(id=number, labels=label) for number, label in enumerate(labels, 501))
    )


def test_a_read_in_another_language_changes_no_label() -> None:
    russian = labelled({"ru": "Доставка"}, {"ru": "Склад"}, {})
    # Where the language asked for has no label, that of the portal stands.
    english = labelled({"en": "Delivery"}, {"ru": "Склад"}, {"en": "Weight"})
    assert changes(russian, english) == changes(english, russian) == []


def test_what_both_have_is_compared_all_the_same() -> None:
    russian = labelled({"ru": "Доставка"}, {"ru": "Склад"})
    english = labelled({"en": "Delivery"}, {"ru": "Склад отгрузки"})
    assert edits(russian, english) == [
        ("user_fields", 502, "labels", {"ru": "Склад"}, {"ru": "Склад отгрузки"})
    ]


def test_a_label_given_or_taken_away_is_a_change() -> None:
    with_label, without = (
        labelled({"ru": "Доставка"}, {"ru": "Вес"}),
        labelled({}, {"ru": "Вес"}),
    )
    assert edits(with_label, without) == [("user_fields", 501, "labels", {"ru": "Доставка"}, {})]
    assert edits(without, with_label) == [("user_fields", 501, "labels", {}, {"ru": "Доставка"})]


def test_whoever_has_no_label_was_asked_in_every_language_of_the_read() -> None:
    both = labelled({"ru": "Вес", "en": "Weight"}, {})
    # Of the languages that were read only those show in which there is a label.
    one = labelled({"ru": "Вес"}, {"ru": "Склад"})
    assert edits(both, one) == [("user_fields", 502, "labels", {}, {"ru": "Склад"})]
    assert edits(one, both) == [("user_fields", 502, "labels", {"ru": "Склад"}, {})]


def test_the_first_label_of_a_portal_is_a_change() -> None:
    assert edits(labelled({}), labelled({"ru": "Вес"})) == [("user_fields", 501, "labels", {}, {"ru": "Вес"})]


def test_one_of_several_languages_is_a_label_of_its_own() -> None:
    both = labelled({"ru": "Доставка", "en": "Delivery"}, {"ru": "Вес", "en": "Weight"})
    less = labelled({"ru": "Доставка"}, {"ru": "Вес", "en": "Weight"})
    assert edits(both, less) == [
        ("user_fields", 501, "labels", {"ru": "Доставка", "en": "Delivery"}, {"ru": "Доставка"})
    ]


def test_labels_of_two_portals_in_different_languages_tell_nothing() -> None:
    russian, english = labelled({"ru": "Доставка"}), labelled({"en": "Delivery"})
    assert between(russian, english) == []
