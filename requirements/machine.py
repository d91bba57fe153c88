# ruff: noqa: S603, S606, T201 - a script that starts installers and speaks to whoever ran make
"""Make the programs be there that some tests need and pip does not bring, where this machine lets us.

    python requirements/machine.py COMMAND [ARGUMENT ...]

Finds or gets each, names it in the environment and becomes the command. Where one cannot be had, standard error says
what to do, and the tests that need it are skipped. This is the only step of testing that uses the network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

KEPT = Path(__file__).resolve().parent.parent / "build" / "machine"
_ANSWERS_WITHIN_S = 20
_INSTALLS_WITHIN_S = 600
# Another apt may be at work on a machine that has just come up.
_APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "--with-deps", "chromium")
_WHERE = """from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
ASKS_PLAYWRIGHT = (sys.executable, "-c", _WHERE)
LIBRARY = "@bitrix24/b24jssdk@2.2.0"


@dataclass(frozen=True)
class Need:
    """Something tests need, by the variable that names it for them.

    ``places`` are where it may be already, the best first; ``get`` brings it; ``fits`` is false for what only has
    its name. ``advice`` is what a person can do.
    """

    variable: str
    what: str
    places: Callable[[], Iterator[str]]
    get: Callable[[], None]
    fits: Callable[[str], bool]
    advice: str

    def place(self) -> str:
        """Where it is: the place that is named already, else the first that fits. Empty without one."""
        return os.environ.get(self.variable) or next(filter(self.fits, self.places()), "")


def main() -> None:
    """Never returns: the command takes over, with whatever could be had."""
    os.execvpe(sys.argv[1], sys.argv[1:], {**os.environ, **places(NEEDS)})


def places(needs: Sequence[Need]) -> dict[str, str]:
    """Where each is, by its variable; what was missing has been got. Those that cannot be had are told and left out."""
    found = {}
    for need in needs:
        place = need.place()
        if not place:
            print(f"Getting {need.what} for the tests …", file=sys.stderr, flush=True)
            need.get()
            place = need.place()
        if place:
            found[need.variable] = place
        else:
            print(
                f"There is no {need.what}, so the tests that need it cannot run. {need.advice}\n"
                f"or name one: {need.variable}=/path",
                file=sys.stderr,
            )
    return found


def _chromium_places() -> Iterator[str]:
    yield from filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    asked = _done(ASKS_PLAYWRIGHT, within_s=_ANSWERS_WITHIN_S)
    if asked is not None and os.access(asked.strip(), os.X_OK):
        yield asked.strip()


def _is_chromium(program: str) -> bool:
    # Ubuntu's program of that name only says which shop has the real one.
    said = _done((program, "--version"), within_s=_ANSWERS_WITHIN_S)
    return said is not None and ("Chromium" in said or "Chrome" in said)


def _get_chromium() -> None:
    """Debian's own as root; elsewhere, Ubuntu among them, the one Playwright brings."""
    if os.geteuid() != 0:
        return
    apt = ((*_APT, "update"), (*_APT, "install", "--yes", "--no-install-recommends", "chromium"))
    is_debian = shutil.which("apt-get") and all(_done(command, tell=True) is not None for command in apt)
    if not (is_debian and any(map(_is_chromium, _chromium_places()))):
        _done(PLAYWRIGHT, tell=True)


def _caddy_places() -> Iterator[str]:
    yield from filter(
        None, (shutil.which("caddy"), shutil.which(str(KEPT / "caddy" / "usr" / "bin" / "caddy")))
    )


def _is_caddy(program: str) -> bool:
    return _done((program, "version"), within_s=_ANSWERS_WITHIN_S) is not None


def _get_caddy() -> None:
    """Debian's, unpacked and not installed: installed it would start a server of its own on port 80."""
    folder = KEPT / "caddy"
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("apt-get") is None or _done((*_APT, "download", "caddy"), cwd=folder, tell=True) is None:
        return
    for package in folder.glob("caddy_*.deb"):
        _done(("dpkg-deb", "-x", str(package), str(folder)), tell=True)
        package.unlink()


def _library_places() -> Iterator[str]:
    yield str(KEPT / "b24jssdk" / "index.min.js")


def _get_library() -> None:
    """The vendor's library as npm has it: one file of its package."""
    folder = KEPT / "b24jssdk"
    folder.mkdir(parents=True, exist_ok=True)
    if (
        shutil.which("npm") is None
        or _done(("npm", "pack", LIBRARY, "--silent"), cwd=folder, tell=True) is None
    ):
        return
    for package in folder.glob("*.tgz"):
        with tarfile.open(package) as opened, opened.extractfile("package/dist/umd/index.min.js") as file:  # type: ignore[union-attr]
            (folder / "index.min.js").write_bytes(file.read())
        package.unlink()


CHROMIUM = Need(
    variable="CRMAP_TEST_CHROMIUM",
    what="Chromium",
    places=_chromium_places,
    get=_get_chromium,
    fits=_is_chromium,
    advice=f"Install it as root:\n  apt-get install chromium         # Debian\n  {' '.join(PLAYWRIGHT)}",
)
CADDY = Need(
    variable="CRMAP_TEST_CADDY",
    what="Caddy",
    places=_caddy_places,
    get=_get_caddy,
    fits=_is_caddy,
    advice="Put Debian's, or a release of caddyserver.com, on PATH",
)
B24JSSDK = Need(
    variable="CRMAP_TEST_B24JSSDK",
    what=f"{LIBRARY} of npm",
    places=_library_places,
    get=_get_library,
    fits=os.path.isfile,
    advice="Install npm",
)
NEEDS = (CHROMIUM, CADDY, B24JSSDK)


def _done(
    command: Sequence[str],
    *,
    within_s: float = _INSTALLS_WITHIN_S,
    tell: bool = False,
    cwd: Path | None = None,
) -> str | None:
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
            cwd=cwd,
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
