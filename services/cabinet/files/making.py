"""Documents of versions of a portal: what their content depends on, and how it is made."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import shared
from shared.domain.diff import diff
from shared.domain.parts import PartKey, with_parts
from shared.domain.snapshot import Snapshot
from shared.part_json import load_part
from shared.specification.changes import changes_json, changes_txt
from shared.specification.formats import FORMATS
from shared.specification.json_format import dump_json
from shared.wording.language import Language

# The items of a version as JSON, by kind and entity type.
Contents = Mapping[PartKey, bytes]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a portal. The outline is its snapshot without items."""

    portal_id: UUID
    outline: Snapshot

    @property
    def size(self) -> int:
        """The number of its items."""
        return sum(entry.items for entry in self.outline.coverage)


@dataclass(frozen=True)
class Document:
    """All that the content of a document depends on: one version for a specification, two for the changes between.

    ``format`` is the name of one in ``FORMATS``; changes are ``txt`` or ``json``.
    """

    versions: tuple[Version, ...]
    format: str
    language: Language

    @cached_property
    def key(self) -> str:
        """Names the content: documents with the same key have the same bytes. An upgrade changes all keys."""
        digest = hashlib.sha256(f"{_code()} {self.format} {self.language}".encode())
        for one in self.versions:
            digest.update(one.portal_id.bytes)
            # JSON is the format that holds everything; the items are those of the version of this number.
            digest.update(dump_json(one.outline, language=self.language))
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """The number of items it is made of."""
        return sum(one.size for one in self.versions)


def rendered(document: Document, contents: Sequence[Contents]) -> bytes:
    """The bytes of the document; ``contents`` are those of its versions."""
    snapshots = [
        with_parts(one.outline, {key: load_part(key[0], body) for key, body in bodies.items()})
        for one, bodies in zip(document.versions, contents, strict=True)
    ]
    if len(snapshots) == 1:
        return FORMATS[document.format].render(snapshots[0], language=document.language)
    old, new = snapshots
    comparison = diff(old, new)
    if document.format == "json":
        return changes_json(comparison, old, new, language=document.language)
    # With a byte order mark and CRLF for Notepad, as specifications have.
    return BOM_UTF8 + changes_txt(comparison, old, new, language=document.language, newline="\r\n")


@cache
def _code() -> str:
    """The digest of the code and the words that documents are made with."""
    digest = hashlib.sha256(version("xlsxwriter").encode())
    folder = Path(shared.__path__[0])
    for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.po"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
