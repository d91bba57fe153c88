"""Every way a command can fail, turned into one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from shared.domain.errors import CrmapError
from shared.wording.errors import error_sentence
from tools.cli.console import Console
from tools.cli.sentences import FAULT_OF_OURS, INTERRUPTED, WRONG_USAGE, Complaint


@contextmanager
def one_sentence(console: Console, *, exit_code: int) -> Iterator[None]:
    """A failure inside is told in one sentence, not as a traceback, and ends the command with ``exit_code``."""
    try:
        yield
    except typer.Exit:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - people are told, whatever it is
        _tell(console, error)
        raise typer.Exit(exit_code) from None


def _tell(console: Console, error: BaseException) -> None:
    match error:
        case typer.TyperException():
            console.say(WRONG_USAGE, what=_usage_fault(error), help=_help_command(error))
        case Complaint():
            console.say_line(error.spoken(console.language))
        case CrmapError():
            prefix = "".join(f"{note}: " for note in getattr(error, "__notes__", ()))
            console.say_line(prefix + error_sentence(error, console.language))
        case KeyboardInterrupt():
            console.say(INTERRUPTED)
        case BrokenPipeError():
            _let_go_of_stdout()
        case _:
            if os.environ.get("CRMAP_DEBUG"):
                for line in "".join(traceback.format_exception(error)).splitlines():
                    console.say_line(line)
            console.say(FAULT_OF_OURS, what=type(error).__name__)


def _usage_fault(error: typer.TyperException) -> str:
    return error.format_message().replace("Value error, ", "").rstrip(".")


def _help_command(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context else ""


def _let_go_of_stdout() -> None:
    """The reader of standard output has gone. What Python flushes at exit goes to /dev/null and does not fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
