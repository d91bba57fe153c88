"""The ``crmap`` command: it finds the command that is called, and says how it ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from tools.cli.commands import COMMANDS, FAILED, GROUPS
from tools.cli.console import Console
from tools.cli.failing import one_sentence

HELP = """Write down how a CRM is set up, with the identifiers the CRM knows everything by.

To begin, make an incoming webhook in your portal and give its address:

\b
  crmap spec https://your-portal.bitrix24.ru/rest/1/code/ -o portal.txt

Without a portal at hand, try "crmap simulator". Every command explains itself: "crmap spec --help".
"""


class OnDemand(TyperCommand):
    """A command that imports its function when it is called: its callback returns that function."""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """The context of the command itself, with its arguments."""
        assert self.callback is not None  # noqa: S101 - given below
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(self.name, help=self.help)(self.callback())
        return get_command(alone).make_context(*arguments, **named)


app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    rich_markup_mode=None,
)
groups = {name: typer.Typer(help=told, rich_markup_mode=None) for name, told in GROUPS.items()}
for called, command in COMMANDS.items():
    group, _, name = called.rpartition(" ")
    register = groups[group].command if group else app.command
    register(name, cls=OnDemand, help=command.help, hidden=command.hidden)(command.load)
for name, commands in groups.items():
    app.add_typer(commands, name=name)


def _print_version(is_requested: bool) -> None:  # noqa: FBT001 - typer hands the flag over by position
    if is_requested:
        from importlib.metadata import version  # noqa: PLC0415 - costs more than all the rest of the start

        typer.echo(f"crmap {version('crmap')}")
        raise typer.Exit


@app.callback(help=HELP, invoke_without_command=True)
def crmap(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Without a command, the help is shown; nothing was done, and the exit code says so."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(FAILED)


def run(arguments: Sequence[str]) -> int:
    """The exit code of ``crmap`` with these arguments. Raises nothing."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    failed = command.failed if command else FAILED
    try:
        with one_sentence(Console("en"), exit_code=failed):
            return app(arguments, prog_name="crmap", standalone_mode=False) or 0
    except typer.Exit as end:
        return end.exit_code


def main() -> None:
    """The console script."""
    # SIGTERM is handled like Ctrl-C: nothing is left half-written.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = run(sys.argv[1:])
    if threading.active_count() > 1:
        # A thread still waits for a portal after Ctrl-C; at exit Python would wait for that thread.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
