"""«Разработчикам»: a person connects CRMAP to the pretend portal as to a real one."""

from __future__ import annotations

import pytest

from tests.tools.simulator.client import call, request
from tests.tools.simulator.listener import Listener
from tests.tools.simulator.reading_pages import look, send
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.portal import SimulatedPortal

RIGHTS = [("rights[]", "crm"), ("rights[]", "userfieldconfig")]


def made(portal: SimulatedPortal, listener: Listener, **other: str) -> str:
    """The address of the card of a new local application."""
    said = {
        "title": "CRMAP",
        "handler_url": f"{listener.url}app",
        "installer_url": f"{listener.url}install",
    } | other
    sent = send(f"{portal.base_url}devops/application/", [*said.items(), *RIGHTS])
    assert sent.status == 303, sent.body.decode()
    return portal.base_url.rstrip("/") + sent.headers["Location"]


def test_a_local_application_has_its_keys_and_is_in_the_menu(
    cloud: SimulatedCloud, portal: SimulatedPortal, listener: Listener
) -> None:
    card = look(made(portal, listener))
    (application,) = cloud.authority.applications
    assert (card.inputs["client_id"], card.inputs["client_secret"]) == (
        application.client_id,
        application.secret,
    )
    assert application.client_id.startswith("local.")
    assert application.scopes == ("crm", "userfieldconfig")
    listed = look(f"{portal.base_url}devops/")
    assert application.client_id in listed.words
    opened = look(portal.base_url.rstrip("/") + listed.links["CRMAP"])
    assert opened.forms[0].action.startswith(f"{listener.url}install?")


def test_without_an_installer_it_is_installed_at_once(portal: SimulatedPortal, listener: Listener) -> None:
    card = look(made(portal, listener, installer_url=""))
    assert portal.installations[card.inputs["client_id"]].finished


def test_changed_and_installed_again(portal: SimulatedPortal, listener: Listener) -> None:
    url = made(portal, listener)
    before = look(url).inputs
    installation = portal.installations[before["client_id"]]
    portal.finish_install(installation.application)
    said = {"title": "Карта", "handler_url": f"{listener.url}other", "installer_url": before["installer"]}
    assert send(url, [*said.items(), ("rights[]", "crm")]).status == 303
    after = look(url).inputs
    assert (after["title"], after["handler"]) == ("Карта", f"{listener.url}other")
    assert (after["client_id"], after["client_secret"]) == (before["client_id"], before["client_secret"])
    assert installation.finished
    sent = send(url, {"do": "reinstall"})
    assert sent.headers["Location"] == f"/marketplace/app/{installation.row_id}/"
    assert not installation.finished


def test_deleted(portal: SimulatedPortal, listener: Listener) -> None:
    url = made(portal, listener)
    assert send(url, {"do": "delete"}).headers["Location"] == "/devops/"
    assert request("GET", url).status == 404
    assert "CRMAP" not in look(f"{portal.base_url}devops/").links
    keys = look(made(portal, listener)).inputs
    assert len({keys["client_id"], *portal.installations}) == 2, "added again, it is another one"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"title": " "}, "Назовите пункт меню."),
        ({"handler_url": "crmap.example"}, "Путь обработчика"),
        ({"installer_url": "ftp://crmap.example"}, "Путь для установки"),
        ({"handler_url": "http://[", "title": "<b>"}, "Путь обработчика"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    portal: SimulatedPortal, listener: Listener, said: dict[str, str], sentence: str
) -> None:
    typed = {"title": "Карта", "handler_url": f"{listener.url}app"} | said
    reply = send(f"{portal.base_url}devops/application/", [*typed.items(), *RIGHTS])
    assert reply.status == 400
    assert sentence in reply.body.decode()
    assert listener.url in reply.body.decode() or "handler_url" in said
    assert portal.installations == {}


def test_some_right_has_to_be_chosen(portal: SimulatedPortal, listener: Listener) -> None:
    reply = send(f"{portal.base_url}devops/application/", {"title": "Карта", "handler_url": listener.url})
    assert (reply.status, "Выберите хотя бы одно право." in reply.body.decode()) == (400, True)


def test_only_administrators_add_applications_and_see_their_keys(
    portal: SimulatedPortal, listener: Listener
) -> None:
    url = made(portal, listener)
    for address in (url, f"{portal.base_url}devops/application/"):
        assert request("GET", f"{address}?as=employee").status == 403
        assert send(f"{address}?as=employee", {"do": "delete"}).status == 403
    assert look(url).inputs["client_id"] in portal.installations


@pytest.mark.parametrize(("query", "user_id"), [("", "1"), ("?as=employee&lang=en", "3")])
def test_a_webhook_of_whoever_looks(portal: SimulatedPortal, query: str, user_id: str) -> None:
    page = f"{portal.base_url}devops/webhook/{query}"
    assert "address" not in look(page).inputs
    made, same = (send(page, RIGHTS).body.decode() for _ in range(2))
    url = portal.webhook(int(user_id), ("crm", "userfieldconfig"))
    assert url in made
    assert url in same
    assert call(url, "profile").result["ID"] == user_id
    assert call(url, "scope").result == ["crm", "userfieldconfig"]
    again = send(page, [*RIGHTS, ("again", "1")]).body.decode()
    assert url not in again
    assert call(url, "profile").error == "INVALID_CREDENTIALS"
