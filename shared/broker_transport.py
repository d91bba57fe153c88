"""The transport of Redis and Valkey for Celery, which throws away what is no message, and what is too much.

Whoever reaches the broker can put anything into a queue. kombu lets its errors about that through, and Celery's worker
ends with an error it does not expect.

While no worker takes messages, beat and others go on sending them. A queue keeps the newest, and whatever a lost one
was for is found by the next tick.
"""

from __future__ import annotations

import logging
from typing import Any

from kombu.transport import redis as kombu_redis
from redis import exceptions

# The broker is away; Celery knows what to do.
_AWAY = (OSError, exceptions.ConnectionError, exceptions.TimeoutError)

# Some for each slot of all workers. After an outage that many are worked off within seconds.
MOST_WAITING = 100

log = logging.getLogger(__name__)


class Channel(kombu_redis.Channel):
    """A channel that discards entries which are not JSON, and keeps only the newest messages of each queue."""

    def _put(self, queue: str, message: dict[str, Any], **options: Any) -> None:
        super()._put(queue, message, **options)
        with self.conn_or_acquire() as client:
            # kombu puts new messages at the beginning.
            client.ltrim(queue, 0, MOST_WAITING - 1)

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]
        except (ValueError, TypeError, RecursionError) as error:
            _tell(error)
            return True


class Transport(kombu_redis.Transport):
    """A transport that survives a message whose parts are not what they have to be."""

    Channel = Channel

    def _deliver(self, message: dict[str, Any], queue: str | None) -> None:
        try:
            super()._deliver(message, queue)
        except _AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - forged messages make anything fail
            _tell(error)
            self._forget(message)

    def _forget(self, message: dict[str, Any]) -> None:
        """The message is not waited for; those that are limit how many more are taken."""
        try:
            tag = message["properties"]["delivery_tag"]
            holders = [channel for channel in self.channels or () if tag in (channel.qos._delivered or ())]  # noqa: SLF001
        except (TypeError, KeyError):
            return
        for channel in holders:
            channel.basic_reject(tag, requeue=False)


def _tell(error: Exception) -> None:
    log.warning("message.unreadable", extra={"error": type(error).__name__})
