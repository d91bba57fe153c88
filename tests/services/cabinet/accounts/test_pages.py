"""The pages of one account: what they show, to whom, and what they say where there is little to show."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared.db import recording
from shared.db.session import Database
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.portal import PortalState
from shared.domain.snapshot import Snapshot
from shared.specification.formats import FORMATS
from tests.builders import (
    READ_AT,
    a_list_field,
    a_pipeline,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_user_field,
    an_entity_type,
    complete_coverage,
    with_coverage,
)
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser, Page

TABS = (
    "",
    "/pipelines",
    "/stages",
    "/fields",
    "/standard-fields",
    "/users",
    "/dictionaries",
    "/smart-processes",
    "/changes",
)
LATER = READ_AT + timedelta(hours=1)
Read = Callable[..., None]


@pytest.fixture
def read(ours: Tenant, worker_db: Database) -> Read:
    """Our portal is read with this outcome; ``portal`` are attributes of its row afterwards."""

    def recorded(snapshot: Snapshot | None, **portal: Any) -> None:
        with worker_db.session() as session:
            row = session.get_one(PortalRow, session.get_one(AccountRow, ours.account).portal_id)
            if snapshot is not None:
                counts = recording.record(session, row.id, snapshot).counts
                row.read_at, row.state, row.counts = snapshot.read_at, PortalState.ACTIVE, dict(counts)
            for name, value in portal.items():
                setattr(row, name, value)

    return recorded


def later(**changes: Any) -> Snapshot:
    """The portal an hour after ``a_snapshot``."""
    snapshot = a_snapshot(read_at=LATER, **changes)
    return replace(
        snapshot, coverage=tuple(replace(line, read_at=LATER) for line in complete_coverage(snapshot))
    )


def codes(page: Page) -> list[str]:
    return [code.text for code in page.of("code") if "main" in code.place]


def test_every_identifier_has_a_button_beside_it(owner: Browser, ours: Tenant, read: Read) -> None:
    read(later(user_fields=(a_user_field(), a_list_field(*"абвгдеж", id=502, code="UF_CRM_2"))))
    expected = {
        "/pipelines": {"2", "0", "DEAL_STAGE"},
        "/stages": {"NEW", "WON", "101", "111", "STAGE_ID", "DEAL_STAGE", "2", "0"},
        "/fields": {"501", "UF_CRM_1700000000001", "ufCrm_1700000000001", "UF_CRM_2", "71", "77"},
        "/users": {"12", "1"},
        "/dictionaries": {"SOURCE", "CALL", "9"},
        "/smart-processes": {"2", "CRM_DEAL", "D"},
    }
    for tab, ids in expected.items():
        page = owner.open(f"/accounts/{ours.account}{tab}")
        assert ids <= set(codes(page)), tab
        children = [one for one in page.elements if one.tag in ("code", "button") and "main" in one.place]
        for before, button in pairwise(children):
            if "copy" in button.attributes.get("class", "").split():
                assert before.tag == "code", (tab, button)
                assert button.attributes["aria-label"].startswith("Скопировать")


def test_a_paused_portal_says_until_when(owner: Browser, ours: Tenant, read: Read) -> None:
    """github.com/leshchenko1979/fast_bitrix24/issues/220"""
    read(later(), problem="method_paused", next_read_at=datetime(2031, 3, 12, 10, 40, tzinfo=UTC))
    for address in ("/accounts", f"/accounts/{ours.account}"):
        assert "приостановил запрос до 12.03.2031 13:40" in owner.open(address).text, address


def test_the_overview_tells_age_version_reader_and_how_complete_it_is(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(
        with_coverage(
            later(reader=a_reader(admin=False)),
            Kind.USERS,
            state=State.PARTIAL,
            reason=Reason(ReasonCode.ROWS_MISSING, "1 / 3"),
        )
    )
    page = owner.open(f"/accounts/{ours.account}")
    assert page.title == "ours.example"
    for told in (
        "12.03.2031 10:15",
        "Версия",
        "Пример Иван (id 12), не администратор, видит не всё",
        "прочитано полностью",
        "прочитано частично",
        "1 / 3",
        "Замечания",
    ):
        assert told in page.text
    tabs = [tab.text for tab in page.of("a") if tab.place[-3:] == ("nav", "ul", "li")]
    assert tabs[:5] == [
        "Обзор",
        "Воронки 1",
        "Статусы воронок 2",
        "Пользовательские поля 1",
        "Пользователи 1",
    ]


def test_a_list_of_many_values_is_folded_and_a_short_one_is_not(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(later(user_fields=(a_list_field(*"абв"), a_list_field(*"абвгдеж", id=502, code="UF_CRM_2"))))
    page = owner.open(f"/accounts/{ours.account}/fields")
    (summary,) = page.of("summary")
    assert summary.text == "7 значений"
    assert len(page.of("ul", class_="values")) == 2


def test_stages_are_drawn_in_their_colours_without_any_style(owner: Browser, ours: Tenant) -> None:
    page = owner.open(f"/accounts/{ours.account}/stages")
    assert [polygon.attributes["fill"] for polygon in page.of("polygon")] == ["#39A8EF", "#39A8EF"]
    assert [strip.text for strip in page.of("div", class_="strip")] == [
        "Новая заявка",
        "✓\N{NO-BREAK SPACE}Оплачена",
    ]
    assert not any("style" in element.attributes for element in page.elements)


def test_the_switch_leads_from_entity_to_entity(owner: Browser, ours: Tenant, read: Read) -> None:
    fields = (a_user_field(), a_user_field(entity_type="dynamic_1040", id=7, code="UF_CRM_7_1"))
    read(later(entity_types=(an_entity_type(), a_smart_process()), user_fields=fields))
    first = owner.open(f"/accounts/{ours.account}/fields")
    assert "UF_CRM_1700000000001" in codes(first)
    (link,) = (link for link in first.of("a") if link.text == "Ремонт 1")
    second = owner.open(link.attributes["href"])
    assert "UF_CRM_7_1" in codes(second)
    assert "UF_CRM_1700000000001" not in codes(second)
    assert owner.open(f"/accounts/{ours.account}/fields?entity=nothing").text == first.text


def test_what_could_not_be_read_shows_the_last_good_data_with_a_warning(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    failed = with_coverage(
        later(pipelines=()),
        Kind.PIPELINES,
        state=State.FAILED,
        items=0,
        reason=Reason(ReasonCode.NOT_ANSWERED),
    )
    read(failed)
    page = owner.open(f"/accounts/{ours.account}/pipelines")
    (warning,) = page.of("div", class_="warning")
    assert "не ответил" in warning.text
    assert "12.03.2031 09:15" in warning.text
    assert "DEAL_STAGE" in codes(page)


def test_a_kind_that_was_never_read_does_not_look_empty(owner: Browser, ours: Tenant, read: Read) -> None:
    lead = an_entity_type(key="lead", entity_type_id=1)
    unread = with_coverage(
        later(entity_types=(lead, an_entity_type())),
        Kind.USER_FIELDS,
        entity_type="lead",
        state=State.FORBIDDEN,
        reason=Reason(ReasonCode.NO_RIGHTS),
    )
    read(unread)
    page = owner.open(f"/accounts/{ours.account}/fields?entity=lead")
    (problem,) = page.of("div", class_="problem")
    assert "нет прав" in problem.text
    assert "Показать нечего" in problem.text
    assert "полей нет" not in page.text


def test_stages_of_unread_pipelines_stand_under_a_warning(owner: Browser, ours: Tenant, read: Read) -> None:
    lead = an_entity_type(key="lead", entity_type_id=1)
    read(
        with_coverage(
            later(entity_types=(lead, an_entity_type()), pipelines=()),
            Kind.PIPELINES,
            state=State.FAILED,
            reason=Reason(ReasonCode.NOT_ANSWERED),
        )
    )
    deals = owner.open(f"/accounts/{ours.account}/stages?entity=deal")
    assert "не ответил" in deals.of("div", class_="warning")[0].text
    assert "WON" in codes(deals)
    leads = owner.open(f"/accounts/{ours.account}/stages?entity=lead")
    assert leads.of("div", class_="warning") == []
    assert "Стадий нет" in leads.text


def test_a_past_version_says_so_and_keeps_to_itself(owner: Browser, ours: Tenant, read: Read) -> None:
    read(later(pipelines=(a_pipeline(name="Продажи"),)))
    assert "Продажи" in owner.open(f"/accounts/{ours.account}/pipelines").text
    page = owner.open(f"/accounts/{ours.account}/pipelines?version=1")
    assert "Общая" in page.text
    assert "Это версия 1" in page.of("p", class_="warning")[0].text
    tabs = [tab.attributes["href"] for tab in page.of("a") if "/accounts/" in tab.attributes["href"]]
    assert all("version=1" in address for address in tabs if "?" in address)
    assert f"/accounts/{ours.account}" in tabs
    assert owner.open(f"/accounts/{ours.account}?version=9").status == 404
    for tab in TABS:
        assert "Это версия 1" in owner.open(f"/accounts/{ours.account}{tab}?version=1").text


def test_changes_stand_with_the_version_that_brought_them(owner: Browser, ours: Tenant, read: Read) -> None:
    for number in range(1, 26):
        read(later(pipelines=(a_pipeline(name=f"Продажи {number}"),)))
    page = owner.open(f"/accounts/{ours.account}/changes")
    assert [heading.text.split(" ")[1] for heading in page.of("h3")][:2] == ["26", "25"]
    assert "название «Продажи 24» → «Продажи 25»" in page.text
    (link,) = (link for link in page.of("a") if link.text == "Более ранние версии")
    earlier = owner.open(link.attributes["href"])
    assert "Первое чтение" in earlier.text
    assert "Продажи 24" not in earlier.text
    past = owner.open(f"/accounts/{ours.account}/changes?version=2")
    assert [heading.text.split(" ")[1] for heading in past.of("h3")] == ["2", "1"]


def test_an_account_that_was_never_read_says_so_on_every_page(owner: Browser) -> None:
    owner.send(
        owner.open("/accounts/connect"), "/accounts/connect", webhook_url="https://b.example/rest/1/c0de/"
    )
    (link,) = (link for link in owner.open("/accounts").of("a") if link.text == "b.example")
    address = link.attributes["href"]
    for tab in TABS:
        page = owner.open(address + tab)
        assert page.status == 200
        assert "ещё не прочитан" in page.text
    assert owner.open(f"{address}?version=1").status == 404
    assert owner.open(f"{address}/specification").status == 404


def test_a_removed_portal_keeps_what_was_read_and_cannot_be_refreshed(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(None, state=PortalState.REMOVED)
    page = owner.open(f"/accounts/{ours.account}/pipelines")
    assert "удалён" in page.text
    assert "DEAL_STAGE" in codes(page)
    assert [form.action for form in page.forms if form.action.endswith("/refresh")] == []


def test_a_reader_sees_everything_and_changes_nothing(ours: Tenant, enter: Callable[..., Browser]) -> None:
    reader = enter(ours, role="reader")
    for tab in TABS:
        page = reader.open(f"/accounts/{ours.account}{tab}")
        assert page.status == 200
        assert [form.action for form in page.forms if form.action.startswith("/accounts")] == []
        assert [link for link in page.of("a") if "unlink" in link.attributes["href"]] == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_specification_is_a_file_in_every_format(owner: Browser, ours: Tenant, name: str) -> None:
    page = owner.open(f"/accounts/{ours.account}")
    (link,) = (link for link in page.of("a") if link.text == name.upper())
    answer = owner.client.get(link.attributes["href"])
    assert answer.status_code == 200
    assert f"crmap-ours.example-2031-03-12.{name}" in answer.headers["content-disposition"]
    assert len(answer.content) > 500


def test_the_specification_of_a_past_version_is_of_that_version(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(later(pipelines=(a_pipeline(name="Продажи"),)))
    address = f"/accounts/{ours.account}/specification?format=md&lang=en"
    assert "Продажи" in owner.client.get(address).text
    assert "Продажи" not in owner.client.get(f"{address}&version=1").text
    assert owner.open(f"{address}&version=7").status == 404
    assert owner.open(f"/accounts/{ours.account}/specification?format=doc").status == 400


def test_a_past_version_has_an_addendum_of_what_came_after_it(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    for name in ("Продажи", "Сбыт"):
        read(later(pipelines=(a_pipeline(name=name),)))
    page = owner.open(f"/accounts/{ours.account}/changes")
    addresses = [link.attributes["href"] for link in page.of("a") if "addendum" in link.attributes["href"]]
    assert [re.sub(".*since=", "", address) for address in addresses] == [
        "2&format=txt",
        "2&format=json",
        "1&format=txt",
        "1&format=json",
    ]
    answer = owner.client.get(addresses[2])
    assert "crmap-ours.example-2031-03-12.since-1.txt" in answer.headers["content-disposition"]
    text = answer.content.decode("utf-8-sig")
    assert "«Общая» → «Сбыт»" in text
    assert "Продажи" not in text, "what came and went in between is no difference"
    assert text.count("\r\n") == text.count("\n")
    token = {"Authorization": f"Bearer {ours.tokens['reader']}"}
    rows = owner.client.get(f"/api/v1{addresses[3]}", headers=token).json()["items"]
    assert [(row["before"], row["after"]) for row in rows] == [("Общая", "Сбыт")]
    assert owner.open(f"/accounts/{ours.account}/addendum?since=9").status == 404
    assert owner.open(f"/accounts/{ours.account}/addendum?format=xlsx").status == 400


def test_an_account_is_called_what_its_cabinet_likes(ours: Tenant, owner: Browser) -> None:
    address = f"/accounts/{ours.account}"
    shown = owner.send(owner.open(address), f"{address}/title", title="  Ромашка «Опт»  ")
    assert shown.title == "Ромашка «Опт»"
    assert "Ромашка «Опт»" in owner.open("/accounts").text
    assert owner.send(shown, f"{address}/title", title=" ").title == "ours.example"


@pytest.mark.parametrize("title", ["x" * 101, "nul \x00 inside", "two\nlines", "turned \u202e round"])
def test_a_title_that_cannot_be_one_changes_nothing(ours: Tenant, owner: Browser, title: str) -> None:
    address = f"/accounts/{ours.account}"
    assert owner.send(owner.open(address), f"{address}/title", title=title).status == 422
    assert owner.open(address).title == "ours.example"


def test_the_list_says_of_which_accounts_something_is_missing(
    ours: Tenant, owner: Browser, read: Read
) -> None:
    assert owner.open("/accounts").of("a", href=f"/accounts/{ours.account}#receipt") == []
    refused = Reason(ReasonCode.NO_RIGHTS)
    read(with_coverage(later(), Kind.USERS, state=State.FORBIDDEN, items=0, reason=refused))
    [mark] = owner.open("/accounts").of("a", href=f"/accounts/{ours.account}#receipt")
    assert mark.text == "прочитано не всё"
