"""Conversations with portals and authorization servers on behalf of a person who looks at an empty frame meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from services.gateway.gateway import Gateway
from services.gateway.own_threads import in_thread
from services.gateway.places import Guest
from shared.bitrix24.client import Patience
from shared.domain.refusals import TryAgainLater

# Short, because of the empty frame.
PATIENCE = Patience(connect_s=3, idle_s=8, total_s=8, silence_s=10, pauses_s=(0.5,), rate_pauses_s=(1, 2))
_PLACE_WITHIN_S = 5

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


async def converse(
    gateway: Gateway,
    guest: Guest,
    talk: Callable[_Given, _Result],
    *given: _Given.args,
    **named: _Given.kwargs,
) -> _Result:
    """What ``talk`` returns or raises, once there is a place for it. Waiting costs no thread.

    Raises TryAgainLater when no place became free in time.
    """
    try:
        async with asyncio.timeout(_PLACE_WITHIN_S):
            await gateway.places.take(guest)
    except TimeoutError:
        raise TryAgainLater from None
    try:
        return await in_thread(gateway.talking, talk, *given, **named)
    finally:
        gateway.places.give_back(guest)
