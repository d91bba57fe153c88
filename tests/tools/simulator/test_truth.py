"""A naive reader that only knows the REST documentation and the ledger's truth agree on every portal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.simulator.reader import read_everything, read_standard_fields
from tools.simulator.cloud import PortalSpec, SimulatedCloud


def expected(truth: dict[str, Any]) -> dict[str, Any]:
    return {name: found for name, found in truth.items() if name != "portal"}


@pytest.mark.parametrize("size", ["empty", "tiny", "S", "showcase", "M", "L"])
def test_a_full_read_over_http_gives_the_truth(size: str) -> None:
    with SimulatedCloud([PortalSpec("one", size, seed=3)]) as cloud:
        portal = cloud.portal("one")
        read, truth = read_everything(portal.webhook_url), expected(portal.truth())
        for name in truth:
            assert read[name] == truth[name], name
        assert read_standard_fields(portal.webhook_url) == portal.truth(full=True)["standard_fields"]


def test_the_truth_names_the_portal() -> None:
    with SimulatedCloud([PortalSpec("one", "empty")]) as cloud:
        portal = cloud.portal("one")
        assert portal.truth()["portal"] == {"domain": portal.domain, "member_id": None, "language": "ru"}


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_answers_hold_the_same_portal(seed: int) -> None:
    with SimulatedCloud([PortalSpec("one", "showcase")]) as cloud:
        portal = cloud.portal("one")
        portal.switches.shuffle = seed
        assert read_everything(portal.webhook_url) == expected(portal.truth())


def test_labels_come_in_the_language_asked_for_whatever_their_key() -> None:
    with SimulatedCloud([PortalSpec("one", "showcase")]) as cloud:
        portal = cloud.portal("one")
        portal.crm.settings.server_language = "en"
        assert read_everything(portal.webhook_url) == expected(portal.truth())


def test_rows_of_a_deleted_pipeline_are_orphans_and_no_stages() -> None:
    with SimulatedCloud([PortalSpec("one", "showcase")]) as cloud:
        truth = cloud.portal("one").truth()
        lost = {stage["directory"] for stage in truth["orphan_stages"]}
        assert lost
        assert not lost & {stage["directory"] for stage in truth["stages"]}


def test_a_second_failure_is_an_apology_for_deals_but_not_for_smart_processes() -> None:
    with SimulatedCloud([PortalSpec("one", "showcase")]) as cloud:
        portal = cloud.portal("one")
        directory = portal.crm.directories["DYNAMIC_1040_STAGE_4"]
        directory.rows[1].semantics = "F"
        truth = portal.truth()
        meanings = {stage["meaning"] for stage in truth["stages"] if stage["entity_type"] == "dynamic_1040"}
        assert meanings == {"process", "success", "failure"}
        assert "apology" in {stage["meaning"] for stage in truth["stages"] if stage["entity_type"] == "deal"}


def test_a_portal_without_smart_invoices_has_no_such_entity_type() -> None:
    with SimulatedCloud([PortalSpec("one", "showcase")]) as cloud:
        portal = cloud.portal("one")
        portal.crm.settings.smart_invoices = False
        assert "smart_invoice" not in {row["key"] for row in portal.truth()["entity_types"]}
        assert read_everything(portal.webhook_url) == expected(portal.truth())


def test_a_portal_without_leads_still_answers_for_them() -> None:
    with SimulatedCloud([PortalSpec("one", "empty")]) as cloud:
        portal = cloud.portal("one")
        assert portal.crm.settings.mode == 2
        assert "lead" in {row["key"] for row in portal.truth()["entity_types"]}
