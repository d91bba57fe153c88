"""Sends batches to a portal. No other module calls a portal; which commands to send is decided elsewhere."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import orjson

from shared.bitrix24.access import Access
from shared.bitrix24.body import batch_answers, payload_of, resting_methods
from shared.bitrix24.commands import BATCH_SIZE, Answer, Command, Key
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.pace import Pace
from shared.domain.errors import AccessLost, BadAnswer, RateLimited, TokenExpired, Transient, Unreachable
from shared.outbound import Limits, Outbound, Response

# Two at a time are enough for a portal that answers in a second; ``Pace`` keeps them from being too many.
PARALLEL_REQUESTS = 2
# Webhook codes have 16 characters. A much shorter text is no secret and may occur in ordinary text.
_SHORTEST_SECRET = 8
_BLOT = "***"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    ``idle_s`` is the longest pause between two bytes, ``total_s`` the longest request (the server stops at 60).
    ``slow_s`` after its first byte, an answer that drips in is given up.
    After ``silence_s`` without a good answer the read fails. ``pauses_s`` are the pauses before retries after an
    error, ``rate_pauses_s`` those after "too many requests".
    """

    connect_s: float = 3
    idle_s: float = 20
    total_s: float = 65
    slow_s: float = 10
    silence_s: float = 65
    pauses_s: tuple[float, ...] = (2, 8, 30)
    rate_pauses_s: tuple[float, ...] = (1, 2, 4, 8, 16)


