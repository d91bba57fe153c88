"""Limits of the cloud: requests per second for everybody, seconds of work per method for each caller.

Source: Bitrix24 REST documentation, limits; both are off until a switch sets a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.simulator.answers import Refusal
from tools.simulator.switches import Switches

_BUCKET_S = 60
_WINDOW_S = 600


@dataclass(slots=True)
class Limits:
    switches: Switches
    clock: Callable[[], float]
    _level: dict[str, tuple[float, float]] = field(default_factory=dict)
    _spent: dict[tuple[str, str], dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    _banned_until: dict[tuple[str, str], float] = field(default_factory=dict)

    def admit(self, remote: str) -> None:
        """Counts one HTTP request of this address. Raises Refusal when the bucket is full."""
        if self.switches.rate_per_s is None:
            return
        now = self.clock()
        level, before = self._level.get(remote, (0.0, now))
        level = max(0.0, level - (now - before) * self.switches.rate_per_s)
        if level + 1 > self.switches.rate_burst:
            self._level[remote] = (level, now)
            raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
        self._level[remote] = (level + 1, now)

    def check(self, credential: str, method: str) -> None:
        """Raises Refusal when this caller's use of this method is over its seconds."""
        limit = self.switches.operating_limit_s
        if limit is None:
            return
        banned = self._banned_until.get((credential, method), 0.0) > self.clock()
        if banned or self.operating(credential, method) >= limit:
            text = "Method is blocked due to operation time limit."
            raise Refusal(429, "OPERATION_TIME_LIMIT", text)

    def spend(self, credential: str, method: str) -> None:
        """Counts the made-up duration of one call; a call that crosses the limit is still finished."""
        seconds = self.switches.durations_s.get(method, 0.0)
        if not seconds:
            return
        key = (credential, method)
        bucket = int(self.clock()) // _BUCKET_S
        self._spent[key][bucket] = self._spent[key].get(bucket, 0.0) + seconds
        limit, ban_s = self.switches.operating_limit_s, self.switches.operating_ban_s
        if limit is not None and ban_s is not None and self.operating(*key) >= limit:
            self._banned_until[key] = self.clock() + ban_s
            self._spent[key].clear()

    def operating(self, credential: str, method: str) -> float:
        """Seconds of the last ten minutes."""
        spent = self._spent.get((credential, method), {})
        return sum(seconds for bucket, seconds in spent.items() if bucket in self._window())

    def reset_at(self, credential: str, method: str) -> int:
        """When the oldest counted seconds are forgotten, or a ban ends."""
        banned_until = self._banned_until.get((credential, method), 0.0)
        if banned_until > self.clock():
            return int(banned_until)
        counted = [bucket for bucket in self._spent.get((credential, method), {}) if bucket in self._window()]
        oldest = min(counted, default=int(self.clock()) // _BUCKET_S)
        return oldest * _BUCKET_S + _WINDOW_S

    def _window(self) -> range:
        now = int(self.clock()) // _BUCKET_S
        return range(now - _WINDOW_S // _BUCKET_S + 1, now + 1)
