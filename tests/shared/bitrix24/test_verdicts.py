"""What a kind's answers say of its completeness, and the reason that people are given."""

from __future__ import annotations

import pytest

from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.listing import Reading
from shared.bitrix24.verdicts import (
    COMPLETE,
    Verdict,
    combined_verdict,
    of_error,
    of_items,
    of_reading,
    without_rows,
)
from shared.domain.coverage import Reason, ReasonCode, State
from shared.domain.snapshot import NotUnderstood
from tests.builders import a_dictionary, a_dictionary_item, a_stage, a_user

METHOD = "crm.status.list"
SILENT = PortalError(Fault.SILENT)


def failed(code: ReasonCode, detail: str) -> Verdict:
    return Verdict(State.FAILED, Reason(code, detail))


def partial(code: ReasonCode, detail: str) -> Verdict:
    return Verdict(State.PARTIAL, Reason(code, detail))


def reading(
    rows: int = 0, *, total: int | None = None, error: PortalError | None = None, contradicted: bool = False
) -> Reading:
    return Reading(METHOD, tuple({"ID": str(row)} for row in range(rows)), total, error, contradicted)


@pytest.mark.parametrize(
    ("error", "method", "verdict"),
    [
        (
            PortalError(Fault.SCOPE, scope="crm_x"),
            "user.get",
            Verdict(State.NOT_GRANTED, Reason(ReasonCode.SCOPE_MISSING, "crm_x")),
        ),
        (
            PortalError(Fault.SCOPE),
            "user.get",
            Verdict(State.NOT_GRANTED, Reason(ReasonCode.SCOPE_MISSING, "user_basic")),
        ),
        (
            PortalError(Fault.SCOPE),
            METHOD,
            Verdict(State.NOT_GRANTED, Reason(ReasonCode.SCOPE_MISSING, "crm")),
        ),
        (PortalError(Fault.RIGHTS), METHOD, Verdict(State.FORBIDDEN, Reason(ReasonCode.NO_RIGHTS, METHOD))),
        (
            PortalError(Fault.NO_METHOD),
            METHOD,
            Verdict(State.NOT_AVAILABLE, Reason(ReasonCode.METHOD_MISSING, METHOD)),
        ),
        (
            PortalError(Fault.NO_OBJECT),
            METHOD,
            Verdict(State.NOT_AVAILABLE, Reason(ReasonCode.SWITCHED_OFF, METHOD)),
        ),
        (PortalError(Fault.PAUSED), METHOD, failed(ReasonCode.METHOD_PAUSED, METHOD)),
        (PortalError(Fault.RESTS), METHOD, failed(ReasonCode.METHOD_RESTS, METHOD)),
        (PortalError(Fault.NOT_ANSWERED), METHOD, failed(ReasonCode.NOT_ANSWERED, METHOD)),
        (SILENT, METHOD, failed(ReasonCode.NOT_ANSWERED, METHOD)),
        (PortalError(Fault.SHAPE), METHOD, failed(ReasonCode.UNEXPECTED_SHAPE, METHOD)),
        (
            PortalError(Fault.OTHER, "ERROR_X", "no idea"),
            METHOD,
            failed(ReasonCode.PORTAL_ERROR, f"{METHOD}: ERROR_X: no idea"),
        ),
    ],
    ids=lambda value: value.fault.name if isinstance(value, PortalError) else "",
)
def test_an_error_says_why_a_kind_is_not_complete(error: PortalError, method: str, verdict: Verdict) -> None:
    assert of_error(error, method) == verdict


@pytest.mark.parametrize(
    ("given", "dropped", "verdict"),
    [
        (reading(2, total=2), (), COMPLETE),
        (reading(2), (), COMPLETE),
        (reading(error=SILENT), (), failed(ReasonCode.NOT_ANSWERED, METHOD)),
        (reading(1, error=SILENT), (), partial(ReasonCode.NOT_ANSWERED, METHOD)),
        (reading(1, error=SILENT), ("7",), failed(ReasonCode.NOT_ANSWERED, METHOD)),
        (reading(2, total=2), ("7",), partial(ReasonCode.UNEXPECTED_SHAPE, f"{METHOD}: 7")),
        (reading(1, total=1), ("7",), failed(ReasonCode.UNEXPECTED_SHAPE, f"{METHOD}: 7")),
        (reading(2, total=3), (), partial(ReasonCode.ROWS_MISSING, "2 / 3")),
        (reading(0, total=3), (), failed(ReasonCode.ROWS_MISSING, "0 / 3")),
        (reading(3, total=2), (), partial(ReasonCode.LIST_CONTRADICTS, METHOD)),
        (reading(2, total=2, contradicted=True), (), partial(ReasonCode.LIST_CONTRADICTS, METHOD)),
    ],
)
def test_a_list_is_complete_only_when_nothing_speaks_against_it(
    given: Reading, dropped: tuple[str, ...], verdict: Verdict
) -> None:
    assert of_reading(given, dropped=dropped) == verdict


@pytest.mark.parametrize(
    ("dropped", "named"),
    [
        ("abc", "a, b, c"),
        ("aab", "a, b"),
        ("abcde", "a, b, c, d, e"),
        ("abcdef", "a, b, c, d, e, …"),
    ],
)
def test_rows_that_could_not_be_used_are_named_once_and_five_at_most(dropped: str, named: str) -> None:
    assert without_rows(METHOD, dropped) == failed(ReasonCode.UNEXPECTED_SHAPE, f"{METHOD}: {named}")


ODD = (NotUnderstood("name", "[]"),)


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([a_user(id=7, not_understood=ODD)], "7: name []"),
        ([a_stage(status_id="NEW", not_understood=ODD)], "NEW: name []"),
        (
            [
                a_dictionary(
                    directory="SOURCE", items=(a_dictionary_item(status_id="WEB", not_understood=ODD),)
                )
            ],
            "WEB: name []",
        ),
        ([a_user(id=7, not_understood=(*ODD, NotUnderstood("active", "")))], "7: name [], active"),
        (
            [a_user(id=number, not_understood=ODD) for number in range(5)],
            "; ".join(f"{n}: name []" for n in range(5)),
        ),
        (
            [a_user(id=number, not_understood=ODD) for number in range(6)],
            "; ".join(f"{n}: name []" for n in range(5)) + "; …",
        ),
    ],
)
def test_what_was_not_understood_is_named(items: list[object], told: str) -> None:
    assert of_items(COMPLETE, items) == Reason(ReasonCode.NOT_UNDERSTOOD, told)


def test_where_all_was_understood_there_is_no_reason_and_a_graver_one_comes_first() -> None:
    graver = partial(ReasonCode.ROWS_MISSING, "2 / 3")
    assert of_items(COMPLETE, [a_user(), a_stage()]) is None
    assert of_items(graver, [a_user(not_understood=ODD)]) == graver.reason


@pytest.mark.parametrize(
    ("verdicts", "items", "combined"),
    [
        ([], 0, COMPLETE),
        ([COMPLETE, COMPLETE], 3, COMPLETE),
        (
            [COMPLETE, failed(ReasonCode.NOT_ANSWERED, "first"), failed(ReasonCode.NOT_ANSWERED, "second")],
            0,
            failed(ReasonCode.NOT_ANSWERED, "first"),
        ),
        ([failed(ReasonCode.NOT_ANSWERED, "first")], 1, partial(ReasonCode.NOT_ANSWERED, "first")),
    ],
)
def test_of_several_lists_the_first_that_is_not_complete_decides(
    verdicts: list[Verdict], items: int, combined: Verdict
) -> None:
    assert combined_verdict(verdicts, items=items) == combined