class Bitrix24:
    """A client of one portal. Use it as a context manager. It is safe only for the threads it starts itself.

    ``renew`` takes an access whose token has expired and returns a fresh one. It is called once for each expired
    token, however many requests fail with it. ``requests`` counts the requests sent so far, retries included. ``pace``:
    that of the reads of this portal before, if there were any just now.
    """

    def __init__(  # noqa: PLR0913 - each has a value of its own, and tests bring their clock
        self,
        access: Access,
        *,
        allow_private: bool = False,
        patience: Patience | None = None,
        pace: Pace | None = None,
        renew: Callable[[Access], Access] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.access = access
        self.requests = 0
        self._counting = threading.Lock()
        self._patience = patience or Patience()
        self._pace = pace or Pace(clock=clock)
        self._renew = renew
        self._renewing = threading.Lock()
        self._was_renewed = False
        self._sleep = sleep
        self._clock = clock
        self._heard_at = clock()
        self._ever_heard = False
        self._bad_answer: BadAnswer | None = None
        self._rests_until: dict[str, float] = {}
        self._http = Outbound(allow_private=allow_private, clock=clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, error, trace)

    def batches(self, commands: Sequence[Command]) -> Iterator[dict[Key, Answer]]:
        """The answers of all commands, one dict per request. Each request has an equal share of at most 50 commands.

        Raises a CrmapError when a request fails as a whole and its retries are used up.
        """
        self._heard_at = self._clock()
        shares = _equal_shares(commands, BATCH_SIZE)
        if len(shares) == 1:
            yield self.batch(shares[0])
            return
        threads = ThreadPoolExecutor(PARALLEL_REQUESTS)
        try:
            coming = [threads.submit(self.batch, share) for share in shares]
            for answered in coming:
                yield answered.result()
        finally:
            threads.shutdown(cancel_futures=True)

    def batch(self, commands: Sequence[Command]) -> dict[Key, Answer]:
        """The answers of at most 50 commands, by key.

        A batch that times out is sent again in halves. A single command that times out while others are answered
        gets an error: one slow list must not cost the rest. A command whose method rests is not sent.
        """
        held_back = {
            command.key: Answer(command.method, error=PortalError(Fault.RESTS))
            for command in commands
            if self.rest_of([command]) > 0
        }
        sent = [command for command in commands if command.key not in held_back]
        answers: dict[Key, Answer] = {}
        pauses = iter(self._patience.pauses_s)
        waiting = deque([sent] if sent or not held_back else [])
        while waiting:
            asked = waiting.popleft()
            try:
                answers |= self._answered(asked)
            except Unreachable as error:
                if error.facts["what"] != "silent" or self._time_left() <= 0:
                    raise
                if len(asked) > 1:
                    half = len(asked) // 2
                    waiting += (asked[:half], asked[half:])
                elif answers:
                    answers[asked[0].key] = Answer(asked[0].method, error=PortalError(Fault.SILENT))
                else:
                    self._pause(next(pauses, None), error)
                    waiting.append(asked)
        return answers | held_back

    def _answered(self, asked: list[Command]) -> dict[Key, Answer]:
        """The answers of one request, with retries. Raises a CrmapError; a time-out is not retried here."""
        call = {"halt": 0, "cmd": {command.key.text: command.text for command in asked}}
        pauses = iter(self._patience.pauses_s)
        rate_pauses = iter(self._patience.rate_pauses_s)
        pages_seen = 0
        while True:
            access = self.access
            try:
                result = payload_of(self._post(access, "batch", call), method="batch")
                answers = batch_answers(result, asked)
            except TokenExpired:
                self._renewed(access)
            except RateLimited as error:
                self._pause(next(rate_pauses, None), error)
            except Unreachable as error:
                self._rather_quote(error)
                # Before the first answer a mistyped address is more likely than a passing failure of the portal.
                mistyped = error.facts["what"] in ("name", "refused", "tls") and not self._ever_heard
                if mistyped or error.facts["what"] in ("silent", "slow"):
                    raise
                self._pause(next(pauses, None), error)
            except BadAnswer as error:
                self._bad_answer = error
                # A page with status 200 is a login or maintenance screen; waiting long does not change it.
                pages_seen += error.facts["what"] == "page" and error.facts["status"] == "200"
                if error.facts["what"] in ("redirect", "redirect_here") or _is_final(error) or pages_seen > 2:
                    raise
                self._pause(next(pauses, None), error)
            else:
                self._heard_at = self._clock()
                self._ever_heard = True
                self._bad_answer = None
                for method, seconds in resting_methods(result, asked).items():
                    self._rests_until[method] = self._heard_at + seconds
                return answers

    def rest_of(self, commands: Iterable[Command]) -> float:
        """Seconds until no method of these commands rests. A method rests when it has nearly used up its time."""
        ends = [self._rests_until.get(command.method, 0.0) for command in commands]
        return max(0.0, max(ends, default=0.0) - self._clock())

    def has_rested(self, commands: Iterable[Command]) -> bool:
        """Waits until these commands may be sent again and returns True; returns False if that takes too long."""
        seconds = self.rest_of(commands)
        if seconds >= self._time_left():
            return False
        self._sleep(seconds)
        for command in commands:
            self._rests_until.pop(command.method, None)
        return True

    def rest(self, seconds: float) -> None:
        """Waits before a retry, at most for the time that ``silence_s`` leaves."""
        self._sleep(min(seconds, max(0.0, self._time_left())))

    def _pause(self, seconds: float | None, error: Transient) -> None:
        """Waits before a retry. Raises the error when the retries or the time are used up."""
        if seconds is None:
            raise error
        spread = seconds * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing
        if spread >= self._time_left():
            raise error
        self._sleep(spread)

    def _rather_quote(self, error: Unreachable) -> None:
        """Raises the last bad answer if the time is used up: that tells more than that a retry came to nothing."""
        if self._bad_answer is not None and self._time_left() <= 0:
            raise self._bad_answer from error

    def _time_left(self) -> float:
        return self._patience.silence_s - (self._clock() - self._heard_at)

    def _renewed(self, expired: Access) -> None:
        """Replaces the expired access, unless another thread has done so.

        Raises AccessLost if it cannot be renewed, or if the renewed access is refused as well.
        """
        with self._renewing:
            if self.access is not expired:
                return
            if self._renew is None or self._was_renewed:
                raise AccessLost(error="expired_token")
            self.access = self._renew(expired)
            self._was_renewed = True

    def _post(self, access: Access, method: str, call: dict[str, Any]) -> Response:
        patience = self._patience
        wait_s = self._pace.next_request()
        if wait_s > 0:
            self._sleep(wait_s)
        total_s = min(patience.total_s, self._time_left())
        if total_s <= 0:
            raise Unreachable(host=self.access.host, what="silent")
        with self._counting:
            self.requests += 1
        body = call if access.token is None else {**call, "auth": access.token}
        response = self._http.post(
            access.endpoint + method,
            orjson.dumps(body),
            content_type="application/json",
            limits=Limits(patience.connect_s, patience.idle_s, total_s, patience.slow_s),
        )
        return _without_secret(response, access)


def _without_secret(response: Response, access: Access) -> Response:
    """The answer with the secret replaced by ``***``: web servers often quote the address they could not find."""
    if len(access.secret) < _SHORTEST_SECRET:
        return response
    body = response.body.replace(access.secret.encode(), _BLOT.encode())
    return replace(response, body=body, location=response.location.replace(access.secret, _BLOT))


def _is_final(error: BadAnswer) -> bool:
    """True if the same request would fail again: for 4xx, except 408 (timed out) and 429 (too many requests)."""
    status = error.facts.get("status", "")
    return status.startswith("4") and status not in ("408", "429")


def _equal_shares(commands: Sequence[Command], most: int) -> list[Sequence[Command]]:
    count = -(-len(commands) // most)
    size, extra = divmod(len(commands), count) if count else (0, 0)
    shares, start = [], 0
    for number in range(count):
        end = start + size + (number < extra)
        shares.append(commands[start:end])
        start = end
    return shares
