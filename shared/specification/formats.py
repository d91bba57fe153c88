"""The formats a specification is offered in, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from shared.domain.snapshot import Snapshot
from shared.specification.csv_format import render_csv
from shared.specification.html import render_html
from shared.specification.json_format import dump_json
from shared.specification.markdown import render_markdown
from shared.specification.txt import render_txt
from shared.wording.language import Language


class Render(Protocol):
    """A specification as the bytes of a file."""

    def __call__(self, snapshot: Snapshot, *, language: Language) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Format:
    """``binary`` is what a terminal cannot show."""

    name: str
    extension: str
    media_type: str
    render: Render
    binary: bool = False


def _xlsx(snapshot: Snapshot, *, language: Language) -> bytes:
    # Imported here: the other formats do not need it, and loading it takes longer than writing them.
    from shared.specification.xlsx import render_xlsx  # noqa: PLC0415

    return render_xlsx(snapshot, language=language)


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Final[Mapping[str, Format]] = {
    format_.name: format_
    for format_ in (
        Format("txt", "txt", "text/plain; charset=utf-8", render_txt),
        Format("md", "md", "text/markdown; charset=utf-8", render_markdown),
        Format("html", "html", "text/html; charset=utf-8", render_html),
        Format("json", "json", "application/json", dump_json),
        Format("xlsx", "xlsx", _XLSX, _xlsx, binary=True),
        Format("csv", "csv", "text/csv; charset=utf-8", render_csv),
    )
}
