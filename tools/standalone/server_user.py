"""Whom a server runs as. PostgreSQL refuses to run as root, so there it runs as ``nobody``, in folders given to it.

Folders above those never get other permissions: what the user cannot reach is copied, or kept elsewhere.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The account of a server; ``account`` is None when it is our own."""

    account: pwd.struct_passwd | None

    def options(self, folder: Path) -> dict[str, Any]:
        """How ``subprocess`` runs something as this user in ``folder``, in an environment without surprises."""
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        if self.account is None:
            return {"cwd": folder, "env": environment}
        identity = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": ()}
        return {"cwd": folder, "env": environment, **identity}

    def can(self, *command: str | Path) -> bool:
        """True when the command succeeds as this user."""
        if self.account is None:
            return True
        try:
            completed = subprocess.run(  # noqa: S603 - a question asked by us
                command, capture_output=True, check=False, **self.options(Path("/"))
            )
        except PermissionError:
            return False
        return completed.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """True when this user can enter the folder and all folders above it."""
        return self.can("/bin/sh", "-c", 'cd -- "$0"', folder)

    def own(self, path: Path) -> None:
        """The file, or the folder with its content, belongs to this user only. Folders above are unchanged."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if self.account is not None:
            for part in (path, *path.rglob("*")):
                os.chown(part, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

    def copied(self, folders: Sequence[Path], copy: Path) -> None:
        """``copy`` holds these folders side by side, and belongs to this user. An interrupted copy is repeated."""
        if not copy.exists():
            unfinished = copy.with_name(f"{copy.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            for folder in folders:
                shutil.copytree(folder, unfinished / folder.name, symlinks=True)
            self.own(unfinished)
            unfinished.rename(copy)


def server_user() -> ServerUser:
    """Ourselves, or ``nobody`` if we are root."""
    return ServerUser(pwd.getpwnam("nobody") if os.geteuid() == 0 else None)
