"""Reports about lists: pages nobody asked for, and witnesses of completeness that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.bitrix24.read_portal import read_portal
from shared.domain.coverage import ReasonCode, State
from shared.domain.diff import Change, Op
from shared.domain.history import Baseline, advance
from shared.domain.snapshot import Snapshot
from shared.wording.reasons import reason_sentence
from tests.builders import READ_AT
from tests.shared.bitrix24.reading import (
    Receipt,
    as_specification,
    comparable,
    gaps,
    opened,
    read,
    receipts,
)
from tools.simulator import ledger
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.edits.table import edit
from tools.simulator.field_making import add_field
from tools.simulator.founding import add_pipeline
from tools.simulator.portal import SimulatedPortal

#: What hangs on each list that is longer than a page here.
LISTS: dict[str, set[Receipt]] = {
    "crm.status.list": {("stages", None), ("dictionaries", None)},
    "crm.category.list": {("pipelines", None)},
    "crm.deal.userfield.list": {("user_fields", "deal")},
    "crm.requisite.userfield.list": {("user_fields", "requisite")},
    "userfieldconfig.list": {("user_fields", "smart_invoice")},
    "user.get": {("users", None)},
    "department.get": {("departments", None)},
}
#: Faults of one list that contradict what else is known of it.
CONTRADICTIONS = [
    ("total_behind",),
    ("total_behind", "next_missing"),
    ("next_forever",),
    ("page_repeated",),
    ("page_repeated", "total_behind"),
    ("page_repeated", "total_missing"),
    ("page_missing", "total_behind"),
    ("rows_moved",),
    ("rows_moved", "total_behind"),
]


@pytest.fixture(scope="module")
def long_lists() -> Iterator[SimulatedPortal]:
    """A portal of which no list fits on a page."""
    with SimulatedCloud([PortalSpec("yarmarka", "S")]) as cloud:
        portal = cloud.portal("yarmarka")
        crm = portal.crm
        for owner in ("CRM_DEAL", "CRM_REQUISITE", "CRM_SMART_INVOICE"):
            for number in range(60):
                add_field(crm, owner, "string", f"Поле {number}")
        for number in range(60):
            add_pipeline(crm, ledger.DEAL, f"Воронка {number}")
            edit(crm, "add_dictionary_row", {"directory": "SOURCE", "name": f"Ярмарка {number}"})
            edit(crm, "add_department", {"name": f"Отдел {number}"})
        hire(portal, 60)
        yield portal


def hire(portal: SimulatedPortal, count: int) -> None:
    """So many people more work here."""
    numbers = range(900, 900 + count)
    portal.crm.users += [
        ledger.User(number, "Имя", f"Фамилия {number}", departments=[1]) for number in numbers
    ]


@pytest.fixture
def portal(long_lists: SimulatedPortal) -> Iterator[SimulatedPortal]:
    yield long_lists
    long_lists.faults.clear()


@pytest.fixture(scope="module")
def honest(long_lists: SimulatedPortal) -> Snapshot:
    """What the portal says while nothing is wrong with it."""
    return read(long_lists.webhook_url)


def told(*snapshots: Snapshot) -> list[Change]:
    """The changes a history tells that was read so."""
    baseline: Baseline | None = None
    changes: list[Change] = []
    for snapshot in snapshots:
        step = advance(baseline, snapshot)
        baseline = Baseline(step.parts, dict(step.provenance), step.doubts)
        changes += step.changes
    return changes


def contradicting(portal: SimulatedPortal, method: str, *faults: str, times: int | None = None) -> Snapshot:
    """The portal as it is read while this list contradicts itself. Afterwards nothing is wrong with it."""
    portal.faults.add("in_pages", method=method, times=None)
    for fault in faults:
        portal.faults.add(fault, method=method, times=times)
    snapshot = read(portal.webhook_url)
    portal.faults.clear()
    return snapshot


@pytest.mark.parametrize("method", LISTS)
def test_every_list_that_comes_in_pages_is_followed_to_its_end(portal: SimulatedPortal, method: str) -> None:
    """FC-62: github.com/mesilov/bitrix24-php-sdk/pull/125; "single page" in crm-status-list, crm-category-list"""
    snapshot = contradicting(portal, method)
    assert gaps(snapshot) == {}
    assert as_specification(snapshot) == comparable(portal.truth())


def test_what_comes_at_once_still_takes_one_request() -> None:
    """FC-62"""
    with SimulatedCloud([PortalSpec("yarmarka", "S")]) as cloud:
        portal = cloud.portal("yarmarka")
        for number in range(120):
            add_field(portal.crm, "CRM_DEAL", "string", f"Поле {number}")
        assert gaps(read(portal.webhook_url)) == {}
        assert len(portal.log.requests) == 1


@pytest.mark.parametrize("method", LISTS)
@pytest.mark.parametrize("faults", CONTRADICTIONS, ids="+".join)
def test_nothing_is_removed_while_two_witnesses_disagree(
    portal: SimulatedPortal, honest: Snapshot, faults: tuple[str, ...], method: str
) -> None:
    """FC-61: github.com/bitrix-tools/b24-rest-docs/issues/36"""
    for times in (1, None):
        doubtful = contradicting(portal, method, *faults, times=times)
        assert told(honest, doubtful, honest) == []
        assert gaps(doubtful).keys() <= LISTS[method]


@pytest.mark.parametrize("method", LISTS)
def test_a_total_that_stays_behind_hides_no_row_and_is_said(portal: SimulatedPortal, method: str) -> None:
    """FC-61: fifty rows, a total of 50 and a next page all the same"""
    doubtful = contradicting(portal, method, "total_behind")
    truth = portal.truth()
    assert len(doubtful.user_fields) == len(truth["user_fields"])
    assert (len(doubtful.users), len(doubtful.departments)) == (
        len(truth["users"]),
        len(truth["departments"]),
    )
    assert "Ярмарка 59" in {item.name for row in doubtful.dictionaries for item in row.items}
    assert gaps(doubtful) == dict.fromkeys(LISTS[method], (State.PARTIAL, ReasonCode.LIST_CONTRADICTS))


def test_what_contradicts_itself_sends_nobody_for_an_administrator(portal: SimulatedPortal) -> None:
    """FC-62: fifty of 120 fields, and the advice to use an administrator's webhook"""
    doubtful = contradicting(portal, "crm.deal.userfield.list", "total_behind", "next_missing")
    reason = receipts(doubtful)["user_fields", "deal"].reason
    assert reason is not None
    sentence = reason_sentence(reason, "ru")
    assert "противоречит" in sentence
    assert "администратор" not in sentence


