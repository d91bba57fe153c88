"""The application's frame in a real browser, on another site than the portal, through the portal's own BX24."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.tools.simulator.client import call
from tests.tools.simulator.framed import PAGE, Framed, address
from tests.tools.simulator.listener import Listener
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.installation import Installation
from tools.simulator.portal import SimulatedPortal


@pytest.fixture
def application(cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener) -> Application:
    """A local application with an installer, on another site than the portal."""
    listener.page = PAGE.format(script=f"{portal.base_url}api/v1/")
    site = listener.url.replace("127.0.0.1", "localhost")
    return cloud.register_application(
        handler_url=f"{site}app",
        installer_url=f"{site}install",
        events_url=f"{listener.url}events",
        kind="local",
    )


@pytest.fixture
def unfinished(portal: SimulatedPortal, application: Application) -> Installation:
    return portal.install(application, page=False).installation


@pytest.fixture
def installed(portal: SimulatedPortal, unfinished: Installation) -> Installation:
    return portal.finish_install(unfinished.application, event=False)


@pytest.fixture
def framed(portal: SimulatedPortal, installed: Installation, browser_context: BrowserContext) -> Framed:
    """The application as the administrator sees it."""
    page = browser_context.new_page()
    page.goto(address(portal, installed))
    return Framed(page)


def test_the_first_answer(portal: SimulatedPortal, framed: Framed, listener: Listener) -> None:
    app = framed.ready()
    form = listener.at("/app")[0].form
    auth = app.evaluate("BX24.getAuth()")
    soon = app.evaluate("BX24.getAuth().expires_in - Date.now()")
    assert 3_500_000 < soon <= 3_600_000, "an absolute time in milliseconds"
    assert (auth["access_token"], auth["refresh_token"]) == (form["AUTH_ID"], form["REFRESH_ID"])
    assert (auth["domain"], auth["member_id"]) == (portal.domain, portal.member_id)
    said = app.evaluate("[BX24.getLang(), BX24.getDomain(), BX24.isAdmin(), BX24.placement.info()]")
    assert said == ["ru", portal.domain, True, {"placement": "DEFAULT", "options": {}}]
    assert framed.commands == ["getInitData"]


def test_the_frame_has_its_name_and_no_sandbox_and_no_clipboard(
    framed: Framed, portal: SimulatedPortal
) -> None:
    name = framed.app.evaluate("window.name").split("|")
    assert (name[:2], len(name[2])) == ([portal.domain, "0"], 32)
    element = framed.page.locator("#app")
    assert element.get_attribute("sandbox") is None
    assert element.get_attribute("allow") == "geolocation; microphone; camera; autoplay"


def test_fresh_tokens_are_good_and_the_old_ones_stay_so(portal: SimulatedPortal, framed: Framed) -> None:
    old = framed.ready().evaluate("BX24.getAuth().access_token")
    new = framed.asked("BX24.refreshAuth(done)")["access_token"]
    assert new != old
    for token in (old, new):
        assert call(portal.endpoint, "profile", {"auth": token}).result["ID"] == "1"


def test_the_title_and_the_size(framed: Framed) -> None:
    assert framed.asked("BX24.setTitle('Карта: «CRM»', done)") == {"title": "Карта: «CRM»"}
    assert framed.page.inner_text("#pagetitle") == "Карта: «CRM»"
    size = framed.asked("BX24.resizeWindow('100%', 777, done)")
    assert size["height"] == 777
    assert framed.page.locator("#box").bounding_box() is not None
    framed.app.evaluate("document.body.innerHTML = '<div style=height:1500px></div>'")
    assert framed.asked("BX24.fitWindow(done)")["height"] >= 1500
    assert framed.asked("BX24.scrollParentWindow(50, done)") == {"scroll": 50}
    assert framed.page.evaluate("scrollY") == 50


def test_a_refused_command_is_silent(
    portal: SimulatedPortal, installed: Installation, framed: Framed
) -> None:
    framed.page.goto(address(portal, installed, "?deny=setTitle,resizeWindow"))
    app = framed.ready()
    app.evaluate(
        "window.heard = []; BX24.setTitle('No', () => heard.push('title')); BX24.placement.call('fly', {})"
    )
    framed.asked("BX24.placement.getInterface(done)")
    assert app.evaluate("heard") == []
    assert framed.page.inner_text("#pagetitle") == "CRMAP"
    assert framed.commands == ["getInitData", "setTitle", "fly", "getInterface"]


def test_a_message_of_another_frame_is_ignored(framed: Framed) -> None:
    framed.ready()
    message = 'setTitle:{"title":"Wrong"}:c1:' + "0" * 32
    framed.tell(message)
    framed.wait_for(["ignored", message])
    # Another site took the frame's place, and knows its id.
    right = f'setTitle:{{"title":"Foreign"}}::{framed.sid}'
    framed.page.evaluate("told.origin = 'http://elsewhere.example'")
    framed.tell(right)
    framed.wait_for(["ignored", right])
    assert framed.page.inner_text("#pagetitle") == "CRMAP"


def test_messages_as_other_libraries_write_them(framed: Framed) -> None:
    framed.ready()
    framed.tell(f'setTitle:{{"title":"Three: parts"}}:{framed.sid}')
    framed.tell(
        {"method": "setTitle", "params": {"title": "An object"}, "callback": "c7", "appSid": framed.sid}
    )
    framed.wait_for(["out", 'c7:{"title":"An object"}'])
    assert framed.page.inner_text("#pagetitle") == "An object"


def test_rest_out_of_the_browser(framed: Framed) -> None:
    user = framed.asked(
        "BX24.callMethod('profile', {}, (result) => done([result.data().ID, result.error()]))"
    )
    assert user == ["1", False]
    refused = framed.asked(
        "BX24.callMethod('no.such', {}, (result) => done([result.error().ex.error, result.error_description()]))"
    )
    assert refused == ["ERROR_METHOD_NOT_FOUND", "Method not found!"]
    calls = "{who: ['profile', {}], stages: ['crm.status.list', {filter: {ENTITY_ID: 'DEAL_STAGE'}}], bad: ['no.such']}"
    found = framed.asked(
        f"BX24.callBatch({calls}, ({{who, stages, bad}}) => done([who.data().ID, stages.data()[0].ENTITY_ID,"
        " bad.error().ex.error]))"
    )
    assert found == ["1", "DEAL_STAGE", "ERROR_METHOD_NOT_FOUND"]


def test_the_next_page_of_a_list(framed: Framed) -> None:
    sizes = framed.asked(
        "const sizes = []; BX24.callMethod('crm.status.list', {}, (result) => {"
        " sizes.push(result.data().length); if (!result.next()) done([sizes.length > 0, result.more()]); })"
    )
    assert sizes == [True, False]


def test_the_installer_finishes_once_and_the_page_is_loaded_again(
    portal: SimulatedPortal, unfinished: Installation, browser_context: BrowserContext, listener: Listener
) -> None:
    page = browser_context.new_page()
    page.goto(address(portal, unfinished))
    framed = Framed(page)
    app = framed.ready()
    assert app.url.startswith("http://localhost")
    assert [received.path for received in listener.received] == ["/install"]
    app.evaluate("BX24.installFinish(); BX24.installFinish()")
    page.wait_for_function("document.getElementById('told') && !location.search")
    listener.wait_for(3)
    portal.events.drain()
    assert unfinished.finished
    assert listener.events == ["ONAPPINSTALL"]
    assert [received.path for received in listener.received if "PLACEMENT" in received.form] == [
        "/install",
        "/app",
    ]
    assert listener.at("/app")[0].form["PLACEMENT_OPTIONS"] == '{"install_finished": "Y"}'


def test_install_finish_does_nothing_at_a_regular_opening(framed: Framed) -> None:
    framed.ready().evaluate("BX24.installFinish()")
    framed.asked("BX24.setTitle('Still here', done)")
    assert framed.commands == ["getInitData", "setInstallFinish", "setTitle"]


def test_an_installer_of_the_page_runs_at_the_first_launch_of_each_user(
    framed: Framed, listener: Listener
) -> None:
    listener.page = listener.page.replace("<p>", "<p id='said'>") + (
        "<script>BX24.install(() => { said.textContent += ' install'; BX24.installFinish() });"
        "BX24.init(() => { said.textContent += ' init' })</script>"
    )
    framed.ready()
    other = framed.page.url + "?as=employee"
    for expected in ("Hello install init", "Hello init"):
        framed.page.goto(other)
        framed.ready()
        framed.app.wait_for_function("(text) => said.textContent === text", arg=expected)


def test_options_are_kept_and_only_an_administrator_sets_those_of_all(
    portal: SimulatedPortal, installed: Installation, framed: Framed
) -> None:
    assert framed.asked("BX24.appOption.set('colour', 'red', done)") == {"colour": "red"}
    framed.asked("BX24.userOption.set('tab', 2, done)")
    framed.page.goto(address(portal, installed, "?as=employee"))
    app = framed.ready()
    assert app.evaluate("[BX24.isAdmin(), BX24.appOption.get('colour'), BX24.userOption.get('tab')]") == [
        False, "red", None,
    ]  # fmt: skip
    app.evaluate("BX24.appOption.set('colour', 'blue', () => document.title = 'Set')")
    framed.asked("BX24.setTitle('After', done)")
    assert (app.title(), installed.app_options) == ("Application", {"colour": "red"})


def test_another_opening_in_a_slider(framed: Framed, listener: Listener) -> None:
    app = framed.ready()
    app.evaluate("BX24.openApplication({tab: 'fields', n: 3}, () => document.title = 'Closed')")
    inside = framed.page.frame_locator("#slider iframe")
    slid = inside.frame_locator("#app").locator("p")
    slid.wait_for()
    slid.evaluate(
        "() => document.readyState === 'complete' || new Promise((done) => addEventListener('load', done))"
    )
    assert listener.at("/app")[-1].form["PLACEMENT_OPTIONS"] == '{"tab": "fields", "n": 3}'
    slid.evaluate("() => new Promise((done) => BX24.init(() => done(BX24.closeApplication())))")
    app.wait_for_function("document.title === 'Closed'")
    assert framed.page.locator("#slider").is_hidden()


def test_a_page_of_the_portal_in_a_slider(framed: Framed) -> None:
    answer = framed.asked("BX24.openPath('/etc/passwd', done)")
    assert answer == {"result": "error", "errorCode": "PATH_NOT_AVAILABLE"}
    app = framed.ready()
    app.evaluate("BX24.openPath('/crm/deal/details/5/', (answer) => document.title = answer.result)")
    framed.page.frame_locator("#slider iframe").get_by_text("/crm/deal/details/5/").first.wait_for()
    framed.page.click("#slider button")
    app.wait_for_function("document.title === 'close'")


def test_choosing_a_user(framed: Framed) -> None:
    app = framed.ready()
    app.evaluate("BX24.selectUser((user) => document.title = user.id)")
    framed.page.locator("#people input").first.check()
    framed.page.click("#people button[value=chosen]")
    app.wait_for_function("document.title === '1'")


def test_a_failed_renewal_is_told_by_the_portal_and_not_to_the_frame(
    portal: SimulatedPortal, framed: Framed
) -> None:
    app = framed.ready()
    portal.switches.rest_available = False
    app.evaluate("BX24.refreshAuth(() => document.title = 'Fresh')")
    framed.page.get_by_role("alert").get_by_text("Портал не смог продлить").wait_for()
    assert app.title() == "Application"


def test_the_script_throws_outside_of_a_portal(
    portal: SimulatedPortal, browser_context: BrowserContext
) -> None:
    page = browser_context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.message))
    page.goto(f"{portal.base_url}api/v1/")
    page.set_content(PAGE.format(script=f"{portal.base_url}api/v1/"))
    assert page.evaluate("BX24") is None
    assert errors == ["Unable to initialize Bitrix24 JS library!"]
