"""The state of one simulated portal: its ledger, its callers, its switches and faults, and the log of calls.

What happens in a portal is in modules of its own, which take this state: ``executing``, ``installing``, ``editing``,
``events.firing``, ``browsing``. ``SimulatedPortal`` puts them together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from threading import RLock
from typing import Any

from tools.simulator.answers import Refusal
from tools.simulator.applications import Application
from tools.simulator.callers import Caller, Callers
from tools.simulator.events.queue import EventQueue
from tools.simulator.faults import Faults
from tools.simulator.frames import Frames
from tools.simulator.installation import Installation
from tools.simulator.ledger import Crm
from tools.simulator.limits import Limits
from tools.simulator.log import Log
from tools.simulator.method import Method
from tools.simulator.oauth.authority import Authority
from tools.simulator.oauth.chains import Chain
from tools.simulator.switches import Switches


@dataclass(slots=True)
class PortalState:
    """Change ``crm``, ``switches`` or ``faults`` between two requests; hold ``lock`` where requests may run."""

    name: str
    crm: Crm
    clock: Callable[[], float]
    authority: Authority = field(repr=False)
    methods: Mapping[str, Method] = field(repr=False)
    domain: str = ""  # what the portal calls itself
    address: str = ""  # host and port where it answers
    switches: Switches = field(default_factory=Switches)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    lock: RLock = field(default_factory=RLock)
    installations: dict[str, Installation] = field(default_factory=dict, repr=False)  # by client_id
    refused_tokens: dict[str, tuple[float, Refusal]] = field(default_factory=dict, repr=False)
    deleted: bool = False
    frames: Frames = field(default_factory=Frames, repr=False)
    callers: Callers = field(init=False)
    limits: Limits = field(init=False)
    events: EventQueue = field(init=False)
    #: When the portal came into being; all creation dates in answers are this one.
    born_at: float = datetime(2024, 5, 1, 9, tzinfo=UTC).timestamp()

    def __post_init__(self) -> None:
        self.limits = Limits(self.switches, self.clock)
        self.callers = Callers(self.crm, hashlib.sha256(self.name.encode()).hexdigest())
        self.events = EventQueue(self.switches)

    @property
    def base_url(self) -> str:
        return f"http://{self.address}/"

    @property
    def endpoint(self) -> str:
        """What payloads call ``client_endpoint``."""
        return f"{self.base_url}rest/"

    @property
    def server_endpoint(self) -> str:
        """The authorization server this portal names."""
        return self.authority.endpoints[self.switches.second_oauth_server]

    @property
    def member_id(self) -> str:
        return self.crm.settings.member_id

    def installation(self, application: Application) -> Installation:
        """Of an application that is installed here. Raises LookupError."""
        installation = self.installations.get(application.client_id)
        if installation is None or not installation.active:
            raise LookupError(f"{application.client_id} is not installed on {self.name}")
        return installation

    def open_chain(
        self,
        installation: Installation,
        user_id: int,
        *,
        origin: str,
        renewable: bool = True,
        scopes: Iterable[str] | None = None,
    ) -> Chain:
        """Fresh tokens of the application for one of the portal's users."""
        granted = installation.application.scopes if scopes is None else tuple(scopes)
        return self.authority.chains.open(
            installation.application.client_id,
            self.member_id,
            user_id,
            granted,
            origin=origin,
            renewable=renewable,
        )

    def version_text(self, version: int) -> str:
        """A version as events write it."""
        return f"{version}.0.0" if self.switches.dotted_versions else str(version)

    def iso(self, at: float) -> str:
        zone = timezone(timedelta(hours=self.crm.settings.utc_offset_hours))
        return datetime.fromtimestamp(int(at), zone).isoformat()

    def timing(self, started: float, method: str, caller: Caller) -> dict[str, Any]:
        """The ``time`` block of a success."""
        finished = self.clock()
        spent = finished - started
        return {
            "start": started,
            "finish": finished,
            "duration": spent,
            "processing": spent,
            "date_start": self.iso(started),
            "date_finish": self.iso(finished),
            "operating_reset_at": self.limits.reset_at(caller.credential, method),
            "operating": self.limits.operating(caller.credential, method),
        }
