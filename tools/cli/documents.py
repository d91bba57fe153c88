"""The formats a specification is offered in on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shared.domain.snapshot import Snapshot
from shared.specification.json_format import dump_json
from shared.specification.txt import render_txt
from shared.wording.language import Language


def _txt(snapshot: Snapshot, language: Language, *, plain: bool) -> bytes:
    if plain:
        return render_txt(snapshot, language=language, newline="\n", bom=False)
    return render_txt(snapshot, language=language)


def _json(snapshot: Snapshot, language: Language, *, plain: bool) -> bytes:  # noqa: ARG001 - always plain
    return dump_json(snapshot, language=language)


_WRITERS: Final[Mapping[str, Callable[..., bytes]]] = {"txt": _txt, "json": _json}

FORMATS: Final = tuple(_WRITERS)
# What a terminal cannot show.
BINARY: Final = frozenset({"xlsx"})


def document(snapshot: Snapshot, form: str, language: Language, *, plain: bool) -> bytes:
    """The specification as bytes. ``plain`` text has line feeds only and no byte order mark."""
    return _WRITERS[form](snapshot, language, plain=plain)
