"""Buttons on the portal's page that change the portal, pressed in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from tools.simulator import ledger
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def page(portal: SimulatedPortal, browser_context: BrowserContext) -> Page:
    page = browser_context.new_page()
    page.goto(portal.base_url)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.get_by_role("status").get_by_text(f"{name} — Готово").wait_for()


def test_the_portal_changes(portal: SimulatedPortal, page: Page) -> None:
    before = portal.crm.pipelines_of(ledger.DEAL)[0].name
    stages = len(portal.crm.directories["DEAL_STAGE"].rows)
    press(page, f"Переименовать воронку «{before}»")
    press(page, "Добавить стадию сделок")
    press(page, "Добавить поле сделок")
    assert portal.crm.pipelines_of(ledger.DEAL)[0].name.startswith(f"{before} · ")
    assert len(portal.crm.directories["DEAL_STAGE"].rows) == stages + 1
    assert portal.crm.user_fields[-1].labels["ru"].startswith("Поле ")
    page.reload()
    assert page.get_by_role("button", name=f"Переименовать воронку «{before}»").is_visible()


def test_the_subscription_ends_and_is_paid_again(
    portal: SimulatedPortal, application: Application, page: Page
) -> None:
    installation = portal.install(application, page=False, event=False).installation
    press(page, "Подписка закончилась")
    assert (portal.switches.rest_available, installation.payment_expired) == (False, True)
    press(page, "Оплатить подписку")
    assert (portal.switches.rest_available, installation.payment_expired) == (True, False)


def test_what_does_not_work_is_said(portal: SimulatedPortal, page: Page) -> None:
    portal.crm.directories.pop("DEAL_STAGE")
    page.get_by_role("button", name="Добавить стадию сделок").click()
    page.get_by_role("status").get_by_text("Не получилось: no stage directory DEAL_STAGE").wait_for()


def test_a_person_adds_a_local_application(
    cloud: SimulatedCloud, portal: SimulatedPortal, page: Page
) -> None:
    page.click("text=Разработчикам")
    page.click("text=Локальное приложение")
    page.get_by_label("Путь вашего обработчика").fill("http://127.0.0.1:9/app")
    page.get_by_text("Сохранить").click()
    shown = page.get_by_label("Код приложения (client_id)").input_value()
    assert [known.client_id for known in cloud.authority.applications] == [shown]
    assert portal.installations[shown].finished
