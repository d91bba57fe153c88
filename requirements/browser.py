# ruff: noqa: INP001, S603, T201 - a script that starts installers and speaks to whoever ran make
"""Make a Chromium be there for the tests, where this machine lets us.

    python requirements/browser.py

Prints where it is. Debian's own is installed when we are root and it is to be had; elsewhere, Ubuntu among them,
whose package is no more than a hint at its shop, the one Playwright brings. Where neither can be, standard error says
what to do, and the tests that need a browser are skipped, or fail where CI is set. Never fails itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome")
NAMED = "CRMAP_TEST_CHROMIUM"
_VERSION_WITHIN_S = 20
_INSTALLS_WITHIN_S = 600
# Another apt may be at work on a machine that has just come up.
_WAITS_FOR_OTHERS = ("-o", "DPkg::Lock::Timeout=120")
_APT: tuple[Sequence[str], ...] = (
    ("apt-get", "-qq", *_WAITS_FOR_OTHERS, "update"),
    ("apt-get", "-qq", *_WAITS_FOR_OTHERS, "install", "--yes", "--no-install-recommends", "chromium"),
)
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "--with-deps", "chromium")
_WHERE = """from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
ASKS_PLAYWRIGHT = (sys.executable, "-c", _WHERE)


def main() -> None:
    """Print where Chromium is, or nothing."""
    found = browser()
    if not found and os.geteuid() == 0:
        found = _installed()
    if found:
        print(found)
        return
    print(
        "There is no Chromium on this machine, so the tests in a browser cannot run. Install one as root\n"
        "  apt-get update && apt-get install chromium         # Debian\n"
        f"  {' '.join(PLAYWRIGHT)}\n"
        f"or name one: {NAMED}=/path/to/chromium make test",
        file=sys.stderr,
    )


def browser() -> str:
    """A Chromium that runs: the one that is named, else one of this machine, else Playwright's. Empty without one."""
    named = os.environ.get(NAMED)
    if named:
        return named
    return next((place for place in _places() if _runs(place)), "")


def _places() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    asked = _done(ASKS_PLAYWRIGHT, within_s=_VERSION_WITHIN_S)
    if asked is not None and os.access(asked.strip(), os.X_OK):
        yield asked.strip()


def _installed() -> str:
    """One that has just been installed. Empty when that failed; standard error tells the last words of it."""
    print("Installing Chromium for the tests in a browser …", file=sys.stderr, flush=True)
    if shutil.which("apt-get") and all(_done(command, tell=True) is not None for command in _APT):
        found = browser()
        if found:
            return found
    return browser() if _done(PLAYWRIGHT, tell=True) is not None else ""


def _runs(program: str) -> bool:
    # Ubuntu's program of that name only says which shop has the real one.
    said = _done((program, "--version"), within_s=_VERSION_WITHIN_S)
    return said is not None and ("Chromium" in said or "Chrome" in said)


def _done(command: Sequence[str], *, within_s: float = _INSTALLS_WITHIN_S, tell: bool = False) -> str | None:
    """What the command printed; ``None`` when it failed, and with ``tell`` its last lines on standard error."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        ended = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            timeout=within_s,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        said, code = str(error), 1
    else:
        said, code = ended.stderr.strip(), ended.returncode
    if code == 0:
        return ended.stdout
    if tell:
        print(f"{command[0]} failed:", *said.splitlines()[-3:], sep="\n  ", file=sys.stderr)
    return None


if __name__ == "__main__":
    main()
