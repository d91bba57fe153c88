"""What is the address of an incoming webhook, and what only looks like one."""

from __future__ import annotations

import traceback

import pytest

from shared.bitrix24.access import Access, parse_webhook
from shared.domain.errors import InsecureAddress, NotAWebhookUrl

SECRET = "abc123def456"
ACCEPTED = {
    f"https://romashka.bitrix24.ru/rest/1/{SECRET}/": ("romashka.bitrix24.ru", 1),
    f"https://romashka.bitrix24.ru/rest/1/{SECRET}": ("romashka.bitrix24.ru", 1),
    f"  https://romashka.bitrix24.ru/rest/1/{SECRET}/\n": ("romashka.bitrix24.ru", 1),
    f"https://romashka.bitrix24.ru/rest/12/{SECRET}/profile.json": ("romashka.bitrix24.ru", 12),
    f"https://romashka.bitrix24.ru/rest/12/{SECRET}/crm.deal.list": ("romashka.bitrix24.ru", 12),
    f"https://romashka.bitrix24.ru/rest/12/{SECRET}/profile?x=1#y": ("romashka.bitrix24.ru", 12),
    f"HTTPS://ROMASHKA.bitrix24.RU/rest/1/{SECRET}/": ("romashka.bitrix24.ru", 1),
    f"https://romashka.example:8443/rest/1/{SECRET}/": ("romashka.example:8443", 1),
    f"https://romashka.example./rest/1/{SECRET}/": ("romashka.example", 1),
    f"https://ромашка.рф/rest/1/{SECRET}/": ("xn--80aa3agjl3d.xn--p1ai", 1),
    f"https://p1。bitrix24.ru/rest/1/{SECRET}/": ("p1.bitrix24.ru", 1),
    f"https://romashka.ⓔxample/rest/1/{SECRET}/": ("romashka.example", 1),
    f"https://[2001:db8::1]:8443/rest/1/{SECRET}/": ("[2001:db8::1]:8443", 1),
}


@pytest.mark.parametrize(("url", "expected"), ACCEPTED.items())
def test_an_address_is_taken_apart_and_put_together_anew(url: str, expected: tuple[str, int]) -> None:
    host, user_id = expected
    assert parse_webhook(url) == Access(f"https://{host}/rest/{user_id}/{SECRET}/", host, user_id)


REFUSED = [
    "",
    "romashka.bitrix24.ru",
    "https://",
    "https://romashka.bitrix24.ru/",
    "https://romashka.bitrix24.ru/rest/",
    f"https://romashka.bitrix24.ru/rest/{SECRET}/",
    f"https://romashka.bitrix24.ru/rest/x/{SECRET}/",
    f"https://romashka.bitrix24.ru/rest/1/{SECRET}/a/b",
    f"https://romashka.bitrix24.ru/x/rest/1/{SECRET}/",
    f"https://romashka.bitrix24.ru/rest/1/{SECRET}/../../admin",
    f"https://romashka.bitrix24.ru/rest/1/{SECRET}%2F..%2F",
    "https://romashka.bitrix24.ru/rest/1/a-b_c/",
    f"https://romashka.bitrix24.ru/rest/1/{'x' * 65}/",
    f"https://user:word@romashka.bitrix24.ru/rest/1/{SECRET}/",
    f"https://evil.example\\@romashka.bitrix24.ru/rest/1/{SECRET}/",
    f"https://romashka.bitrix24.ru\n.evil.example/rest/1/{SECRET}/",
    f"https://romashka.bit\trix24.ru/rest/1/{SECRET}/",
    f"https://romashka .bitrix24.ru/rest/1/{SECRET}/",
    f"https://romashka.bitrix24.ru:99999/rest/1/{SECRET}/",
    f"https://romashka.bitrix24.ru:x/rest/1/{SECRET}/",
    f"https://[::1/rest/1/{SECRET}/",
    f"https://{'я' * 80}.рф/rest/1/{SECRET}/",
    f"ftp://romashka.bitrix24.ru/rest/1/{SECRET}/",
    f"//romashka.bitrix24.ru/rest/1/{SECRET}/",
    f"file:///rest/1/{SECRET}/",
    f"javascript:/rest/1/{SECRET}/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_only_looks_like_one_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(NotAWebhookUrl) as caught:
        parse_webhook(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_address_without_encryption_is_for_this_machine_only() -> None:
    url = f"http://romashka.bitrix24.ru/rest/1/{SECRET}/"
    with pytest.raises(InsecureAddress):
        parse_webhook(url)
    assert parse_webhook(url, allow_private=True).endpoint == url


def test_no_access_shows_its_secret() -> None:
    webhook = parse_webhook(f"https://romashka.bitrix24.ru/rest/1/{SECRET}/")
    application = Access("https://romashka.bitrix24.ru/rest/", "romashka.bitrix24.ru", token=SECRET)
    assert (webhook.secret, application.secret) == (SECRET, SECRET)
    assert SECRET not in repr((webhook, application))
