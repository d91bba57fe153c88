"""A full read: list values with all they have, labels in every language, a request or two more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.bitrix24.read_portal import read_portal
from shared.domain.coverage import Kind, ReasonCode, State
from shared.domain.diff import Comparison, diff
from shared.domain.history import advance
from shared.domain.snapshot import Snapshot
from tests.builders import READ_AT
from tests.shared.bitrix24.reading import as_specification, gaps, opened
from tools.simulator.answers import Answer
from tools.simulator.calling import Call
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.ledger import UserField
from tools.simulator.portal import SimulatedPortal


@pytest.fixture(params=["showcase", "M"])
def portal(request: pytest.FixtureRequest) -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", request.param)]) as cloud:
        yield cloud.portal("romashka")


def read(
    portal: SimulatedPortal, *, full: bool = True, language: str = "ru", user: str = "admin"
) -> Snapshot:
    with opened(portal.webhook(user)) as line:
        return read_portal(line, language=language, now=lambda: READ_AT, full=full)


def values(field: UserField) -> list[tuple[Any, ...]]:
    return [(row.id, row.value, row.sort, row.default, row.xml_id or None) for row in field.ordered_values]


def test_every_list_value_comes_with_order_default_and_outer_code(portal: SimulatedPortal) -> None:
    known = {field.id: field for field in portal.crm.user_fields}
    lists = [field for field in read(portal).user_fields if field.type == "enumeration"]
    assert any(field.entity_type.startswith("dynamic_") for field in lists)
    for field in lists:
        assert field.id is not None
        found = [(row.id, row.value, row.sort, row.default, row.xml_id) for row in field.values]
        assert found == values(known[field.id]), field.code


@pytest.mark.parametrize("language", ["ru", "en"])
def test_labels_come_in_every_language_there_is_one_in(portal: SimulatedPortal, language: str) -> None:
    known = {field.id: field for field in portal.crm.user_fields}
    fields = read(portal, language=language).user_fields
    assert any(len(field.labels) > 1 for field in fields)
    for field in fields:
        assert field.id is not None
        assert dict(field.labels) == known[field.id].labels, field.code


@pytest.mark.parametrize("user", ["admin", "employee"])
def test_standard_fields_come_with_their_titles_and_both_names(portal: SimulatedPortal, user: str) -> None:
    snapshot = read(portal, user=user)
    shown = as_specification(snapshot)["standard_fields"]
    known = [
        row for row in portal.truth(full=True)["standard_fields"] if row["entity_type"] in _seen(snapshot)
    ]
    assert shown == known
    assert {"deal", "dynamic_162", "requisite"} <= {row["entity_type"] for row in shown} or user != "admin"


def _seen(snapshot: Snapshot) -> set[str | None]:
    return {
        line.entity_type
        for line in snapshot.coverage
        if line.kind is Kind.STANDARD_FIELDS and line.state is State.COMPLETE
    }


def test_only_requisites_cost_a_further_command(portal: SimulatedPortal) -> None:
    def asked() -> list[str]:
        return [method for method in portal.log.methods() if method.endswith(".fields")]

    read(portal, full=False)
    usual = asked()
    portal.log.clear()
    read(portal)
    assert asked() == [*usual, "crm.requisite.fields"]


def test_descriptions_in_another_order_are_the_same_standard_fields(portal: SimulatedPortal) -> None:
    ordered = read(portal)
    portal.switches.shuffle = 7
    assert read(portal).standard_fields == ordered.standard_fields


def test_descriptions_that_did_not_come_keep_what_is_known(portal: SimulatedPortal) -> None:
    baseline = advance(None, read(portal)).baseline
    portal.faults.add("error", times=None, method="crm.item.fields", code="ERROR_CORE")
    step = advance(baseline, read(portal))
    assert step.changes == ()
    assert step.parts[Kind.STANDARD_FIELDS, "deal"] == baseline.parts[Kind.STANDARD_FIELDS, "deal"]
    assert step.provenance[Kind.STANDARD_FIELDS, "deal"].complete


def test_reads_that_are_full_now_and_then_change_nothing(portal: SimulatedPortal) -> None:
    baseline = None
    for full in (False, True, False, False, True, True, False):
        step = advance(baseline, read(portal, full=full))
        assert (step.changes, step.questioned) == ((), frozenset())
        assert any(kind is Kind.STANDARD_FIELDS for kind, _ in step.parts) is full
        baseline = step.baseline


def test_it_takes_a_few_requests_more_and_lacks_nothing(portal: SimulatedPortal) -> None:
    read(portal, full=False)
    usual = len(portal.log.requests)
    portal.log.clear()
    assert gaps(read(portal)) == {}
    lists = sum(field.type == "enumeration" for field in portal.crm.user_fields)
    assert len(portal.log.requests) <= usual + 1 + -(-lists // 50)
    assert portal.log.writes == []


def test_a_full_read_and_an_ordinary_one_are_the_same_portal(portal: SimulatedPortal) -> None:
    ordinary, full = read(portal, full=False), read(portal)
    assert diff(ordinary, full) == diff(full, ordinary) == Comparison((), ())


def test_values_that_were_asked_for_and_did_not_come_make_their_kind_partial(portal: SimulatedPortal) -> None:
    portal.faults.add("error", times=None, method="userfieldconfig.get", code="ERROR_CORE")
    snapshot = read(portal)
    found = set(gaps(snapshot).values())
    assert found == {(State.PARTIAL, ReasonCode.VALUES_MISSING)}
    assert diff(read(portal, full=False), snapshot).changes == ()
    texts = [value.value for field in snapshot.user_fields for value in field.values]
    assert len(texts) == sum(len(field.values) for field in portal.crm.user_fields)


def test_labels_that_were_asked_for_and_did_not_come_change_no_field(portal: SimulatedPortal) -> None:
    before = read(portal)
    portal.faults.add("error", times=None, after=1, method="crm.deal.userfield.list", code="ERROR_CORE")
    after = read(portal)
    assert diff(before, after).changes == ()
    assert gaps(after)["user_fields", "deal"] == (State.PARTIAL, ReasonCode.PORTAL_ERROR)


def test_a_field_that_goes_while_labels_are_read_loses_no_label(portal: SimulatedPortal) -> None:
    before = read(portal)
    gone = next(
        field for field in before.user_fields if field.entity_type == "deal" and len(field.labels) > 1
    )
    method = portal.methods["crm.deal.userfield.list"]

    def answer(call: Call) -> Answer:
        if "en" in str(call.params) and any(field.id == gone.id for field in portal.crm.user_fields):
            portal.edit("remove_user_field", field_id=gone.id)
        return method.answer(call)

    portal.methods = {**portal.methods, "crm.deal.userfield.list": replace(method, answer=answer)}
    during = read(portal)
    assert {field.id for field in during.user_fields} > {gone.id}
    assert gaps(during)["user_fields", "deal"] == (State.PARTIAL, ReasonCode.FIELDS_DISAGREE)
    assert diff(before, during).changes == ()
    assert [change.item_id for change in diff(before, read(portal)).changes] == [gone.id]


def test_an_employee_gets_what_he_would_get_anyway(portal: SimulatedPortal) -> None:
    ordinary, full = read(portal, full=False, user="employee"), read(portal, user="employee")
    assert gaps(full) == gaps(ordinary)
    assert [line.items for line in full.coverage if line.kind is Kind.USER_FIELDS] == [
        line.items for line in ordinary.coverage if line.kind is Kind.USER_FIELDS
    ]
