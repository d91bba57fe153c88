"""What an image holds, without an engine: its folders in a temporary one, and a Python that has its lock and no more.

The environment is a real one of ``venv``. Installing a lock into it takes pip up to a minute, four times over;
so the files of each distribution the lock names are linked into it from the environment the tests run in, which has
the same versions (test_dockerfile.py holds the locks to that). What is not in the lock cannot be imported.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import venv
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

from tests.deploy.dockerfile import HOME, Copy, Stage, stages
from tests.test_documents import ROOT

_IGNORED = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True)
class Image:
    """A built target: ``home`` is what it has as its own folder, ``environment`` what its processes see."""

    target: str
    home: Path
    environment: dict[str, str]

    @property
    def health(self) -> list[str]:
        """The command of its health check."""
        (check,) = stages()[self.target].all("HEALTHCHECK")
        command: list[str] = json.loads(check.partition(" CMD ")[2])
        return command

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """The command has run in the image, with these settings beside the image's own."""
        return subprocess.run(
            command,
            cwd=self.home,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
        )


def build(target: str, folder: Path) -> Image:
    """The target as the Dockerfile makes it, in ``folder``."""
    stage, home, python = stages()[target], folder / "home", folder / "python"
    home.mkdir(parents=True)
    venv.create(python, symlinks=True)
    for lock in stage.locks:
        _link(ROOT / lock, next(python.glob("lib/python*/site-packages")))
    environment = _environment(home, python)
    _apply(stage, home, environment)
    return Image(target, home, environment)


def requirements(lock: Path) -> list[Requirement]:
    """What the lock wants on this machine."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    wanted = [
        Requirement(line.partition(" --hash")[0])
        for line in lines
        if line and not line.strip().startswith("#")
    ]
    return [found for found in wanted if found.marker is None or found.marker.evaluate()]


def _apply(stage: Stage, home: Path, environment: dict[str, str]) -> None:
    for name, rest in stage.instructions:
        if name == "COPY":
            (copy,) = Stage(stage.name, stage.base, ((name, rest),)).copies
            if copy.out_of is None:
                _copy(copy, home)
            else:
                _apply(stages()[copy.out_of], home, environment)
        elif name == "RUN" and "pip install" not in rest:
            subprocess.run(["/bin/sh", "-euc", rest], cwd=home, env=environment, check=True)


def _copy(copy: Copy, home: Path) -> None:
    for name in copy.sources:
        source, target = ROOT / name, home / copy.target
        if source.is_dir():
            shutil.copytree(source, target, ignore=_IGNORED, dirs_exist_ok=True)
        else:
            file = target / source.name if copy.target.endswith("/") else target
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, file)


def _environment(home: Path, python: Path) -> dict[str, str]:
    """``ENV`` of the stage all begin with, with the image's folder where it is here."""
    pairs = [pair for rest in stages()["python"].all("ENV") for pair in rest.split()]
    set_up = dict(pair.replace(HOME, str(home)).split("=", 1) for pair in pairs)
    set_up["PATH"] = set_up["PATH"].replace("$PATH", f"{python}/bin:/usr/bin:/bin")
    return set_up


def _link(lock: Path, site_packages: Path) -> None:
    for wanted in requirements(lock):
        found = distribution(wanted.name)
        assert found.version in wanted.specifier, f"{lock.name} wants {wanted}, here is {found.version}"
        _link_files(found, site_packages)


def _link_files(found: Distribution, site_packages: Path) -> None:
    """A folder is linked as a whole, unless files of several distributions lie in it."""
    installed = {file for file in found.files or () if ".." not in file.parts}
    folders = {file.parts[0] for file in installed if len(file.parts) > 1} - _shared()
    alone = {str(file) for file in installed if file.parts[0] not in folders}
    for name in folders | alone:
        link = site_packages / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(Path(str(found.locate_file(name))))


@cache
def _shared() -> set[str]:
    """The folders of the environment the tests run in that belong to more than one distribution."""
    owners = Counter(
        folder
        for found in distributions()
        for folder in {file.parts[0] for file in found.files or () if len(file.parts) > 1}
    )
    return {folder for folder, count in owners.items() if count > 1}
