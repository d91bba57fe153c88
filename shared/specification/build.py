"""From a snapshot to the document every format is rendered from."""

from __future__ import annotations

from shared.domain.snapshot import Snapshot
from shared.specification.document import Document
from shared.specification.entity_sections import entity_sections
from shared.specification.passport import map_of_entities, missing_parts, passport, summary
from shared.specification.reference_sections import dictionaries, people
from shared.specification.source import Source
from shared.specification.words import Word
from shared.specification.working_sections import appendix, mapping, remarks
from shared.wording.language import Language


def build(
    snapshot: Snapshot, *, language: Language, persons: bool = True, account: str | None = None
) -> Document:
    """The specification of a snapshot in this language, sections in their fixed order.

    ``persons`` false leaves out the list of users and all names; ``account`` is what the cabinet calls the portal.
    """
    return document_of(Source(snapshot, language, persons, account))


def document_of(source: Source) -> Document:
    """The specification of the snapshot of this source."""
    sections = (
        passport(source),
        missing_parts(source),
        summary(source),
        map_of_entities(source),
        *entity_sections(source),
        dictionaries(source),
        *people(source),
        remarks(source),
        mapping(source),
        appendix(source),
    )
    return Document(source.language, source.say(Word.DOCUMENT), sections)
