"""A tick comes every few seconds, however many portals there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event

from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from tests.gateway_room import GatewayRoom

# The tables that have rows of every portal.
OF_ALL = ("portal", "installation", "chain")
# More rows of a table than a tick takes up at once.
MOST = 500


def test_a_tick_that_finds_nothing_reads_no_table_of_all_portals_from_end_to_end(
    room: GatewayRoom, worker: Worker
) -> None:
    many_portals(room, 5_000)
    statements = of_a_tick(worker)
    assert statements
    with worker.db.session() as session:
        connection = session.connection()
        plans = {
            statement: connection.exec_driver_sql(
                f"explain (analyze, format json) {statement}", values
            ).scalar_one()[0]["Plan"]
            for statement, values in statements
        }
    assert [statement for statement, plan in plans.items() if any(map(reads_all, nodes(plan)))] == []


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
    room.rows("analyze")


def of_a_tick(worker: Worker) -> list[tuple[str, Any]]:
    """Its statements with their values, without those of the hourly cleaning, which the tick before it had."""
    tick(worker)
    stated: list[tuple[str, Any]] = []

    def collect(*arguments: Any) -> None:
        _, _, statement, values, *_ = arguments
        stated.append((statement, values))

    event.listen(worker.db.engine, "before_cursor_execute", collect)
    tick(worker)
    event.remove(worker.db.engine, "before_cursor_execute", collect)
    return stated


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def reads_all(node: dict[str, Any]) -> bool:
    seen = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    return node.get("Relation Name") in OF_ALL and seen > MOST