def test_five_hundred_of_more_than_six_hundred_people_are_not_all() -> None:
    """FC-61"""
    with SimulatedCloud([PortalSpec("yarmarka", "S")]) as cloud:
        portal = cloud.portal("yarmarka")
        hire(portal, 640)
        portal.faults.add("total_behind", method="user.get", times=None, at=500)
        portal.faults.add("next_missing", method="user.get", times=None)
        doubtful = read(portal.webhook_url)
        assert len(doubtful.users) == len(portal.truth()["users"]) > 640
        assert gaps(doubtful) == {("users", None): (State.PARTIAL, ReasonCode.LIST_CONTRADICTS)}


def test_a_true_removal_is_told_by_the_first_read_without_contradictions() -> None:
    """FC-61"""
    with SimulatedCloud([PortalSpec("yarmarka", "S")]) as cloud:
        portal = cloud.portal("yarmarka")
        for number in range(70):
            edit(portal.crm, "add_dictionary_row", {"directory": "SOURCE", "name": f"Ярмарка {number}"})
        before = read(portal.webhook_url)
        row = portal.crm.directories["SOURCE"].rows[-1]
        edit(portal.crm, "remove_dictionary_row", {"row_id": row.id})
        doubtful = contradicting(portal, "crm.status.list", "total_behind")
        assert told(before, doubtful) == []
        (change,) = told(before, doubtful, read(portal.webhook_url))
        assert (change.op, change.item_id) == (Op.REMOVED, row.id)


def test_a_row_that_another_list_names_is_not_removed(portal: SimulatedPortal, honest: Snapshot) -> None:
    """FC-61: lists that speak of the same items are witnesses, too"""
    for method in ("crm.category.list", "crm.deal.userfield.list", "userfieldconfig.list", "crm.type.list"):
        portal.faults.add("row_hidden", method=method, times=None)
        assert told(honest, read(portal.webhook_url), honest) == []
        portal.faults.clear()


def test_a_full_read_holds_the_fields_of_requisites_against_their_description(
    portal: SimulatedPortal,
) -> None:
    """FC-61: fifty of seventy fields, and every count of the list agrees"""
    portal.faults.add("row_hidden", method="crm.requisite.userfield.list", times=None)
    with opened(portal.webhook_url) as line:
        doubtful = read_portal(line, language="ru", now=lambda: READ_AT, full=True)
    assert gaps(doubtful)["user_fields", "requisite"] == (State.PARTIAL, ReasonCode.FIELDS_DISAGREE)
