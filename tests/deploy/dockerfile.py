"""deploy/Dockerfile as a list of stages, each with its instructions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.test_documents import ROOT

TEXT = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
# The folder everything of ours is in.
HOME = "/crmap"


@dataclass(frozen=True)
class Copy:
    """``COPY``: from the tree, or from a folder of the stage ``out_of``."""

    sources: tuple[str, ...]
    target: str
    out_of: str | None


@dataclass(frozen=True)
class Stage:
    """A stage and what it begins with: another stage, or an image."""

    name: str
    base: str
    instructions: tuple[tuple[str, str], ...]

    def all(self, instruction: str) -> list[str]:
        """What stands after each such instruction."""
        return [rest for name, rest in self.instructions if name == instruction]

    @property
    def copies(self) -> list[Copy]:
        """Every ``COPY`` of the stage."""
        return [_copy(rest) for rest in self.all("COPY")]

    @property
    def locks(self) -> list[str]:
        """The lock each ``pip install`` of the stage installs."""
        installs = [rest for rest in self.all("RUN") if "pip install" in rest]
        return [words[words.index("--requirement") + 1] for words in map(shlex.split, installs)]


def stages() -> dict[str, Stage]:
    """The stages by name, in the file's order."""
    found: dict[str, Stage] = {}
    for name, rest in _instructions():
        if name == "FROM":
            base, _as, stage = rest.partition(" AS ")
            found[stage] = Stage(stage, base, ())
        else:
            last = found[next(reversed(found))]
            found[last.name] = Stage(last.name, last.base, (*last.instructions, (name, rest)))
    return found


def _instructions() -> Iterator[tuple[str, str]]:
    lines = [line for line in TEXT.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, re.sub(r"\s+", " ", rest) if name != "RUN" else rest


def _copy(rest: str) -> Copy:
    words = rest.split()
    out_of = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
    return Copy(tuple(words[:-1]), words[-1], out_of)
