"""The ``crmap`` command: which commands there are, and how each of them ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Annotated

import typer

from tools.cli import (
    alive,
    applications,
    backup,
    demo,
    diff,
    doctor,
    operating,
    processes,
    restore,
    simulator,
    spec,
    standalone,
)
from tools.cli.console import Console
from tools.cli.failing import one_sentence

HELP = """Write down how a CRM is set up, with the identifiers the CRM knows everything by.

To begin, make an incoming webhook in your portal and give its address:

\b
  crmap spec https://your-portal.bitrix24.ru/rest/1/code/ -o portal.txt

Without a portal at hand, try "crmap simulator". Every command explains itself: "crmap spec --help".
"""

app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    rich_markup_mode=None,
)
app.command(help=spec.HELP)(spec.spec)
app.command(help=diff.HELP)(diff.diff)
app.command(help=simulator.HELP)(simulator.simulator)

app.command(help=demo.HELP)(demo.demo)
app.command(help=standalone.HELP)(standalone.standalone)
app.command(hidden=True)(standalone.one_address)

app.command(help=processes.MIGRATE_HELP)(processes.migrate)
app.command(help=processes.GATEWAY_HELP)(processes.gateway)
app.command(help=processes.CABINET_HELP)(processes.cabinet)
app.command(help=processes.WORKER_HELP)(processes.worker)
app.command(help=processes.BEAT_HELP)(processes.beat)
app.command(help=processes.FLOWER_HELP)(processes.flower)
app.command(hidden=True)(alive.alive)

app.command(help=doctor.HELP)(doctor.doctor)
app.command(help=operating.ACCOUNTS_HELP)(operating.accounts)
app.command(help=operating.HISTORY_HELP)(operating.history)
app.command(help=operating.REFRESH_HELP)(operating.refresh)
app.command(help=backup.HELP)(backup.backup)
app.command(help=restore.HELP)(restore.restore)
user = typer.Typer(help="People who sign in or use the API.", rich_markup_mode=None)
user.command("add", help=operating.USER_ADD_HELP)(operating.user_add)
user.command("token", help=operating.ISSUE_HELP)(operating.user_token)
app.add_typer(user, name="user")
application = typer.Typer(help="Applications that portals install.", rich_markup_mode=None)
application.command("add", help=applications.ADD_HELP)(applications.app_add)
app.add_typer(application, name="app")
keys = typer.Typer(help="The keys that secrets are sealed with.", rich_markup_mode=None)
keys.command("rotate", help=operating.ROTATE_HELP)(operating.keys_rotate)
app.add_typer(keys, name="keys")


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
        raise typer.Exit(spec.FAILED)


def run(arguments: Sequence[str]) -> int:
    """The exit code of ``crmap`` with these arguments. Raises nothing."""
    failed = diff.FAILED if list(arguments[:1]) == ["diff"] else spec.FAILED
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
