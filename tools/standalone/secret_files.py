"""Secrets this machine makes for itself: once, in files that nobody else can read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from shlex import quote


def kept_secret(file: Path) -> str:
    """The secret in ``file``, made now if there was none. The file appears whole or not at all."""
    if not file.exists():
        write_private(file, secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8").strip()


def write_environment(file: Path, settings: Mapping[str, str]) -> None:
    """The settings stand in ``file``, for a shell to read before another command of ours runs."""
    write_private(file, "".join(f"{name}={quote(value)}\n" for name, value in settings.items()))


def write_private(file: Path, text: str) -> None:
    """The file holds the text, open to its owner only."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600, exist_ok=False)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(file)
