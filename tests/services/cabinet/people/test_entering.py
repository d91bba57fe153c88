"""Signing in, up and out with a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.services.cabinet.conftest import PASSWORD
from tests.services.cabinet.pages import Browser, Page

ANNA = "anna@example.com"


def signed_up(browser: Browser, email: str = ANNA) -> Page:
    return browser.send(browser.open("/sign-up"), "/sign-up", email=email, password=PASSWORD)


def test_whoever_signs_up_stands_before_the_list_of_accounts(browser: Browser) -> None:
    page = signed_up(browser)
    assert page.title == "Аккаунты CRM"
    assert ANNA in page.text


def test_a_stranger_is_sent_to_sign_in_and_then_to_where_he_wanted(browser: Browser) -> None:
    signed_up(browser)
    browser.client.cookies.clear()
    asked = browser.open("/accounts/connect?done=saved")
    assert asked.title == "Войти"
    page = browser.send(asked, "/sign-in", email=ANNA, password=PASSWORD)
    assert page.title == "Подключить по вебхуку"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example/accounts",
        "/\\evil.example",
        "/accounts\\@evil",
        "javascript:alert(1)",
        "/sign-out",
        "/accountsevil",
        "/accounts\r\nSet-Cookie: a=b",
        "/accounts?x=\u202e",
        "",
        "/bitrix24/install",
        "/accounts/" + "x" * 500,
    ],
)
def test_signing_in_leads_to_no_page_but_ours(browser: Browser, path: str) -> None:
    signed_up(browser)
    browser.client.cookies.clear()
    form = browser.open("/sign-in", params={"next": path}).form("/sign-in")
    assert form.fields["next"] == "/accounts"
    sent = {**form.fields, "next": path, "email": ANNA, "password": PASSWORD}
    answer = browser.client.post("/sign-in", data=sent, follow_redirects=False)
    assert answer.headers["location"] == "/accounts"


def test_a_wrong_password_is_told_in_words_and_leads_nowhere(browser: Browser) -> None:
    signed_up(browser)
    browser.client.cookies.clear()
    page = browser.enter(ANNA, "not the password at all")
    assert page.status == 401
    assert "Неверная почта или пароль." in page.text
    assert page.form("/sign-in").fields["email"] == ANNA
    assert page.form("/sign-in").fields["password"] == ""
    assert page.of("input", name="password")[0].attributes["aria-invalid"] == "true"


def test_whoever_tries_too_often_is_told_how_long_to_wait(browser: Browser) -> None:
    for _ in range(5):
        assert browser.enter("nobody@example.com", "wrong wrong wrong").status == 401
    page = browser.enter("nobody@example.com", "wrong wrong wrong")
    assert page.status == 429
    assert 0 < int(page.headers["retry-after"]) <= 61
    assert "Слишком много попыток. Повторите через" in page.text


def test_a_browser_is_known_after_signing_in_for_longer_than_a_session(
    browsers: Callable[..., Browser],
) -> None:
    browser = browsers(https=True)
    form = browser.open("/sign-up").form("/sign-up").fields
    answer = browser.client.post(
        "/sign-up", data={**form, "email": ANNA, "password": PASSWORD}, follow_redirects=False
    )
    (known,) = (cookie for cookie in answer.headers.get_list("set-cookie") if "crmap-known" in cookie)
    assert known.startswith("__Host-crmap-known=")
    parts = {part.strip() for part in known.split(";")}
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", f"Max-Age={400 * 86400}"} <= parts
    assert "Domain" not in known


def test_signing_out_leaves_the_browser_known(browser: Browser) -> None:
    browser.send(signed_up(browser), "/sign-out")
    assert "crmap-known" in browser.client.cookies


@pytest.mark.parametrize(
    ("email", "password", "said", "place"),
    [
        ("anna", PASSWORD, "Это не адрес почты", "email"),
        ("a@b\x00.com", PASSWORD, "Это не адрес почты", "email"),
        ("other@example.com", "short", "не меньше 12 знаков", "password"),
        (ANNA, PASSWORD, "кабинет уже есть", "email"),
    ],
)
def test_signing_up_says_what_is_wrong_with_which_field(
    browser: Browser, email: str, password: str, said: str, place: str
) -> None:
    signed_up(browser)
    browser.client.cookies.clear()
    page = browser.send(browser.open("/sign-up"), "/sign-up", email=email, password=password)
    assert page.status == 422
    assert said in page.text
    assert "aria-invalid" in page.of("input", name=place)[0].attributes


def test_the_session_before_signing_in_opens_nothing_after_it(browser: Browser) -> None:
    signed_up(browser)
    first = browser.client.cookies["crmap-session"]
    browser.enter(ANNA, PASSWORD)
    assert browser.client.cookies["crmap-session"] != first
    browser.client.cookies.clear()
    assert browser.open("/accounts", headers={"Cookie": f"crmap-session={first}"}).title == "Войти"


def test_signing_out_ends_the_session_on_the_server(browser: Browser) -> None:
    page = signed_up(browser)
    cookie = browser.client.cookies["crmap-session"]
    out = browser.send(page, "/sign-out")
    assert "Вы вышли." in out.text
    assert "crmap-session" not in browser.client.cookies
    assert browser.open("/accounts", headers={"Cookie": f"crmap-session={cookie}"}).title == "Войти"


def test_cookies_are_for_us_alone_where_pages_are_served_by_https(
    browsers: Callable[..., Browser],
) -> None:
    browser = browsers(https=True)
    form = browser.open("/sign-up").form("/sign-up").fields
    answer = browser.client.post(
        "/sign-up", data={**form, "email": ANNA, "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-crmap-session=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_without_https_a_cookie_has_a_plain_name(browser: Browser) -> None:
    signed_up(browser)
    assert set(browser.client.cookies) == {"crmap-session", "crmap-known", "crmap-visit"}


def test_a_very_long_form_is_not_read(browser: Browser) -> None:
    form = browser.open("/sign-in").form("/sign-in").fields
    answer = browser.client.post("/sign-in", data={**form, "email": ANNA, "password": "x" * 1_000_000})
    assert answer.status_code == 413


def test_the_language_is_chosen_before_signing_in_and_stays(browser: Browser) -> None:
    page = browser.open("/sign-up")
    assert page.title == "Новый личный кабинет"
    english = browser.send(page, "/language", lang="en")
    assert english.title == "New cabinet"
    assert english.of("html")[0].attributes["lang"] == "en"
    inside = browser.send(english, "/sign-up", email=ANNA, password=PASSWORD)
    assert inside.title == "CRM accounts"
    back = browser.send(inside, "/settings/language", lang="ru")
    assert back.title == "Аккаунты CRM"
    browser.client.cookies.clear()
    assert browser.enter(ANNA, PASSWORD).title == "Аккаунты CRM"
