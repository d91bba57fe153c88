"""One known change of a portal, as a comparison of two snapshots should report it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """``attribute``, ``before`` and ``after`` describe an edit; they are None for additions and removals."""

    kind: str
    entity_type: str | None
    id: int
    op: str
    label: str | None
    attribute: str | None = None
    before: Any = None
    after: Any = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"words": self.words}

    @property
    def words(self) -> str:
        subject = f"{self.kind} {self.entity_type or ''} {self.id} «{self.label or ''}»".replace("  ", " ")
        if self.op != "edited":
            return f"{subject} {self.op}"
        return f"{subject}: {self.attribute} {self.before!r} → {self.after!r}"
