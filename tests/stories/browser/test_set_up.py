"""What `make test` does about a browser on a machine that has none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from requirements import browser


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all the programs this machine has; we are root on it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(browser.NAMED, raising=False)
    monkeypatch.setattr(browser, "PLAYWRIGHT", ("/nowhere/playwright",))
    monkeypatch.setattr(browser, "ASKS_PLAYWRIGHT", ("/nowhere/playwright",))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def program(folder: Path, name: str, script: str) -> Path:
    made = folder / name
    made.write_text(f"#!{shutil.which('sh', path='/bin:/usr/bin')}\n{script}\n")
    made.chmod(0o755)
    return made


CHROMIUM = "echo 'Chromium 156.0 built on Debian'"
HINT = "echo 'Command requires the chromium snap' >&2; exit 1"


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    browser.main()
    captured = capsys.readouterr()
    return captured.out.strip(), captured.err


def test_a_browser_that_is_there_is_named(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = program(programs, "chromium", CHROMIUM)
    assert said(capsys) == (str(found), "")


def test_a_missing_one_is_installed(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chromium = programs / "chromium"
    chmod = shutil.which("chmod", path="/bin:/usr/bin")
    script = f"""case "$*" in *install*chromium*) printf '%s\\n' '#!/bin/sh' "{CHROMIUM}" > {chromium}
    {chmod} 755 {chromium};; esac"""
    program(programs, "apt-get", script)
    assert said(capsys) == (str(chromium), "Installing Chromium for the tests in a browser …\n")


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
    assert (out, err[:34]) == ("", "There is no Chromium on this machi")


def test_a_program_that_only_hints_at_a_shop_is_no_browser(programs: Path) -> None:
    program(programs, "chromium-browser", HINT)
    assert browser.browser() == ""
