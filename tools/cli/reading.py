"""Reads a portal for a command: with its settings, time limits, clock and progress.

This module imports everything that speaks HTTP, so commands import it only when there is a portal to read.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import TypeVar

from shared.bitrix24.access import parse_webhook
from shared.bitrix24.client import Bitrix24, Patience
from shared.bitrix24.read_portal import Progress, read_portal
from shared.domain.snapshot import Snapshot
from shared.settings import Settings, WrongSetting, load_settings
from shared.wording.kinds import kind_word
from tools.cli.console import Console
from tools.cli.sentences import WRONG_EPOCH, WRONG_SETTING, Complaint

T = TypeVar("T")

# With start and output, a command on a silent portal then takes less than 70 s.
PATIENCE_S = 65.0


def read(url: str, *, console: Console, patience_s: float = PATIENCE_S, full: bool = False) -> Snapshot:
    """The portal behind an incoming webhook's URL. Raises CrmapError, Complaint."""
    console.keep_secret(url)
    now = clock()
    private = _settings().allow_private_portals
    access = parse_webhook(url, allow_private=private)
    with (
        Bitrix24(access, allow_private=private, patience=patience(patience_s)) as portal,
        console.progress(access.host) as tell,
    ):

        def report(progress: Progress) -> None:
            kinds = ", ".join(kind_word(kind, None, console.language) for kind in progress.kinds)
            tell(progress.done, progress.planned, kinds)

        return _interruptible(
            lambda: read_portal(portal, language=console.language, now=now, full=full, report=report)
        )


def _interruptible(work: Callable[[], T]) -> T:
    """What ``work`` returns or raises. Ctrl-C works at once, even while ``work`` waits for a silent portal."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done.result()


def clock() -> Callable[[], datetime]:
    """A function that returns the time, or always the time in SOURCE_DATE_EPOCH if it is set. Raises Complaint.

    Source: reproducible-builds.org, SOURCE_DATE_EPOCH.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        # Without a database, this machine's clock is the only one.
        return lambda: datetime.now().astimezone().replace(microsecond=0)  # noqa: TID251
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise Complaint(WRONG_EPOCH) from None
    return lambda: moment


def patience(silence_s: float) -> Patience:
    """Limits for waiting ``silence_s`` seconds for a silent portal; pauses between tries are scaled to match."""
    usual = Patience()
    share = silence_s / usual.silence_s
    return Patience(
        connect_s=min(usual.connect_s, silence_s),
        idle_s=min(usual.idle_s, silence_s),
        total_s=min(usual.total_s, silence_s),
        silence_s=silence_s,
        pauses_s=tuple(pause * share for pause in usual.pauses_s),
        rate_pauses_s=tuple(pause * share for pause in usual.rate_pauses_s),
    )


def _settings() -> Settings:
    try:
        return load_settings()
    except WrongSetting as error:
        raise Complaint(WRONG_SETTING, what=str(error)) from None
