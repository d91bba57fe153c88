"""The frame when something it would like to have is missing: a session in force, the portal's script, any script."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from shared import frame
from shared.db.sealed import Keyring
from tests.machine_room import KEY
from tests.stories.browser.conftest import Opening
from tests.stories.browser.in_portal import SAVE_AS_FILE, InPortal
from tests.stories.browser.plant import Person, Plant
from tests.stories.browser.watching import Complaints
from tools.simulator.opening import opening
from tools.simulator.portal import SimulatedPortal

_DENIED = "resizeWindow,setTitle,setScroll,refreshAuth,getInterface"
_PRESSES, _SHELL_WITHIN_MS = 3, 5_000
# A page of the portal's that needs no script to open the application in its frame.
_HOST_PAGE = """<!doctype html><meta charset="utf-8"><title>Портал</title>
<iframe name="inside" id="app" title="Приложение" width="1200" height="800"></iframe>
<form method="post" target="inside" action="{action}">{fields}<button>Открыть приложение</button></form>"""


def aged(route: Route) -> None:
    """The request as a page sends it that was left alone for eleven minutes."""
    fields = dict(parse_qsl(route.request.post_data or ""))
    keyring, now = Keyring([KEY]), datetime.now(UTC)
    known = frame.verify(keyring, fields["session"], now=now)
    fields["session"] = frame.issue(keyring, known, now=now - frame.LIVES - timedelta(minutes=1))
    route.continue_(post_data=urlencode(fields))


def test_a_page_that_was_left_alone_renews_its_session_by_itself(
    inside: InPortal, complaints: Complaints
) -> None:
    complaints.expect("status of 401")
    inside.open_read()
    inside.page.route("**/portal/", aged, times=1)
    inside.tab("ПОЛЬЗОВАТЕЛИ")
    expect(inside.frame.locator("main")).to_contain_text("Ветрова Мария")
    assert complaints.seen("status of 401")


def test_a_frame_that_is_loaded_again_with_an_old_session_shows_the_data(
    inside: InPortal, complaints: Complaints
) -> None:
    complaints.expect("status of 401")
    inside.open_read()
    inside.page.route("**/portal/", aged, times=1)
    inside.open_read()


def test_when_its_tokens_are_over_as_well_the_portal_gives_new_ones(
    inside: InPortal, complaints: Complaints
) -> None:
    complaints.expect("status of 401")
    inside.page.clock.install()
    inside.open_read()
    # Tokens that arrive later would be young still.
    inside.until_greeted()
    inside.page.clock.fast_forward("59:30")
    inside.page.route("**/portal/", aged, times=1)
    inside.tab("ПОЛЬЗОВАТЕЛИ")
    expect(inside.frame.locator("main")).to_contain_text("Ветрова Мария")
    assert [text for way, text in inside.messages if way == "in" and text.startswith("refreshAuth:")]


def test_without_the_script_of_the_platform_everything_still_shows(
    inside: InPortal, complaints: Complaints
) -> None:
    complaints.expect(r"net::ERR_FAILED \(.*/api/v1/")
    inside.page.route("**/api/v1/", lambda route: route.abort())
    use(inside)


def test_a_portal_that_denies_every_command_takes_nothing_away(inside: InPortal) -> None:
    use(inside, deny=_DENIED)


def use(inside: InPortal, **address: str) -> None:
    """All that somebody would do in the frame."""
    inside.open_read(**address)
    for title in ("СТАТУСЫ ВОРОНОК", "ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ", "ПОЛЬЗОВАТЕЛИ", "ВОРОНКИ"):
        inside.tab(title)
    inside.button("НАСТРОЙКИ").click()
    expect(inside.frame.get_by_role("dialog")).to_contain_text("Пока ни одного.")
    inside.page.keyboard.press("Escape")
    assert inside.saved_file().decode("utf-8-sig").startswith("СПЕЦИФИКАЦИЯ")


@pytest.fixture
def plain(browsers: Opening, person: Person) -> BrowserContext:
    """A browser that runs no scripts at all."""
    # Pages of a test are nowhere, and Chromium lets nobody from elsewhere into this machine.
    return browsers(person, java_script_enabled=False, permissions=["local-network-access"])


def opened_plainly(plain: BrowserContext, plant: Plant, portal: SimulatedPortal) -> tuple[Page, FrameLocator]:
    """The application in the frame of a page that needs no script, opened by an administrator."""
    visit = portal.open_app(plant.application, page=False)
    made = opening(portal, visit.installation, visit.chain, installer=False)
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in made.form.items()
    )
    page, address = plain.new_page(), f"{portal.base_url}plain/"
    host_page = _HOST_PAGE.format(action=escape(made.url), fields=fields)
    page.route(address, lambda route: route.fulfill(body=host_page, content_type="text/html"))
    page.goto(address)
    inside = page.frame_locator("#app")
    shell = inside.get_by_role("button", name="Открыть")
    # On a busy machine the permission to ask this machine may come after the first press, which nobody sees then.
    for _ in range(_PRESSES):
        page.get_by_role("button", name="Открыть приложение").click()
        with contextlib.suppress(PlaywrightTimeout):
            shell.wait_for(timeout=_SHELL_WITHIN_MS)
            break
    shell.click()
    return page, inside


def test_without_any_scripts_the_tabs_the_file_and_the_settings_work(
    plain: BrowserContext, plant: Plant, person: Person, portal: SimulatedPortal, complaints: Complaints
) -> None:
    # A text has no icon of its own, and browsers ask for one.
    complaints.expect("favicon")
    account = plant.linked(portal, person)
    page, inside = opened_plainly(plain, plant, portal)
    for title, text in (
        ("ВОРОНКИ", "Опт"),
        ("СТАТУСЫ ВОРОНОК", "IN_PROCESS"),
        ("ПОЛЬЗОВАТЕЛЬСКИЕ ПОЛЯ", "UF_CRM_1700003967419"),
        ("ПОЛЬЗОВАТЕЛИ", "Ветрова Мария"),
    ):
        inside.get_by_role("button", name=re.compile(f"^{title}")).click()
        expect(inside.locator("main")).to_contain_text(text)
    with page.expect_download() as download:
        inside.get_by_role("button", name=SAVE_AS_FILE).click()
    assert download.value.path().read_bytes() == person.api.specification(account, format="txt", lang="ru")
    inside.get_by_text("Текст TXT-файла").click()
    with page.expect_popup() as beside:
        inside.get_by_role("button", name="Показать текст").click()
    expect(beside.value.locator("body")).to_contain_text("СПЕЦИФИКАЦИЯ CRM БИТРИКС24")


def test_without_any_scripts_a_portal_is_linked_and_unlinked(
    plain: BrowserContext, plant: Plant, person: Person, portal: SimulatedPortal
) -> None:
    plant.linked(portal, plant.person())
    _, inside = opened_plainly(plain, plant, portal)
    inside.get_by_role("button", name="НАСТРОЙКИ").click()
    inside.get_by_label("Токен подключения CRMAP").fill(person.token)
    inside.get_by_role("button", name="Показать, чей это кабинет").click()
    expect(inside.locator("body")).to_contain_text(masked(person))
    assert person.api.accounts() == []
    inside.get_by_role("button", name="Сохранить").first.click()
    expect(inside.locator("body")).to_contain_text("Портал появился в кабинете")
    (account,) = person.api.accounts()
    assert account["domain"] == portal.domain


def test_without_any_scripts_the_cabinet_works(
    plain: BrowserContext, plant: Plant, person: Person, portal: SimulatedPortal
) -> None:
    plant.linked(portal, person)
    page = plain.new_page()
    page.goto("/accounts")
    page.get_by_role("link", name="127.0.0.1").first.click()
    for title in ("Воронки", "Статусы воронок", "Пользовательские поля", "Пользователи", "Изменения"):
        page.get_by_role("navigation", name="Страницы аккаунта").get_by_role(
            "link", name=re.compile(f"^{title}")
        ).click()
        expect(page.locator("[aria-current=page]").filter(has_text=title)).to_be_visible()
    page.get_by_role("button", name="Обновить").click()
    expect(page.get_by_text("Аккаунт прочитан.")).to_be_visible()


def masked(person: Person) -> str:
    return f"{person.email[0]}•••@example.com"
