"""The text specification, read as an integrator reads it and as somebody would like to break it.

``example.ru.txt`` and ``example.en.txt`` are what ``crmap`` writes of the portal in ``example.py``. After a change of
the layout
``python -m tests.shared.specification.example`` writes them anew; read the difference before you keep it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.specification.txt import file_name, render_txt
from shared.wording.language import LANGUAGES, Language
from tests.builders import (
    a_list_field,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.shared.specification.example import example
from tests.shared.specification.reading_txt import FIELD_ROW, section, txt


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_written_as_it_stands_in_the_file(language: Language) -> None:
    file = Path(__file__).with_name(f"example.{language}.txt")
    assert txt(example(), language) == file.read_text(encoding="utf-8")


def test_a_file_begins_with_a_byte_order_mark_and_ends_its_lines_for_notepad() -> None:
    data = render_txt(a_snapshot(), language="ru")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")


def test_plain_line_ends_come_without_a_byte_order_mark() -> None:
    data = render_txt(a_snapshot(), language="ru", newline="\n", bom=False)
    assert data.startswith("СПЕЦИФИКАЦИЯ".encode())
    assert b"\r" not in data


def test_the_same_snapshot_gives_the_same_bytes() -> None:
    scopes = ["crm", "department", "user_brief", "userfieldconfig"]
    forth, back = (a_snapshot(reader=a_reader(scopes=frozenset(order))) for order in (scopes, scopes[::-1]))
    assert render_txt(forth, language="ru") == render_txt(back, language="ru")


def test_the_order_of_the_portals_settings_is_not_told() -> None:
    forth, back = (
        a_snapshot(user_fields=(a_user_field(type="crm", settings=dict(order)),))
        for order in ([("DEAL", "Y"), ("ZZ", "Y"), ("AA", "Y")], [("AA", "Y"), ("ZZ", "Y"), ("DEAL", "Y")])
    )
    assert txt(forth) == txt(back)


def test_short_lists_stand_with_their_field_and_the_default_is_marked() -> None:
    text = txt(a_snapshot(user_fields=(a_list_field("Самовывоз", "Курьер"),)))
    assert "значения: 71 Самовывоз* | 72 Курьер   (* по умолчанию)" in text


@pytest.mark.parametrize(("count", "where"), [(50, "4.1"), (51, "А")])
def test_lists_of_more_than_fifty_values_go_to_the_appendix(count: int, where: str) -> None:
    text = txt(a_snapshot(user_fields=(a_list_field(*(f"Город {n}" for n in range(count))),)))
    assert "Город 49" in section(text, where)
    assert text.count("Город 49") == 1


def test_an_unread_default_is_said_once_for_an_entity() -> None:
    values = tuple(replace(value, default=None) for value in a_list_field("A", "B").values)
    fields = (
        a_user_field(type="enumeration", values=values),
        a_user_field(id=2, type="enumeration", values=values),
    )
    assert txt(a_snapshot(user_fields=fields)).count("по умолчанию списков этой сущности не прочитаны") == 1


def test_a_list_that_is_empty_is_told_from_one_that_was_not_read() -> None:
    snapshot = a_snapshot(user_fields=(a_list_field(),))
    assert "значения: список пуст" in txt(snapshot)
    unread = with_coverage(
        snapshot, Kind.USER_FIELDS, state=State.PARTIAL, reason=Reason(ReasonCode.VALUES_MISSING)
    )
    assert "значения: не прочитаны" in txt(unread)
    assert "список пуст" not in txt(unread)


@pytest.mark.parametrize(
    ("field", "line"),
    [
        (
            a_user_field(type="crm_status", settings={"ENTITY_TYPE": "SOURCE"}),
            "справочник: SOURCE «Источники», раздел 5",
        ),
        (
            a_user_field(type="crm_status", settings={"ENTITY_TYPE": "DEAL_STAGE"}),
            "справочник: DEAL_STAGE, стадии в разделе 4",
        ),
        (a_user_field(type="crm_status", settings={"ENTITY_TYPE": "X"}), "справочник: X, не прочитан"),
        (a_user_field(type="crm_status"), "справочник: не прочитано"),
        (
            a_user_field(type="iblock_element", settings={"IBLOCK_ID": "17"}),
            "инфоблок: 17; значения не входят в метаданные CRM",
        ),
        (
            a_user_field(type="iblock_section", settings={"IBLOCK_ID": 17, "IBLOCK_TYPE_ID": "lists"}),
            "инфоблок: 17 (тип lists); значения не входят в метаданные CRM",
        ),
        (a_user_field(type="crm", settings={"DEAL": "Y", "LEAD": "N"}), "привязка: Сделка (D)"),
        (a_user_field(type="crm", settings={"LEAD": "Y", "COMPANY": "N"}), "привязка: LEAD"),
        (a_user_field(type="crm", settings={"DEAL": "N"}), "привязка: ни к чему"),
        (a_user_field(type="crm"), "привязка: не прочитано"),
    ],
)
def test_a_field_says_what_it_points_to(field: object, line: str) -> None:
    assert f"       {line}\n" in txt(a_snapshot(user_fields=(field,)))


def test_a_field_without_a_label_does_not_borrow_its_code() -> None:
    row = next(
        line
        for line in txt(a_snapshot(user_fields=(a_user_field(labels={}),))).split("\n")
        if FIELD_ROW.match(line)
    )
    assert row.endswith("название не задано")


def test_a_label_in_another_language_is_better_than_none() -> None:
    snapshot = a_snapshot(user_fields=(a_user_field(labels={"de": "Lieferart"}),))
    assert "Lieferart" in section(txt(snapshot, "en"), "4.1")


def test_unread_settings_of_a_field_are_not_shown_as_nothing() -> None:
    text = txt(a_snapshot(user_fields=(a_user_field(id=None, sort=None, api_name=None),)))
    row = next(line for line in text.split("\n") if FIELD_ROW.match(line))
    assert re.search(r"UF_CRM_1700000000001 +нет +нет прав +строка", row)


def test_stages_stand_under_their_pipeline_with_every_identifier() -> None:
    text = section(txt(a_snapshot()), "4.1")
    assert re.search(r"^Воронка 0  «Общая»   ПО УМОЛЧАНИЮ +справочник DEAL_STAGE$", text, re.MULTILINE)
    assert re.search(r"^  1  NEW +101  Новая заявка +в работе +#39A8EF$", text, re.MULTILINE)
    assert re.search(r"^  2  WON +111  Оплачена +УСПЕХ +#39A8EF$", text, re.MULTILINE)


def test_stages_of_leads_need_no_pipeline() -> None:
    lead = an_entity_type(key="lead", entity_type_id=1)
    stage = a_stage(entity_type="lead", pipeline_id=None, directory="STATUS")
    text = txt(a_snapshot(entity_types=(lead,), pipelines=(), stages=(stage,), user_fields=()))
    assert "Стадии (воронок у этой сущности нет)" in text


def test_a_stage_without_a_colour_or_a_name_says_so() -> None:
    text = txt(a_snapshot(stages=(a_stage(name=None, color=None),)))
    assert re.search(r"1  NEW +101  название не задано  в работе  не задан$", text, re.MULTILINE)


def test_the_numbers_of_a_smart_process_never_share_a_column() -> None:
    text = section(txt(a_snapshot(entity_types=(a_smart_process(),))), "3")
    assert re.search(r"^Ремонт +1040 +7  CRM_7 +T410$", text, re.MULTILINE)


def test_the_old_invoice_is_marked_as_old() -> None:
    old = an_entity_type(key="dynamic_5", entity_type_id=5, title="Счёт")
    assert "замечание: старые счета" in section(txt(a_snapshot(entity_types=(old,))), "3")


def test_a_smart_process_without_a_name_is_told_by_its_number() -> None:
    snapshot = a_snapshot(
        entity_types=(a_smart_process(title=None),),
        user_fields=(a_user_field(entity_type="dynamic_1040", code="UF_CRM_7_A"),),
    )
    assert "Смарт-процесс без названия (entityTypeId 1040) — ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ (1)" in txt(snapshot)


def test_the_capitals_of_a_portals_own_names_are_left_alone() -> None:
    snapshot = a_snapshot(
        entity_types=(a_smart_process(title="Straße"),),
        user_fields=(a_user_field(entity_type="dynamic_1040", code="UF_CRM_7_A"),),
    )
    assert "«Straße»" in section(txt(snapshot), "4.1")


def test_the_moment_is_printed_in_its_own_zone() -> None:
    moment = datetime(2031, 3, 12, 9, 15, 59, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert "от 12.03.2031 09:15 (+05:30)" in txt(a_snapshot(read_at=moment))
    assert "№ 148 от" in txt(a_snapshot(number=148))


def test_dismissed_people_are_listed_and_marked() -> None:
    users = (a_user(), a_user(id=31, name=None, active=False, departments=()))
    text = section(txt(a_snapshot(users=users)), "6")
    assert re.search(r"^ 31  id 31 +УВОЛЕН +не указана +не указаны$", text, re.MULTILINE)


def test_a_reader_the_portal_hides_is_shown_nevertheless() -> None:
    text = txt(a_snapshot(reader=a_reader(id=77, name="Интегратор Пример")))
    assert re.search(r"^ 77  Интегратор Пример  не в списке", section(text, "6"), re.MULTILINE)
    assert "замечание: скрыт порталом: интегратор или системный пользователь" in section(text, "6")


def test_without_persons_nobody_is_named() -> None:
    users = (a_user(name="Пример Иван"), a_user(id=31, name="Уволенный Пётр", active=False))
    snapshot = a_snapshot(users=users, departments=(replace(a_snapshot().departments[0], head_id=31),))
    text = txt(snapshot, persons=False)
    assert not re.search("Иван|Пётр", text)
    assert "Пользователи не включены по выбору составителя документа." in text
    assert "без пользователей" in text


def test_member_ids_are_shortened() -> None:
    portal = replace(a_snapshot().portal, member_id="0123456789abcdef0123456789abcdef")
    text = txt(a_snapshot(portal=portal))
    assert "member_id 0123…cdef" in text
    assert portal.member_id is not None
    assert portal.member_id not in text


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("romashka-opt.example", "crmap-romashka-opt.example-2031-03-12.txt"),
        ("ромашка.рф", "crmap-ромашка.рф-2031-03-12.txt"),
        ("portal.example:8443", "crmap-portal.example-8443-2031-03-12.txt"),
        ("../../etc/passwd", "crmap-etc-passwd-2031-03-12.txt"),
        ("a\r\nb\x00\u202e", "crmap-a-b-2031-03-12.txt"),
    ],
)
def test_a_file_is_named_after_the_portal_and_the_day(domain: str, name: str) -> None:
    assert file_name(domain, datetime(2031, 3, 12, tzinfo=UTC), "txt") == name
