"""Absent is not deleted: whatever a read lacks, no change is made of it, and the gap is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.domain.coverage import Kind, State
from shared.domain.diff import Comparison, WhyNot, diff
from shared.domain.digest import fingerprint
from shared.domain.history import advance
from tests.stories.reading import a_portal, read, spell_otherwise
from tools.simulator import ledger
from tools.simulator.portal import SimulatedPortal

# What every read brings; the rest is asked for by full ones.
ORDINARY = set(Kind) - {Kind.STANDARD_FIELDS}


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with a_portal() as portal:
        yield portal


def kinds(comparison: Comparison) -> set[Kind]:
    return {gap.kind for gap in comparison.not_compared}


def told(comparison: Comparison) -> list[tuple[str, str, int | None]]:
    return [(change.op.value, change.kind.value, change.item_id) for change in comparison.changes]


class TestSpellings:
    @pytest.mark.parametrize("seed", range(1, 6))
    def test_another_spelling_of_the_same_is_no_change(self, portal: SimulatedPortal, seed: int) -> None:
        before = read(portal)
        spell_otherwise(portal, seed, empty=False)
        after = read(portal)
        assert diff(before, after) == Comparison((), ())
        assert fingerprint(after) == fingerprint(before)

    def test_an_empty_list_as_an_empty_map_is_no_change(self, portal: SimulatedPortal) -> None:
        before = read(portal)
        spell_otherwise(portal, 1, empty=True)
        after = read(portal)
        assert diff(before, after) == Comparison((), ())
        assert fingerprint(after) == fingerprint(before)

    def test_another_language_of_the_reader_is_no_change(self, portal: SimulatedPortal) -> None:
        russian, english = read(portal, language="ru"), read(portal, language="en")
        assert russian.user_fields != english.user_fields
        assert diff(russian, english) == diff(english, russian) == Comparison((), ())

    @pytest.mark.parametrize("full", [False, True], ids=["ordinary", "full"])
    def test_another_language_of_the_portal_is_no_change(
        self, portal: SimulatedPortal, *, full: bool
    ) -> None:
        russian = read(portal, full=full)
        portal.crm.settings.language = "en"
        english = read(portal, full=full)
        assert {row.title for row in russian.entity_types} != {row.title for row in english.entity_types}
        assert diff(russian, english) == diff(english, russian) == Comparison((), ())

    def test_a_smart_process_renamed_meanwhile_is_told(self, portal: SimulatedPortal) -> None:
        russian = read(portal)
        portal.crm.settings.language = "en"
        process = portal.crm.smart_processes[0]
        process.title = "Завоз"
        assert told(diff(russian, read(portal))) == [("edited", "entity_types", process.entity_type_id)]


class TestAnotherReader:
    def test_an_employee_after_an_administrator_deletes_nothing(self, portal: SimulatedPortal) -> None:
        comparison = diff(read(portal), read(portal, user="employee"))
        assert comparison.changes == ()
        assert kinds(comparison) == ORDINARY - {Kind.PORTAL}
        assert {gap.why for gap in comparison.not_compared} == {WhyNot.FEWER_RIGHTS, WhyNot.NEW_UNREAD}

    def test_an_administrator_after_an_employee_adds_nothing(self, portal: SimulatedPortal) -> None:
        comparison = diff(read(portal, user="employee"), read(portal))
        assert comparison.changes == ()
        # Somebody without a department is shown to administrators only.
        assert (Kind.USERS, WhyNot.MORE_RIGHTS) in {(gap.kind, gap.why) for gap in comparison.not_compared}

    def test_one_administrator_sees_what_another_sees(self, portal: SimulatedPortal) -> None:
        assert diff(read(portal, user=1), read(portal, user=12)) == Comparison((), ())

    def test_the_same_employee_misses_the_same_each_time(self, portal: SimulatedPortal) -> None:
        morning = read(portal, user="employee")
        portal.edit("rename_user", user_id=4, name="Анна", last_name="Зорина")
        comparison = diff(morning, read(portal, user="employee"))
        assert told(comparison) == [("edited", "users", 4)]
        assert {gap.why for gap in comparison.not_compared} == {WhyNot.BOTH_UNREAD}

    def test_a_pipeline_out_of_sight_is_not_gone_and_one_that_is_gone_is_told_by_who_would_see_it(
        self, portal: SimulatedPortal
    ) -> None:
        """The employee sees pipeline 0 only; pipeline 5 is really deleted, pipeline 3 is not."""
        morning = read(portal)
        portal.edit("remove_pipeline", entity_type_id=ledger.DEAL, pipeline_id=5)
        noon = read(portal, user="employee")
        assert diff(morning, noon).changes == ()
        assert [row.id for row in noon.pipelines if row.entity_type == "deal"] == [0, 3]
        evening = read(portal, user=12)
        assert told(diff(morning, evening)) == [("removed", "pipelines", 5)]


class TestHistory:
    def test_what_more_rights_bring_to_light_is_not_recorded_as_new(self, portal: SimulatedPortal) -> None:
        first = advance(None, read(portal, user="employee"))
        second = advance(first.baseline, read(portal))
        assert second.changes == ()
        assert len(second.parts[Kind.USERS, None]) > len(first.parts[Kind.USERS, None])

    def test_what_fewer_rights_hide_stays_known(self, portal: SimulatedPortal) -> None:
        administrator = read(portal)
        first = advance(None, administrator)
        second = advance(first.baseline, read(portal, user="employee"))
        assert (second.parts, second.changes) == (first.parts, ())
        assert {entry.reader for entry in second.provenance.values()} == {administrator.reader}


# A method whose every answer goes wrong, and the kinds about which nothing can be said then.
METHODS = [
    ("crm.enum.ownertype", {Kind.ENTITY_TYPES}),
    # Each smart process can be asked for by itself, and so can its pipelines.
    ("crm.type.list", set()),
    ("crm.category.list", {Kind.PIPELINES}),
    ("crm.status.list", {Kind.STAGES, Kind.DICTIONARIES}),
    ("crm.status.entity.types", {Kind.STAGES, Kind.DICTIONARIES}),
    ("crm.lead.userfield.list", {Kind.USER_FIELDS}),
    ("crm.deal.userfield.list", {Kind.USER_FIELDS}),
    ("crm.contact.userfield.list", {Kind.USER_FIELDS}),
    ("crm.company.userfield.list", {Kind.USER_FIELDS}),
    ("crm.quote.userfield.list", {Kind.USER_FIELDS}),
    ("crm.requisite.userfield.list", {Kind.USER_FIELDS}),
    ("userfieldconfig.list", {Kind.USER_FIELDS}),
    ("crm.item.fields", {Kind.USER_FIELDS}),
    ("user.get", {Kind.USERS}),
    ("department.get", {Kind.DEPARTMENTS}),
    # Without these a reader has no rights anybody could rely on, or a portal no name.
    ("profile", set(Kind) - {Kind.PORTAL}),
    ("scope", set()),
    ("app.info", set()),
    ("crm.settings.mode.get", set()),
]
REFUSALS: list[dict[str, Any]] = [
    {"code": "ERROR_CORE"},
    {"code": "ACCESS_DENIED", "status": 403},
    {"code": "insufficient_scope", "status": 403},
    {"code": "ERROR_METHOD_NOT_FOUND", "status": 404},
    {"code": "OPERATION_TIME_LIMIT", "status": 429},
    {"code": "INTERNAL_SERVER_ERROR", "status": 500},
]
SPOILED = ["dropped", "wrong_type", "null", "empty_list", "page_missing", "rows_doubled", "total_larger"]


class TestFailures:
    @pytest.mark.parametrize(("method", "lost"), METHODS)
    def test_what_is_refused_is_a_gap_and_nothing_else(
        self, portal: SimulatedPortal, method: str, lost: set[Kind]
    ) -> None:
        before = read(portal)
        for refusal in REFUSALS:
            portal.faults.clear()
            portal.faults.add("error", times=None, method=method, **refusal)
            after = read(portal)
            comparison = diff(before, after)
            unread = {line.kind for line in after.coverage if line.state is not State.COMPLETE}
            assert comparison.changes == (), refusal
            assert kinds(comparison) == (lost & ORDINARY) | unread - {Kind.PORTAL}, refusal

    @pytest.mark.parametrize("method", [method for method, _ in METHODS])
    def test_what_arrives_spoiled_is_a_gap_or_whole(self, portal: SimulatedPortal, method: str) -> None:
        before = read(portal)
        for fault in SPOILED:
            portal.faults.clear()
            portal.faults.add(fault, times=None, method=method)
            after = read(portal)
            comparison = diff(before, after)
            assert comparison.changes == (), fault
            assert comparison.not_compared or fingerprint(after) == fingerprint(before), fault

    def test_the_next_good_read_tells_what_happened_meanwhile(self, portal: SimulatedPortal) -> None:
        morning = read(portal)
        portal.faults.add("error", times=None, method="user.get")
        portal.edit("dismiss_user", user_id=5)
        noon = read(portal)
        portal.faults.clear()
        evening = read(portal)
        assert told(diff(morning, noon)) == told(diff(noon, evening)) == []
        assert told(diff(morning, evening)) == [("edited", "users", 5)]
