"""A group of accounts in one table, in one archive, and read anew all at once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlmodel import select

from services.cabinet.groups.archive import unique
from shared.db import accounts, groups, recording
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.db.tables.work import JobRow
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.portal import PortalState
from shared.domain.snapshot import Snapshot
from shared.specification.formats import FORMATS
from tests.builders import (
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_user_field,
    an_entity_type,
    with_coverage,
)
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser, Page


@dataclass(frozen=True)
class Room:
    """Our cabinet with as many accounts as a test connects, all of them in its group."""

    tenant: Tenant
    db: Database
    keyring: Keyring

    @property
    def address(self) -> str:
        return f"/groups/{self.tenant.group}"

    def connect(self, host: str, read: Snapshot | None = None, *, code: str = "c0de") -> UUID:
        """One more account in the group, read with this outcome, or not yet."""
        cabinet_id = self.tenant.cabinet_id
        with self.db.session() as session:
            account, _ = accounts.connect_webhook(
                session, self.keyring, cabinet_id, url=f"https://{host}/rest/1/{code}/", host=host
            )
            (group,) = groups.listed(session, cabinet_id)
            groups.save(session, cabinet_id, group.title, [*group.accounts, account])
            row = session.get_one(PortalRow, session.get_one(AccountRow, account).portal_id)
            if read is not None:
                recording.record(session, row.id, read)
                row.read_at, row.state = read.read_at, PortalState.ACTIVE
        return account

    def remove(self, account: UUID) -> None:
        """CRMAP is removed from the portal."""
        with self.db.session() as session:
            row = session.get_one(PortalRow, session.get_one(AccountRow, account).portal_id)
            row.state = PortalState.REMOVED

    def end_reads(self) -> None:
        """Nothing is being read or waits for it any more."""
        with self.db.session() as session:
            for job in session.exec(select(JobRow)).all():
                session.delete(job)


@pytest.fixture
def room(ours: Tenant, database_url: str, keyring: Keyring) -> Iterator[Room]:
    db = Database(database_url, Role.OPERATOR, keyring)
    yield Room(ours, db, keyring)
    db.close()


def rows(page: Page) -> list[str]:
    """The rows of the table, their cells apart by a bar."""
    return [
        " ".join(row.text.split())
        for row in page.elements
        if "data-row" in row.attributes and row.tag in ("tr", "tbody")
    ]


def test_every_kind_of_all_accounts_stands_in_one_table(owner: Browser, room: Room) -> None:
    room.connect("second.example", a_snapshot(pipelines=(a_pipeline(name="Опт"),)))
    for tab, told in {"pipelines": "Опт", "stages": "WON", "fields": "UF_CRM_", "users": "Пример"}.items():
        page = owner.open(f"{room.address}/{tab}")
        assert page.title == "All of them"
        both = [row for row in rows(page) if told in row or tab == "pipelines"]
        assert sum("second.example" in row for row in both) == 1
        assert sum("ours.example" in row for row in both) == 1
    links = [link.attributes["href"] for link in page.of("a") if link.text == "second.example"]
    assert owner.open(links[0]).title == "second.example"


def test_the_table_is_switched_between_entities_and_smart_processes_stand_together(
    owner: Browser, room: Room
) -> None:
    fields = (
        a_user_field(),
        a_user_field(entity_type="dynamic_1040", id=7, code="UF_CRM_7_1"),
        a_user_field(entity_type="dynamic_1042", id=8, code="UF_CRM_8_1"),
    )
    processes = (a_smart_process(), a_smart_process(key="dynamic_1042", entity_type_id=1042, title="Камеры"))
    room.connect("b.example", a_snapshot(entity_types=(an_entity_type(), *processes), user_fields=fields))
    deals = owner.open(f"{room.address}/fields")
    assert len(rows(deals)) == 2
    (link,) = (link for link in deals.of("a") if link.text == "Смарт-процессы")
    smart = owner.open(link.attributes["href"])
    assert [("Ремонт" in row, "UF_CRM_7_1" in row) for row in rows(smart)] == [(True, True), (False, False)]
    assert smart.of("div", class_="warning") == []


def test_what_is_missing_is_told_above_the_table(owner: Browser, room: Room) -> None:
    room.connect("never.example")
    refused = with_coverage(
        a_snapshot(pipelines=()),
        Kind.PIPELINES,
        state=State.FORBIDDEN,
        items=0,
        reason=Reason(ReasonCode.NO_RIGHTS),
    )
    room.connect("refused.example", refused)
    page = owner.open(f"{room.address}/pipelines")
    never, forbidden = page.of("div", class_="problem")
    assert "never.example" in never.text
    assert "refused.example" in forbidden.text
    assert "нет прав" in forbidden.text
    assert len(rows(page)) == 1


def test_a_group_of_large_portals_comes_page_by_page(owner: Browser, room: Room) -> None:
    many = tuple(a_user_field(id=n, code=f"UF_CRM_{n}") for n in range(1, 801))
    for number in range(3):
        room.connect(f"large{number}.example", a_snapshot(user_fields=many))
    first = owner.open(f"{room.address}/fields")
    assert "Аккаунты 1–2 из 4" in first.text
    (link,) = (link for link in first.of("a") if link.text == "Следующие аккаунты")
    second = owner.open(link.attributes["href"])
    assert "Аккаунты 3–4 из 4" in second.text
    assert len(rows(first)) + len(rows(second)) == 3 * 800 + 1
    (back,) = (link for link in second.of("a") if link.text == "С первого")
    assert rows(owner.open(back.attributes["href"])) == rows(first)


@pytest.mark.parametrize("name", FORMATS)
def test_the_archive_has_a_specification_of_each_account_under_a_name_of_its_own(
    owner: Browser, room: Room, name: str
) -> None:
    room.connect("ours.example", a_snapshot(), code="another")
    room.connect("never.example")
    answer = owner.client.get(f"{room.address}/specifications.zip?format={name}&lang=en")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        stem = "crmap-ours.example-2031-03-12"
        assert file.namelist() == [f"{stem}.{name}", f"{stem}-2.{name}", "not-read.txt"]
        assert "never.example · being read" in file.read("not-read.txt").decode("utf-8-sig")
        assert len(file.read(f"{stem}.{name}")) > 500


def test_an_archive_of_accounts_that_are_all_read_holds_nothing_else(owner: Browser, room: Room) -> None:
    with zipfile.ZipFile(io.BytesIO(owner.client.get(f"{room.address}/specifications.zip").content)) as file:
        assert file.namelist() == ["crmap-ours.example-2031-03-12.txt"]
    assert owner.open(f"{room.address}/specifications.zip?format=doc").status == 400


def test_names_in_an_archive_differ_in_more_than_capitals() -> None:
    taken: set[str] = set()
    given = [unique(name, taken) for name in ("crmap-a.txt", "crmap-A.txt", "crmap-a.txt", "crmap-b.txt")]
    assert given == ["crmap-a.txt", "crmap-A-2.txt", "crmap-a-3.txt", "crmap-b.txt"]


def test_a_whole_group_is_refreshed_and_watched_until_all_are_done(owner: Browser, room: Room) -> None:
    room.connect("second.example", a_snapshot())
    room.remove(room.connect("removed.example", a_snapshot()))
    room.end_reads()
    assert "Чтение закончено" in owner.open(f"{room.address}/refresh").text
    page = owner.send(owner.open(f"{room.address}/users"), f"{room.address}/refresh")
    assert "2 аккаунта читаются или ждут очереди" in page.text
    assert page.headers["refresh"] == "2"
    room.end_reads()
    done = owner.open(f"{room.address}/refresh")
    assert "Чтение закончено" in done.text
    assert "refresh" not in done.headers


def test_a_reader_sees_the_tables_and_may_refresh_nothing(room: Room, enter: Callable[..., Browser]) -> None:
    reader = enter(room.tenant, role="reader")
    for tab in ("pipelines", "stages", "fields", "users", "refresh"):
        page = reader.open(f"{room.address}/{tab}")
        assert page.status == 200
        assert [form.action for form in page.forms if form.action.startswith("/groups")] == []
    assert links(page) >= {f"{room.address}/specifications.zip?format=txt&lang=ru"}


def links(page: Page) -> set[str]:
    return {link.attributes["href"] for link in page.of("a")}
