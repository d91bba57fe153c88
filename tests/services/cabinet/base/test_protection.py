"""What every page promises: nobody else's form does anything, and nothing foreign runs in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from services.cabinet.app import PAGE_ROUTERS
from services.cabinet.base.failing import PageRoute
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.pages import Browser


def routes() -> Iterator[tuple[str, str]]:
    """Every verb and path of the pages, so that a new one is asked here by itself."""
    for router in PAGE_ROUTERS:
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


@pytest.mark.parametrize(
    "lie", ["no code", "another's code", "null origin", "foreign origin", "foreign site", "json"]
)
def test_a_form_that_is_not_ours_changes_nothing(
    ours: Tenant, theirs: Tenant, browser: Browser, enter: Callable[..., Browser], lie: str
) -> None:
    mine, stranger = enter(ours), browser
    own, foreign = mine.open("/accounts").forms[0], enter(theirs).open("/accounts").forms[0]
    headers = {
        "null origin": {"Origin": "null"},
        "foreign origin": {"Origin": "https://evil.example"},
        "foreign site": {"Sec-Fetch-Site": "cross-site"},
        "json": {"Content-Type": "text/plain"},
    }.get(lie, {})
    for path in FORMS:
        sender, form = (
            (stranger, stranger.open("/sign-in").forms[0]) if path in FOR_STRANGERS else (mine, own)
        )
        code = (foreign if lie == "another's code" else form).fields["csrf"]
        fields = {"lang": "en", "title": "x", **({} if lie == "no code" else {"csrf": code})}
        body = {"content": json.dumps(fields)} if lie == "json" else {"data": fields}
        answer = sender.client.post(filled(path, ours), **body, headers=headers, follow_redirects=False)
        assert answer.status_code == 403, path
        assert "Форма устарела" in answer.text, path


def test_a_stranger_sees_nothing_but_the_way_in(ours: Tenant, browser: Browser) -> None:
    for verb, path in ROUTES:
        answer = browser.client.request(verb, filled(path, ours), follow_redirects=False)
        if path in OPEN_TO_ALL and verb == "GET":
            continue
        if verb == "POST":
            assert answer.status_code in (403, 411), path
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=%2F"), path


def test_what_is_foreign_looks_like_what_never_was(
    ours: Tenant, theirs: Tenant, enter: Callable[..., Browser]
) -> None:
    mine = enter(ours)
    code = mine.open("/accounts").forms[0].fields["csrf"]
    headers = {"X-Request-Id": "same-for-all-of-them"}
    for verb, path in WITH_ID:
        foreign, unknown = (
            mine.client.request(
                verb, filled(path, tenant), data={"csrf": code} if verb == "POST" else None, headers=headers
            )
            for tenant in (theirs, None)
        )
        assert foreign.status_code == unknown.status_code == 404, path
        assert foreign.text == unknown.text, path
        assert dict(foreign.headers) == dict(unknown.headers), path


def test_a_reader_changes_nothing(ours: Tenant, enter: Callable[..., Browser]) -> None:
    own_matters = {
        "/sign-out",
        "/settings/language",
        "/settings/profile",
        "/settings/password",
        "/settings/sessions/end",
    }
    reader = enter(ours, role="reader")
    page = reader.open("/accounts")
    assert page.of("div", class_="token") == []
    data = {"csrf": page.forms[0].fields["csrf"], "title": "x", "account": str(ours.account)}
    for path in FORMS:
        if path not in FOR_STRANGERS | own_matters and not path.startswith("/settings/tokens"):
            assert reader.client.post(filled(path, ours), data=data).status_code == 403, path


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
