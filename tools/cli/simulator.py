"""``crmap simulator``: a pretend Bitrix24 on this machine."""

from __future__ import annotations

import contextlib
import threading
from typing import Annotated

import typer

from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.output import StandardOutput
from tools.cli.sentences import CANNOT_START, NOT_INSTALLED, TRY_THE_SIMULATOR, Complaint

FAILED = 1
DEFAULT_PORTAL = "romashka:showcase"


def simulator(
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Port of the first portal; the next ones follow. 0: any free."),
    ] = 8024,
    portal: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:SIZE[:SEED]",
            help="A portal to make; may be repeated. Sizes: tiny, S, M, L, showcase, empty."
            "  [default: romashka:showcase]",
        ),
    ] = None,
    application: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HANDLER_URL",
            help="A local application to register, may be repeated; prints its client_id and client_secret.",
        ),
    ] = None,
    oauth_port: Annotated[
        int,
        typer.Option(
            min=0, max=65534, help="Port of the OAuth server; its twin takes the next one. 0: any free."
        ),
    ] = 0,
    latency_ms: Annotated[int, typer.Option(min=0, help="Milliseconds by which every answer is late.")] = 0,
) -> None:
    """Simulated portals answer until the command is stopped."""
    console = Console("en")
    with one_sentence(console, exit_code=FAILED):
        # Only this command needs the simulator; container images do not have it.
        try:
            from tools.simulator.cloud import PortalSpec, PortTaken, SimulatedCloud  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise Complaint(NOT_INSTALLED, what=str(error.name)) from None

        try:
            specs = [PortalSpec.parse(text) for text in portal or [DEFAULT_PORTAL]]
            cloud = SimulatedCloud(specs, port, oauth_port=oauth_port)
            for handler_url in application or []:
                cloud.register_application(handler_url=handler_url, kind="local")
            for simulated_portal in cloud.portals:
                simulated_portal.switches.latency_ms = latency_ms
            cloud.start()
        except (ValueError, PortTaken) as error:
            raise Complaint(CANNOT_START, what=str(error)) from None
        with contextlib.closing(cloud), contextlib.suppress(KeyboardInterrupt):
            StandardOutput().write("".join(f"{line}\n" for line in cloud.json_lines()).encode())
            console.say(TRY_THE_SIMULATOR)
            threading.Event().wait()
