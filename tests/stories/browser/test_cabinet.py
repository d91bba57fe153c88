"""The cabinet in a browser: signing up, the connection token, accounts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.stories.browser.conftest import Opening
from tests.stories.browser.plant import Person
from tests.stories.browser.watching import Complaints
from tools.simulator.portal import SimulatedPortal


def test_somebody_new_makes_a_cabinet_and_comes_back_to_it(browsers: Opening) -> None:
    context = browsers(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Создать").click()
    page.get_by_label("Эл. почта").fill("anna@example.com")
    page.get_by_label("Пароль").fill("three plain words")
    page.get_by_role("button", name="Создать кабинет").click()
    expect(page.get_by_role("heading", name="Аккаунтов пока нет")).to_be_visible()
    token = page.locator("#link-token").inner_text()
    page.get_by_role("button", name="Скопировать токен подключения").click()
    expect(page.get_by_text("Скопировано")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == token
    page.get_by_role("button", name="Выйти").click()
    page.get_by_label("Эл. почта").fill("anna@example.com")
    page.get_by_label("Пароль").fill("three plain words")
    page.get_by_role("button", name="Войти").click()
    expect(page.locator("#link-token")).to_have_text(token)


def test_a_wrong_password_is_told_beside_the_field(browsers: Opening, complaints: Complaints) -> None:
    complaints.expect("status of 401")
    page = browsers().new_page()
    page.goto("/sign-in")
    page.get_by_label("Эл. почта").fill("nobody@example.com")
    page.get_by_label("Пароль").fill("three plain words")
    page.get_by_role("button", name="Войти").click()
    field = page.get_by_label("Пароль")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Неверная почта или пароль.")
    expect(field).to_be_focused()


def test_a_portal_is_connected_by_webhook_and_read(
    page: Page, person: Person, portal: SimulatedPortal
) -> None:
    page.goto("/accounts")
    page.get_by_role("link", name="Подключить по вебхуку").first.click()
    page.get_by_label("Адрес входящего вебхука").fill(portal.webhook_url)
    page.get_by_role("button", name="Подключить и прочитать").click()
    (account,) = person.api.accounts()
    person.api.until_state(account["id"], "fresh")
    page.goto("/accounts")
    row = page.get_by_role("row").filter(has_text=portal.domain)
    expect(row.get_by_role("link", name=portal.domain)).to_be_visible()
    expect(row).to_contain_text("актуален")


def test_full_reads_are_switched_on_and_bring_standard_fields(
    browsers: Opening, person: Person, portal: SimulatedPortal
) -> None:
    account = person.api.connect(portal.webhook_url)
    person.api.until_state(account, "fresh")
    page = browsers(person, permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(f"/accounts/{account}")
    expect(page.get_by_role("link", name="Стандартные поля")).to_have_count(0)
    page.get_by_role("button", name="Читать полностью").click()
    # The page of the read goes on to the account by itself.
    expect(page.get_by_text("Аккаунт прочитан.")).to_be_visible()
    page.get_by_role("link", name="Стандартные поля").click()
    page.get_by_role("link", name="Сделка").click()
    row = page.get_by_role("row").filter(has_text="CREATED_TIME")
    expect(row).to_contain_text("только чтение")
    row.get_by_role("button", name="Скопировать createdTime").click()
    expect(page.get_by_text("Скопировано")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "createdTime"
    page.get_by_role("link", name="Обзор").click()
    page.get_by_role("button", name="Снова читать обычно").click()
    expect(page.get_by_text("Со следующего чтения больше не читаются")).to_be_visible()


def test_a_replaced_token_is_another_one(page: Page, person: Person) -> None:
    page.goto("/accounts")
    page.get_by_role("link", name="Заменить").click()
    page.get_by_role("button", name="Заменить").click()
    expect(page.locator("#link-token")).not_to_have_text(person.token)
    assert person.api.link_token() == page.locator("#link-token").inner_text()
