"""What `make test` does about programs that are missing on this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from requirements import machine
from requirements.machine import B24JSSDK, CADDY, CHROMIUM, NEEDS, Need


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all the programs this machine has; we are root on it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for need in NEEDS:
        monkeypatch.delenv(need.variable, raising=False)
    monkeypatch.setattr(machine, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(machine, "PLAYWRIGHT", ("/nowhere/playwright",))
    monkeypatch.setattr(machine, "ASKS_PLAYWRIGHT", ("/nowhere/playwright",))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def program(folder: Path, name: str, script: str) -> Path:
    made = folder / name
    made.write_text(f"#!{shutil.which('sh', path='/bin:/usr/bin')}\n{script}\n")
    made.chmod(0o755)
    return made


DEBIANS = "echo 'Chromium 156.0 built on Debian'"
HINT = "echo 'Command requires the chromium snap' >&2; exit 1"


def said(capsys: pytest.CaptureFixture[str], need: Need = CHROMIUM) -> tuple[str, str]:
    """Where it is, empty where it cannot be had, and what was said meanwhile."""
    place = machine.places([need]).get(need.variable, "")
    captured = capsys.readouterr()
    assert captured.out == "", "standard output is the command's"
    return place, captured.err


def test_a_browser_that_is_there_is_named(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = program(programs, "chromium", DEBIANS)
    assert said(capsys) == (str(found), "")


def test_a_missing_one_is_installed(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chromium = programs / "chromium"
    chmod = shutil.which("chmod", path="/bin:/usr/bin")
    script = f"""case "$*" in *install*chromium*) printf '%s\\n' '#!/bin/sh' "{DEBIANS}" > {chromium}
    {chmod} 755 {chromium};; esac"""
    program(programs, "apt-get", script)
    assert said(capsys) == (str(chromium), "Getting Chromium for the tests …\n")


def test_one_that_cannot_be_installed_is_a_plain_sentence(
    programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(programs, "apt-get", "echo 'Unable to fetch some archives' >&2; exit 100")
    out, err = said(capsys)
    assert out == ""
    assert "Unable to fetch some archives" in err
    assert "apt-get install chromium" in err


def test_who_is_not_root_is_told_what_to_do(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(programs, "apt-get", "exit 1")
    out, err = said(capsys)
    assert out == ""
    assert "There is no Chromium, so the tests that need it cannot run. Install it as root:" in err


def test_a_program_that_only_hints_at_a_shop_is_no_browser(programs: Path) -> None:
    program(programs, "chromium-browser", HINT)
    assert CHROMIUM.place() == ""


def test_what_is_named_is_taken_as_it_is(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CADDY.variable, str(programs / "another"))
    assert CADDY.place() == str(programs / "another")


def test_a_caddy_is_unpacked_and_never_installed(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    touch, mkdir, chmod = (shutil.which(name, path="/bin:/usr/bin") for name in ("touch", "mkdir", "chmod"))
    program(
        programs,
        "apt-get",
        f"""case "$*" in *install*) exit 1;; *download*) {touch} caddy_2_amd64.deb;; esac""",
    )
    made = programs / "kept" / "caddy" / "usr" / "bin" / "caddy"
    script = f"{mkdir} -p {made.parent}; printf '#!/bin/sh\\n' > {made}; {chmod} 755 {made}"
    program(programs, "dpkg-deb", script)
    assert said(capsys, CADDY) == (str(made), "Getting Caddy for the tests …\n")
    assert list((programs / "kept" / "caddy").glob("*.deb")) == []


def test_without_npm_the_vendors_library_is_done_without(
    programs: Path,  # noqa: ARG001 - a machine that has nothing
    capsys: pytest.CaptureFixture[str],
) -> None:
    place, err = said(capsys, B24JSSDK)
    assert place == ""
    assert err.endswith("Install npm\nor name one: CRMAP_TEST_B24JSSDK=/path\n")
