"""The gateway in this process, a database behind it and a simulated cloud around it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
from httpx2 import Response
from starlette.testclient import TestClient

from services.gateway.app import create_app
from shared.db import applications, link_tokens, people
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.frame import FrameSession, verify
from shared.settings import Settings
from tools.simulator.applications import Application
from tools.simulator.cloud import SimulatedCloud
from tools.simulator.installing import Visit
from tools.simulator.portal import SimulatedPortal

KEY = "a key of the tests and of nobody else"
FORM = "application/x-www-form-urlencoded"
_NOWHERE = "memory://"
_SESSION = re.compile(r'name="session" value="([^"]+)"')


@dataclass
class GatewayRoom:
    """``client`` speaks with the gateway; ``application`` is the one both sides know."""

    url: str
    cloud: SimulatedCloud
    broker_url: str = _NOWHERE
    settings: dict[str, Any] = field(default_factory=dict)
    application: Application = field(init=False)
    db: Database = field(init=False)
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.db = Database(self.url, Role.OPERATOR, Keyring([KEY]))
        self.application = self.another_application()
        # Inside the block the application has started; at its end it closes what it holds.
        self.client = self.another().__enter__()

    def another(self, **settings: Any) -> TestClient:
        """A second gateway with other settings, to be opened."""
        values: dict[str, Any] = {
            "database_url": self.url,
            "broker_url": self.broker_url,
            "secret_keys": KEY,
            "allow_private_portals": True,
            "bitrix24_oauth_servers": f"{self.cloud.oauth.url},{self.cloud.twin.url}",
            **self.settings,
            **settings,
        }
        return TestClient(create_app(Settings(**values)), raise_server_exceptions=False)

    def another_application(self, *, installer: bool = True) -> Application:
        """A second one both sides know, with an installer's page or without."""
        base = "http://127.0.0.1:1/bitrix24"
        found = self.cloud.register_application(
            handler_url=f"{base}/app", installer_url=f"{base}/install" if installer else None
        )
        self._register(found)
        return found

    def _register(self, application: Application) -> None:
        with self.db.session() as session:
            applications.register(
                session,
                self.db.keyring,
                client_id=application.client_id,
                secret=application.secret,
                title="CRMAP",
            )

    def close(self) -> None:
        self.client.__exit__()
        self.db.close()

    # -- what the portal's side does

    def visit(self, portal: SimulatedPortal, user: int | str = "admin", **install: Any) -> Visit:
        """Somebody has the application in front of him, with tokens; nothing was posted yet."""
        if self.application.client_id not in portal.installations:
            return portal.install(self.application, user, page=False, event=False, **install)
        return portal.open_app(self.application, user, page=False)

    def opening(self, portal: SimulatedPortal, visit: Visit, **changed: str | None) -> dict[str, str]:
        """The form a browser posts; ``None`` leaves a field out."""
        form: dict[str, str | None] = {
            "AUTH_ID": visit.chain.access_token,
            "AUTH_EXPIRES": "3600",
            "REFRESH_ID": visit.chain.refresh_token,
            "SERVER_ENDPOINT": self.cloud.oauth.endpoint,
            "APPLICATION_TOKEN": visit.installation.application_token,
            "member_id": portal.member_id,
            "status": "L",
            "PLACEMENT": "DEFAULT",
            **changed,
        }
        return {name: value for name, value in form.items() if value is not None}

    def open_page(
        self,
        portal: SimulatedPortal,
        user: int | str = "admin",
        page: str = "app",
        *,
        lang: str | None = "ru",
        **changed: str | None,
    ) -> Response:
        """The answer to a page of the application being opened."""
        form = self.opening(portal, self.visit(portal, user), **changed)
        query = urlencode({"DOMAIN": portal.domain, "PROTOCOL": "0", "LANG": lang or "", "APP_SID": "a" * 32})
        return self.client.post(f"/bitrix24/{page}?{query}", data=form)

    def installed(self, portal: SimulatedPortal) -> UUID:
        """The portal's id, once the application is installed and known to the gateway."""
        answer = self.open_page(portal, page="install")
        assert answer.status_code == 200, answer.text
        portal.finish_install(self.application, event=False)
        return self.portal_id(portal)

    def frame(self, portal: SimulatedPortal, user: int | str = "admin") -> str:
        """A frame session of this user."""
        return self.session_text(self.open_page(portal, user))

    def session_text(self, answer: Response) -> str:
        """The frame session that stands in this page."""
        found = _SESSION.search(answer.text)
        assert found, answer.text
        return found[1]

    def session_in(self, answer: Response) -> FrameSession:
        """What the session in this page says."""
        ((now,),) = self.rows("select now()")
        return verify(Keyring([KEY]), self.session_text(answer), now=now)

    def event(self, portal: SimulatedPortal, **changed: Any) -> dict[str, str]:
        """An event as the portal would send it; ``auth__token=None`` leaves ``auth[token]`` out."""
        token = portal.installation(self.application).application_token
        form: dict[str, str] = {
            "event": "ONCRMDEALUSERFIELDADD",
            "event_handler_id": "185",
            "data[FIELDS][ID]": "7405",
            "ts": str(int(portal.clock())),
            "auth[domain]": portal.domain,
            "auth[client_endpoint]": portal.endpoint,
            "auth[server_endpoint]": self.cloud.oauth.endpoint,
            "auth[member_id]": portal.member_id,
            "auth[application_token]": token,
        }
        return _changed(form, changed)

    def install_event(self, portal: SimulatedPortal, visit: Visit, **changed: Any) -> dict[str, str]:
        """ONAPPINSTALL with the tokens of this visit."""
        event = self.event(
            portal,
            event="ONAPPINSTALL",
            data__FIELDS__ID=None,
            data__VERSION="1",
            data__ACTIVE="Y",
            data__INSTALLED="Y",
            data__LANGUAGE_ID="ru",
            auth__access_token=visit.chain.access_token,
            auth__refresh_token=visit.chain.refresh_token,
            auth__expires_in="3600",
            auth__scope="crm",
            auth__status="F",
        )
        return _changed(event, changed)

    def send(self, form: dict[str, str] | bytes, **headers: str) -> Response:
        """What the gateway answers to this event."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        return self.client.post("/bitrix24/events", content=body, headers={"Content-Type": FORM, **headers})

    def call(self, path: str, session: str, **fields: Any) -> Response:
        """What the gateway answers to a page in the frame."""
        headers = {"Authorization": f"Bearer {session}"}
        return self.client.post(f"/bitrix24/{path}", json=fields, headers=headers)

    # -- what stands in the database

    def cabinet(self, email: str = "anna@example.com", title: str | None = None) -> tuple[UUID, str]:
        """A cabinet and its connection token."""
        person_id, cabinet_id = uuid4(), uuid4()
        with self.db.session() as session:
            people.add(session, person_id=person_id, cabinet_id=cabinet_id, email=email, password_hash=None)
            session.flush()
            token = link_tokens.current(session, self.db.keyring, cabinet_id)
        if title is not None:
            self.rows("update cabinet set title = %s where id = %s", title, cabinet_id)
        return cabinet_id, token

    def portal_id(self, portal: SimulatedPortal) -> UUID:
        ((found,),) = self.rows("select id from portal where member_id = %s", portal.member_id)
        return UUID(str(found))

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the database says, past every role."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []

    def contents(self) -> dict[str, list[Any]]:
        """Everything an event or a call could change."""
        tables = ("portal", "installation", "chain", "inbox", "job", "link", "audit")
        return {table: self.rows(f"select * from {table} order by 1") for table in tables}  # noqa: S608


def policy(answer: Response) -> dict[str, str]:
    """The directives of an answer's Content-Security-Policy."""
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


def said(answer: Response) -> tuple[int, str]:
    """The status and the word of an answer to an event."""
    body = answer.json()
    return answer.status_code, body.get("error") or body["status"]


def code_of(answer: Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]


def _changed(form: dict[str, str], changed: dict[str, Any]) -> dict[str, str]:
    found: dict[str, Any] = dict(form)
    for name, value in changed.items():
        first, *inner = name.split("__")
        found[first + "".join(f"[{step}]" for step in inner)] = value
    return {name: value for name, value in found.items() if value is not None}


@contextlib.contextmanager
def canary() -> Iterator[Canary]:
    """A listener nobody has a reason to visit."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        bird = Canary(server)
        try:
            yield bird
        finally:
            bird.stop()


class Canary:
    """``host`` and ``port`` to be named wherever an address can be named; ``visits`` counts who came."""

    def __init__(self, server: socket.socket) -> None:
        self.host = f"127.0.0.1:{server.getsockname()[1]}"
        self.visits = 0
        self._server = server
        self._stopping = threading.Event()
        server.settimeout(0.02)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._server.accept()
                self.visits += 1
                connection.close()
