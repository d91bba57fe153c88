"""Make a virtual environment hold one lock, and nothing else.

    python requirements/install.py VENV LOCK [--with-project]

An environment is trusted only when its stamp says it was finished for this Python, place and lock, when
its interpreter runs and every file pip recorded is still there. Anything less is built again from nothing.
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STAMP = "crmap-installed.json"

Facts = dict[str, Any]


def main() -> None:
    """Leave the named environment complete; exit with pip's status when it cannot be."""
    parser = argparse.ArgumentParser(description="Make a virtual environment hold one lock.")
    parser.add_argument("venv", type=Path)
    parser.add_argument("lock", type=Path)
    parser.add_argument("--with-project", action="store_true", help="also the crmap command, editable")
    asked = parser.parse_args()
    with asked.lock.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits, then finds the work done
        try:
            install(asked.venv.absolute(), asked.lock, with_project=asked.with_project)
        except subprocess.CalledProcessError as failed:
            sys.exit(failed.returncode)


def install(place: Path, lock: Path, *, with_project: bool) -> None:
    """Bring the environment to the lock; what is there already stays untouched."""
    stamp = before = _stamp(place)
    wanted = facts(place, lock)
    if not is_trusted(place, wanted):
        print(f"Installing {lock} into {place.name} …", file=sys.stderr, flush=True)
        venv.create(place, clear=True, with_pip=True)
        _pip(place, "--require-hashes", "--no-deps", "-r", str(lock))
        stamp = wanted
    project = _digest(ROOT / "pyproject.toml")
    if with_project and stamp.get("project") != project:
        _pip(place, "--no-deps", "--no-build-isolation", "-e", str(ROOT))
        stamp = {**stamp, "project": project}
    if stamp != before:
        stamp = {**stamp, "distributions": _distributions(place)}
        (place / STAMP).write_text(json.dumps(stamp))


def facts(place: Path, lock: Path) -> Facts:
    """What an environment was made of; another Python, place or lock needs another environment."""
    return {"python": [sys.version, sys.base_prefix], "place": str(place), "lock": _digest(lock)}


def is_trusted(place: Path, wanted: Facts) -> bool:
    """True for a finished environment of these facts that has lost nothing since."""
    stamp = _stamp(place)
    return (
        stamp == {**stamp, **wanted}
        and stamp.get("distributions") == _distributions(place)
        and _runs(place / "bin" / "python")
        and all(map(_is_whole, place.glob("lib/python*/site-packages/*.dist-info/RECORD")))
    )


def _pip(place: Path, *arguments: str) -> None:
    pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", *arguments], check=True)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _stamp(place: Path) -> Facts:
    try:
        stamp: Facts = json.loads((place / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def _distributions(place: Path) -> list[str]:
    return sorted(info.name for info in place.glob("lib/python*/site-packages/*.dist-info"))


def _runs(python: Path) -> bool:
    try:
        return (
            subprocess.run([python, "-I", "-S", "-c", ""], check=False, capture_output=True).returncode == 0
        )
    except OSError:
        return False


def _is_whole(record: Path) -> bool:
    site_packages = record.parent.parent
    with record.open(newline="") as rows:
        names = [row[0] for row in csv.reader(rows) if row and not row[0].endswith(".pyc")]
    return all((site_packages / name).exists() for name in names)


if __name__ == "__main__":
    main()
