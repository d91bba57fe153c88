"""A kind that could not be read says so, shows the last good data with their age, and never looks empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from services.cabinet.contents.pipelines import pipelines
from services.cabinet.contents.reading import Contents, contents
from services.cabinet.contents.receipt import receipt, receipts
from shared.domain.coverage import Kind, Reason, ReasonCode, State
from tests.builders import READ_AT, a_pipeline, a_reader, a_snapshot, complete_coverage, with_coverage
from tests.services.cabinet.contents.conftest import IN_ENGLISH, IN_RUSSIAN

Known = Callable[..., Contents]
LATER = READ_AT + timedelta(hours=1)


def test_a_complete_kind_tells_its_age(known: Known) -> None:
    line = receipt(known(a_snapshot()), IN_RUSSIAN, Kind.PIPELINES, "deal")
    assert (line.state, line.tone, line.is_whole, line.is_complete) == (
        "прочитано полностью",
        "good",
        True,
        True,
    )
    assert (line.age, line.moment) == ("2 часа назад", "12.03.2031 06:15")
    assert (line.reason, line.nothing) == ("", "")


def test_only_a_complete_kind_is_called_empty(known: Known) -> None:
    empty = a_snapshot(pipelines=(), stages=(), user_fields=())
    found = known(empty)
    assert receipt(found, IN_ENGLISH, Kind.USER_FIELDS, "deal").nothing == "No user fields."
    assert receipt(found, IN_ENGLISH, Kind.STAGES, "deal").nothing == "No stages."
    unread = receipt(found, IN_ENGLISH, Kind.USER_FIELDS, "lead")
    assert (unread.state, unread.nothing, unread.is_whole) == ("not read", "", False)


def test_what_failed_keeps_the_last_good_data_and_their_age(known: Known) -> None:
    first = a_snapshot(pipelines=(a_pipeline(), a_pipeline(id=3, directory="DEAL_STAGE_3", is_default=False)))
    later = a_snapshot(pipelines=(), read_at=LATER)
    failed = with_coverage(
        replace(later, coverage=tuple(replace(entry, read_at=LATER) for entry in complete_coverage(later))),
        Kind.PIPELINES,
        state=State.FAILED,
        items=0,
        reason=Reason(ReasonCode.NOT_ANSWERED),
    )
    found = known(first, failed)
    line = receipt(found, IN_RUSSIAN, Kind.PIPELINES)
    assert (line.is_whole, line.is_complete, line.is_older, line.items) == (False, True, True, 2)
    assert line.age == "2 часа назад"
    assert "не ответил" in line.reason
    assert len(pipelines(found, IN_RUSSIAN)) == 2
    assert receipt(found, IN_RUSSIAN, Kind.STAGES).age == "1 час назад"


def test_what_never_was_read_shows_its_reason_and_nothing_else(known: Known) -> None:
    refused = with_coverage(
        a_snapshot(pipelines=(), reader=a_reader(admin=False)),
        Kind.PIPELINES,
        state=State.FORBIDDEN,
        items=0,
        reason=Reason(ReasonCode.NO_RIGHTS),
    )
    found = known(refused)
    line = receipt(found, IN_RUSSIAN, Kind.PIPELINES)
    assert (line.tone, line.items, line.nothing, line.is_complete) == ("bad", 0, "", False)
    assert "нет прав" in line.reason
    assert found.reader.admin is False


def test_the_receipt_names_every_kind_in_the_order_of_the_specification(known: Known) -> None:
    lines = receipts(known(a_snapshot()), IN_ENGLISH)
    assert [line.title for line in lines] == [
        "Facts about the portal",
        "Entity types",
        "Pipelines",
        "Stages",
        "Dictionaries",
        "User fields: Deal",
        "Users",
        "Departments",
    ]


def test_a_past_version_is_shown_as_it_was(known: Known, session: Session, portal_id: UUID) -> None:
    renamed = a_snapshot(pipelines=(a_pipeline(name="Продажи"),), read_at=LATER)
    now = known(a_snapshot(), renamed)
    assert (now.number, pipelines(now, IN_RUSSIAN)[0].name) == (2, "Продажи")
    then = contents(session, portal_id, number=1)
    assert then is not None
    assert (then.number, then.read_at, pipelines(then, IN_RUSSIAN)[0].name) == (1, READ_AT, "Общая")
    assert receipt(then, IN_RUSSIAN, Kind.PIPELINES).is_complete
    assert contents(session, portal_id, number=9) is None
    assert contents(session, uuid4()) is None
