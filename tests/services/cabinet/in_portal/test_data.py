"""The data of a portal inside its frame: tabs, entities, age, whose eyes, and the states it may be in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event

from shared.db import recording
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.wording.visible import visible
from tests.builders import (
    a_list_field,
    a_pipeline,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_user,
    a_user_field,
)
from tests.gateway_room import GatewayRoom
from tests.services.cabinet.in_portal.frames import Frame
from tests.services.cabinet.pages import Page
from tests.shared.specification.hostile import ENDLESS, SHORT, labelled, together
from tools.simulator.portal import SimulatedPortal

# Signs that show nothing but change how a text around them reads, or what a terminal does.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


Read = Callable[..., UUID]
Open = Callable[..., Frame]


def buttons(page: Page, name: str) -> dict[str, str]:
    """What stands on the buttons of this name, by their values."""
    found = (button for button in page.of("button", name=name))
    return {button.attributes["value"]: " ".join(button.text.split()) for button in found}


def test_the_words_on_the_screen_are_those_of_the_manual(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    page = open_frame(portal).open()
    assert buttons(page, "tab") == {
        "pipelines": "ВОРОНКИ 1",
        "stages": "СТАТУСЫ ВОРОНОК 2",
        "fields": "ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ 1",
        "users": "ПОЛЬЗОВАТЕЛИ 1",
    }
    said = [" ".join(button.text.split()) for button in page.of("button")]
    assert {"Обновить", "СОХРАНИТЬ В TXT ФАЙЛ", "НАСТРОЙКИ", "Сохранить"} <= set(said)
    assert "Токен подключения CRMAP" in page.text


def test_the_page_speaks_english_with_whoever_does(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot(pipelines=(a_pipeline(name="Wholesale"),)))
    page = open_frame(portal, lang="de").open()
    assert page.of("html")[0].attributes["lang"] == "en"
    assert next(iter(buttons(page, "tab").values())) == "PIPELINES 1"
    page_text = re.sub(r"Пример Иван", "", page.text)
    assert not re.search(r"[А-Яа-яё]", page_text), re.findall(r"[А-Яа-яё ]+", page_text)


def test_the_head_says_whether_the_portal_sends_events(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    frame = open_frame(portal)
    assert "События: ещё не проверены" in frame.open().text
    room.rows("update installation set handlers_checked_at = now()")
    assert "События: включены" in frame.open().text
    room.rows("update installation set handlers_problem = 'scope'")
    told = "События: нет, читается по расписанию. У приложения нет права «CRM» (crm)."
    assert told in frame.open().text


def test_every_tab_shows_its_items_with_their_ids(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(
        portal,
        a_snapshot(
            pipelines=(a_pipeline(id=7, name="Опт", directory="DEAL_STAGE_7"),),
            stages=(a_stage(status_id="C7:NEW", pipeline_id=7, directory="DEAL_STAGE_7"),),
            user_fields=(a_list_field("Север", "Юг", code="UF_CRM_REGION", api_name="ufCrmRegion"),),
            users=(a_user(id=77, name="Новиков Пётр"),),
        ),
    )
    frame = open_frame(portal)
    for tab, texts in {
        "pipelines": ("Опт", "DEAL_STAGE_7"),
        "stages": ("C7:NEW", "DEAL_STAGE_7"),
        "fields": ("UF_CRM_REGION", "ufCrmRegion", "Север", "Юг"),
        "users": ("77", "Новиков Пётр"),
    }.items():
        page = frame.open(tab=tab)
        codes = {code.text for code in page.of("code")}
        for text in texts:
            assert text in codes or text in page.text, (tab, text)
        assert len(page.of("button", class_="copy")) >= 1
        current = [
            b.attributes["value"] for b in page.of("button", name="tab") if "aria-current" in b.attributes
        ]
        assert current == [tab]


def test_entities_are_switched_by_buttons_with_counts(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    process = a_smart_process()
    field = a_user_field(id=901, entity_type=process.key, code="UF_CRM_7_A", labels={"ru": "Серийный номер"})
    read(
        portal,
        a_snapshot(entity_types=(*a_snapshot().entity_types, process), user_fields=(a_user_field(), field)),
    )
    frame = open_frame(portal)
    page = frame.open(tab="fields")
    assert buttons(page, "entity")[process.key] == "Ремонт 1"
    assert "UF_CRM_7_A" not in page.text
    page = frame.open(tab="fields", entity=process.key)
    assert "UF_CRM_7_A" in page.text
    assert "UF_CRM_1700000000001" not in page.text
    assert frame.open(tab="fields", entity="no such").status == 200
    assert frame.open(tab="no such").status == 200


def test_every_form_carries_the_session_on(portal: SimulatedPortal, read: Read, open_frame: Open) -> None:
    read(portal, a_snapshot())
    frame = open_frame(portal)
    page = frame.open(tab="stages", zone="Asia/Yekaterinburg")
    # The patterns a script fills and the cross of a dialog send nothing anywhere.
    sent = [form for form in page.forms if form.action]
    assert len(sent) >= 8
    assert {form.fields["session"] for form in sent} == {frame.session}
    assert {form.fields["zone"] for form in sent} == {"Asia/Yekaterinburg"}


def test_age_and_reader_are_always_told(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    ((now,),) = room.rows("select now()")
    at = now - timedelta(minutes=5)
    snapshot = a_snapshot(read_at=at, reader=a_reader(name="Иванова Ольга"))
    read(
        portal,
        replace(snapshot, coverage=tuple(replace(entry, read_at=at) for entry in snapshot.coverage)),
    )
    page = open_frame(portal).open()
    assert "Прочитано 5 минут назад" in page.text.replace("\xa0", " ")
    assert "Показано по правам пользователя Иванова Ольга" in page.text


def test_a_reader_without_rights_is_told_of(portal: SimulatedPortal, read: Read, open_frame: Open) -> None:
    read(portal, a_snapshot(reader=a_reader(admin=False)))
    page = open_frame(portal).open()
    assert "не администратор" in page.text
    assert "Попросите администратора портала открыть здесь CRMAP" in page.text


def test_what_could_not_be_read_is_told_with_its_reason(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    snapshot = a_snapshot(users=())
    reason = Reason(ReasonCode.SCOPE_MISSING, "user_brief")
    coverage = tuple(
        replace(entry, state=State.NOT_GRANTED, reason=reason) if entry.kind is Kind.USERS else entry
        for entry in snapshot.coverage
    )
    read(portal, replace(snapshot, coverage=coverage))
    page = open_frame(portal).open(tab="users")
    assert "Прочитано не всё" in page.text
    assert "user_brief" in page.of("details", class_="unread")[0].text


@pytest.mark.parametrize(
    ("state", "said"),
    [("subscription_ended", "подписка этого портала закончилась"), ("access_lost", "потерял доступ")],
)
def test_a_portal_that_cannot_be_read_any_more_keeps_what_is_known(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open, state: str, said: str
) -> None:
    read(portal, a_snapshot())
    frame = open_frame(portal)
    room.rows("update portal set state = %s", state)
    page = frame.open()
    assert page.status == 200
    notice = page.of("div", class_="problem")[0].text
    assert said in notice
    assert "остаётся" in notice
    assert "Общая" in page.text


REPAIRS = {
    ("access_lost", "access_lost"): "администратор портала откроет здесь CRMAP",
    ("access_lost", "client_refused"): "секретный ключ изменился",
    ("closed", "portal_gone"): "закрыт или удалён",
    ("active", "portal_blocked"): "поддержку Битрикс24",
    ("active", "portal_moved"): "другой адрес",
}


@pytest.mark.parametrize("was_read", [True, False])
def test_what_lasts_until_somebody_acts_is_told_with_its_repair(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open, *, was_read: bool
) -> None:
    if was_read:
        read(portal, a_snapshot())
    else:
        room.installed(portal)
    frame = open_frame(portal)
    for (state, problem), repair in REPAIRS.items():
        room.rows("update portal set state = %s, problem = %s", state, problem)
        (notice,) = frame.open().of("div", class_="problem")
        assert repair in notice.text
        assert ("остаётся" in notice.text) is was_read


def test_a_portal_nobody_has_read_yet_shows_how_that_gets_on(
    room: GatewayRoom, portal: SimulatedPortal, open_frame: Open
) -> None:
    room.installed(portal)
    ((job_id,),) = room.rows(
        "update job set state = 'running', progress = %s returning id",
        '{"kinds": ["stages"], "done": 3, "planned": 12}',
    )
    page = open_frame(portal).open()
    assert "читает портал первый раз" in page.text
    bar = page.of("progress")[0].attributes
    assert (bar["value"], bar["max"]) == ("3", "12")
    assert "стадии" in page.of("div", class_="reading")[0].text
    assert page.form(f"/portal/refreshes/{job_id}").fields["session"]


def test_a_first_read_that_did_not_succeed_says_why(
    room: GatewayRoom, portal: SimulatedPortal, open_frame: Open
) -> None:
    room.installed(portal)
    frame = open_frame(portal)
    room.rows("update job set state = 'failed'")
    room.rows("update portal set problem = 'unreachable'")
    page = frame.open()
    assert "недоступен" in page.text
    assert "Портал ещё не прочитан" in page.text
    assert frame.send("/portal/specification").status_code == 404
    room.rows("update portal set problem = 'method_paused', next_read_at = '2031-03-12 10:40Z'")
    assert re.search(r"приостановил запрос до 12\.03\.2031 \d\d:40", frame.open().text)


def test_no_label_becomes_markup(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    """Whatever somebody wrote into his portal, the page has no element or attribute but its own."""
    portal_id = read(portal, a_snapshot())
    frame = open_frame(portal)
    for written in (*([label] for label in ENDLESS), [*SHORT, ""]):
        with room.db.session() as session:
            recording.record(session, portal_id, together(map(labelled, written)))
        for tab in ("pipelines", "stages", "fields", "users"):
            page = frame.open(tab=tab)
            assert page.status == 200
            assert [label[:99] for label in written if visible(label) not in page.text] == [], tab
            attributes = {attribute for element in page.elements for attribute in element.attributes}
            assert not [one for one in attributes if one.startswith("on")]
            assert page.of("img") == page.of("a") == []
            scripts = [script.attributes["src"] for script in page.of("script")]
            assert all(src.startswith(("/static/", "https://api.")) for src in scripts)
            assert not _CONTROLS.search(page.html)


def test_the_file_is_the_one_the_api_gives(
    portal: SimulatedPortal, read: Read, open_frame: Open, api: Callable[..., Any]
) -> None:
    portal_id = read(portal, a_snapshot(pipelines=(a_pipeline(name="Опт ✓"),)))
    frame = open_frame(portal)
    for fields in ({}, {"lang": "en"}, {"format": "json"}, {"format": "csv", "lang": "ru"}):
        ours = frame.send("/portal/specification", **fields)
        theirs = api(portal_id, **{"lang": "ru", **fields})
        assert ours.status_code == theirs.status_code == 200
        assert ours.content == theirs.content
        assert ours.headers["content-disposition"] == theirs.headers["content-disposition"]
        assert ours.headers["content-type"] == theirs.headers["content-type"]
    text = frame.send("/portal/specification")
    assert text.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in text.content
    assert text.headers["content-disposition"].startswith('attachment; filename="crmap-')
    assert open_frame(portal, lang="en").send("/portal/specification").content != text.content
    assert frame.send("/portal/specification", format="exe").status_code == 400


def test_the_text_of_the_file_can_be_read_where_files_cannot_be_saved(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    frame = open_frame(portal)
    # As long as the portal is large, so no page carries it.
    assert [box.text for box in frame.open().of("textarea")] == [""]
    text, file = frame.send("/portal/text"), frame.send("/portal/specification")
    assert text.content == file.content
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["content-disposition"] == "inline"
    assert text.headers["x-content-type-options"] == "nosniff"


def test_a_read_that_ends_while_the_page_is_made_is_shown_or_watched(
    room: GatewayRoom, portal: SimulatedPortal, open_frame: Open
) -> None:
    portal_id = room.installed(portal)
    frame = open_frame(portal)
    room.rows("update job set state = 'running' where portal_id = %s", portal_id)

    def ends(*statement: Any) -> None:
        if "FROM snapshot" in statement[2] and room.rows("select 1 from job where state = 'running'"):
            room.rows("update job set state = 'done' where portal_id = %s", portal_id)
            with room.db.session() as session:
                recording.record(session, portal_id, a_snapshot())

    event.listen(Engine, "after_cursor_execute", ends)
    try:
        page = frame.open()
    finally:
        event.remove(Engine, "after_cursor_execute", ends)
    assert room.rows("select state from job where portal_id = %s", portal_id) == [("done",)]
    assert page.of("button", name="tab") or page.of("div", class_="reading")
