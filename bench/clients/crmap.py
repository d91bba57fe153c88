"""CRMAP itself: the connector's read, as every service calls it, without rendering."""

from __future__ import annotations

from datetime import UTC, datetime

from bench.reading import Found, Portal, Stopwatch
from shared.bitrix24.access import parse_webhook
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.read_portal import read_portal
from shared.domain.coverage import State
from shared.domain.snapshot import FIRST_SMART_PROCESS, Snapshot


def read(portal: Portal, stopwatch: Stopwatch) -> Found:
    access = parse_webhook(portal.webhook_url, allow_private=True)
    with Bitrix24(access, allow_private=True) as line, stopwatch:
        snapshot = read_portal(line, language="ru", now=lambda: datetime.now(UTC))
    if incomplete := [line.kind for line in snapshot.coverage if line.state is not State.COMPLETE]:
        raise SystemExit(f"it could not read all of: {', '.join(incomplete)}")
    return counted(snapshot)


def counted(snapshot: Snapshot) -> Found:
    """How much of everything a snapshot holds."""
    rows = snapshot.stages + snapshot.orphan_stages
    return {
        "smart processes": sum(row.entity_type_id >= FIRST_SMART_PROCESS for row in snapshot.entity_types),
        "pipelines": len(snapshot.pipelines),
        "statuses": len(rows) + sum(len(dictionary.items) for dictionary in snapshot.dictionaries),
        "user fields": len(snapshot.user_fields),
        "described fields": sum(row.api_name is not None for row in snapshot.user_fields),
        "users": len(snapshot.users),
        "departments": len(snapshot.departments),
    }
