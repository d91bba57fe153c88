"""Several accounts at once, and portals that have an application of their own."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.stories.browser.in_portal import InPortal
from tests.stories.browser.plant import Person, Plant
from tools.simulator.portal import SimulatedPortal


def test_accounts_of_a_group_stand_in_one_table_and_come_in_one_archive(
    page: Page, plant: Plant, person: Person, portal: SimulatedPortal
) -> None:
    first, other = plant.linked(portal, person), person.api.connect(plant.portal().webhook_url)
    person.api.until_state(other, "fresh")
    page.goto("/accounts")
    for account in (first, other):
        page.locator(f"input[type=checkbox][value='{account}']").check()
    page.get_by_label("Название группы").fill("Магазины")
    page.get_by_role("button", name="Сохранить как группу").click()
    expect(page.get_by_text("Группа сохранена.")).to_be_visible()
    page.get_by_role("link", name="Воронки", exact=True).click()
    for account in person.api.accounts():
        rows = page.get_by_role("row").filter(has_text=account["domain"])
        expect(rows.filter(has_text="Опт").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="TXT").click()
    with zipfile.ZipFile(BytesIO(Path(download.value.path()).read_bytes())) as archive:
        contents = sorted(archive.read(name) for name in archive.namelist())
    assert contents == sorted(
        person.api.specification(account, format="txt", lang="ru") for account in (first, other)
    )


def test_an_account_is_unlinked_in_the_cabinet_and_gone_from_the_portal_s_list(
    page: Page, inside: InPortal, plant: Plant, person: Person
) -> None:
    account = plant.linked(inside.portal, person)
    page.goto(f"/accounts/{account}")
    page.get_by_role("link", name="Отключить").click()
    page.get_by_role("button", name="Отключить").click()
    expect(page.get_by_text("Аккаунт отключён.")).to_be_visible()
    inside.open_read()
    inside.button("НАСТРОЙКИ").click()
    expect(inside.frame.get_by_role("dialog")).to_contain_text("Пока ни одного.")


def test_a_local_application_is_made_in_the_portal_and_let_in_by_its_codes(
    page: Page, plant: Plant, portal: SimulatedPortal
) -> None:
    page.goto("/settings/applications")
    context: BrowserContext = page.context
    making = context.new_page()
    making.goto(f"{portal.base_url}devops/application/?lang=ru")
    making.get_by_label("Путь вашего обработчика").fill(f"{plant.url}/bitrix24/app")
    making.get_by_label("Путь для первоначальной установки").fill(f"{plant.url}/bitrix24/install")
    making.get_by_role("button", name="Сохранить").click()
    page.get_by_label("Код приложения (client_id)").fill(
        making.get_by_label("Код приложения (client_id)").input_value()
    )
    page.get_by_label("Ключ приложения (client_secret)").fill(
        making.get_by_label("Ключ приложения (client_secret)").input_value()
    )
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("main")).to_contain_text("local.")
    making.get_by_role("link", name="Открыть приложение").click()
    expect(making.frame_locator("#app").locator("[data-row]").first).to_be_visible()
