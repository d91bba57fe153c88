"""A process imports what it needs: how long its start takes, and how much memory it has, hangs on that."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.specification.json_format import dump_json
from tests.builders import a_snapshot
from tests.stories.reading import a_portal
from tests.test_documents import ROOT

CRMAP = (sys.executable, "-m", "tools.cli.main")
SETTINGS = {
    "PATH": os.environ["PATH"],
    "CRMAP_ALLOW_PRIVATE_PORTALS": "1",
    "CRMAP_DATABASE_URL": "postgresql://crmap:secret@127.0.0.1:1/crmap",
    "CRMAP_BROKER_URL": "redis://127.0.0.1:1/0",
    "CRMAP_GATEWAY_LISTEN": "127.0.0.1:1",
}
DATABASE = {"alembic", "psycopg", "sqlalchemy", "sqlmodel"}
QUEUE = {"celery", "kombu", "redis"}
WEB = {"fastapi", "flower", "starlette", "tornado", "uvicorn"}
PAGES = {"argon2", "babel", "jinja2", "pwdlib"}
HTTP = {"httpcore", "httpx", "shared.bitrix24.client"}
TERMINAL = {"pygments", "rich"}
FORMATS = {
    "xlsxwriter",
    *(f"shared.specification.{name}" for name in ("csv_format", "html", "markdown", "xlsx")),
}
SERVICES = {"services", "shared.db.session"}
SIMULATOR = {"tools.simulator", "tools.standalone"}
FOR_TESTS = {"hypothesis", "openpyxl", "pytest"}
EVERYTHING = DATABASE | QUEUE | WEB | PAGES | HTTP | TERMINAL | FORMATS | SERVICES | SIMULATOR | FOR_TESTS


def imported_by(*command: str | Path) -> set[str]:
    """The modules that were imported until the end of the command, and the packages they are in."""
    settings = {**SETTINGS, "PYTHONPROFILEIMPORTTIME": "1"}
    ended = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr
    names = re.findall(r"^import time:[^|]+\|[^|]+\| +(\S+)$", ended.stderr, re.MULTILINE)
    assert "encodings" in names
    parts = [name.split(".") for name in names]
    return {".".join(part[:length]) for part in parts for length in range(1, len(part) + 1)}


@pytest.mark.parametrize("arguments", [["--help"], ["user", "--help"], ["--version"], []])
def test_help_and_the_version_need_nothing_of_any_command(arguments: list[str]) -> None:
    commands = {f"tools.cli.{name}" for name in ("spec", "operating", "processes")}
    assert imported_by(*CRMAP, *arguments) & (EVERYTHING | commands | {"asyncio"}) == set()


def test_a_portal_is_read_without_the_machine_room_and_in_one_format() -> None:
    with a_portal("tiny") as portal:
        imported = imported_by(*CRMAP, "spec", portal.webhook_url)
    assert "shared.specification.txt" in imported
    assert imported & (EVERYTHING - HTTP) == set()


def test_files_are_compared_without_loading_http(tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    saved.write_bytes(dump_json(a_snapshot(), language="en"))
    imported = imported_by(*CRMAP, "diff", saved, saved)
    assert "shared.domain.compare" in imported
    assert imported & EVERYTHING == set()


def test_a_health_check_imports_nothing_of_what_it_checks() -> None:
    imported = imported_by(*CRMAP, "alive", "gateway")
    assert "shared.settings" in imported
    assert imported & EVERYTHING == set()


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("services.gateway.app", DATABASE | QUEUE | WEB | HTTP | SERVICES | TERMINAL),
        ("services.cabinet.app", DATABASE | QUEUE | WEB | PAGES | SERVICES | TERMINAL),
        ("services.sync_worker.app", DATABASE | QUEUE | HTTP | SERVICES),
        ("services.sync_worker.beat", QUEUE | {"services"}),
        ("services.cabinet.files.apart", {"services"}),
        (
            "tools.standalone.one_machine",
            DATABASE | QUEUE | {"shared.db.session", "tools.standalone"} | TERMINAL,
        ),
    ],
)
def test_a_service_imports_nothing_that_others_need(module: str, needed: set[str]) -> None:
    imported = imported_by(sys.executable, "-c", f"import {module}")
    assert module in imported
    assert imported & (EVERYTHING - needed) == set()
