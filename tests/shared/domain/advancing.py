"""What is known of a portal after some reads, written shortly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from shared.domain.coverage import Coverage, Kind, Reason, ReasonCode, State
from shared.domain.history import Advance, Baseline, advance
from shared.domain.snapshot import Snapshot
from tests.builders import READ_AT, a_reader, with_coverage

HOUR: Final = timedelta(hours=1)
EMPLOYEE: Final = a_reader(id=40, admin=False)


def later(snapshot: Snapshot, hours: int = 1) -> Snapshot:
    """The same read so many hours later."""
    at = READ_AT + hours * HOUR
    coverage = tuple(replace(entry, read_at=at) for entry in snapshot.coverage)
    return replace(snapshot, read_at=at, coverage=coverage)


def baseline_after(*reads: Snapshot) -> Baseline:
    """What is known after these reads, one after the other."""
    baseline: Baseline | None = None
    for read in reads:
        baseline = advance(baseline, read).baseline
    assert baseline is not None
    return baseline


def entry_of(step: Advance, kind: Kind, entity_type: str | None = None) -> Coverage:
    (found,) = (entry for entry in step.receipt if entry.key == (kind, entity_type))
    return found


def failed(snapshot: Snapshot, kind: Kind, state: State = State.FAILED, **changes: Any) -> Snapshot:
    """The same read, of which this kind brought nothing."""
    nothing: dict[str, Any] = {kind.value: ()}
    empty = replace(snapshot, **nothing)
    reason = Reason(ReasonCode.NOT_ANSWERED)
    return with_coverage(empty, kind, state=state, items=0, reason=reason, **changes)
