"""«Изменения» in a browser: whoever looks for a change narrows the list by kind and by period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from shared.db import recording
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.snapshot import Snapshot
from tests.builders import a_pipeline, a_snapshot, a_stage
from tests.stories.browser.plant import Person, Plant

TODAY = datetime.now(UTC)
PIPELINE_THEN = "СДЕЛКА · воронка 0 «Продажи»: название «Общая» → «Продажи»"
STAGE_THEN = "СДЕЛКА · стадия NEW «Лид»: название «Новая заявка» → «Лид»"
PIPELINE_NOW = "СДЕЛКА · воронка 0 «Опт»: название «Продажи» → «Опт»"
STAGE_NOW = "СДЕЛКА · стадия NEW «Заявка»: название «Лид» → «Заявка»"


def read(pipeline: str, stage: str, *, days_ago: int) -> Snapshot:
    return a_snapshot(
        read_at=TODAY - timedelta(days=days_ago),
        pipelines=(a_pipeline(name=pipeline),),
        stages=(a_stage(name=stage),),
    )


@pytest.fixture
def changed(plant: Plant, person: Person) -> None:
    """The person has an account in which something changed five days ago, and something today."""
    owned_by = person.member.cabinet_id
    portal = PortalRow(
        kind=PortalKind.WEBHOOK,
        cabinet_id=owned_by,
        domain="romashka.example",
        state=PortalState.ACTIVE,
        read_at=TODAY,
        # It is read here and by nobody else.
        next_read_at=TODAY + timedelta(days=1),
    )
    with plant.db.session(cabinet=owned_by) as session:
        session.add(portal)
        session.flush()
        session.add(AccountRow(cabinet_id=owned_by, portal_id=portal.id))
        for snapshot in (
            read("Общая", "Новая заявка", days_ago=9),
            read("Продажи", "Лид", days_ago=5),
            read("Опт", "Заявка", days_ago=0),
        ):
            recording.record(session, portal.id, snapshot)


def told(page: Page, *sentences: str) -> None:
    expect(page.locator("main .lines li")).to_have_text(sentences)


@pytest.mark.usefixtures("changed")
def test_changes_are_narrowed_by_kind_and_period_and_the_address_keeps_that(page: Page) -> None:
    page.goto("/accounts")
    page.get_by_role("link", name="Изменения").click()
    told(page, PIPELINE_NOW, STAGE_NOW, PIPELINE_THEN, STAGE_THEN)

    page.get_by_label("Что").select_option(label="Воронки")
    page.get_by_role("button", name="Показать").click()
    told(page, PIPELINE_NOW, PIPELINE_THEN)

    page.get_by_label("Когда").select_option(label="За сутки")
    page.get_by_role("button", name="Показать").click()
    told(page, PIPELINE_NOW)

    again = page.context.new_page()
    again.goto(page.url)
    told(again, PIPELINE_NOW)
    expect(again.get_by_label("Что").locator("option:checked")).to_have_text("Воронки")
    expect(again.get_by_label("Когда").locator("option:checked")).to_have_text("За сутки")

    again.get_by_label("Что").select_option(label="Стадии")
    again.get_by_role("button", name="Показать").click()
    told(again, STAGE_NOW)
    again.get_by_label("Когда").select_option(label="За неделю")
    again.get_by_role("button", name="Показать").click()
    told(again, STAGE_NOW, STAGE_THEN)

    again.get_by_role("link", name="Показать все").click()
    told(again, PIPELINE_NOW, STAGE_NOW, PIPELINE_THEN, STAGE_THEN)
