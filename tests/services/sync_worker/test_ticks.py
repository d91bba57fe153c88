"""A tick comes every few seconds, however many portals there are."""

from __future__ import annotations

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom
from tests.plans import rows_read, stated
from tests.working import work
from tools.simulator.cloud import SimulatedCloud

# More rows of a table than a tick takes up at once.
MOST = 500


def test_a_tick_that_finds_nothing_reads_no_table_of_all_portals_from_end_to_end(
    room: GatewayRoom, worker: Worker
) -> None:
    many_portals(room, 5_000)
    # The first one has the hourly cleaning as well.
    tick(worker)
    with stated(worker.db.engine) as statements:
        tick(worker)
    assert statements
    with worker.db.session() as session:
        read = {one[0]: rows_read(session, one) for one in statements}
    assert {statement: rows for statement, rows in read.items() if max(rows.values(), default=0) > MOST} == {}


def test_a_slow_portal_is_read_by_its_schedule(
    room: GatewayRoom, worker: Worker, cloud: SimulatedCloud
) -> None:
    room.installed(cloud.portals[0])
    work(worker)
    room.rows("update portal set slow = true, next_read_at = now()")
    tick(worker)
    work(worker)
    assert room.rows("select slow, next_read_at > now() from portal") == [(False, True)]


def many_portals(room: GatewayRoom, many: int) -> None:
    """So many active portals with a chain each, none of which is due."""
    room.rows(
        "insert into portal (id, kind, member_id, state, domain, counts, failures, next_read_at)"
        " select gen_random_uuid(), 'app', md5(n::text), 'active', n || '.example', '{}', 0, now() + interval '1 day'"
        " from generate_series(1, %s) n",
        many,
    )
    room.rows(
        "insert into chain (id, portal_id, application_id, b24_user_id, is_admin, state, refresh_token,"
        " refresh_fingerprint, access_token, access_expires_at, used_at, fails)"
        " select gen_random_uuid(), portal.id, application.id, 1, true, 'active', '', convert_to(member_id, 'UTF8'),"
        " '', now(), now(), 0 from portal, application"
    )
    room.rows("vacuum analyze")
