"""``crmap standalone``: CRMAP for real portals on one machine, with everything it needs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from tools.cli.applications import register_default
from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.processes import process, serve_web
from tools.cli.sentences import (
    CANNOT_GO_ON,
    CANNOT_START,
    CANNOT_USE_FOLDER,
    DATABASE_SILENT,
    NOT_INSTALLED,
    WRONG_SETTING,
    Complaint,
)

if TYPE_CHECKING:
    from shared.db.session import Database
    from shared.settings import Settings
    from tools.standalone.one_machine import OneMachine

FAILED = 1

_TOUR = """
CRMAP runs at {url}

  Cabinet     {url}/ and {url}/api/v1/accounts
  Bitrix24    {url}/bitrix24/install, {url}/bitrix24/app and {url}/bitrix24/events
  Workers     {flower}/ with the name crmap and the password in {data}/flower-password
  Logs        {data}/logs
  Commands    set -a; . {file}; set +a; crmap doctor
"""
_SIGN_IN = """
Sign in as {email} with the password {password}
It is shown this one time.
"""


def standalone() -> None:
    """Everything runs until the command is stopped."""
    console = Console("en")
    with until_stopped(console):
        from shared.settings import load_settings  # noqa: PLC0415
        from tools.standalone.first_person import first_person  # noqa: PLC0415
        from tools.standalone.one_machine import one_machine  # noqa: PLC0415

        settings = load_settings()
        with one_machine(settings, tell=console.say_line) as machine:
            with operator_database(machine) as db:
                person = first_person(db)
            sign_in = "" if person is None else _SIGN_IN.format(email=person.email, password=person.password)
            typer.echo(tour(machine, settings) + sign_in)
            machine.watch()


def one_address() -> None:
    """Gateway and cabinet answer behind one address until the process is stopped. Started by ``crmap standalone``."""
    with process("web") as settings:
        from services.cabinet.app import create_app as cabinet  # noqa: PLC0415
        from services.gateway.app import create_app as gateway  # noqa: PLC0415
        from tools.standalone import one_address  # noqa: PLC0415

        register_default(settings)
        app = one_address.one_address(gateway(settings), cabinet(settings))
        serve_web(app, settings.standalone_listen, settings)


def tour(machine: OneMachine, settings: Settings) -> str:
    """A text for the operator: where everything is."""
    url = machine.settings["CRMAP_PUBLIC_URL"].rstrip("/")
    flower = f"http://{settings.flower_listen}"
    return _TOUR.format(url=url, flower=flower, data=machine.data_dir, file=machine.environment_file)


@contextlib.contextmanager
def operator_database(machine: OneMachine) -> Iterator[Database]:
    """The machine's database in the operator's role."""
    from shared.db.sealed import Keyring  # noqa: PLC0415
    from shared.db.session import Database, Role  # noqa: PLC0415

    keys = machine.settings["CRMAP_SECRET_KEYS"].split(",")
    db = Database(machine.settings["CRMAP_DATABASE_URL"], Role.OPERATOR, Keyring(keys))
    try:
        yield db
    finally:
        db.close()


@contextlib.contextmanager
def until_stopped(console: Console, *, is_end: bool = True) -> Iterator[None]:
    """A failure is told in one sentence that says what to do about it.

    Ctrl-C and SIGTERM are a normal end if ``is_end``, else a failure too.
    """
    stopping = contextlib.suppress(KeyboardInterrupt) if is_end else contextlib.nullcontext()
    with one_sentence(console, exit_code=FAILED), stopping:
        try:
            with _complaints():
                yield
        except ModuleNotFoundError as error:
            raise Complaint(NOT_INSTALLED, what=str(error.name)) from None


@contextlib.contextmanager
def _complaints() -> Iterator[None]:
    from shared.db.sealed import WeakKeys  # noqa: PLC0415
    from shared.db.session import DATABASE_TROUBLE  # noqa: PLC0415
    from shared.settings import WrongSetting  # noqa: PLC0415
    from tools.standalone.one_machine import ServerEnded  # noqa: PLC0415
    from tools.standalone.serving import ServerFailed, ServerMissing  # noqa: PLC0415

    try:
        yield
    except WrongSetting as error:
        raise Complaint(WRONG_SETTING, what=str(error)) from None
    except WeakKeys as error:
        raise Complaint(WRONG_SETTING, what=f"CRMAP_SECRET_KEYS: {error}") from None
    except ServerEnded as error:
        raise Complaint(CANNOT_GO_ON, what=str(error)) from None
    except (ServerFailed, ServerMissing) as error:
        raise Complaint(CANNOT_START, what=str(error)) from None
    except DATABASE_TROUBLE:
        raise Complaint(DATABASE_SILENT) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise Complaint(CANNOT_USE_FOLDER, file=str(error.filename), why=str(error.strerror)) from None
