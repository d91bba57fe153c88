"""The portals of a simulated week as they are, what fails there and when, and how they answer a read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from shared.domain.coverage import Kind, Reason, ReasonCode, State
from shared.domain.errors import BadAnswer, CrmapError, Unreachable
from shared.domain.snapshot import Snapshot
from tests.builders import a_portal, a_snapshot, a_user_field

TOKEN_LIVES = timedelta(hours=1)
# What a portal shows while it is not itself.
_HALF = 0.05
_RENEWAL_S = 0.4
_ANSWERS: dict[str, tuple[float, CrmapError]] = {
    "refused": (0.2, Unreachable(what="refused")),
    "silent": (65.0, Unreachable(what="silent")),
    "page": (12.0, BadAnswer(what="page", status="502")),
}


@dataclass
class Portal:
    """One portal. ``usual_s`` is how long a read of it takes; ``fields`` are its user fields, by id.

    ``unseen`` are the changes no read has brought yet: when, and whether an event came. ``asked_at``: since when
    somebody waits for a read to begin, ``pressed_at``: to end. ``is_recorded``: what is read is stored as well.
    """

    domain: str
    usual_s: float
    is_recorded: bool = False
    member_id: str = field(default_factory=lambda: uuid4().hex)
    id: UUID | None = None
    read_at: datetime | None = None
    installed_at: datetime | None = None
    asked_at: datetime | None = None
    pressed_at: datetime | None = None
    token_until: datetime | None = None
    unseen: list[tuple[datetime, bool]] = field(default_factory=list)
    fields: dict[int, str] = field(default_factory=lambda: {1: "Поле 1"})
    removed: set[int] = field(default_factory=set)
    hides: bool = False

    def changes(self, dice: Random) -> None:
        """Somebody adds a user field, renames one or removes one."""
        match dice.choice(("add", "add", "rename", "remove")):
            case "remove" if len(self.fields) > 1:
                gone = dice.choice(list(self.fields))
                del self.fields[gone]
                self.removed.add(gone)
            case "rename":
                self.fields[dice.choice(list(self.fields))] = f"Поле {dice.random()}"
            case _:
                number = 1 + max([*self.fields, *self.removed])
                self.fields[number] = f"Поле {number}"


@dataclass(frozen=True)
class Outage:
    """Something is away for a while: ``what`` is a server, or a way in which ``portals`` answer."""

    what: str
    begin: datetime
    end: datetime
    portals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """How a read ends: after so many seconds, with an error or a snapshot."""

    seconds: float
    error: CrmapError | None = None
    snapshot: Snapshot | None = None


class World:
    """All portals and outages."""

    def __init__(self, dice: Random, portals: Iterable[Portal], outages: Iterable[Outage]) -> None:
        self.dice = dice
        self.portals = list(portals)
        self.outages = list(outages)
        self.by_id: dict[UUID, Portal] = {}
        # Events that wait for a worker to verify them.
        self.unverified = 0
        self._of_portals: dict[str, list[Outage]] = {}
        for outage in self.outages:
            for domain in outage.portals:
                self._of_portals.setdefault(domain, []).append(outage)
        self._of_servers = [outage for outage in self.outages if not outage.portals]

    def is_up(self, server: str, at: datetime) -> bool:
        """False while this server is away."""
        return not any(
            outage.what == server and outage.begin <= at < outage.end for outage in self._of_servers
        )

    def away_until(self, servers: Iterable[str], at: datetime) -> datetime | None:
        """When the last of these servers that are away is back; ``None`` while all are there."""
        ends = [
            outage.end
            for outage in self._of_servers
            if outage.what in servers and outage.begin <= at < outage.end
        ]
        return max(ends, default=None)

    def answer(self, portal: Portal, at: datetime) -> Answer:
        """What a read that begins now comes to."""
        for outage in self._of_portals.get(portal.domain, ()):
            if outage.begin <= at < outage.end:
                seconds, error = _ANSWERS[outage.what]
                return Answer(seconds, error)
        seconds = portal.usual_s * self.dice.lognormvariate(0, 0.3)
        if portal.token_until is None or portal.token_until <= at:
            if not self.is_up("authority", at):
                return Answer(*_ANSWERS["page"])
            portal.token_until = at + TOKEN_LIVES
            seconds += _RENEWAL_S
        return Answer(seconds, snapshot=self._snapshot(portal, at))

    def _snapshot(self, portal: Portal, at: datetime) -> Snapshot | None:
        """What is stored, if anything is. Sometimes fields are missing, with or without a word."""
        if not portal.is_recorded:
            return None
        shown = tuple(
            a_user_field(id=number, code=f"UF_CRM_{number}", labels={"ru": label})
            for number, label in portal.fields.items()
        )
        whole = a_snapshot(portal=a_portal(domain=portal.domain), read_at=at, user_fields=shown)
        chance = self.dice.random()
        # Who hides something twice, with a minute in between, is believed.
        if chance < _HALF and not portal.hides:
            portal.hides = True
            return a_snapshot(portal=whole.portal, read_at=at, user_fields=())
        if _HALF <= chance < 2 * _HALF:
            reason = Reason(ReasonCode.ROWS_MISSING)
            coverage = tuple(
                replace(line, state=State.PARTIAL, reason=reason) if line.kind is Kind.USER_FIELDS else line
                for line in whole.coverage
            )
            return replace(whole, user_fields=shown[:1], coverage=coverage)
        portal.hides = False
        return whole


def outages(begin: datetime, length: timedelta, portals: list[Portal], dice: Random) -> list[Outage]:
    """Each server away once, a fifth of the portals in each of three ways, and many for themselves.

    All of it in the first three fifths of the time, and nothing for longer than six hours.
    """

    def during(what: str, share: float, hours: float, *affected: Portal) -> Outage:
        start = begin + length * share
        return Outage(
            what, start, start + timedelta(hours=hours), frozenset(portal.domain for portal in affected)
        )

    servers = [
        during("authority", 0.2, 0.75),
        during("database", 0.3, 0.2),
        during("broker", 0.4, 0.5),
        during("database", 0.45, 0.01),
    ]
    regions = [
        during(way, 0.1 + 0.15 * number, hours, *dice.sample(portals, len(portals) // 5))
        for number, (way, hours) in enumerate((("refused", 2.0), ("page", 1.0), ("silent", 0.5)))
    ]
    days = length / timedelta(days=1)
    single = [
        during(dice.choice(list(_ANSWERS)), dice.uniform(0, 0.5), dice.uniform(0.1, 6), portal)
        for portal in dice.choices(portals, k=int(len(portals) * days * 0.02))
    ]
    return [*servers, *regions, *single]
