"""Work in threads of its own, which so never waits for the threads that make pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


async def in_thread(
    threads: ThreadPoolExecutor, work: Callable[_Given, _Result], *given: _Given.args, **named: _Given.kwargs
) -> _Result:
    """What the work returns or raises, done in one of these threads. Its log lines carry the id of the request."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(
        threads, partial(context.run, work, *given, **named)
    )
