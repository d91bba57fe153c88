"""``crmap demo``: runs everything on this machine with pretend portals, to look at it or to check it once."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.cli.console import Console
from tools.cli.output import StandardOutput
from tools.cli.sentences import CANNOT_START, DEMO_CONNECTED, DEMO_FAILED, DEMO_STARTS, Complaint
from tools.cli.standalone import operator_database, until_stopped

if TYPE_CHECKING:
    from tools.simulator.applications import Application
    from tools.simulator.cloud import SimulatedCloud
    from tools.standalone.first_person import FirstPerson
    from tools.standalone.one_machine import OneMachine
    from tools.standalone.showcase_portals import Connected

# Ports, as distances from the port of CRMAP.
_PORTALS_FROM, _FLOWER = 24, 55
_GROUP = "Цветы"
# How many log lines of each process are shown after a failure.
_LAST_LINES = 40
_TOUR = """
CRMAP runs at {url} with three pretend portals.

  Sign in     {url}/ as {email} with the password {password}
  Workers     {flower}/ with the name crmap and the password {flower_password}
  API token   {token}

The portals, each with CRMAP in its menu:

{accounts}
Try:

  curl -H "Authorization: Bearer {token}" {url}/api/v1/accounts
  curl -H "Authorization: Bearer {token}" "{url}/api/v1/accounts/{account}/specification?format=txt"

Change the portal, and see within a minute what CRMAP noticed:

  curl -d '{{"edit": {{"add_stage": {{"directory": "DEAL_STAGE", "name": "Букет"}}}}}}' {portal}_control/{name}
  curl -H "Authorization: Bearer {token}" "{url}/api/v1/accounts/{account}/changes"

Ctrl-C stops everything.
"""


def demo(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Go through the story once, write a specification to stdout, and end."),
    ] = False,
    port: Annotated[
        int,
        typer.Option(min=1024, max=65_000, help="Where CRMAP answers; portals from 24 and Flower 55 above."),
    ] = 8000,
) -> None:
    """Pretend portals are connected and read; all of it stays up until the command is stopped."""
    console = Console("en")
    with until_stopped(console, is_end=not check), _folder_of_its_own() as folder:
        from tools.simulator.cloud import PortTaken  # noqa: PLC0415
        from tools.standalone.api_client import UnexpectedAnswer  # noqa: PLC0415

        console.say(DEMO_STARTS)
        try:
            _show(folder, port, console, check=check)
        except PortTaken as error:
            raise Complaint(CANNOT_START, what=str(error)) from None
        except UnexpectedAnswer as error:
            _tell_logs(folder / "logs", console)
            raise Complaint(DEMO_FAILED, what=str(error)) from None


def _show(folder: Path, port: int, console: Console, *, check: bool) -> None:
    from shared.settings import load_settings  # noqa: PLC0415
    from tools.standalone.api_client import ApiClient  # noqa: PLC0415
    from tools.standalone.first_person import api_token, first_person  # noqa: PLC0415
    from tools.standalone.one_machine import one_machine  # noqa: PLC0415
    from tools.standalone.serving import free_port  # noqa: PLC0415
    from tools.standalone.showcase_portals import connect, showcase_cloud  # noqa: PLC0415

    listen = f"127.0.0.1:{free_port() if check else port}"
    # Another host name than the portals': otherwise browsers treat the frame as a part of the portal.
    url = f"http://localhost:{listen.rpartition(':')[2]}"
    flower = f"127.0.0.1:{free_port() if check else port + _FLOWER}"
    with showcase_cloud(0 if check else port + _PORTALS_FROM) as cloud:
        application = cloud.register_application(
            handler_url=f"{url}/bitrix24/app",
            installer_url=f"{url}/bitrix24/install",
            events_url=f"{url}/bitrix24/events",
        )
        _only_these(
            {
                "CRMAP_DATA_DIR": str(folder),
                "CRMAP_STANDALONE_LISTEN": listen,
                "CRMAP_PUBLIC_URL": url,
                "CRMAP_FLOWER_LISTEN": flower,
                **_of_cloud(cloud, application),
            }
        )
        with one_machine(load_settings(), tell=console.say_line, durable=False) as machine:
            with operator_database(machine) as db:
                person = first_person(db)
                assert person is not None  # noqa: S101 - the folder is new
                token = api_token(db, person.email)
            client = ApiClient(f"http://{listen}", token)
            connected = []
            for connection in connect(cloud, application, client):
                title = connection.portal.crm.settings.title
                client.api(f"/accounts/{connection.account['id']}", {"title": title}, verb="PATCH")
                console.say(
                    DEMO_CONNECTED, title=title, how=connection.how, state=connection.account["state"]
                )
                connected.append(connection)
            client.api(
                "/groups",
                {"title": _GROUP, "accounts": [connection.account["id"] for connection in connected]},
            )
            if check:
                account_id = connected[0].account["id"]
                StandardOutput().write(
                    client.file(f"/accounts/{account_id}/specification?format=txt&lang=ru")
                )
                return
            typer.echo(_tour(machine, person, token, connected, flower))
            machine.watch()


def _of_cloud(cloud: SimulatedCloud, application: Application) -> Mapping[str, str]:
    """The settings with which CRMAP accepts the pretend portals."""
    return {
        "CRMAP_ALLOW_PRIVATE_PORTALS": "1",
        "CRMAP_BITRIX24_OAUTH_SERVERS": f"{cloud.oauth.url},{cloud.twin.url}",
        "CRMAP_BITRIX24_SCRIPT_URL": f"{cloud.portals[0].base_url}api/v1/",
        "CRMAP_BITRIX24_CLIENT_ID": application.client_id,
        "CRMAP_BITRIX24_CLIENT_SECRET": application.secret,
    }


def _tour(
    machine: OneMachine, person: FirstPerson, token: str, connected: list[Connected], flower: str
) -> str:
    lines = "".join(
        f"  {connection.portal.crm.settings.title}, {connection.portal.base_url}\n"
        f"              by {connection.how}: {connection.account['state']}\n"
        for connection in connected
    )
    first = connected[0]
    return _TOUR.format(
        url=machine.settings["CRMAP_PUBLIC_URL"],
        email=person.email,
        password=person.password,
        flower=f"http://{flower}",
        flower_password=machine.settings["CRMAP_FLOWER_PASSWORD"],
        token=token,
        accounts=lines,
        account=first.account["id"],
        portal=first.portal.base_url,
        name=first.portal.name,
    )


def _tell_logs(folder: Path, console: Console) -> None:
    """Shows the last log lines of every process, because the folder is removed right after."""
    for log in sorted(folder.glob("*.log")):
        console.say_line(f"{log.stem}:")
        for line in log.read_text(encoding="utf-8").splitlines()[-_LAST_LINES:]:
            console.say_line(f"  {line}")


def _only_these(settings: Mapping[str, str]) -> None:
    """This process and its children have these settings only; all others are removed from the environment."""
    from shared.settings import PREFIX, Settings  # noqa: PLC0415

    for name in Settings.model_fields:
        os.environ.pop(f"{PREFIX}{name.upper()}", None)
    os.environ.update(settings)


@contextlib.contextmanager
def _folder_of_its_own() -> Iterator[Path]:
    """A temporary folder for everything that is made. It is the working directory while the block runs."""
    before = Path.cwd()
    folder = Path(tempfile.mkdtemp(prefix="crmap-demo-")).resolve()
    # If we are root, PostgreSQL runs as another user, who has to enter this folder.
    folder.chmod(0o711)
    # In this folder there is no .env file.
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
        # If the other user cannot enter it, the database is elsewhere and "postgres" is a link to it.
        shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
