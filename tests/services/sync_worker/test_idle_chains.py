"""Spare chains of tokens: renewed every twenty days though nothing uses them, and spare as before."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from services.sync_worker.next_job import due_work
from services.sync_worker.worker import Worker
from shared.contracts.tasks import WorkKind
from tests.gateway_room import GatewayRoom
from tests.working import work
from tools.simulator.portal import SimulatedPortal


@pytest.fixture(autouse=True)
def spare(room: GatewayRoom, worker: Worker, portal: SimulatedPortal) -> None:
    """A portal that is read with one chain and has a spare one of another administrator."""
    room.installed(portal)
    other = portal.edit("add_user", name="Пётр", last_name="Новиков").id
    portal.crm.user(other).admin = True
    room.open_page(portal, other)
    work(worker)
    room.rows("delete from job")
    room.rows("update portal set next_read_at = now() + interval '1 day', dirty_since = null")


def days_pass(room: GatewayRoom, days: float) -> None:
    for column in ("created_at", "used_at", "idle_tried_at"):
        room.rows(f"update chain set {column} = {column} - make_interval(secs => %s)", days * 86_400)  # noqa: S608


def states(room: GatewayRoom) -> list[Any]:
    return sorted(state for (state,) in room.rows("select state from chain"))


def renewals(room: GatewayRoom) -> list[int]:
    """How often each chain was renewed."""
    return sorted(chain.refreshes for chain in room.cloud.authority.chains)


def test_an_idle_chain_is_renewed_once_in_twenty_days_and_stays_spare(
    room: GatewayRoom, worker: Worker
) -> None:
    room.rows("update chain set used_at = now() + interval '99 days' where state = 'active'")
    days_pass(room, 19.9)
    assert due_work(worker, most=9) == []
    assert work(worker) == []
    days_pass(room, 2.2)
    assert [bell.kind for bell in due_work(worker, most=9)] == [WorkKind.TOKENS]
    assert work(worker) == ["tokens: renewed"]
    assert work(worker) == []
    days_pass(room, 19.9)
    assert work(worker) == []
    days_pass(room, 2.2)
    assert work(worker) == ["tokens: renewed"]
    assert renewals(room)[-1] == 2
    assert states(room) == ["active", "spare"]


def test_chains_of_one_day_are_renewed_at_different_times(room: GatewayRoom, worker: Worker) -> None:
    room.rows(
        "insert into chain (id, portal_id, application_id, b24_user_id, is_admin, state, refresh_token,"
        " refresh_fingerprint, access_token, access_expires_at, fails)"
        " select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, portal_id, application_id, 1, true,"
        " 'spare', refresh_token, n::text::bytea, access_token, access_expires_at, 0"
        " from chain, generate_series(1, 100) n where state = 'spare'"
    )
    due = []
    for days in (20, 0.5, 0.5, 0.5, 0.5):
        days_pass(room, days)
        due.append(len(due_work(worker, most=999)))
    assert due == sorted(due)
    assert due[0] < 10
    assert all(10 < later - earlier < 45 for earlier, later in pairwise(due))
    assert due[-1] == 102


def test_a_chain_that_gets_no_answer_is_tried_again_some_days_later(
    room: GatewayRoom, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sync_worker.renewing._SECOND_TRY_S", 0)
    room.rows("update chain set used_at = now() + interval '99 days' where state = 'active'")
    days_pass(room, 22.1)
    alone = replace(worker, oauth_servers=["http://127.0.0.1:1"])
    assert work(alone) == ["tokens: not renewed, authorization_away"]
    assert work(worker) == []
    days_pass(room, 3.1)
    assert work(worker) == ["tokens: renewed"]


def test_tokens_of_a_removed_portal_are_left_alone(room: GatewayRoom, worker: Worker) -> None:
    room.rows("update portal set state = 'removed'")
    days_pass(room, 30)
    assert work(worker) == []


def test_a_spare_chain_that_is_needed_becomes_the_active_one(
    room: GatewayRoom, worker: Worker, portal: SimulatedPortal
) -> None:
    portal.dismiss("admin")
    room.rows("update chain set access_expires_at = now()")
    for chain in room.cloud.authority.chains:
        chain.access_expires_at = 0
    room.rows(
        "insert into job (id, portal_id, lane, state) select gen_random_uuid(), id, 0, 'queued' from portal"
    )
    work(worker)
    assert room.rows("select problem from portal") == [(None,)]
    assert states(room) == ["active", "suspect"]
