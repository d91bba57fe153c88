"""Whose eyes a portal is read with: every kind says what this reader could not see, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from shared.domain.coverage import ReasonCode, State
from shared.domain.snapshot import CrmMode, Snapshot
from tests.shared.bitrix24.reading import Receipt, dishonest, gaps, read, receipts
from tools.simulator import ledger
from tools.simulator.callers import USUAL_SCOPES
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal

SMART = ("dynamic_162", "dynamic_1040", "dynamic_1042")
CLASSIC = ("lead", "deal", "contact", "company", "quote", "requisite")
NOT_ADMIN = (State.PARTIAL, ReasonCode.READER_NOT_ADMIN)
HIDDEN = (State.PARTIAL, ReasonCode.FIELD_SETTINGS_HIDDEN)


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", "showcase")]) as cloud:
        yield cloud.portal("romashka")


def details(snapshot: Snapshot) -> dict[Receipt, str]:
    return {key: entry.reason.detail for key, entry in receipts(snapshot).items() if entry.reason}


def test_an_administrator_sees_everything(portal: SimulatedPortal) -> None:
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {}
    assert snapshot.reader.admin
    assert snapshot.reader.scopes == frozenset(USUAL_SCOPES)


def test_an_employee_sees_fields_without_settings_and_his_own_pipelines(portal: SimulatedPortal) -> None:
    snapshot = read(portal.webhook("employee"))
    fields: list[Receipt] = [("user_fields", key) for key in ("smart_invoice", *SMART)]
    assert gaps(snapshot) == {
        **dict.fromkeys(fields, HIDDEN),
        ("portal", None): NOT_ADMIN,
        ("pipelines", None): (State.PARTIAL, ReasonCode.PIPELINES_HIDDEN),
    }
    assert details(snapshot)["portal", None] == "3"
    hidden = [row["id"] for row in portal.truth()["pipelines"] if row["entity_type"] == "deal" and row["id"]]
    assert details(snapshot)["pipelines", None] == ", ".join(map(str, hidden))
    truth = portal.truth()
    found = {(row.entity_type, row.code) for row in snapshot.user_fields}
    assert found == {(row["entity_type"], row["code"]) for row in truth["user_fields"]}
    assert {(row.entity_type, row.id) for row in snapshot.pipelines} == {
        (row["entity_type"], row["id"]) for row in truth["pipelines"]
    }


def test_without_the_list_of_directories_an_employee_cannot_know_that_he_sees_all_pipelines(
    portal: SimulatedPortal,
) -> None:
    """Otherwise those he sees later, with more rights, would look new."""
    portal.faults.add("null", method="crm.status.entity.types", times=None)
    assert gaps(read(portal.webhook("employee")))["pipelines", None][0] is State.PARTIAL
    assert ("pipelines", None) not in gaps(read(portal.webhook_url))


def test_an_employee_finds_every_smart_process_he_may_see(portal: SimulatedPortal) -> None:
    portal.crm.user(3).closed_types = {1040}
    snapshot = read(portal.webhook(3))
    assert [row.key for row in snapshot.entity_types if row.key in SMART] == [
        "dynamic_162",
        "dynamic_1040",
        "dynamic_1042",
    ]
    assert gaps(snapshot)["entity_types", None] == (State.PARTIAL, ReasonCode.TYPES_HIDDEN)
    assert details(snapshot)["entity_types", None] == "1040"
    assert gaps(snapshot)["user_fields", "dynamic_1040"] == (State.FORBIDDEN, ReasonCode.NO_RIGHTS)
    assert receipts(snapshot)["user_fields", "dynamic_1040"].items == 0


def test_an_administrator_of_the_crm_alone_sees_all_of_the_crm(portal: SimulatedPortal) -> None:
    snapshot = read(portal.webhook("crm_admin"))
    assert gaps(snapshot) == {("portal", None): NOT_ADMIN}
    assert set(dishonest(snapshot, portal.truth())) <= {("users", None)}


CLOSED = {
    ledger.LEAD: "lead",
    ledger.DEAL: "deal",
    ledger.CONTACT: "contact",
    ledger.COMPANY: "company",
    ledger.QUOTE: "quote",
    ledger.REQUISITE: "requisite",
}


@pytest.mark.parametrize(("number", "key"), CLOSED.items())
def test_an_entity_that_is_closed_to_the_reader_is_forbidden_and_not_empty(
    number: int, key: str, portal: SimulatedPortal
) -> None:
    portal.crm.user(3).closed_types = {number}
    snapshot = read(portal.webhook(3))
    assert gaps(snapshot)["user_fields", key] == (State.FORBIDDEN, ReasonCode.NO_RIGHTS)
    assert receipts(snapshot)["user_fields", key].items == 0


def test_a_reader_without_any_right_to_the_crm_finds_nothing_that_looks_empty(
    portal: SimulatedPortal,
) -> None:
    numbers = {1, 2, 3, 4, 7, 8, 31, 162, 1040, 1042}
    portal.crm.user(3).closed_types = numbers
    snapshot = read(portal.webhook(3))
    forbidden = (State.FORBIDDEN, ReasonCode.NO_RIGHTS)
    found = gaps(snapshot)
    closed: list[Receipt] = [("stages", None), ("dictionaries", None)]
    closed += [("user_fields", key) for key in (*CLASSIC, "smart_invoice", *SMART)]
    assert {key: found[key] for key in closed} == dict.fromkeys(closed, forbidden)
    assert [receipts(snapshot)[key].items for key in closed] == [0] * len(closed)
    assert found["pipelines", None] == (State.PARTIAL, ReasonCode.PIPELINES_HIDDEN)


WITHOUT: dict[str, dict[Receipt, tuple[State, ReasonCode]]] = {
    "user_basic": {("users", None): (State.NOT_GRANTED, ReasonCode.SCOPE_MISSING)},
    "department": {("departments", None): (State.NOT_GRANTED, ReasonCode.SCOPE_MISSING)},
    "userfieldconfig": {
        ("user_fields", key): (State.PARTIAL, ReasonCode.SCOPE_MISSING) for key in ("smart_invoice", *SMART)
    },
}


@pytest.mark.parametrize(("scope", "expected"), WITHOUT.items())
def test_a_permission_that_was_not_given_is_named(
    scope: str, expected: dict[Receipt, tuple[State, ReasonCode]], portal: SimulatedPortal
) -> None:
    scopes = [name for name in USUAL_SCOPES if name != scope]
    snapshot = read(portal.webhook("admin", scopes))
    assert gaps(snapshot) == expected
    assert {details(snapshot)[key] for key in expected} == {scope}
    assert dishonest(snapshot, portal.truth()) == []


def test_without_the_permission_for_the_crm_nothing_of_the_crm_looks_empty(portal: SimulatedPortal) -> None:
    snapshot = read(portal.webhook("admin", ["user_basic", "department", "userfieldconfig"]))
    not_granted = (State.NOT_GRANTED, ReasonCode.SCOPE_MISSING)
    found = gaps(snapshot)
    assert found.pop(("entity_types", None)) == (State.PARTIAL, ReasonCode.SCOPE_MISSING)
    closed: list[Receipt] = [(kind, None) for kind in ("pipelines", "stages", "dictionaries")]
    closed += [("user_fields", key) for key in (*CLASSIC, "smart_invoice")]
    assert found == dict.fromkeys(closed, not_granted)
    assert {details(snapshot)[key] for key in found} == {"crm"}
    assert dishonest(snapshot, portal.truth()) == []


def test_a_webhook_without_any_permission_says_so_for_every_kind(portal: SimulatedPortal) -> None:
    found = gaps(read(portal.webhook("admin", [])))
    assert {reason for key, (_, reason) in found.items() if key != ("portal", None)} == {
        ReasonCode.SCOPE_MISSING
    }
    assert len(found) >= 13


def test_leads_that_are_switched_off_are_read_and_said_to_be_off(portal: SimulatedPortal) -> None:
    portal.crm.settings.mode = 2
    snapshot = read(portal.webhook_url)
    assert snapshot.portal.crm_mode is CrmMode.SIMPLE
    leads = receipts(snapshot)["user_fields", "lead"]
    assert leads.state is State.COMPLETE
    assert leads.reason is not None
    assert leads.reason.code is ReasonCode.LEADS_OFF
    assert dishonest(snapshot, portal.truth()) == []


def without_smart_invoices(portal: SimulatedPortal) -> None:
    portal.crm.settings.smart_invoices = False
    for pipeline in portal.crm.pipelines_of(ledger.SMART_INVOICE):
        portal.crm.pipelines.remove(pipeline)
        del portal.crm.directories[pipeline.directory]


def test_invoices_that_are_switched_off_are_not_available(portal: SimulatedPortal) -> None:
    without_smart_invoices(portal)
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {
        ("user_fields", "smart_invoice"): (State.NOT_AVAILABLE, ReasonCode.SWITCHED_OFF)
    }
    assert "smart_invoice" not in {row.key for row in snapshot.entity_types}
    assert dishonest(snapshot, portal.truth()) == []


UNUSUAL: dict[str, Callable[[SimulatedPortal], None]] = {
    "the documented code of a refusal": lambda portal: setattr(portal.switches, "userfieldconfig_code", ""),
    "the documented status of a refusal": lambda portal: setattr(portal.switches, "auth_status", 403),
    "no plan for webhooks, 400": lambda portal: setattr(portal.switches, "app_info_refusal", 400),
    "no plan for webhooks, 403": lambda portal: setattr(portal.switches, "app_info_refusal", 403),
    "another server language": lambda portal: setattr(portal.crm.settings, "server_language", "de"),
}


@pytest.mark.parametrize("change", UNUSUAL.values(), ids=UNUSUAL)
def test_where_sources_disagree_about_the_platform_both_are_right(
    change: Callable[[SimulatedPortal], None], portal: SimulatedPortal
) -> None:
    change(portal)
    assert gaps(read(portal.webhook_url)) == {}
    assert {("user_fields", key): HIDDEN for key in ("smart_invoice", *SMART)}.items() <= gaps(
        read(portal.webhook("employee"))
    ).items()


def test_a_portal_that_lists_stages_by_directory_only_is_read_whole(portal: SimulatedPortal) -> None:
    portal.switches.status_list_needs_directory = True
    snapshot = read(portal.webhook_url)
    assert gaps(snapshot) == {}
    truth = portal.truth()
    assert len(snapshot.stages) == len(truth["stages"])
    assert len(snapshot.dictionaries) == len(truth["dictionaries"])


def test_labels_missing_in_one_language_are_shown_in_the_portals_own(portal: SimulatedPortal) -> None:
    snapshot = read(portal.webhook_url, language="de")
    named = {language for row in snapshot.user_fields for language in row.labels}
    assert named == {"ru"}
    truth = {row["code"] for row in portal.truth()["user_fields"] if row["labels"]}
    assert {row.code for row in snapshot.user_fields if row.labels} == truth


@pytest.mark.parametrize("fault", ["null", "empty_list", "dropped", "error"])
def test_somebody_whose_rights_are_not_told_is_taken_for_nobody(portal: SimulatedPortal, fault: str) -> None:
    """Yesterday he was an employee and today he may be an administrator: what he sees now is no addition."""
    portal.faults.add(fault, times=None, method="profile")
    reader = read(portal.webhook_url).reader
    assert (reader.id, reader.admin) == (None, False)
    assert not reader.sees_at_least(reader)


def test_deals_without_a_single_pipeline_are_no_complete_answer(portal: SimulatedPortal) -> None:
    """The default one is always there; here nothing else names the others either."""
    portal.switches.missing_methods = {"crm.status.entity.types"}
    portal.faults.add("emptied", method="crm.category.list")
    assert gaps(read(portal.webhook_url))["pipelines", None] == (State.PARTIAL, ReasonCode.ROWS_MISSING)
