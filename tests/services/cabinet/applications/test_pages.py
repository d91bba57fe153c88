"""Local applications that a cabinet makes known for its portals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import select

from shared.db import applications, installations
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import AuditRow
from shared.db.tables.portals import ApplicationRow, InstallationRow, PortalRow
from shared.domain.portal import PortalKind
from tests.services.cabinet.conftest import WEBHOOK_CODE, Tenant
from tests.services.cabinet.labels import assert_harmless
from tests.services.cabinet.pages import Browser, Page

CLIENT_ID = "local.65ab12cd34ef56.12345678"
SECRET = "c4n4ryS3cretOfAnApplicationThatNobodyMaySee12345"
ADDRESS = "/settings/applications"


def saved(browser: Browser, **fields: str) -> Page:
    given = {"client_id": CLIENT_ID, "secret": SECRET, "title": "Ромашка", **fields}
    return browser.send(browser.open(ADDRESS), ADDRESS, **given)


def listed(page: Page) -> list[list[str]]:
    """The rows of the list, cell by cell, without what one does to them."""
    rows = [row for row in page.of("tr") if "tbody" in row.place]
    return [[line.strip() for line in row.text.splitlines() if line.strip()] for row in rows]


def removal(browser: Browser) -> str:
    (link,) = (link for link in browser.open(ADDRESS).of("a") if link.text == "Удалить")
    return link.attributes["href"]


def install(gateway_db: Database) -> None:
    """A portal has opened the application."""
    with gateway_db.session() as session:
        application = installations.application_by_client_id(session, CLIENT_ID)
        assert application is not None
        portal = PortalRow(kind=PortalKind.APP, member_id="0" * 32, domain="romashka.example")
        session.add(portal)
        session.flush()
        session.add(InstallationRow(portal_id=portal.id, application_id=application.id))


def test_the_page_tells_how_to_make_one_with_the_addresses_of_this_installation(
    browsers: Callable[..., Browser],
) -> None:
    browser = browsers(https=True)
    browser.send(
        browser.open("/sign-up"), "/sign-up", email="a@example.com", password="correct horse battery"
    )
    page = browser.open(ADDRESS)
    addresses = [code.text for code in page.of("code") if "dl" in code.place]
    assert addresses == [
        "https://crmap.example/bitrix24/app",
        "https://crmap.example/bitrix24/install",
        "https://crmap.example/bitrix24/events",
    ]
    buttons = [button for button in page.of("button", class_="copy") if "dl" in button.place]
    assert [button.attributes["aria-label"] for button in buttons] == [
        f"Скопировать {one}" for one in addresses
    ]
    for step in ("Локальное приложение", "Серверное", "userfieldconfig", "client_secret"):
        assert step in page.text


def test_an_application_is_known_to_the_gateway_at_once(
    owner: Browser, ours: Tenant, gateway_db: Database
) -> None:
    page = saved(owner)
    assert "Приложение сохранено" in page.of("p", class_="notice")[0].text
    ((title, client_id, state, _, action),) = listed(page)
    assert (title, client_id, state, action) == (
        "Ромашка",
        CLIENT_ID,
        "на портале ещё не открывали",
        "Удалить",
    )
    with gateway_db.session() as session:
        found = installations.application_by_client_id(session, CLIENT_ID)
        assert found is not None
        assert found.cabinet_id == ours.cabinet_id
        opened = gateway_db.keyring.open(found.client_secret, row=found.id, column="client_secret")
    assert opened == SECRET


def test_the_secret_is_on_no_page_and_in_no_row(owner: Browser, database_url: str, keyring: Keyring) -> None:
    pages = [
        saved(owner),
        saved(owner, client_id="nonsense"),
        owner.open(ADDRESS),
        owner.open(removal(owner)),
    ]
    pages += [
        owner.open(path) for path in ("/settings", "/accounts", "/changes", "/compare", "/search?q=ours")
    ]
    for page in pages:
        assert SECRET not in page.html
        assert WEBHOOK_CODE not in page.html
    operator = Database(database_url, Role.OPERATOR, keyring)
    with operator.session() as session:
        kept = (ApplicationRow, AuditRow)
        stored = [str(row.model_dump()) for table in kept for row in session.exec(select(table)).all()]
    operator.close()
    assert any(CLIENT_ID in row for row in stored)
    assert not any(SECRET in row for row in stored)


def test_saved_again_it_has_the_new_secret_and_title_and_is_still_one(
    owner: Browser, gateway_db: Database
) -> None:
    saved(owner)
    page = saved(owner, secret="AnotherSecret", title="")
    assert [row[:2] for row in listed(page)] == [[CLIENT_ID, CLIENT_ID]]
    with gateway_db.session() as session:
        (found,) = session.exec(select(ApplicationRow)).all()
        opened = gateway_db.keyring.open(found.client_secret, row=found.id, column="client_secret")
    assert opened == "AnotherSecret"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("client_id", "", "Это не код локального приложения"),
        ("client_id", "app.65ab12cd34ef56", "Это не код локального приложения"),
        ("client_id", "local.", "Это не код локального приложения"),
        ("client_id", "local." + "x" * 91, "Это не код локального приложения"),
        ("client_id", "local.<img src=x>", "Это не код локального приложения"),
        ("client_id", "local.abc\x00", "Это не код локального приложения"),
        ("secret", "", "Это не ключ приложения"),
        ("secret", "two words", "Это не ключ приложения"),
        ("secret", "ключ", "Это не ключ приложения"),
        ("secret", "x" * 201, "Это не ключ приложения"),
        ("title", "x" * 101, "не длиннее 100 знаков"),
        ("title", "a\x00b", "не длиннее 100 знаков"),
        ("title", "a\r\nb", "в одну строку"),
        ("title", "a\u2066b", "в одну строку"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(owner: Browser, field: str, value: str, said: str) -> None:
    page = saved(owner, **{field: value})
    assert page.status == 422
    assert said in page.of("p", id=f"{field}-fault")[0].text
    assert page.of("input", name="secret")[0].attributes["value"] == ""
    assert "Пока ни одного." in page.text
    assert_harmless_but_refused(page)


def assert_harmless_but_refused(page: Page) -> None:
    page.status = 200
    assert_harmless(page)


@pytest.mark.parametrize("whose", ["another cabinet's", "the operator's"])
def test_a_code_somebody_else_has_is_refused_without_a_word_about_him(
    owner: Browser,
    theirs: Tenant,
    enter: Callable[..., Browser],
    database_url: str,
    gateway_db: Database,
    whose: str,
) -> None:
    keyring = gateway_db.keyring
    if whose == "another cabinet's":
        saved(enter(theirs), title="Чужое")
    operator = Database(database_url, Role.OPERATOR, keyring)
    with operator.session() as session:
        if whose == "another cabinet's":
            applications.prove(session, session.exec(select(ApplicationRow.id)).one())
        else:
            applications.register(session, keyring, client_id=CLIENT_ID, secret=SECRET, title="Чужое")
    operator.close()
    page = saved(owner, secret="MySecret")
    assert page.status == 422
    assert "уже известно CRMAP" in page.of("p", id="client_id-fault")[0].text
    assert "theirs" not in page.html
    assert "Чужое" not in page.html
    assert listed(page) == []
    with gateway_db.session() as session:
        found = installations.application_by_client_id(session, CLIENT_ID)
        assert found is not None
        assert keyring.open(found.client_secret, row=found.id, column="client_secret") == SECRET


def test_a_code_that_somebody_has_not_proven_is_free(
    owner: Browser, theirs: Tenant, enter: Callable[..., Browser]
) -> None:
    saved(enter(theirs), title="Чужое", secret="Guessed")
    assert listed(saved(owner))[0][:2] == ["Ромашка", CLIENT_ID]
    assert len(listed(enter(theirs).open(ADDRESS))) == 1


def test_the_list_tells_whether_a_portal_has_opened_it(owner: Browser, gateway_db: Database) -> None:
    saved(owner)
    install(gateway_db)
    assert listed(owner.open(ADDRESS))[0][2] == "установлено"
    assert "Оно установлено." in owner.open(removal(owner)).text


def test_a_removed_application_lets_nobody_in(owner: Browser, gateway_db: Database) -> None:
    saved(owner)
    install(gateway_db)
    address = removal(owner)
    page = owner.send(owner.open(address), address)
    assert "Приложение удалено" in page.of("p", class_="notice")[0].text
    assert listed(page) == []
    with gateway_db.session() as session:
        assert installations.application_by_client_id(session, CLIENT_ID) is None
        assert session.exec(select(InstallationRow)).all() == []
    assert owner.open(address).status == 404


def test_others_neither_see_nor_remove_it(
    ours: Tenant, theirs: Tenant, enter: Callable[..., Browser]
) -> None:
    mine, stranger = enter(ours), enter(theirs)
    saved(mine)
    address = removal(mine)
    page = stranger.open(ADDRESS)
    assert CLIENT_ID not in page.html
    assert stranger.open(address).status == 404
    data = {"csrf": page.forms[0].fields["csrf"]}
    assert stranger.client.post(address, data=data).status_code == 404
    assert len(listed(mine.open(ADDRESS))) == 1


def test_a_reader_sees_the_list_and_nothing_to_change_it_with(
    ours: Tenant, enter: Callable[..., Browser]
) -> None:
    saved(enter(ours))
    reader = enter(ours, role="reader")
    page = reader.open(ADDRESS)
    assert [row[:2] for row in listed(page)] == [["Ромашка", CLIENT_ID]]
    assert [form.action for form in page.forms if form.action.startswith(ADDRESS)] == []
    assert [link for link in page.of("a") if link.text == "Удалить"] == []


def test_a_hostile_title_does_nothing(owner: Browser) -> None:
    page = saved(owner, title="<img src=x onerror=alert(1)>{{7*7}}%s")
    assert_harmless(page)
    assert_harmless(owner.open(removal(owner)))
