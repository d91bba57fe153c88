"""One simulated portal: its ledger, who may call it, how it behaves today, and what was asked of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from threading import RLock
from typing import Any, Protocol

from tools.simulator import installing
from tools.simulator.answers import Answer, MissingScope, Refusal, method_not_found
from tools.simulator.applications import Application
from tools.simulator.batch import batch, command_method, commands_in
from tools.simulator.browsing.frames import Frames
from tools.simulator.callers import USUAL_SCOPES, Caller, Callers
from tools.simulator.calling import Call, Method
from tools.simulator.edits.change import Change
from tools.simulator.edits.table import edit
from tools.simulator.events.firing import fire
from tools.simulator.events.news import news_of, touched_field
from tools.simulator.events.queue import EventQueue
from tools.simulator.faults import Faults, spoiled_answer
from tools.simulator.installation import Installation
from tools.simulator.ledger import Crm
from tools.simulator.limits import Limits
from tools.simulator.log import Log
from tools.simulator.oauth.authority import Authority
from tools.simulator.oauth.chains import Chain
from tools.simulator.registry import METHODS
from tools.simulator.switches import Switches
from tools.simulator.truth import truth


class Ground(Protocol):
    """What the portal stands on: the cloud that gives it a port."""

    def move(self, portal: SimulatedPortal, host: str, *, redirect: bool) -> None: ...


@dataclass(slots=True)
class SimulatedPortal:
    """What tests hold in their hands: change ``crm``, ``switches`` or ``faults`` between two requests."""

    name: str
    crm: Crm
    clock: Callable[[], float]
    authority: Authority = field(repr=False)
    ground: Ground = field(repr=False)
    domain: str = ""  # what the portal calls itself
    address: str = ""  # host and port where it answers
    switches: Switches = field(default_factory=Switches)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    methods: dict[str, Method] = field(default_factory=lambda: METHODS)
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

    @property
    def webhook_url(self) -> str:
        """The usual webhook: the portal's first administrator with all scopes CRMAP asks for."""
        return self.webhook()

    def webhook(self, user: int | str = "admin", scopes: Iterable[str] = USUAL_SCOPES) -> str:
        """A webhook URL of a user (id or role) with these scopes."""
        known = self.callers.webhook(self.callers.user_id(user), tuple(scopes))
        return f"{self.base_url}rest/{known.user_id}/{known.code}/"

    def revoke(self, webhook_url: str) -> None:
        """From now on this webhook is unknown to the portal."""
        code = webhook_url.rstrip("/").rsplit("/", 1)[-1]
        if code not in self.callers.webhooks:
            raise LookupError("this portal made no such webhook")
        self.callers.webhooks[code].revoked = True

    def truth(self, *, full: bool = False) -> dict[str, Any]:
        """What a perfect administrator's snapshot contains, after a ``full`` read or an ordinary one."""
        with self.lock:
            return truth(self.crm, self.domain, full=full)

    def edit(self, edit_name: str, /, **arguments: Any) -> Change:
        """The ledger is edited as ``edits.table`` says by the first administrator; the change it makes.

        Applications get the events the platform has for it. Raises ValueError, LookupError.
        """
        with self.lock:
            touched = touched_field(self.crm, arguments)
            causer = self.callers.user_id("admin")
            change = edit(self.crm, edit_name, arguments)
            for news in news_of(self.crm, change, touched, causer):
                fire(self, news)
            return change

    def rename(self, host: str = "127.0.0.1", *, redirect: bool = True) -> None:
        """The portal has another address; the old one sends there, or answers no more. Its member_id stays."""
        with self.lock:
            self.ground.move(self, host, redirect=redirect)

    def installation(self, application: Application) -> Installation:
        """Of an application that is installed here. Raises LookupError."""
        found = self.installations.get(application.client_id)
        if found is None or not found.active:
            raise LookupError(f"{application.client_id} is not installed on {self.name}")
        return found

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

    install = installing.install
    finish_install = installing.finish_install
    open_app = installing.open_app
    forbid = installing.forbid
    authorization_code = installing.authorization_code
    update = installing.update
    uninstall = installing.uninstall
    end_payment = installing.end_payment
    pay = installing.pay
    dismiss = installing.dismiss
    delete = installing.delete

    def line(self) -> dict[str, Any]:
        """What the command line prints about this portal."""
        return {
            "name": self.name,
            "domain": self.domain,
            "member_id": self.member_id,
            "webhook_url": self.webhook_url,
            "host_page": f"http://{self.domain}/",
            "oauth_servers": [endpoint.removesuffix("/rest/") for endpoint in self.authority.endpoints],
        }

    def execute(
        self, caller: Caller, method: str, params: dict[str, Any], *, key: str | None = None
    ) -> Answer | None:
        """The answer of one method call, alone or inside a batch. Raises Refusal.

        None: the command vanished without a trace, as non-text commands do.
        """
        try:
            answer = self._answer(caller, method, params, key)
        except Refusal as refusal:
            self.log.command(method, params, caller.user.id, key=key, error=refusal.error)
            raise
        self.log.command(method, params, caller.user.id, key=key)
        return answer

    def knows(self, method: str) -> bool:
        return method == "batch" or (method in self.methods and method not in self.switches.missing_methods)

    def _answer(self, caller: Caller, method: str, params: dict[str, Any], key: str | None) -> Answer | None:
        if not self.knows(method):
            raise method_not_found()
        if method == "batch":
            answer = batch(Call(self, caller, method, params))
            inside = {command_method(command) for command in commands_in(params).values()}
            return spoiled_answer(self.faults.of_envelope(inside), answer, params)
        known = self.methods[method]
        if not caller.may_use(known.scopes):
            raise MissingScope(self.switches.auth_status, "access" if caller.app else "webhook")
        self.limits.check(caller.credential, method)
        faults = self.faults.of_command(method, key)
        answer = known.answer(Call(self, caller, method, params))
        self.limits.spend(caller.credential, method)
        return spoiled_answer(faults, answer, params)

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
