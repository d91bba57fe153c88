"""What every page promises: nobody else's form does anything, and nothing foreign runs in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from services.cabinet.web.failing import PageRoute
from services.cabinet.web.site import ROUTERS
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.web.pages import Browser


def routes() -> Iterator[tuple[str, str]]:
    """Every verb and path of the pages, so that a new one is asked here by itself."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, PageRoute)
            yield from ((verb, route.path) for verb in sorted(route.methods or ()))


ROUTES = sorted(routes())
FORMS = [path for verb, path in ROUTES if verb == "POST"]
OPEN_TO_ALL = {"/", "/sign-in", "/sign-up", "/static/{name}"}
FOR_STRANGERS = {"/sign-in", "/sign-up", "/language"}
WITH_ID = [route for route in ROUTES if "_id}" in route[1]]


def filled(path: str, tenant: Tenant | None = None) -> str:
    account, group, refresh = (
        (tenant.account, tenant.group, tenant.refresh) if tenant else (uuid4(), uuid4(), uuid4())
    )
    return path.format(
        account_id=account,
        group_id=group,
        refresh_id=refresh,
        token_id=uuid4(),
        application_id=uuid4(),
        tab="fields",
        name="x",
        number=1,
    )


def test_there_is_something_to_ask() -> None:
    assert len(ROUTES) > 15


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "lie", ["no code", "another's code", "null origin", "foreign origin", "foreign site", "json"]
)
def test_a_form_that_is_not_ours_changes_nothing(
    ours: Tenant, theirs: Tenant, enter: Callable[..., Browser], path: str, lie: str
) -> None:
    mine = enter(ours)
    page = mine.open("/accounts")
    if path in FOR_STRANGERS:
        mine.client.cookies.clear()
        page = mine.open("/sign-in")
    code = page.forms[0].fields["csrf"]
    if lie == "another's code":
        code = enter(theirs).open("/accounts").forms[0].fields["csrf"]
    headers = {
        "null origin": {"Origin": "null"},
        "foreign origin": {"Origin": "https://evil.example"},
        "foreign site": {"Sec-Fetch-Site": "cross-site"},
    }.get(lie, {})
    if lie == "json":
        headers["Content-Type"] = "text/plain"
        answer = mine.client.post(filled(path, ours), content=f'{{"csrf": "{code}"}}', headers=headers)
    else:
        data = {} if lie == "no code" else {"csrf": code}
        answer = mine.client.post(
            filled(path, ours),
            data={**data, "lang": "en", "title": "x"},
            headers=headers,
            follow_redirects=False,
        )
    assert answer.status_code == 403
    assert "Форма устарела" in answer.text


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_a_stranger_sees_nothing_but_the_way_in(ours: Tenant, browser: Browser, verb: str, path: str) -> None:
    answer = browser.client.request(verb, filled(path, ours), follow_redirects=False)
    if path in OPEN_TO_ALL and verb == "GET":
        return
    if verb == "POST":
        assert answer.status_code in (403, 411)
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize(("verb", "path"), WITH_ID)
def test_what_is_foreign_looks_like_what_never_was(
    ours: Tenant, theirs: Tenant, enter: Callable[..., Browser], verb: str, path: str
) -> None:
    mine = enter(ours)
    data = {"csrf": mine.open("/accounts").forms[0].fields["csrf"]} if verb == "POST" else None
    headers = {"X-Request-Id": "same-for-all-of-them"}
    foreign, unknown = (
        mine.client.request(verb, filled(path, tenant), data=data, headers=headers)
        for tenant in (theirs, None)
    )
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text == unknown.text
    assert dict(foreign.headers) == dict(unknown.headers)


@pytest.mark.parametrize("path", FORMS)
def test_a_reader_changes_nothing(ours: Tenant, enter: Callable[..., Browser], path: str) -> None:
    own_matters = {
        "/sign-out",
        "/settings/language",
        "/settings/profile",
        "/settings/password",
        "/settings/sessions/end",
    }
    if path in FOR_STRANGERS | own_matters or path.startswith("/settings/tokens"):
        return
    reader = enter(ours, role="reader")
    page = reader.open("/accounts")
    assert page.of("div", class_="token") == []
    data = {"csrf": page.forms[0].fields["csrf"], "title": "x", "account": str(ours.account)}
    assert reader.client.post(filled(path, ours), data=data).status_code == 403


def test_every_page_lets_nothing_foreign_in(owner: Browser, ours: Tenant) -> None:
    for path in (
        "/accounts",
        f"/accounts/{ours.account}/unlink",
        "/nowhere",
        "/token/replace",
        "/changes",
        f"/compare?a={ours.account}&b={ours.account}.1",
        "/search?q=NEW",
        "/settings",
        "/settings/password",
        "/settings/tokens",
        "/settings/applications",
    ):
        page = owner.open(path)
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        assert page.of("style") == []
        assert all("src" in script.attributes for script in page.of("script"))
        for element in page.elements:
            assert not any(name == "style" or name.startswith("on") for name in element.attributes)


def test_a_link_that_leads_nowhere_has_a_page_and_the_interface_its_own_answer(owner: Browser) -> None:
    assert owner.open("/accounts/no-id-at-all").status == 404
    assert owner.open("/nowhere").title == "Не получилось"
    assert owner.client.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"
    assert owner.client.get("/static/nothing.css").status_code == 404


def test_files_are_kept_by_browsers_as_long_as_they_are_the_present_ones(owner: Browser) -> None:
    address = owner.open("/accounts").of("link", rel="stylesheet")[0].attributes["href"]
    answer = owner.client.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert owner.client.get(address.partition("?")[0]).headers["cache-control"] == "no-cache"
