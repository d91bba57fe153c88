"""Who gets a page inside a portal, and who may show it around himself."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from services.cabinet.app import create_app
from shared import frame
from shared.db.sealed import Keyring
from shared.frame import FrameSession
from shared.settings import Settings
from tests.builders import a_pipeline, a_snapshot
from tests.gateway_room import KEY, GatewayRoom, policy
from tests.services.cabinet.in_portal.frames import Frame
from tests.services.cabinet.pages import Page
from tests.wrong_clocks import HOUR, wrong_by
from tools.simulator.portal import SimulatedPortal

Read = Callable[..., UUID]
Open = Callable[..., Frame]
# Always the same: tests are told apart by it.
NO_REFRESH = "/portal/refreshes/5f0c2d1e-9a7b-4c3d-8e6f-0a1b2c3d4e5f"
ADDRESSES = ("/portal/", "/portal/settings", "/portal/specification", "/portal/text", NO_REFRESH)


def issued(portal_id: UUID, *, key: str = KEY, age: timedelta = timedelta(0), **changed: Any) -> str:
    claims: dict[str, Any] = {"user_id": 1, "is_admin": True, "language": "ru", **changed}
    session = FrameSession(portal_id, uuid4(), **claims, origins="https://one.example https://two.example")
    return frame.issue(Keyring([key]), session, now=datetime.now(UTC) - age)


# What every page says to the browser.


def test_a_page_has_exactly_the_headers_of_a_frame(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    answer = open_frame(portal).send("/portal/")
    assert answer.status_code == 200
    assert policy(answer) == {
        "default-src": "'none'",
        "script-src": "'self' https://api.bitrix24.com",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": f"http://{portal.address}",
    }
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "strict-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for name in ("set-cookie", "x-frame-options"):
        assert name not in answer.headers
    assert not [name for name in answer.headers if name.startswith("cross-origin")]


def test_a_page_has_no_script_or_style_of_its_own(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    for tab in ("pipelines", "stages", "fields", "users"):
        page = open_frame(portal).open(tab=tab)
        assert page.of("style") == []
        assert all(script.attributes.get("src") and not script.text for script in page.of("script"))
        assert not [one for one in page.elements if "style" in one.attributes]


def test_a_portal_with_a_name_of_its_own_frames_the_page_at_either_address(
    portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    portal.domain = f"romashka.localhost:{portal.address.rpartition(':')[2]}"
    answer = open_frame(portal).send("/portal/")
    assert policy(answer)["frame-ancestors"] == f"http://{portal.address} http://{portal.domain}"


# Without a good session.


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_whoever_comes_from_no_portal_gets_a_sentence_that_nobody_may_frame(
    client: TestClient, path: str, language: str
) -> None:
    for answer in (
        client.get(path, headers={"Accept-Language": language}),
        client.post(path, data={}, headers={"Accept-Language": language}),
    ):
        assert answer.status_code == 403
        assert policy(answer)["frame-ancestors"] == "'none'"
        page = Page(answer)
        assert page.of("html")[0].attributes["lang"] == language
        assert "Bitrix24" in page.text or "Битрикс24" in page.text
        assert page.of("script") == []


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_forged_session_is_worth_as_much_as_none(client: TestClient, path: str) -> None:
    good = issued(uuid4())
    body, _, signature = good.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    other = base64.urlsafe_b64encode(json.dumps({**claims, "user": 2}).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (
        "x",
        "ключ.ключ",
        f"{body}.",
        f"{other}.{signature}",
        f"{unsigned}.{body}.",
        issued(uuid4(), key="another key than ours"),
        "crmap_" + "a" * 40,
        "a" * 15_000,
    ):
        answer = client.post(path, data={"session": forged})
        assert answer.status_code == 403, forged
        assert policy(answer)["frame-ancestors"] == "'none'"
        assert forged not in answer.text


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
def test_a_session_lasts_by_the_clock_of_the_database(
    client: TestClient, portal: SimulatedPortal, read: Read, open_frame: Open, ahead: timedelta
) -> None:
    read(portal, a_snapshot())
    opened, over = open_frame(portal), issued(uuid4(), age=frame.LIVES)
    with wrong_by(ahead):
        assert opened.open().status == 200
        assert client.post("/portal/", data={"session": over}).status_code == 401


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_session_that_is_over_says_so_inside_its_portal(client: TestClient, path: str) -> None:
    answer = client.post(path, data={"session": issued(uuid4(), age=frame.LIVES)})
    assert answer.status_code == 401
    assert policy(answer)["frame-ancestors"] == "https://one.example https://two.example"
    assert "Сеанс закончился. Обновите страницу." in Page(answer).text
    in_english = client.post(path, data={"session": issued(uuid4(), age=frame.LIVES, language="en")})
    assert "The session is over. Reload the page." in Page(in_english).text


def test_a_database_that_is_away_is_said_inside_the_portal() -> None:
    settings = Settings(
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/nothing"),
        broker_url=SecretStr("memory://"),
        secret_keys=SecretStr(KEY),
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as away:
        answer = away.post("/portal/", data={"session": issued(uuid4())})
    assert answer.status_code == 503
    assert policy(answer)["frame-ancestors"] == "https://one.example https://two.example"
    assert "База данных не отвечает" in Page(answer).text


def test_a_session_does_not_count_where_it_would_stay_in_histories_and_logs(
    client: TestClient, portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    session = open_frame(portal).session
    assert client.get("/portal/", params={"session": session}).status_code == 403
    assert client.post("/portal/", params={"session": session}, data={}).status_code == 403
    by_header = client.get("/portal/", headers={"Authorization": f"Bearer {session}"})
    assert by_header.status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"session=a" * 5_000, "application/x-www-form-urlencoded", 413),
        (b"session=" + b"a" * 100, "text/plain", 403),
        (b"%FF%00session", "application/x-www-form-urlencoded", 403),
        (b"--x\r\n", "multipart/form-data; boundary=x", 403),
    ],
)
def test_a_body_that_is_no_form_of_ours_gets_a_sentence(
    client: TestClient, content: bytes, kind: str, status: int
) -> None:
    answer = client.post("/portal/", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert policy(answer)["frame-ancestors"] == "'none'"


# One portal and no other.


def test_a_session_of_one_portal_shows_nothing_of_another(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    ours = read(portal, a_snapshot(pipelines=(a_pipeline(name="Наша воронка"),)))
    theirs = read(other, a_snapshot(pipelines=(a_pipeline(name="Чужая воронка"),)))
    # A cabinet sees both; a frame does not know any cabinet.
    cabinet_id, _ = room.cabinet()
    for portal_id in (ours, theirs):
        room.rows(
            "insert into link (id, cabinet_id, portal_id, title, note) values (%s, %s, %s, '', '')",
            uuid4(),
            cabinet_id,
            portal_id,
        )
    frame = open_frame(portal)
    for path, fields in (
        ("/portal/", {}),
        ("/portal/text", {}),
        ("/portal/", {"portal": str(theirs), "portal_id": str(theirs)}),
        ("/portal/specification", {}),
    ):
        answer = frame.send(path, **fields)
        assert "Наша воронка" in answer.content.decode()
        assert "Чужая воронка" not in answer.content.decode()


def test_a_read_of_another_portal_is_not_to_be_watched(
    room: GatewayRoom, portal: SimulatedPortal, other: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    room.installed(other)
    ((theirs,),) = room.rows("select id from job where portal_id = %s", room.portal_id(other))
    frame = open_frame(portal)
    for path in (f"/portal/refreshes/{theirs}", NO_REFRESH, "/portal/refreshes/x"):
        answer = frame.send(path)
        assert answer.status_code == 404
        assert policy(answer)["frame-ancestors"] == f"http://{portal.address}"
    # Named in a field it is passed over: the page says nothing of it.
    assert frame.open(refresh=str(theirs)).of("progress") == []


# Portals that show nothing.


def test_an_erased_portal_says_what_to_do(client: TestClient) -> None:
    answer = client.post("/portal/", data={"session": issued(uuid4())})
    assert answer.status_code == 410
    assert "удалены" in Page(answer).text
    assert policy(answer)["frame-ancestors"] == "https://one.example https://two.example"


def test_a_portal_crmap_was_removed_from_says_so(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    frame = open_frame(portal)
    room.rows("update portal set state = 'removed'")
    page = frame.open()
    assert page.status == 410
    assert "удалено с этого портала" in page.text
    assert "Общая" not in page.text


def test_data_for_administrators_is_shown_to_no_employee(
    room: GatewayRoom, portal: SimulatedPortal, read: Read, open_frame: Open
) -> None:
    read(portal, a_snapshot())
    portal.edit("add_user", name="Пётр", last_name="Новиков")
    employee = open_frame(portal, "employee")
    assert employee.open().status == 200
    room.rows("update portal set admins_only = true")
    for path in ("/portal/", "/portal/specification"):
        answer = employee.send(path)
        assert answer.status_code == 403
        assert "только администраторам" in Page(answer).text
    assert open_frame(portal).open().status == 200
