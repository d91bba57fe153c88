"""The formats a specification is offered in, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol

from shared.domain.snapshot import Snapshot
from shared.wording.language import Language


class Render(Protocol):
    """A specification as the bytes of a file."""

    def __call__(self, snapshot: Snapshot, *, language: Language) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Format:
    """``code`` names the module that writes it and a function in it; ``binary`` is what a terminal cannot show."""

    name: str
    extension: str
    media_type: str
    code: str
    binary: bool = False

    @property
    def render(self) -> Render:
        """The function that writes it; imported now, because most of those who know the formats write one of them."""
        module, _, name = self.code.partition(":")
        render: Render = getattr(import_module(module), name)
        return render


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Final[Mapping[str, Format]] = {
    format_.name: format_
    for format_ in (
        Format("txt", "txt", "text/plain; charset=utf-8", "shared.specification.txt:render_txt"),
        Format("md", "md", "text/markdown; charset=utf-8", "shared.specification.markdown:render_markdown"),
        Format("html", "html", "text/html; charset=utf-8", "shared.specification.html:render_html"),
        Format("json", "json", "application/json", "shared.specification.json_format:dump_json"),
        Format("xlsx", "xlsx", _XLSX, "shared.specification.xlsx:render_xlsx", binary=True),
        Format("csv", "csv", "text/csv; charset=utf-8", "shared.specification.csv_format:render_csv"),
    )
}
