"""Reports about machinery: tokens renewed twice, jobs run twice, times without a zone, columns edited in place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import DateTime, text

from shared.bitrix24 import oauth
from shared.db import chains, due_jobs, jobs, portals, recording, renewals, snapshots
from shared.db.chains import ChainOwner, OpenChain
from shared.db.jobs import ClaimedJob, LeaseLost
from shared.db.metadata import METADATA
from shared.db.session import Database, Role
from shared.db.tables.portals import ApplicationRow, PortalRow
from shared.domain.findings import DAMAGED
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import Lane
from shared.domain.tokens import Tokens
from shared.outbound import Outbound
from tests.cases.fields import classic, deal_fields
from tests.shared.bitrix24.answering import answered, snapshot
from tools.simulator.cloud import PortalSpec, SimulatedCloud

HOUR = timedelta(hours=1)


def tokens(number: int) -> Tokens:
    return Tokens(f"AT-{number}", f"RT-{number}", HOUR)


@dataclass
class Known:
    """A portal in the database, opened by a chain with the first pair of tokens."""

    db: Database
    portal_id: UUID
    chain_id: UUID

    def chain(self) -> OpenChain | None:
        with self.db.session() as session:
            return chains.read_again(session, self.db.keyring, self.chain_id)

    def is_suspect(self) -> bool:
        with self.db.session() as session:
            return renewals.has_suspects(session, self.portal_id)


@pytest.fixture
def known(worker_db: Database, gateway_db: Database, database_url: str) -> Known:
    operator = Database(database_url, Role.OPERATOR, worker_db.keyring)
    portal = PortalRow(kind=PortalKind.APP, member_id="a" * 32, domain="a.example", state=PortalState.ACTIVE)
    application = ApplicationRow(client_id="app.1", client_secret=b"", title="CRMAP")
    with operator.session() as session:
        session.add_all([portal, application])
    operator.close()
    with gateway_db.session() as session:
        owner = ChainOwner(portal.id, application.id, 1, is_admin=True)
        chain_id = chains.keep(session, gateway_db.keyring, owner, tokens(1))
    return Known(worker_db, portal.id, chain_id)


def test_of_two_renewals_with_one_token_the_refused_one_spoils_nothing(known: Known) -> None:
    """github.com/NangoHQ/nango/issues/1005, /pull/2494"""
    seen_by_both = known.chain()
    assert seen_by_both is not None
    keyring = known.db.keyring
    with known.db.session() as session:
        assert renewals.lease_renewal(session, seen_by_both, owner="a")
        assert not renewals.lease_renewal(session, seen_by_both, owner="b")
    with known.db.session() as session:
        assert renewals.store_renewed(session, keyring, seen_by_both, tokens(2))
    with known.db.session() as session:
        renewals.suspect(session, keyring, seen_by_both)
        assert not renewals.store_renewed(session, keyring, seen_by_both, tokens(3))
    now = known.chain()
    assert now is not None
    assert (now.access_token, now.refresh_token, known.is_suspect()) == ("AT-2", "RT-2", False)


@pytest.mark.parametrize("fault", ["no_refresh_token", "text_expires_in"])
def test_a_renewal_without_a_refresh_token_keeps_the_one_there_is(fault: str) -> None:
    """github.com/NangoHQ/nango/issues/298"""
    with SimulatedCloud([PortalSpec("romashka", "tiny")]) as cloud, Outbound(allow_private=True) as http:
        card = cloud.register_application(handler_url="http://127.0.0.1:9/app", kind="local")
        used = cloud.portals[0].install(card, page=False, event=False).chain.refresh_token
        cloud.oauth.faults.add(fault)
        application = oauth.Application(card.client_id, card.secret)
        renewed = oauth.renew(http, [cloud.oauth.url], application, used).tokens
    assert (renewed.refresh_token == used) is (fault == "no_refresh_token")
    assert renewed.expires_in == HOUR


def claimed(db: Database, owner: str) -> ClaimedJob | None:
    with db.session() as session:
        return jobs.claim(session, owner=owner)


def test_a_message_that_is_delivered_again_finds_the_job_taken(known: Known) -> None:
    """github.com/celery/celery/issues/5935, github.com/celery/kombu/issues/337, github.com/pretix/pretix/issues/2058"""
    with known.db.session() as session:
        jobs.request_job(session, known.portal_id, lane=Lane.ROUTINE)
        jobs.request_job(session, known.portal_id, lane=Lane.ROUTINE, after=timedelta(hours=2))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: claimed(known.db, f"worker-{number}"), range(8)))
    assert sum(job is not None for job in found) == 1


def test_two_schedulers_make_one_job_of_one_due_time(known: Known) -> None:
    """github.com/sibson/redbeat/issues/208, /issues/238"""

    def tick(_number: int) -> int:
        with known.db.session() as session:
            return portals.request_due(session)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(tick, range(4))) >= 1
    with known.db.session() as session:
        assert len(due_jobs.listed(session, most=4)) == 1


def test_a_job_that_outlived_its_lease_neither_fails_nor_is_written_twice(known: Known) -> None:
    """github.com/ionelmc/python-redis-lock/issues/85"""
    with known.db.session() as session:
        jobs.request_job(session, known.portal_id, lane=Lane.ROUTINE)
    slow = claimed(known.db, "slow")
    assert slow is not None
    assert claimed(known.db, "second") is None, "a job in hand is nobody else's"
    with known.db.session() as session:
        assert jobs.prolong(session, owner="slow", in_progress=[slow.id]) == 1
        jobs.finish(session, slow)
    with known.db.session() as session, pytest.raises(LeaseLost):
        jobs.finish(session, slow, error="worker_lost")
    with known.db.session() as session:
        assert session.execute(text("select state from job")).scalars().all() == ["done"]


def test_a_document_in_a_column_is_replaced_and_so_never_lost(known: Known) -> None:
    """github.com/fastapi/sqlmodel/issues/63, github.com/sqlalchemy/sqlalchemy/issues/11001"""
    for count in (8, 9):
        with known.db.session() as session:
            portal = session.get_one(PortalRow, known.portal_id)
            portal.counts = {**portal.counts, "users": count}
            session.add(portal)
    with known.db.session() as session:
        assert session.get_one(PortalRow, known.portal_id).counts == {"users": 9}


def test_a_text_with_a_nul_is_stored_and_found_again(known: Known) -> None:
    """github.com/turbot/steampipe/issues/292, github.com/certtools/intelmq/issues/2652"""
    labels = {501: "Доставка\x00", 502: r"пишется как \u0000", 503: "полпары \ud800"}
    rows = [
        classic(number, f"UF_CRM_{number}", EDIT_FORM_LABEL=label, SETTINGS={"A\x00": label})
        for number, label in labels.items()
    ]
    read = snapshot(answered(deal_fields(*rows)))
    with known.db.session() as session:
        recording.record(session, known.portal_id, read)
    with known.db.session() as session:
        found = snapshots.latest(session, known.portal_id)
    assert found is not None
    assert {row.id: row.labels["ru"] for row in found.user_fields} == {
        501: f"Доставка{DAMAGED}",
        502: r"пишется как \u0000",
        503: f"полпары {DAMAGED}",
    }
    assert found.user_fields == read.user_fields


@pytest.mark.parametrize("zone", ["UTC", "Europe/Moscow", "Asia/Kolkata"])
@pytest.mark.parametrize(("left", "is_valid"), [("1 second", True), ("-1 second", False)])
def test_a_token_is_valid_to_its_last_second_wherever_the_database_stands(
    known: Known,
    zone: str,
    left: str,
    is_valid: bool,  # noqa: FBT001
) -> None:
    """github.com/IBM/mcp-context-forge/issues/3531"""
    with known.db.session() as session:
        session.execute(text(f"set local time zone '{zone}'"))
        # The clock stands still inside a transaction.
        expires = text("update chain set access_expires_at = now() + cast(:left as interval)")
        session.execute(expires, {"left": left})
        now = session.execute(text("select now()")).scalar_one()
        chain = chains.read_again(session, known.db.keyring, known.chain_id)
    assert chain is not None
    assert chain.expires_at.utcoffset() is not None
    assert chain.expires_at - now == timedelta(seconds=1 if is_valid else -1)
    assert chain.expires_at.astimezone(UTC) - datetime.now(UTC) < timedelta(minutes=1)


def test_every_stored_moment_has_a_zone(known: Known) -> None:
    """github.com/IBM/mcp-context-forge/issues/3531"""
    columns = [column for table in METADATA.sorted_tables for column in table.columns]
    zones = {str(column): column.type.timezone for column in columns if isinstance(column.type, DateTime)}
    assert zones
    assert set(zones.values()) == {True}
    chain = known.chain()
    assert chain is not None
    with known.db.session() as session:
        left = chain.expires_at - portals.now(session)
    assert timedelta(0) < left <= HOUR
