"""The person's own matters: profile, password, browsers and tokens for the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.services.cabinet.conftest import PASSWORD, Tenant
from tests.services.cabinet.labels import assert_harmless
from tests.services.cabinet.pages import Browser, Page
from tests.wrong_clocks import ABOUT, HOUR, wrong_by

ANNA = "anna@example.com"
WANTED = "another good password"


@pytest.fixture
def anna(browser: Browser) -> Browser:
    """Somebody with an empty cabinet of her own."""
    browser.send(browser.open("/sign-up"), "/sign-up", email=ANNA, password=PASSWORD)
    return browser


def faults(page: Page) -> dict[str, str]:
    """What is wrong with which field."""
    wrong = [field for field in page.of("input") if "aria-invalid" in field.attributes]
    return {
        field.attributes["name"]: page.of("p", id=field.attributes["aria-describedby"])[0].text
        for field in wrong
    }


def made(browser: Browser, title: str = "Отчёты") -> tuple[Page, str]:
    """The page that shows a new token, and its text."""
    page = browser.send(browser.open("/settings/tokens"), "/settings/tokens", title=title)
    return page, page.of("code")[1 if page.of("code", id="link-token") else 0].text


def asks(browser: Browser, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return browser.client.get("/api/v1/accounts", headers=headers).status_code


class TestProfile:
    def test_language_and_time_zone_are_kept(self, anna: Browser) -> None:
        page = anna.open("/settings")
        assert page.title == "Настройки"
        assert ANNA in page.of("dd")[0].text
        sent = anna.send(page, "/settings/profile", language="en", time_zone="Asia/Yekaterinburg")
        assert sent.of("p", class_="notice")[0].text == "Saved."
        assert sent.title == "Settings"
        assert sent.of("input", id="time_zone")[0].attributes["value"] == "Asia/Yekaterinburg"
        anna.client.cookies.clear()
        assert anna.enter(ANNA, PASSWORD).title == "CRM accounts"

    @pytest.mark.parametrize(
        "zone", ["", "Mars/Olympus", "../etc/passwd", "a\x00b", "Europe/Moscow\n", "x" * 5000]
    )
    def test_a_time_zone_that_is_none_is_said_to_be_none(self, anna: Browser, zone: str) -> None:
        page = anna.send(anna.open("/settings"), "/settings/profile", language="ru", time_zone=zone)
        if zone.strip() == "Europe/Moscow":
            assert page.status == 200
            return
        assert page.status == 422
        assert faults(page) == {"time_zone": "Такого часового пояса нет. Выберите из списка."}
        assert anna.open("/settings").of("input", id="time_zone")[0].attributes["value"] == "Europe/Moscow"

    @pytest.mark.parametrize("ahead", [HOUR, -HOUR])
    def test_the_time_it_is_now_is_that_of_the_database(self, anna: Browser, ahead: timedelta) -> None:
        with wrong_by(ahead):
            page = anna.open("/settings")
        shown = re.findall(r"\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}", page.text)[0]
        zone = ZoneInfo(page.form("/settings/profile").fields["time_zone"])
        assert (
            abs(datetime.strptime(shown, "%d.%m.%Y %H:%M").replace(tzinfo=zone) - datetime.now(UTC)) < ABOUT
        )

    def test_a_language_nobody_speaks_changes_nothing(self, anna: Browser) -> None:
        page = anna.open("/settings")
        assert anna.send(page, "/settings/profile", language="xx", time_zone="UTC").status == 400
        assert anna.open("/settings").title == "Настройки"

    def test_the_pages_of_the_settings_lead_to_each_other(self, anna: Browser) -> None:
        tabs = [link for link in anna.open("/settings").of("a") if link.place[-3:] == ("nav", "ul", "li")]
        assert [tab.text for tab in tabs] == [
            "Профиль",
            "Пароль и браузеры",
            "Токены API",
            "Локальные приложения",
        ]
        for tab in tabs:
            page = anna.open(tab.attributes["href"])
            current = [
                one.text for one in page.of("a") if one.attributes.get("aria-current") and "ul" in one.place
            ]
            assert (page.status, current) == (200, [tab.text])


class TestPassword:
    def test_the_new_password_opens_and_the_former_one_does_not(
        self, anna: Browser, browsers: Callable[..., Browser]
    ) -> None:
        elsewhere = browsers()
        elsewhere.enter(ANNA, PASSWORD)
        page = anna.send(
            anna.open("/settings/password"), "/settings/password", former=PASSWORD, password=WANTED
        )
        assert "Пароль изменён" in page.of("p", class_="notice")[0].text
        assert elsewhere.open("/accounts").title == "Войти"
        assert anna.open("/accounts").title == "Аккаунты CRM"
        assert browsers().enter(ANNA, PASSWORD).status == 401
        assert browsers().enter(ANNA, WANTED).status == 200

    @pytest.mark.parametrize(
        ("former", "wanted", "wrong"),
        [
            ("not my password", WANTED, {"former": "Это не ваш нынешний пароль."}),
            ("", WANTED, {"former": "Это не ваш нынешний пароль."}),
            (PASSWORD, "short", {"password": "Пароль не короче 12 знаков."}),
            (PASSWORD, "x" * 300, {"password": "Пароль не короче 12 знаков."}),
        ],
    )
    def test_what_is_wrong_stands_beside_its_field_and_nothing_is_changed(
        self, anna: Browser, former: str, wanted: str, wrong: dict[str, str]
    ) -> None:
        page = anna.send(
            anna.open("/settings/password"), "/settings/password", former=former, password=wanted
        )
        assert page.status == 422
        assert faults(page).keys() == wrong.keys()
        assert all(field.attributes["value"] == "" for field in page.of("input", type="password"))
        anna.client.cookies.clear()
        assert anna.enter(ANNA, PASSWORD).status == 200

    def test_api_tokens_are_listed_by_name_and_the_ticked_ones_are_revoked(self, anna: Browser) -> None:
        assert anna.open("/settings/password").of("input", name="revoke") == []
        tokens = {title: made(anna, title)[1] for title in ("Отчёты", "Выгрузка", "Сверка")}
        page = anna.open("/settings/password")
        ticks = {
            label.text.strip().partition(" ")[0]: box.attributes["value"]
            for label, box in zip(
                page.of("label", class_="tick"), page.of("input", name="revoke"), strict=True
            )
        }
        assert ticks.keys() == tokens.keys()
        revoked = [ticks["Отчёты"], ticks["Сверка"], str(uuid4())]
        fields = {"former": "not my password", "password": WANTED, "revoke": revoked}
        again = anna.send(page, "/settings/password", **fields)
        assert [asks(anna, token) for token in tokens.values()] == [200, 200, 200]
        still = {box.attributes["value"] for box in again.of("input", name="revoke", checked="")}
        assert still == set(revoked[:2])
        anna.send(page, "/settings/password", **{**fields, "former": PASSWORD})
        assert {title: asks(anna, token) for title, token in tokens.items()} == {
            "Отчёты": 401,
            "Выгрузка": 200,
            "Сверка": 401,
        }

    def test_a_token_of_another_is_not_revoked_with_a_change_of_password(
        self, anna: Browser, owner: Browser
    ) -> None:
        _, token = made(owner)
        box = owner.open("/settings/password").of("input", name="revoke")[0]
        fields = {"former": PASSWORD, "password": WANTED, "revoke": box.attributes["value"]}
        page = anna.send(anna.open("/settings/password"), "/settings/password", **fields)
        assert "Пароль изменён" in page.of("p", class_="notice")[0].text
        assert asks(owner, token) == 200

    def test_a_hostile_title_of_a_token_does_nothing(self, owner: Browser) -> None:
        made(owner, "<img src=x onerror=alert(1)>{{7*7}}%s")
        assert_harmless(owner.open("/settings/password"))

    def test_after_five_wrong_passwords_the_page_says_when_to_try_again(self, anna: Browser) -> None:
        fields = {"former": "not my password", "password": WANTED}
        for _ in range(5):
            page = anna.send(anna.open("/settings/password"), "/settings/password", **fields)
            assert page.status == 422
        page = anna.send(anna.open("/settings/password"), "/settings/password", **fields)
        assert page.status == 429
        assert 0 < int(page.headers["retry-after"]) <= 61
        assert faults(page)["former"].startswith("Слишком много попыток. Повторите через")

    def test_every_other_browser_can_be_signed_out(
        self, anna: Browser, browsers: Callable[..., Browser]
    ) -> None:
        assert "/settings/sessions/end" not in [form.action for form in anna.open("/settings/password").forms]
        elsewhere = browsers()
        elsewhere.enter(ANNA, PASSWORD)
        page = anna.open("/settings/password")
        assert len(page.of("ul", class_="items")) == 1
        assert [badge.text for badge in page.of("span", class_="badge")] == ["этот браузер"]
        sent = anna.send(page, "/settings/sessions/end")
        assert "Во всех других браузерах" in sent.of("p", class_="notice")[0].text
        assert elsewhere.open("/accounts").title == "Войти"
        assert sent.status == anna.open("/accounts").status == 200


class TestTokens:
    def test_a_token_is_shown_once_with_a_command_to_try_it(self, owner: Browser) -> None:
        page, token = made(owner)
        assert token.startswith("crmap_")
        assert page.headers["cache-control"] == "no-store"
        buttons = [button.attributes["aria-label"] for button in page.of("button", class_="copy")]
        assert buttons[-2:] == ["Скопировать токен", "Скопировать команду"]
        command = page.of("code")[-1].text
        assert command == f"curl -H 'Authorization: Bearer {token}' http://testserver/api/v1/accounts"
        assert asks(owner, token) == 200
        for path in ("/settings/tokens", "/settings", "/accounts"):
            assert token not in owner.open(path).html

    def test_the_list_tells_when_a_token_was_made_and_used(self, anna: Browser) -> None:
        _, token = made(anna)
        (row,) = anna.open("/settings/tokens").of("tr")[1:]
        assert row.text.split("\n")[1] == "Отчёты"
        assert "ни разу" in row.text
        asks(anna, token)
        (row,) = anna.open("/settings/tokens").of("tr")[1:]
        assert "назад" in row.text

    def test_a_revoked_token_opens_nothing(self, anna: Browser) -> None:
        _, token = made(anna)
        (link,) = (link for link in anna.open("/settings/tokens").of("a") if link.text == "Отозвать")
        question = anna.open(link.attributes["href"])
        assert "Отчёты" in question.text
        assert asks(anna, token) == 200
        page = anna.send(question, link.attributes["href"])
        assert "Токен отозван" in page.of("p", class_="notice")[0].text
        assert asks(anna, token) == 401
        assert "Пока ни одного." in page.text
        assert anna.open(link.attributes["href"]).status == 404

    @pytest.mark.parametrize("title", ["", "   ", "x" * 101, "a\x00b", "a\nb", "a\u202eb"])
    def test_a_token_needs_a_title(self, anna: Browser, title: str) -> None:
        page = anna.send(anna.open("/settings/tokens"), "/settings/tokens", title=title)
        assert page.status == 422
        assert faults(page) == {"title": "Нужно название не длиннее 100 знаков, в одну строку."}
        assert "Пока ни одного." in page.text

    def test_a_reader_makes_a_token_that_reads(self, ours: Tenant, enter: Callable[..., Browser]) -> None:
        reader = enter(ours, role="reader")
        _, token = made(reader)
        assert asks(reader, token) == 200
        headers = {"Authorization": f"Bearer {token}"}
        answer = reader.client.post(f"/api/v1/accounts/{ours.account}/refresh", headers=headers)
        assert answer.status_code == 403

    def test_nobody_revokes_a_token_of_another(
        self, ours: Tenant, theirs: Tenant, enter: Callable[..., Browser]
    ) -> None:
        """Not even of another member of the same cabinet."""
        _, token = made(enter(ours))
        address = next(
            link.attributes["href"]
            for link in enter(ours).open("/settings/tokens").of("a")
            if link.text == "Отозвать"
        )
        for other in (enter(ours, role="member"), enter(theirs)):
            page = other.open("/settings/tokens")
            assert "Отчёты" not in page.text
            assert other.open(address).status == 404
            data = {"csrf": page.forms[0].fields["csrf"]}
            assert other.client.post(address, data=data).status_code == 404
        assert asks(enter(ours), token) == 200

    def test_a_hostile_title_does_nothing(self, owner: Browser) -> None:
        title = "<img src=x onerror=alert(1)>{{7*7}}%s"
        page, _ = made(owner, title)
        assert_harmless(page)
        listed = owner.open("/settings/tokens")
        assert_harmless(listed)
        link = next(link for link in listed.of("a") if link.text == "Отозвать")
        assert_harmless(owner.open(link.attributes["href"]))
