"""Standard fields stand in an account's pages where it is read in full, and nowhere do they look like nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.db import recording
from shared.db.session import Database
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.snapshot import Snapshot, StandardField
from tests.builders import (
    READ_AT,
    a_reader,
    a_smart_process,
    a_snapshot,
    a_standard_field,
    an_entity_type,
    with_coverage,
)
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser, Page

TITLE = a_standard_field()
STAGE = a_standard_field(
    code="STAGE_ID", api_name="stageId", type="crm_status", mandatory=True, read_only=True, label=None
)
OF_REPAIR = a_standard_field(entity_type="dynamic_1040", label="Что чинить", multiple=True)
Read = Callable[..., None]


@pytest.fixture
def read(ours: Tenant, worker_db: Database) -> Read:
    """Our portal is read with this outcome, in full."""

    def recorded(snapshot: Snapshot) -> None:
        with worker_db.session() as session:
            row = session.get_one(PortalRow, session.get_one(AccountRow, ours.account).portal_id)
            row.read_at, row.full_reads = snapshot.read_at, True
            recording.record(session, row.id, snapshot)

    return recorded


def in_full(*fields: StandardField, hours: int = 1) -> Snapshot:
    at = READ_AT + timedelta(hours=hours)
    found = a_snapshot(entity_types=(an_entity_type(), a_smart_process()), standard_fields=fields)
    coverage = tuple(replace(entry, read_at=at) for entry in found.coverage)
    return replace(found, read_at=at, coverage=coverage)


def tabs(page: Page) -> list[str]:
    return [link.text.split()[0] for link in page.of("a") if link.place[-3:] == ("nav", "ul", "li")]


def row_of(page: Page, code: str) -> str:
    (row,) = (row.text for row in page.of("tr") if code in row.text.split())
    return " ".join(row.split())


def test_they_are_told_with_both_names_their_type_and_what_is_special_about_them(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(in_full(TITLE, STAGE))
    page = owner.open(f"/accounts/{ours.account}/standard-fields")
    assert row_of(page, "TITLE") == "Название TITLE title строкаstring"
    nameless = row_of(page, "STAGE_ID")
    assert nameless.startswith("название не задано STAGE_ID stageId справочникcrm_status")
    assert nameless.endswith("обязательное только чтение")
    copied = [button.attributes["aria-label"] for button in page.of("button", class_="copy")]
    assert {"Скопировать TITLE", "Скопировать title", "Скопировать stageId"} <= set(copied)
    assert "полностью" in page.of("ul", class_="receipt")[1].text


def test_the_switch_leads_from_entity_to_entity(owner: Browser, ours: Tenant, read: Read) -> None:
    read(in_full(TITLE, STAGE, OF_REPAIR))
    page = owner.open(f"/accounts/{ours.account}/standard-fields")
    (other,) = (link for link in page.of("a") if link.text == "Ремонт 1")
    assert "Что чинить" in row_of(owner.open(other.attributes["href"]), "TITLE")


def test_the_tab_is_there_only_in_versions_that_have_them(owner: Browser, ours: Tenant, read: Read) -> None:
    address = f"/accounts/{ours.account}"
    assert "Стандартные" not in tabs(owner.open(address))
    read(in_full(TITLE))
    read(a_snapshot(read_at=READ_AT + timedelta(hours=2)))
    for query, there in {"": False, "?version=1": False, "?version=2": True}.items():
        page = owner.open(f"{address}/fields{query}")
        assert ("Стандартные" in tabs(page)) is there, query
        page = owner.open(f"{address}/standard-fields{query}")
        assert ("TITLE" in page.text) is there, query
        if not there:
            (problem,) = page.of("div", class_="problem")
            assert "только полное чтение" in problem.text


def test_what_could_not_be_read_says_why(owner: Browser, ours: Tenant, read: Read) -> None:
    unread = with_coverage(
        replace(in_full(TITLE, OF_REPAIR), standard_fields=(OF_REPAIR,)),
        Kind.STANDARD_FIELDS,
        entity_type="deal",
        state=State.FAILED,
        items=0,
        reason=Reason(ReasonCode.NOT_ANSWERED),
    )
    read(unread)
    page = owner.open(f"/accounts/{ours.account}/standard-fields?entity=deal")
    (problem,) = page.of("div", class_="problem")
    assert "Стандартные поля" in problem.text
    assert "не ответил" in problem.text
    assert page.of("table") == []


def test_they_are_found_and_their_changes_told_and_both_lead_to_them(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    read(in_full(TITLE))
    read(in_full(replace(TITLE, label="Тема", mandatory=True), hours=2))
    place = f"/accounts/{ours.account}/standard-fields?entity=deal"
    page = owner.open("/changes?kind=standard_fields")
    told = {link.text: link.attributes["href"] for link in page.of("a", class_="quiet")}
    assert told == {
        "СДЕЛКА · стандартное поле TITLE «Тема»: название «Название» → «Тема»": place,
        "СДЕЛКА · стандартное поле TITLE «Тема»: обязательное нет → да": place,
    }
    chosen = [option.text for option in page.of("option") if "selected" in option.attributes]
    assert "Стандартные поля" in chosen
    (found,) = (link for link in owner.open("/search?q=тема").of("a") if link.attributes["href"] == place)
    assert found.text == "Тема"
    assert owner.open(place).status == 200
    compared = owner.open(f"/compare?a={ours.account}.2&b={ours.account}")
    assert "Стандартные поля" in compared.text
    assert "Тема" in compared.text


def test_a_group_has_a_table_of_them_where_an_account_is_read_in_full(
    owner: Browser, ours: Tenant, read: Read
) -> None:
    address = f"/groups/{ours.group}/standard-fields"
    assert "Стандартные" not in tabs(owner.open(f"/groups/{ours.group}/fields"))
    assert "только полное чтение" in owner.open(address).of("div", class_="problem")[0].text
    read(in_full(TITLE, OF_REPAIR))
    page = owner.open(address)
    assert "Стандартные" in tabs(page)
    assert row_of(page, "TITLE").startswith("ours.example")
    assert "Что чинить" in row_of(owner.open(f"{address}?entity=smart"), "TITLE")


def test_a_reader_without_rights_is_told_of(owner: Browser, ours: Tenant, read: Read) -> None:
    read(replace(in_full(TITLE), reader=a_reader(admin=False)))
    assert "не администратор" in owner.open(f"/accounts/{ours.account}/standard-fields").text
