"""The whole of CRMAP for a browser: both services at one address, a worker, the clock, and portals of another site.

Browsers tell sites apart by name, so CRMAP is ``localhost`` here and every portal ``127.0.0.1``: what the portal's
frame holds is as foreign to it as it is in earnest.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import psycopg
from playwright.sync_api import BrowserContext

from shared.db import link_tokens, people
from shared.db.people import Member
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from tests.cabinet_api import CabinetApi
from tests.machine_room import COMMAND, KEY
from tests.waiting import WITHIN_S, until
from tools.simulator.applications import Application
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal
from tools.standalone.serving import free_port, running

_PROGRAMS: Final = ("one-address", "worker", "beat")
#: The name of one that is as large as they get.
LARGE: Final = "large"
#: «Ромашка Опт» for every story, and a large one.
SPECS: Final = (
    *(PortalSpec(f"romashka-{number}", "showcase") for number in range(48)),
    PortalSpec(LARGE, "L"),
)
# What a failed story shows of each process's log.
_TAIL_CHARACTERS = 3_000
_SESSION = re.compile(r'name="session" value="([^"]+)"')


@dataclass(frozen=True)
class Person:
    """Somebody with a cabinet of his own. ``cookie`` signs his browser in, ``token`` is what portals are linked by."""

    email: str
    member: Member
    cookie: str = field(repr=False)
    token: str = field(repr=False)
    api: CabinetApi = field(repr=False)


@dataclass
class Plant:
    """Everything runs. ``folder`` keeps the logs."""

    folder: Path
    url: str
    database_url: str
    cloud: SimulatedCloud
    application: Application
    db: Database
    _unused: Iterator[SimulatedPortal]
    _apis: list[CabinetApi] = field(default_factory=list)

    def portal(self) -> SimulatedPortal:
        """«Ромашка Опт», a portal no other test has touched."""
        return next(self._unused)

    def person(self, language: str = "ru") -> Person:
        """A new person with an empty cabinet."""
        member = Member(uuid4(), uuid4(), "owner")
        email = f"{member.person_id.hex[:8]}@example.com"
        with self.db.session(cabinet=member.cabinet_id, person=member.person_id) as session:
            people.add(
                session,
                person_id=member.person_id,
                cabinet_id=member.cabinet_id,
                email=email,
                password_hash=None,
            )
            session.flush()
            people.save_profile(session, member.person_id, language=language, time_zone="Europe/Moscow")
            cookie = people.start_session(session, member.person_id)
            token = link_tokens.current(session, self.db.keyring, member.cabinet_id)
            _, key = people.issue_api_token(session, member, title="tests")
        self._apis.append(CabinetApi(self.url, key))
        return Person(email, member, cookie, token, self._apis[-1])

    def sign_in(self, context: BrowserContext, person: Person) -> None:
        """This browser is the person's."""
        context.add_cookies([{"name": "crmap-session", "value": person.cookie, "url": self.url}])

    def close(self) -> None:
        for api in self._apis:
            api.close()
        self.db.close()

    def linked(self, portal: SimulatedPortal, person: Person) -> str:
        """The account's id: the application is in the portal, linked to this person's cabinet, and read."""
        if self.application.client_id not in portal.installations:
            portal.install(self.application)
            portal.finish_install(self.application)
        session = self.frame_session(portal)
        preview = self.ask_gateway("link/preview", session=session, token=person.token)["preview"]
        made = self.ask_gateway("link", session=session, token=person.token, preview=preview)
        account_id: str = made["id"]
        person.api.until_state(account_id, "fresh")
        return account_id

    def frame_session(self, portal: SimulatedPortal, user: int | str = "admin") -> str:
        """The session of a page that this user has opened in the portal."""
        page = portal.open_app(self.application, user).page
        found = _SESSION.search(page.text) if page else None
        assert page is not None
        assert found is not None, page.text
        return found[1]

    def ask_gateway(self, path: str, **fields: str) -> Any:
        """What the gateway answers to a page in the frame."""
        answer = httpx.post(f"{self.url}/bitrix24/{path}", data=fields, timeout=WITHIN_S)
        assert answer.is_success, answer.text
        return answer.json()

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the database says, past every role."""
        with psycopg.connect(self.database_url, connect_timeout=int(WITHIN_S)) as connection:
            found = connection.execute(query, values)
            return found.fetchall() if found.description else []

    def until_at_rest(self, portal: SimulatedPortal) -> None:
        """No read of the portal is under way or about to begin: one after an installation looks after its handlers."""
        at_rest = (
            "select 1 from portal where id = %s and dirty_since is null and not exists"
            " (select 1 from job where portal_id = portal.id and state in ('queued', 'running'))"
        )
        until(lambda: self.rows(at_rest, self.portal_id(portal)), what="the portal is at rest")

    def portal_id(self, portal: SimulatedPortal) -> UUID:
        ((found,),) = self.rows("select id from portal where domain = %s", portal.domain)
        return UUID(str(found))

    def logs(self) -> Iterator[tuple[str, str]]:
        """The end of every process's log."""
        for log in sorted(self.folder.glob("*.log")):
            yield log.stem, log.read_text(errors="replace")[-_TAIL_CHARACTERS:]


@contextlib.contextmanager
def plant(
    folder: Path,
    database_url: str,
    broker_url: str,
    specs: Sequence[PortalSpec] = SPECS,
    *,
    shared_port: bool = False,
) -> Iterator[Plant]:
    """Everything runs while the block does, over a migrated database. ``shared_port``: all portals are at one."""
    listen = f"127.0.0.1:{free_port()}"
    url = f"http://localhost:{listen.rpartition(':')[2]}"
    with contextlib.ExitStack() as stack:
        cloud = stack.enter_context(SimulatedCloud(specs, shared_port=shared_port))
        application = cloud.register_application(
            handler_url=f"{url}/bitrix24/app",
            installer_url=f"{url}/bitrix24/install",
            events_url=f"{url}/bitrix24/events",
        )
        settings = {
            "DATABASE_URL": database_url,
            "BROKER_URL": broker_url,
            "SECRET_KEYS": KEY,
            "PUBLIC_URL": url,
            "STANDALONE_LISTEN": listen,
            "ALLOW_PRIVATE_PORTALS": "1",
            "BITRIX24_CLIENT_ID": application.client_id,
            "BITRIX24_CLIENT_SECRET": application.secret,
            "BITRIX24_OAUTH_SERVERS": f"{cloud.oauth.url},{cloud.twin.url}",
            # A page of CRMAP needs the interface of the platform; every portal has the same.
            "BITRIX24_SCRIPT_URL": f"{cloud.portals[0].base_url}api/v1/",
        }
        environment = {
            "PATH": os.environ["PATH"],
            **{f"CRMAP_{name}": value for name, value in settings.items()},
        }
        for name in _PROGRAMS:
            stack.enter_context(_program(name, folder, environment))
        until(lambda: _is_ready(url), what="CRMAP is ready")
        db = Database(database_url, Role.OPERATOR, Keyring([KEY]))
        found = Plant(folder, url, database_url, cloud, application, db, iter(cloud.portals))
        stack.callback(found.close)
        yield found


def _program(
    name: str, folder: Path, environment: Mapping[str, str]
) -> contextlib.AbstractContextManager[object]:
    return running(
        name,
        [str(COMMAND), name],
        answers=lambda: True,
        log_file=folder / f"{name}.log",
        stop_signal=signal.SIGTERM,
        options={"env": environment, "cwd": folder},
    )


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
