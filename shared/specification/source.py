"""A snapshot prepared for a specification: items by entity type, what was read, and the language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from shared.domain.coverage import Coverage, Kind, State
from shared.domain.findings import Finding, FindingCode, findings
from shared.domain.item_references import label_of
from shared.domain.snapshot import EntityType, Pipeline, Snapshot, Stage, StandardField, User, UserField
from shared.specification.document import Paragraph
from shared.specification.words import Word
from shared.wording.kinds import NAMELESS, entity_key_title, entity_title, kind_word, state_word
from shared.wording.language import Language
from shared.wording.reasons import reason_sentence
from shared.wording.sentences import say

LONG_LIST = 50


@dataclass(frozen=True)
class Source:
    """What the sections are written from. ``persons`` tells whether people are named."""

    snapshot: Snapshot
    language: Language
    persons: bool = True
    account: str | None = None

    def say(self, word: str, /, **facts: object) -> str:
        return say(word, self.language, **facts)

    def named(self, name: str | None) -> str:
        """The name, or the word for a missing name."""
        return name or self.say(NAMELESS)

    def quoted(self, name: str | None) -> str:
        """The name in quotation marks, or the word for a missing name."""
        return self.say(Word.QUOTED, name=name) if name else self.named(None)

    def moment(self, at: datetime) -> str:
        """A moment in its own zone, to the minute; in English as year-month-day, which cannot be misread."""
        offset = at.strftime("%z")
        day = f"{at:%d.%m.%Y}" if self.language == "ru" else at.date().isoformat()
        return f"{day} {at:%H:%M} ({offset[:3]}:{offset[3:5]})"

    @cached_property
    def entities(self) -> Mapping[str, EntityType]:
        return {entity.key: entity for entity in self.snapshot.entity_types}

    @cached_property
    def entity_keys(self) -> tuple[str, ...]:
        """Every entity type with content; those without their own entry come last."""
        mentioned = (
            *self.entities,
            *(row.entity_type for row in self.snapshot.pipelines),
            *(row.entity_type for row in self.snapshot.stages),
            *(row.entity_type for row in self.snapshot.user_fields),
            *(entry.entity_type for entry in self.snapshot.coverage if entry.entity_type is not None),
        )
        return tuple(dict.fromkeys(mentioned))

    @cached_property
    def pipelines(self) -> Mapping[str, list[Pipeline]]:
        groups = defaultdict(list)
        for pipeline in self.snapshot.pipelines:
            groups[pipeline.entity_type].append(pipeline)
        return groups

    @cached_property
    def stages(self) -> Mapping[str, list[Stage]]:
        groups = defaultdict(list)
        for stage in self.snapshot.stages:
            groups[stage.entity_type].append(stage)
        return groups

    @cached_property
    def standard_fields(self) -> Mapping[str, list[StandardField]]:
        groups = defaultdict(list)
        for field in self.snapshot.standard_fields:
            groups[field.entity_type].append(field)
        return groups

    @cached_property
    def fields(self) -> Mapping[str, list[UserField]]:
        groups = defaultdict(list)
        for field in self.snapshot.user_fields:
            groups[field.entity_type].append(field)
        return groups

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return findings(self.snapshot)

    @property
    def shown_findings(self) -> tuple[Finding, ...]:
        """The findings, without those that name people where persons are left out."""
        return tuple(finding for finding in self.findings if self.persons or not _names_people(finding))

    @cached_property
    def long_lists(self) -> Mapping[tuple[str, str], str]:
        """The appendix number of every list that is too long to be shown with its field."""
        long = (field for field in self.snapshot.user_fields if len(field.values) > LONG_LIST)
        letter = self.say(Word.APPENDIX_LETTER)
        return {(field.entity_type, field.code): f"{letter}.{n}" for n, field in enumerate(long, 1)}

    @cached_property
    def _coverage(self) -> Mapping[tuple[Kind, str | None], Coverage]:
        return {entry.key: entry for entry in self.snapshot.coverage}

    def coverage(self, kind: Kind, entity_type: str | None = None) -> Coverage | None:
        """The receipt of a kind; ``None`` if the snapshot has none, which counts as unread."""
        return self._coverage.get((kind, entity_type))

    def is_complete(self, kind: Kind, entity_type: str | None = None) -> bool:
        entry = self.coverage(kind, entity_type)
        return entry is not None and entry.state is State.COMPLETE

    def state(self, kind: Kind, entity_type: str | None = None) -> str:
        """How a kind was read, in a word or two."""
        entry = self.coverage(kind, entity_type)
        return self.say(Word.NOT_KNOWN) if entry is None else state_word(entry.state, self.language)

    def count(self, number: int, kind: Kind, entity_type: str | None = None) -> str:
        """The number if everything was read; otherwise the known number with a note, or why there is none."""
        if self.is_complete(kind, entity_type):
            return str(number)
        return self.say(Word.AT_LEAST, count=number) if number else self.state(kind, entity_type)

    def gap(self, kind: Kind, entity_type: str | None = None, *, shown: bool) -> tuple[Paragraph, ...]:
        """The note above a kind that was not read completely or needs a remark.

        If some of it is ``shown`` below, the note points to section 1 for the reason.
        """
        entry = self.coverage(kind, entity_type)
        if entry is None:
            text = f"{kind_word(kind, None, self.language)}: {self.say(Word.NOT_KNOWN)}"
            return (Paragraph(_sentence(text), warning=True),)
        if entry.state is State.COMPLETE:
            return (Paragraph(self.reason(entry)),) if entry.reason else ()
        status = f"{kind_word(kind, None, self.language)}: {self.status(entry)}"
        if shown:
            return (Paragraph(_sentence(f"{status}, {self.say(Word.SEE_MISSING)}"), warning=True),)
        return (Paragraph(f"{_sentence(status)} {self.reason(entry)}".strip(), warning=True),)

    def nothing(self, kind: Kind, word: str, entity_type: str | None = None) -> tuple[Paragraph, ...]:
        """The text shown instead of no items: that there are none, if that is known, else why it is unknown."""
        gap = self.gap(kind, entity_type, shown=False)
        return (*gap, Paragraph(self.say(word))) if self.is_complete(kind, entity_type) else gap

    def status(self, entry: Coverage) -> str:
        """How a kind was read; with the time if it differs from the snapshot's."""
        state = state_word(entry.state, self.language)
        if not entry.items or entry.read_at == self.snapshot.read_at:
            return state
        return f"{state}, {self.say(Word.DATA_OF, moment=self.moment(entry.read_at))}"

    def reason(self, entry: Coverage) -> str:
        """Why a kind was not read completely and what to do; empty if the reason is unknown."""
        return reason_sentence(entry.reason, self.language) if entry.reason else ""

    def entity_title(self, key: str) -> str:
        """The name of an entity type where its number is not shown beside it."""
        entity = self.entities.get(key)
        if entity is None:
            return entity_key_title(key, self.language)
        if key.startswith("dynamic_") and not entity.title:
            return self.say(Word.NAMELESS_ENTITY, id=entity.entity_type_id)
        return entity_title(entity, self.language)

    def label(self, field: UserField) -> str:
        """The name of a field in the document's language, else the portal's, else any; without one, a word for that."""
        for language in (self.language, self.snapshot.portal.language):
            if language and field.labels.get(language):
                return field.labels[language]
        return self.named(label_of(field))

    @cached_property
    def users(self) -> Mapping[int, User]:
        return {user.id: user for user in self.snapshot.users}

    def person(self, user_id: int) -> str:
        """A person by name and id; by id alone if persons are left out or the name is unknown."""
        user = self.users.get(user_id)
        if not self.persons or user is None or not user.name:
            return self.say(Word.READER_NAMELESS, id=user_id)
        return self.say(Word.READER, name=user.name, id=user_id)


def _names_people(finding: Finding) -> bool:
    return finding.kind is Kind.USERS or finding.code is FindingCode.DISMISSED_HEAD


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
