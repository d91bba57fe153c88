"""Differences in words and in the shape of the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.domain.coverage import Kind, State
from shared.domain.diff import Change, NotCompared, Op, WhyNot, diff
from shared.domain.identity import ComparedKind, items_of
from shared.domain.snapshot import Meaning, Snapshot
from shared.specification.changes import changes_json, changes_txt
from shared.wording.changes import attribute_word, change_sentence, not_compared_sentence, op_word
from shared.wording.language import LANGUAGES, Language
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_pipeline,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_success_stage,
    a_user,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.shared.specification.hostile import LABELS, labelled


def lines(old: Snapshot, new: Snapshot, language: Language = "ru") -> list[str]:
    """The lines of the text below its head."""
    text = changes_txt(diff(old, new), old, new, language=language).decode()
    return text.split("\n")[4:-1]


def told(old: Snapshot, new: Snapshot) -> dict[str, Any]:
    loaded = orjson.loads(changes_json(diff(old, new), old, new, language="ru"))
    assert isinstance(loaded, dict)
    return loaded


FIELD = a_user_field()
LIST = a_list_field("Самовывоз", "Курьер")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            {"stages": (a_stage(name="Обращение"), a_success_stage())},
            {"stages": (a_stage(name="Заявка"), a_success_stage())},
            "СДЕЛКА · стадия NEW «Заявка»: название «Обращение» → «Заявка»",
        ),
        (
            {"stages": (a_stage(), a_success_stage())},
            {"stages": (a_stage(meaning=Meaning.FAILURE), a_success_stage())},
            "СДЕЛКА · стадия NEW «Новая заявка»: смысл в работе → ПРОВАЛ",
        ),
        (
            {"stages": (a_success_stage(),)},
            {"stages": (a_stage(), a_success_stage())},
            "СДЕЛКА · стадия NEW «Новая заявка»: добавлена",
        ),
        (
            {"pipelines": (a_pipeline(),)},
            {"pipelines": (a_pipeline(name=None),)},
            "СДЕЛКА · воронка 0: название «Общая» → не задано",
        ),
        (
            {"pipelines": (a_pipeline(), a_pipeline(id=3, name="Розница", is_default=False))},
            {"pipelines": (a_pipeline(),)},
            "СДЕЛКА · воронка 3 «Розница»: удалена",
        ),
        (
            {"user_fields": (FIELD,)},
            {"user_fields": (replace(FIELD, labels={"ru": "Доставка"}),)},
            "СДЕЛКА · поле UF_CRM_1700000000001 «Доставка»: название «Способ доставки» → «Доставка»",
        ),
        (
            {"user_fields": (replace(FIELD, labels={"ru": "Цвет", "en": "Colour"}),)},
            {"user_fields": (replace(FIELD, labels={"ru": "Цвет", "en": "Color"}),)},
            "СДЕЛКА · поле UF_CRM_1700000000001 «Цвет»: название en «Colour» → «Color»",
        ),
        (
            {"user_fields": (FIELD,)},
            {"user_fields": (replace(FIELD, mandatory=True),)},
            "СДЕЛКА · поле UF_CRM_1700000000001 «Способ доставки»: обязательное нет → да",
        ),
        (
            {"user_fields": (FIELD,)},
            {"user_fields": (replace(FIELD, type="double"),)},
            "СДЕЛКА · поле UF_CRM_1700000000001 «Способ доставки»: тип строка → число",
        ),
        (
            {"user_fields": (replace(FIELD, settings={"SIZE": 2, "ROWS": 1, "X": "a"}),)},
            {"user_fields": (replace(FIELD, settings={"SIZE": 4, "ROWS": 1}),)},
            "СДЕЛКА · поле UF_CRM_1700000000001 «Способ доставки»: настройка SIZE 2 → 4; настройка X «a» → не задано",
        ),
        (
            {"user_fields": (LIST,)},
            {"user_fields": (replace(LIST, values=LIST.values[:1]),)},
            "СДЕЛКА · поле UF_CRM_1700000000001, значение 72 «Курьер»: удалено",
        ),
        (
            {"dictionaries": (a_dictionary(),)},
            {"dictionaries": (a_dictionary(items=(a_dictionary_item(name="Телефон"),)),)},
            "справочник SOURCE, значение CALL «Телефон»: название «Звонок» → «Телефон»",
        ),
        (
            {"dictionaries": (a_dictionary(),)},
            {"dictionaries": (a_dictionary(), a_dictionary(directory="INDUSTRY", name="Отрасли", items=()))},
            "справочник INDUSTRY «Отрасли»: добавлен",
        ),
        (
            {"users": (a_user(),)},
            {"users": (a_user(active=False),)},
            "пользователь 12 «Пример Иван»: работает да → нет",
        ),
        (
            {"users": (a_user(departments=(1, 7)),)},
            {"users": (a_user(departments=()),)},
            "пользователь 12 «Пример Иван»: подразделения 1, 7 → не задано",
        ),
        (
            {"departments": (a_department(),)},
            {"departments": (a_department(head_id=None),)},
            "подразделение 1 «Ромашка Опт»: руководитель 12 → не задано",
        ),
        (
            {"entity_types": (an_entity_type(),)},
            {"entity_types": (an_entity_type(), a_smart_process())},
            "сущность dynamic_1040 «Ремонт»: добавлена",
        ),
    ],
)
def test_a_difference_is_told_in_one_line(old: dict[str, Any], new: dict[str, Any], line: str) -> None:
    assert lines(a_snapshot(**old), a_snapshot(**new)) == [line]


def test_a_field_of_a_smart_process_is_told_with_the_name_of_the_process() -> None:
    old = a_snapshot(entity_types=(a_smart_process(),), user_fields=())
    new = replace(old, user_fields=(a_user_field(entity_type="dynamic_1040", code="UF_CRM_7_A"),))
    assert lines(old, new) == ["Ремонт · поле UF_CRM_7_A «Способ доставки»: добавлено"]


def test_a_new_field_under_an_old_label_is_told_apart_from_the_old_field() -> None:
    old = a_snapshot(user_fields=(a_user_field(labels={"ru": "Доставка"}),))
    renamed, added = (
        a_user_field(labels={"ru": "Способ доставки"}),
        a_user_field(id=590, code="UF_CRM_Z", labels={"ru": "Доставка"}),
    )
    assert lines(old, a_snapshot(user_fields=(renamed, added))) == [
        "СДЕЛКА · поле UF_CRM_1700000000001 «Способ доставки»: название «Доставка» → «Способ доставки»",
        "СДЕЛКА · поле UF_CRM_Z «Доставка»: добавлено (так раньше называлось UF_CRM_1700000000001)",
    ]


def test_nothing_different_is_said_in_words() -> None:
    assert lines(a_snapshot(), a_snapshot()) == ["Изменений нет."]
    assert lines(a_snapshot(), a_snapshot(), "en") == ["No changes."]


def test_the_head_names_both_sides() -> None:
    old, new = a_snapshot(number=1), a_snapshot(read_at=datetime(2031, 4, 1, 12, 0, tzinfo=UTC))
    head = changes_txt(diff(old, new), old, new, language="ru").decode().split("\n")[:3]
    assert head[0] == "ИЗМЕНЕНИЯ В CRM БИТРИКС24"
    assert head[1].startswith("было   romashka-opt.example  № 1 от 12.03.2031 06:15 (+00:00)  отпечаток ")
    assert head[2].startswith("стало  romashka-opt.example  от 01.04.2031 12:00 (+00:00)  отпечаток ")


def test_what_could_not_be_compared_is_told_with_the_reason() -> None:
    new = with_coverage(a_snapshot(users=()), Kind.USERS, state=State.FAILED)
    assert lines(a_snapshot(), new) == [
        "Изменений нет.",
        "",
        "Не сравнивалось:",
        "  пользователи: теперь не прочитано полностью; чего не видно, то не считается удалённым",
    ]


def test_fewer_rights_are_a_reason_too() -> None:
    new = a_snapshot(reader=a_reader(admin=False), user_fields=())
    assert any("с меньшими правами" in line for line in lines(a_snapshot(), new))


def test_json_has_the_shape_of_the_api() -> None:
    old = a_snapshot(stages=(a_stage(name="Обращение"), a_success_stage()))
    new = a_snapshot(stages=(a_stage(name="Заявка"), a_success_stage()), number=7)
    assert told(old, new) == {
        "items": [
            {
                "snapshot": 7,
                "kind": "stages",
                "entity_type": "deal",
                "item": {"id": 101, "code": "NEW", "label": "Заявка"},
                "op": "edited",
                "attribute": "name",
                "before": "Обращение",
                "after": "Заявка",
                "inside": None,
                "at": "2031-03-12T06:15:00+00:00",
            }
        ],
        "next": None,
        "not_compared": [],
    }


def test_json_tells_what_was_not_compared() -> None:
    new = with_coverage(a_snapshot(users=()), Kind.USERS, state=State.FAILED)
    (gap,) = told(a_snapshot(), new)["not_compared"]
    assert (gap["kind"], gap["entity_type"], gap["why"]) == ("users", None, "new_unread")
    assert gap["reason"].startswith("пользователи: теперь не прочитано")


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_no_label_makes_a_second_line_or_stops_the_comparison(label: str) -> None:
    old, new = labelled("x"), labelled(label)
    comparison = diff(old, new)
    assert len(lines(old, new)) <= len(comparison.changes) + len(comparison.not_compared) + 3
    assert len(told(old, new)["items"]) == len(comparison.changes)
    assert max(map(len, lines(old, new))) < 2000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_attribute_that_is_compared_has_a_word(language: Language) -> None:
    snapshot = a_snapshot(user_fields=(LIST,))
    attributes = {attribute for item in items_of(snapshot) for attribute in item.attributes}
    wordless = [
        attribute
        for attribute in attributes
        if attribute_word(attribute, language) == attribute and (language, attribute) not in OWN_WORDS
    ]
    assert wordless == []


OWN_WORDS = {
    ("en", name)
    for name in ("name", "code", "meaning", "type", "system", "default", "active", "position", "departments")
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ComparedKind)
@pytest.mark.parametrize("op", Op)
def test_every_kind_of_change_has_a_sentence(kind: ComparedKind, op: Op, language: Language) -> None:
    edit = ("name", "A", "B") if op is Op.EDITED else (None, None, None)
    sentence = change_sentence(Change(kind, "deal", 7, "CODE", "Label", op, *edit), language)
    assert "Label" in sentence
    assert op is Op.EDITED or sentence.endswith(f": {op_word(op, kind, language)}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", WhyNot)
def test_every_reason_not_to_compare_has_a_sentence(why: WhyNot, language: Language) -> None:
    assert not_compared_sentence(NotCompared(Kind.USERS, None, why), language).count(": ") == 1
