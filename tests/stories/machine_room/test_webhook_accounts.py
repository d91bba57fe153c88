"""An account connected by its incoming webhook: read at once, read again, lost, found, forgotten."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.cabinet_api import CabinetApi
from tests.machine_room import MachineRoom
from tests.waiting import HELD_MS, until
from tools.simulator.portal import SimulatedPortal


def a_stage(portal: SimulatedPortal) -> int:
    return next(iter(portal.crm.directories["DEAL_STAGE"].rows)).id


def without_snapshot_line(document: bytes) -> list[str]:
    """The lines of a document but for the one that names the snapshot by number and moment."""
    return [line for line in document.decode().splitlines() if not line.lstrip("-* ").startswith("Снимок")]


def test_a_connected_portal_becomes_fresh_by_itself(cabinet: CabinetApi, portal: SimulatedPortal) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    account = cabinet.until_state(account_id, "fresh")
    truth = portal.truth()
    counted = ("pipelines", "stages", "user_fields", "users")
    assert account["counts"] == {kind: len(truth[kind]) for kind in counted}
    assert {line["state"] for line in account["coverage"]} <= {"complete", "not_available"}
    assert [version["number"] for version in cabinet.snapshots(account_id)] == [1]
    assert cabinet.changes(account_id) == []
    assert portal.log.writes == []


def test_the_same_webhook_twice_is_one_account(cabinet: CabinetApi, portal: SimulatedPortal) -> None:
    assert cabinet.connect(portal.webhook_url) == cabinet.connect(portal.webhook_url)
    assert len(cabinet.accounts()) == 1


def test_two_cabinets_with_one_webhook_do_not_see_each_other(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    ours = cabinet.connect(portal.webhook_url)
    cabinet.until_state(ours, "fresh")
    other = room.cabinet()
    theirs = other.connect(portal.webhook_url)
    other.until_state(theirs, "fresh")
    assert ours != theirs
    assert other.ask("GET", f"/accounts/{ours}").status_code == 404
    assert [account["id"] for account in other.accounts()] == [theirs]
    other.close()


@pytest.mark.parametrize("format_name", ["txt", "md", "csv"])
def test_the_specification_is_what_the_command_line_writes(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal, format_name: str
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    written = room.folder / f"specification.{format_name}"
    done = room.command("spec", portal.webhook_url, "--format", format_name, "-o", str(written))
    assert done.returncode == 0, done.stderr
    ours, theirs = cabinet.specification(account_id, format=format_name), written.read_bytes()
    assert without_snapshot_line(ours) == without_snapshot_line(theirs)


def test_a_portal_in_another_language_is_read_in_its_own_from_the_start(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.crm.settings.language = "en"
    account_id = cabinet.connect(portal.webhook_url)
    before = cabinet.until_state(account_id, "fresh")["read_at"]
    room.make_due(portal)
    until(lambda: cabinet.account(account_id)["read_at"] > before)
    assert len(cabinet.snapshots(account_id)) == 1
    assert cabinet.changes(account_id) == []


def test_a_refresh_can_be_watched_to_its_end(cabinet: CabinetApi, portal: SimulatedPortal) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    before = cabinet.until_state(account_id, "fresh")["read_at"]
    portal.switches.latency_ms = HELD_MS
    seen: list[str] = []
    refresh_id = cabinet.refresh(account_id)
    assert cabinet.refresh(account_id) == refresh_id, "asked twice, read once"

    def is_over() -> bool:
        seen.append(str(cabinet.refresh_state(refresh_id)["state"]))
        if seen[-1] == "reading":
            portal.switches.latency_ms = 0
        return seen[-1] == "done"

    until(is_over)
    assert "reading" in seen
    assert sorted(set(seen), key=seen.index) == [*(["queued"] if "queued" in seen else []), "reading", "done"]
    account = cabinet.account(account_id)
    assert account["state"] == "fresh"
    assert account["read_at"] > before
    assert len(cabinet.snapshots(account_id)) == 1, "nothing changed, so there is no new version"


def test_a_changed_portal_is_seen_by_the_next_scheduled_read(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    edit = portal.edit("rename_stage", row_id=a_stage(portal), to="Погрузка")
    room.make_due(portal)
    (change,) = cabinet.until_changes(account_id, 1, since=1)
    assert (change["snapshot"], change["kind"], change["op"]) == (2, "stages", "edited")
    assert change["item"]["id"] == edit.id
    assert (change["attribute"], change["before"], change["after"]) == ("name", edit.before, "Погрузка")
    assert [(row["number"], row["changes"]) for row in cabinet.snapshots(account_id)] == [(2, 1), (1, 0)]
    assert "Погрузка" not in cabinet.specification(account_id, snapshot=1).decode()
    assert "Погрузка" in cabinet.specification(account_id).decode()
    assert [found["item"]["id"] for found in cabinet.search("погрузка")] == [edit.id]


def test_a_due_portal_is_read_once_and_due_again_after_its_period(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    before = cabinet.until_state(account_id, "fresh")["read_at"]
    portal.log.clear()
    room.make_due(portal)
    until(lambda: cabinet.account(account_id)["read_at"] > before)
    ((due_in_hours,),) = room.rows(
        "select extract(epoch from next_read_at - now()) / 3600 from portal where domain = %s", portal.domain
    )
    assert 5.9 < due_in_hours <= 6.6
    assert [request.method for request in portal.log.requests] == ["batch"]


def test_a_refused_webhook_is_told_in_words_and_works_again_once_it_is_accepted(
    cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    known = cabinet.specification(account_id)
    portal.revoke(portal.webhook_url)
    revoked = next(iter(portal.callers.webhooks.values()))
    assert cabinet.refreshed(account_id) == {
        "state": "failed",
        "step": None,
        "error": "access_lost",
        "detail": cabinet.account(account_id)["problem_detail"],
    }
    account = cabinet.account(account_id, lang="en")
    assert (account["state"], account["problem"]) == ("access_lost", "access_lost")
    assert account["problem_detail"].startswith("The portal does not accept this webhook")
    assert cabinet.specification(account_id) == known, "what was known stays"
    assert cabinet.changes(account_id) == []
    revoked.revoked = False
    assert cabinet.refreshed(account_id)["state"] == "done"
    account = cabinet.account(account_id)
    assert (account["state"], account["problem"], account["problem_detail"]) == ("fresh", None, None)


def test_a_webhook_that_never_worked_says_so(cabinet: CabinetApi, portal: SimulatedPortal) -> None:
    account_id = cabinet.connect(f"{portal.base_url}rest/1/nosuchcodeatall/")
    account = cabinet.until_state(account_id, "access_lost")
    assert account["read_at"] is None
    assert "вебхук" in account["problem_detail"]
    assert cabinet.ask("GET", f"/accounts/{account_id}/specification").json()["code"] == "never_read"


def test_a_portal_without_rest_waits_for_its_subscription(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    portal.switches.rest_available = False
    room.make_due(portal)
    account = cabinet.until_state(account_id, "subscription_ended")
    assert "тариф" in account["problem_detail"]
    assert cabinet.changes(account_id) == []
    ((probed_in_hours,),) = room.rows(
        "select extract(epoch from next_read_at - now()) / 3600 from portal where domain = %s", portal.domain
    )
    assert 23 < probed_in_hours <= 24, "one probe a day"
    portal.switches.rest_available = True
    room.make_due(portal)
    cabinet.until_state(account_id, "fresh")


def test_unlinking_erases_what_was_read(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")
    portal_id = room.portal_id(portal)
    cabinet.unlink(account_id)
    assert cabinet.accounts() == []
    assert cabinet.ask("GET", f"/accounts/{account_id}").status_code == 404
    assert cabinet.search(portal.crm.users[0].last_name) == []
    assert left_of(room, portal_id) == {"audit"}, "only the receipt that it was here is left"


def test_unlinking_during_the_read_leaves_nothing_behind(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.switches.latency_ms = HELD_MS
    account_id = cabinet.connect(portal.webhook_url)
    until(lambda: portal.log.requests, what="the read has begun")
    portal_id = room.portal_id(portal)
    cabinet.unlink(account_id)
    portal.switches.latency_ms = 0
    again = cabinet.connect(portal.webhook_url)
    cabinet.until_state(again, "fresh")
    assert left_of(room, portal_id) == {"audit"}


def test_an_operator_adds_a_person_and_his_token_opens_the_api(room: MachineRoom) -> None:
    email = f"{uuid4()}@example.com"
    assert room.command("user", "add", email).returncode == 0
    token = room.command("user", "token", email).stdout.strip()
    opened = CabinetApi(room.url("cabinet"), token)
    assert opened.accounts() == []
    opened.close()
    refused = CabinetApi(room.url("cabinet"), f"{token}x")
    assert refused.ask("GET", "/accounts").status_code == 401
    refused.close()


def test_an_operator_sees_every_portal_and_has_one_read(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    account_id = cabinet.connect(portal.webhook_url)
    before = cabinet.until_state(account_id, "fresh")["read_at"]
    asked = room.command("refresh", portal.domain)
    assert asked.returncode == 0, asked.stderr
    until(lambda: cabinet.refresh_state(asked.stdout.strip())["state"] == "done", what="it is read")
    assert cabinet.account(account_id)["read_at"] > before
    listed = [json.loads(line) for line in room.command("accounts").stdout.splitlines()]
    (line,) = [line for line in listed if line["domain"] == portal.domain]
    assert (line["id"], line["kind"], line["state"]) == (str(room.portal_id(portal)), "webhook", "active")


def test_a_portal_is_read_in_full_from_the_day_somebody_asks_for_it(
    room: MachineRoom, cabinet: CabinetApi, portal: SimulatedPortal
) -> None:
    portal.edit(
        "add_user_field", owner="CRM_SMART_INVOICE", kind="enumeration", label="Вид", values=["А", "Б"]
    )
    account_id = cabinet.connect(portal.webhook_url)
    cabinet.until_state(account_id, "fresh")

    def outer_codes() -> set[str | None]:
        document = json.loads(cabinet.specification(account_id, format="json"))
        fields = [field for field in document["user_fields"] if field["entity_type"] == "smart_invoice"]
        return {value["xml_id"] for field in fields for value in field["values"]}

    assert outer_codes() == {None}
    asked = room.command("refresh", portal.domain, "--full")
    assert asked.returncode == 0, asked.stderr
    until(lambda: cabinet.refresh_state(asked.stdout.strip())["state"] == "done", what="it is read")
    assert None not in outer_codes()
    assert cabinet.refreshed(account_id)["state"] == "done"
    assert None not in outer_codes()
    assert cabinet.changes(account_id, since="1") == []


def left_of(room: MachineRoom, portal_id: object) -> set[str]:
    """The tables in which the portal's id still stands."""
    tables = room.rows(
        "select table_name from information_schema.columns"
        " where table_schema = 'public' and column_name = 'portal_id'"
    )
    return {
        table
        for (table,) in tables
        if room.rows(f"select 1 from {table} where portal_id = %s limit 1", portal_id)  # noqa: S608
    }
