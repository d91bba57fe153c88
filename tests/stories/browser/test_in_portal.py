"""The three tasks of the manual, as people do them in a portal's frame."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Route, expect

from tests.stories.browser.conftest import Opening
from tests.stories.browser.in_portal import InPortal, in_portal
from tests.stories.browser.plant import Person, Plant
from tests.stories.browser.watching import Complaints
from tools.simulator.ledger import DEAL
from tools.simulator.portal import SimulatedPortal

TABS = {
    "ВОРОНКИ": ("pipelines", ("id", "name", "directory")),
    "СТАТУСЫ ВОРОНОК": ("stages", ("id", "name", "status_id")),
    "ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ": ("user_fields", ("id", "code", "api_name")),
    "ПОЛЬЗОВАТЕЛИ": ("users", ("id", "name", "position")),
}


def test_from_a_fresh_installation_to_the_file(
    browsers: Opening, plant: Plant, portal: SimulatedPortal
) -> None:
    """Connecting, looking and saving, in one go and on the words that are in the manual."""
    context = browsers()
    for site in (plant.url, portal.base_url):
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    inside = in_portal(context, plant, portal, is_installed=False)
    inside.install()
    expect(inside.row(0)).to_be_visible()
    assert portal.installation(plant.application).finished

    cabinet = context.new_page()
    cabinet.goto("/sign-up")
    cabinet.get_by_label("Эл. почта").fill("maria@romashka.example")
    cabinet.get_by_label("Пароль").fill("three plain words")
    cabinet.get_by_role("button", name="Создать кабинет").click()
    cabinet.get_by_role("button", name="Скопировать токен подключения").click()

    inside.page.bring_to_front()
    inside.button("НАСТРОЙКИ").click()
    dialog = inside.frame.get_by_role("dialog")
    field = dialog.get_by_label("Токен подключения CRMAP")
    field.focus()
    inside.page.keyboard.press("Control+V")
    expect(dialog.locator(".whose")).to_contain_text("m•••@romashka.example")
    dialog.get_by_role("button", name="Сохранить").click()
    expect(dialog.get_by_text("Портал появился в кабинете")).to_be_visible()

    cabinet.bring_to_front()
    cabinet.reload()
    expect(cabinet.get_by_role("row").filter(has_text=portal.domain)).to_be_visible()


def test_every_tab_shows_all_there_is_with_ids(inside: InPortal) -> None:
    inside.open_read()
    truth = inside.portal.truth()
    for title, (kind, attributes) in TABS.items():
        inside.tab(title)
        shown = inside.everything()
        for item in truth[kind]:
            values = [str(item[name]) for name in attributes if item[name] is not None]
            assert [value for value in values if value not in shown] == [], item


def test_an_id_is_copied(inside: InPortal) -> None:
    inside.open_read()
    inside.tab("ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ")
    field = first(inside.portal.truth()["user_fields"])
    inside.button(f"Скопировать {field['code']}").click()
    expect(inside.frame.get_by_text("Скопировано")).to_be_visible()
    assert clipboard(inside) == field["code"]


def test_the_saved_file_is_the_specification(inside: InPortal, plant: Plant, person: Person) -> None:
    account = plant.linked(inside.portal, person)
    inside.open_read()
    saved = inside.saved_file()
    assert saved == person.api.specification(account, format="txt", lang="ru")
    assert saved.decode("utf-8-sig").startswith("СПЕЦИФИКАЦИЯ CRM БИТРИКС24")


def test_the_text_of_the_file_is_copied_where_files_cannot_be_saved(inside: InPortal) -> None:
    inside.open_read()
    inside.frame.get_by_text("Текст TXT-файла").click()
    text = inside.frame.get_by_label("Текст TXT-файла")
    expect(text).to_have_value(re.compile("^СПЕЦИФИКАЦИЯ CRM БИТРИКС24"))
    inside.button("Скопировать текст").click()
    expect(inside.frame.get_by_text("Скопировано")).to_be_visible()
    copied = clipboard(inside).replace("\r\n", "\n")
    assert copied == inside.saved_file().decode("utf-8-sig").replace("\r\n", "\n")


def test_text_that_is_unfolded_before_the_scripts_have_come_comes_too(inside: InPortal) -> None:
    inside.open_read()
    held: list[Route] = []
    # Not the method itself: Playwright sets an attribute of what it calls.
    inside.page.route("**/static/portal.js*", lambda route: held.append(route))  # noqa: PLW0108
    inside.page.reload(wait_until="commit")
    inside.frame.get_by_text("Текст TXT-файла").click()
    held.pop().continue_()
    text = inside.frame.get_by_label("Текст TXT-файла")
    expect(text).to_have_value(re.compile("^СПЕЦИФИКАЦИЯ CRM БИТРИКС24"))


def test_unfolded_text_stays_when_the_portal_has_been_read_anew(inside: InPortal) -> None:
    inside.open_read()
    inside.frame.get_by_text("Текст TXT-файла").click()
    text = inside.frame.get_by_label("Текст TXT-файла")
    expect(text).to_have_value(re.compile("Опт"))
    inside.portal.edit("rename_pipeline", entity_type_id=DEAL, pipeline_id=0, to="Опт и розница")
    inside.button("Обновить").click()
    expect(text).to_have_value(re.compile("Опт и розница"))
    expect(text).to_be_visible()


def test_an_employee_sees_the_data_and_is_told_who_can_connect(inside: InPortal) -> None:
    inside.open_read()
    inside.open_read("employee")
    inside.tab("ВОРОНКИ")
    expect(inside.frame.locator("main")).to_contain_text("Опт")
    inside.button("НАСТРОЙКИ").click()
    dialog = inside.frame.get_by_role("dialog")
    expect(dialog).to_contain_text("администратор")
    expect(dialog.get_by_label("Токен подключения CRMAP")).to_have_count(0)
    dialog.get_by_role("button", name="Закрыть").click()
    assert inside.saved_file().decode("utf-8-sig").startswith("СПЕЦИФИКАЦИЯ")


def test_in_english_everything_is_english(inside: InPortal) -> None:
    inside.open_read(language="en")
    for title in ("PIPELINES", "STAGES OF PIPELINES", "USER FIELDS", "USERS"):
        inside.tab(title)
    inside.button("SETTINGS").click()
    expect(inside.frame.get_by_role("dialog").get_by_label("Connection token of CRMAP")).to_be_visible()
    inside.page.keyboard.press("Escape")
    assert (
        inside.saved_file("SAVE AS A TXT FILE").decode("utf-8-sig").startswith("BITRIX24 CRM SPECIFICATION")
    )


def test_a_refresh_shows_what_has_changed_in_the_portal(inside: InPortal) -> None:
    inside.open_read()
    inside.portal.edit("rename_pipeline", entity_type_id=DEAL, pipeline_id=0, to="Опт и розница")
    inside.button("Обновить").click()
    expect(inside.frame.locator("main")).to_contain_text("Опт и розница")
    expect(inside.frame.locator("[data-refresh]")).to_have_count(0)


def test_a_portal_is_unlinked_from_the_inside(inside: InPortal, plant: Plant, person: Person) -> None:
    plant.linked(inside.portal, person)
    inside.open_read()
    inside.button("НАСТРОЙКИ").click()
    dialog = inside.frame.get_by_role("dialog")
    line = dialog.get_by_role("listitem").filter(has_text="example.com")
    line.get_by_text("Отключить").first.click()
    line.get_by_role("button", name="Да, отключить").click()
    expect(dialog.get_by_text("Пока ни одного.")).to_be_visible()
    assert person.api.accounts() == []


def test_only_a_token_that_is_in_force_links(
    inside: InPortal, person: Person, complaints: Complaints
) -> None:
    complaints.expect("status of 404")
    inside.open_read()
    inside.button("НАСТРОЙКИ").click()
    dialog = inside.frame.get_by_role("dialog")
    field = dialog.get_by_label("Токен подключения CRMAP")
    field.fill("A" * len(person.token))
    expect(field).to_have_accessible_description(re.compile("Такого токена подключения нет"))
    expect(dialog.locator(".whose")).to_be_hidden()
    assert person.api.accounts() == []


def test_the_frame_is_as_high_as_what_it_shows(inside: InPortal) -> None:
    inside.open_read()
    for title in ("ПОЛЬЗОВАТЕЛИ", "ВОРОНКИ"):
        inside.tab(title)
        wanted = "document.body.offsetHeight"
        inside.page.wait_for_function(
            "(wanted) => Math.abs(document.getElementById('app').clientHeight - wanted) <= 1",
            arg=inside.framed.evaluate(wanted),
        )
        assert inside.framed.evaluate("document.documentElement.scrollHeight - innerHeight") <= 1


def first(items: list[dict[str, Any]]) -> dict[str, Any]:
    return items[0]


def clipboard(inside: InPortal) -> str:
    """What somebody would paste now."""
    found: str = inside.page.evaluate("navigator.clipboard.readText()")
    return found
