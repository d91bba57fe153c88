"""What people and portals do in a simulated week: install, change something, press «Обновить»; events are lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from uuid import uuid4

from services.sync_worker.worker import Worker
from shared.db import event_reads, inbox, installations, jobs, refreshing
from shared.db.inbox import Incoming, Waiting
from shared.db.installations import Verified
from shared.db.session import Database
from shared.db.tables.portals import ApplicationRow, PortalRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import Lane
from shared.domain.tokens import TokenFacts, Tokens
from tests.week.figures import Figures
from tests.week.timeline import Timeline
from tests.week.workers import Workers
from tests.week.world import Portal, World

CLIENT_ID = "app.0123456789abcd.01234567"
_DAY_S = 86_400.0
_LOST = 0.1
# Of the edits in a portal, those about which it sends an event.
_TOLD = 0.6
_CHANGES_A_DAY = 1.0
_PRESSES_A_DAY = 0.25
_LOOKS_AGAIN_S = (300.0, 3600.0)


class People:
    """Everybody who does something. What the gateway and the cabinet do for them is done by their own functions."""

    def __init__(
        self, timeline: Timeline, world: World, figures: Figures, gateway: Database, dice: Random
    ) -> None:
        self.timeline, self.world, self.figures, self.dice = timeline, world, figures, dice
        self.gateway = gateway
        self.workers: Workers

    def begin(self, workers: Workers, newcomers: list[Portal], length: timedelta) -> None:
        """Some portals are there already and read all the time; the newcomers come in the first half."""
        self.workers = workers
        now, every = self.timeline.now, workers.processes[0].worker.sync_every
        coming = {portal.domain for portal in newcomers}
        with self.gateway.session() as session:
            session.add(
                ApplicationRow(client_id=CLIENT_ID, client_secret=b"sealed", title="CRMAP", proven_at=now)
            )
            for portal in self.world.portals:
                if portal.domain in coming:
                    continue
                age = every * self.dice.random()
                row = PortalRow(
                    kind=PortalKind.APP,
                    member_id=portal.member_id,
                    domain=portal.domain,
                    state=PortalState.ACTIVE,
                    read_at=now - age,
                    next_read_at=now - age + every,
                )
                portal.id, portal.read_at = row.id, now - age
                self.world.by_id[row.id] = portal
                session.add(row)
        for portal in newcomers:
            coming_after_s = self.dice.uniform(0, length.total_seconds() / 2)
            self.timeline.after(coming_after_s, partial(self._install, portal))
        self._keep_coming(_CHANGES_A_DAY, self._change)
        self._keep_coming(_PRESSES_A_DAY, self._press)

    def verdict(self, worker: Worker, waiting: Waiting) -> str | None:
        """What the authorization server says about an installation; ``None`` while it is away."""
        if not self.world.is_up("authority", self.timeline.now):
            return None
        portal = next(portal for portal in self.world.portals if portal.member_id == waiting.member_id)
        self._accept(worker.db, portal)
        return "done"

    def _keep_coming(self, a_day: float, act: Callable[[Portal], None]) -> None:
        """Every portal has so many of these a day, at any time."""
        rate = a_day * len(self.world.portals) / _DAY_S

        def one() -> None:
            portal = self.dice.choice(self.world.portals)
            if portal.id is not None:
                act(portal)
            self.timeline.after(self.dice.expovariate(rate), one)

        self.timeline.after(self.dice.expovariate(rate), one)

    def _is_up(self, *servers: str) -> bool:
        return all(self.world.is_up(server, self.timeline.now) for server in servers)

    def _change(self, portal: Portal) -> None:
        portal.changes(self.dice)
        comes = self.dice.random() < _TOLD and self.dice.random() >= _LOST and self._is_up("database")
        portal.unseen.append((self.timeline.now, comes))
        self.figures.events["stored" if comes else "lost or never sent"] += 1
        if not comes or portal.id is None:
            return
        with self.gateway.session() as session:
            incoming = Incoming(
                dedupe=uuid4().bytes,
                event="ONCRMDEALUSERFIELDADD",
                member_id=portal.member_id,
                body={"ts": "1", "fields": {"ID": "1"}},
                portal_id=portal.id,
                verdict="done",
            )
            event_reads.note(session, self.gateway.keyring, portal.id, incoming)
        self.workers.look()

    def _press(self, portal: Portal) -> None:
        if portal.id is None or portal.pressed_at is not None or not self._is_up("database"):
            return
        with self.gateway.session() as session:
            if refreshing.request(session, portal.id) is None:
                return
        portal.asked_at = portal.pressed_at = self.timeline.now
        self.workers.look()

    def _install(self, portal: Portal) -> None:
        """By the page, which shows an error while something is away, or by the event, which may be lost."""
        if portal.installed_at is None:
            portal.installed_at = self.timeline.now
        if portal.id is not None:
            return
        if self.dice.random() < 0.5 and self._is_up("database", "authority"):
            self._accept(self.gateway, portal)
            self.workers.look()
            return
        if self.dice.random() >= _LOST and self._is_up("database"):
            with self.gateway.session() as session:
                incoming = Incoming(
                    dedupe=uuid4().bytes,
                    event="ONAPPINSTALL",
                    member_id=portal.member_id,
                    body={},
                    secrets={"access_token": "a", "refresh_token": portal.member_id},
                    source=f"198.51.100.{self.dice.randrange(250)}",
                    question=portal.member_id,
                )
                inbox.store(session, self.gateway.keyring, incoming)
            self.world.unverified += 1
            self.figures.events["installations by event"] += 1
            self.workers.look()
            return
        # Whoever sees an error, or no data after a while, opens the application again.
        self.figures.events["installations tried again"] += 1
        self.timeline.after(self.dice.uniform(*_LOOKS_AGAIN_S), lambda: self._install(portal))

    def _accept(self, db: Database, portal: Portal) -> None:
        """The gateway or a worker stores what the authorization server has confirmed."""
        facts = TokenFacts(
            client_id=CLIENT_ID,
            user_id=1,
            member_id=portal.member_id,
            domain=portal.domain,
            endpoint=f"https://{portal.domain}/rest/",
            installed=True,
            version="1",
            scopes=frozenset({"crm"}),
        )
        tokens = Tokens("a", portal.member_id, timedelta(hours=1), facts.scopes)
        with db.session() as session:
            application = installations.application_by_client_id(session, CLIENT_ID)
            assert application is not None
            accepted = installations.accept(
                session, db.keyring, application, Verified(facts, tokens, is_admin=True)
            )
            jobs.request_job(session, accepted.portal_id, lane=Lane.INSTALL)
        portal.id = accepted.portal_id
        portal.token_until = self.timeline.now + timedelta(hours=1)
        self.world.by_id[accepted.portal_id] = portal
