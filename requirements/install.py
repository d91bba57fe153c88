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
PROJECT = ROOT / "pyproject.toml"
STAMP = "crmap-installed.json"


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
    """Bring the environment to the lock; touches nothing when it is there already."""
    wanted: dict[str, Any] = {
        "python": [sys.version, sys.base_prefix],
        "place": str(place),
        "lock": _digest(lock),
    }
    stamp = _stamp(place)
    if {**stamp, **wanted} != stamp or not _is_whole(place, stamp["distributions"]):
        print(f"Installing {lock} into {place.name} …", flush=True)
        venv.create(place, clear=True, with_pip=True)
        _pip(place, "--require-hashes", "--no-deps", "-r", str(lock))
        stamp = wanted
    if with_project and stamp.get("project") != (project := _digest(PROJECT)):
        _pip(place, "--no-deps", "--no-build-isolation", "-e", str(ROOT))
        stamp = {**stamp, "project": project}
    stamp["distributions"] = _distributions(place)
    text = json.dumps(stamp)
    if not (place / STAMP).is_file() or (place / STAMP).read_text() != text:
        (place / STAMP).write_text(text)


def _pip(place: Path, *arguments: str) -> None:
    pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", *arguments], check=True)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _stamp(place: Path) -> dict[str, Any]:
    try:
        stamp: dict[str, Any] = json.loads((place / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp


def _distributions(place: Path) -> list[str]:
    return sorted(info.name for info in place.glob("lib/python*/site-packages/*.dist-info"))


def _is_whole(place: Path, distributions: list[str]) -> bool:
    try:
        subprocess.run([place / "bin" / "python", "-I", "-S", "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    if _distributions(place) != distributions:
        return False
    for record in place.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        with record.open(newline="") as rows:
            for name, *_ in csv.reader(rows):
                if not name.endswith(".pyc") and not (record.parent.parent / name).exists():
                    return False
    return True


if __name__ == "__main__":
    main()
