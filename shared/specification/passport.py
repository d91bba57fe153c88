"""Sections 0 to 3: the passport, what is missing, the summary and the map of entities."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from shared.domain.coverage import Coverage, Kind, State, missing
from shared.domain.digest import fingerprint
from shared.domain.snapshot import CrmMode, EntityType
from shared.specification.document import (
    Block,
    Column,
    ColumnKind,
    Detail,
    Facts,
    Paragraph,
    Row,
    Section,
    Table,
)
from shared.specification.entity_shapes import OLD_INVOICE, has_pipelines, has_stages, is_smart_process
from shared.specification.not_understood import odd_details, text_or_placeholder
from shared.specification.source import Source
from shared.specification.words import Word
from shared.wording.field_types import field_type_word
from shared.wording.kinds import entity_title, kind_word, state_word

_SHOWN_MEMBER_ID = 4


def passport(source: Source) -> Section:
    """What the document is about, when and by whom it was read, and how complete it is."""
    rows = (
        (Word.ACCOUNT, tuple(_account(source))),
        (Word.PORTAL, tuple(_portal(source))),
        (Word.SNAPSHOT, tuple(_snapshot(source))),
        (Word.READ_AS, tuple(_reader(source))),
        (Word.COMPLETENESS, tuple(_completeness(source))),
        (Word.OPTIONS, tuple(_options(source))),
        (Word.FIELD_TYPES, tuple(_field_types(source))),
    )
    facts = Facts(tuple((source.say(name), values) for name, values in rows if values))
    return Section("0", source.say(Word.PASSPORT), (facts,))


def _account(source: Source) -> Iterator[str]:
    portal = source.snapshot.portal
    if source.account:
        yield source.quoted(source.account)
    yield portal.domain
    if portal.member_id is None:
        yield source.say(Word.MEMBER_ID_UNKNOWN)
    else:
        yield source.say(Word.MEMBER_ID, member_id=_shortened(portal.member_id))


def _shortened(member_id: str) -> str:
    if len(member_id) <= 2 * _SHOWN_MEMBER_ID:
        return member_id
    return f"{member_id[:_SHOWN_MEMBER_ID]}…{member_id[-_SHOWN_MEMBER_ID:]}"


def _portal(source: Source) -> Iterator[str]:
    portal = source.snapshot.portal
    if portal.language:
        yield source.say(Word.PORTAL_LANGUAGE, language=portal.language)
    else:
        yield source.say(Word.PORTAL_LANGUAGE_UNKNOWN)
    yield source.say(Word.PLAN, plan=portal.plan) if portal.plan else source.say(Word.PLAN_UNKNOWN)
    modes = {CrmMode.CLASSIC: Word.MODE_CLASSIC, CrmMode.SIMPLE: Word.MODE_SIMPLE, None: Word.MODE_UNKNOWN}
    yield source.say(modes[portal.crm_mode])


def _snapshot(source: Source) -> Iterator[str]:
    snapshot = source.snapshot
    moment = source.moment(snapshot.read_at)
    if snapshot.number is None:
        yield source.say(Word.SNAPSHOT_SINGLE, moment=moment)
    else:
        yield source.say(Word.SNAPSHOT_NUMBERED, number=snapshot.number, moment=moment)
    yield source.say(Word.FINGERPRINT, fingerprint=fingerprint(snapshot))


def _reader(source: Source) -> Iterator[str]:
    reader = source.snapshot.reader
    if reader.id is None:
        yield source.say(Word.READER_UNKNOWN)
    elif reader.name and source.persons:
        yield source.say(Word.READER, name=reader.name, id=reader.id)
    else:
        yield source.say(Word.READER_NAMELESS, id=reader.id)
    yield source.say(Word.ADMIN if reader.admin else Word.NOT_ADMIN)
    if reader.scopes:
        yield source.say(Word.SCOPES, scopes=", ".join(sorted(reader.scopes)))
    else:
        yield source.say(Word.SCOPES_UNKNOWN)


def _completeness(source: Source) -> Iterator[str]:
    states = Counter(entry.state for entry in source.snapshot.coverage)
    for state in State:
        if states[state]:
            yield source.say(
                Word.COUNTED_STATE, state=state_word(state, source.language), count=states[state]
            )
    if any(state is not State.COMPLETE for state in states):
        yield source.say(Word.SEE_MISSING)


def _options(source: Source) -> Iterator[str]:
    yield source.say(Word.OPTION_LANGUAGE)
    yield source.say(Word.WITH_PERSONS if source.persons else Word.WITHOUT_PERSONS)


def _field_types(source: Source) -> Iterator[str]:
    """Our words for the field types that occur, each with its name in REST."""
    own = (field.type for field in source.snapshot.user_fields)
    standard = (field.type for field in source.snapshot.standard_fields)
    for field_type in dict.fromkeys((*own, *standard)):
        word = field_type_word(field_type, source.language)
        if field_type not in word:
            yield f"{word} = {field_type}"


def missing_parts(source: Source) -> Section:
    """What could not be read, why, and what to do; then what the portal does not have."""
    coverage = source.snapshot.coverage
    blocks: list[Block] = [*_grouped(source, missing(coverage))] or [Paragraph(source.say(Word.ALL_READ))]
    absent = tuple(entry for entry in coverage if entry.state is State.NOT_AVAILABLE)
    if absent:
        blocks += [Paragraph(source.say(Word.NOT_ON_PORTAL)), *_grouped(source, absent)]
    return Section("1", source.say(Word.MISSING), tuple(blocks))


def _grouped(source: Source, entries: tuple[Coverage, ...]) -> Iterator[Block]:
    """One heading for all receipts that are equal except for the entity type."""
    groups: dict[tuple[object, ...], list[Coverage]] = defaultdict(list)
    for entry in entries:
        groups[entry.kind, entry.state, entry.reason, entry.read_at, entry.items > 0].append(entry)
    for group in groups.values():
        first = group[0]
        titles = ", ".join(source.entity_title(entry.entity_type) for entry in group if entry.entity_type)
        heading = f"{kind_word(first.kind, titles or None, source.language)} — {source.status(first)}"
        if items := sum(entry.items for entry in group):
            heading += f", {source.say(Word.READ_ITEMS, count=items)}"
        yield Paragraph(f"{heading[:1].upper()}{heading[1:]}", warning=not first.state.is_whole)
        if reason := source.reason(first):
            yield Paragraph(reason, under=True)


def summary(source: Source) -> Section:
    """The numbers of all items by entity type."""
    standard = (Word.STANDARD_FIELDS,) if source.snapshot.is_full else ()
    columns = (
        Column(source.say(Word.ENTITY), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
        *(
            Column(source.say(word), ColumnKind.TEXT)
            for word in (Word.PIPELINES, Word.STAGES, *standard, Word.USER_FIELDS, Word.LIST_VALUES)
        ),
    )
    rows = tuple(_counts(source, key) for key in source.entity_keys)
    blocks: tuple[Block, ...] = source.gap(Kind.ENTITY_TYPES, shown=bool(source.entities))
    if rows:
        blocks += (Table(columns, rows),)
    return Section("2", source.say(Word.SUMMARY), (*blocks, Facts(tuple(_totals(source)))))


def _counts(source: Source, key: str) -> Row:
    fields = source.fields.get(key, [])
    values = sum(len(field.values) for field in fields)
    pipelines, stages = len(source.pipelines.get(key, [])), len(source.stages.get(key, []))
    none = source.say(Word.NONE_HERE)
    standard = source.count(len(source.standard_fields.get(key, [])), Kind.STANDARD_FIELDS, key)
    return Row(
        (
            source.entity_title(key),
            source.count(pipelines, Kind.PIPELINES) if pipelines or has_pipelines(key) else none,
            source.count(stages, Kind.STAGES) if stages or has_stages(key) else none,
            *((standard,) if source.snapshot.is_full else ()),
            source.count(len(fields), Kind.USER_FIELDS, key),
            source.count(values, Kind.USER_FIELDS, key),
        )
    )


def _totals(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    snapshot = source.snapshot
    dictionaries, items = snapshot.dictionaries, sum(len(row.items) for row in snapshot.dictionaries)
    active = sum(user.active for user in snapshot.users)
    dismissed = len(snapshot.users) - active
    if source.is_complete(Kind.DICTIONARIES) or dictionaries:
        lists = source.count(len(dictionaries), Kind.DICTIONARIES)
        counted = source.say(Word.DICTIONARY_COUNTS, lists=lists, items=items)
    else:
        counted = source.state(Kind.DICTIONARIES)
    yield source.say(Word.DICTIONARIES), (counted,)
    people = source.say(Word.USER_COUNTS, active=active, dismissed=dismissed)
    if source.is_complete(Kind.USERS):
        yield source.say(Word.USERS), (people,)
    elif snapshot.users:
        yield source.say(Word.USERS), (people, source.state(Kind.USERS))
    else:
        yield source.say(Word.USERS), (source.state(Kind.USERS),)
    yield source.say(Word.DEPARTMENTS), (source.count(len(snapshot.departments), Kind.DEPARTMENTS),)


def map_of_entities(source: Source) -> Section:
    """The identifiers of every entity type; the two numbers of a smart process never share a column."""
    columns = (
        Column(source.say(Word.NAME), ColumnKind.NAME, source.say(Word.NAME_SPILL)),
        Column("entityTypeId", ColumnKind.NUMBER),
        Column(source.say(Word.TYPE_ID), ColumnKind.NUMBER),
        Column(source.say(Word.FIELD_OWNER), ColumnKind.CODE),
        Column(source.say(Word.BINDING_PREFIX), ColumnKind.CODE),
    )
    rows = tuple(_identifiers(source, entity) for entity in source.snapshot.entity_types)
    if not rows:
        return Section("3", source.say(Word.MAP), source.nothing(Kind.ENTITY_TYPES, Word.NO_TYPES))
    note = source.gap(Kind.ENTITY_TYPES, shown=True)
    return Section("3", source.say(Word.MAP), (*note, Table(columns, rows)))


def _identifiers(source: Source, entity: EntityType) -> Row:
    none, unread = source.say(Word.NONE_HERE), source.say(Word.NOT_KNOWN)
    type_id = unread if is_smart_process(entity.key) else none
    cells = (
        text_or_placeholder(source, entity, "title", entity_title(entity, source.language)),
        str(entity.entity_type_id),
        type_id if entity.type_id is None else str(entity.type_id),
        entity.field_owner or unread,
        entity.binding_prefix or none,
    )
    if entity.entity_type_id != OLD_INVOICE:
        return Row(cells, tuple(odd_details(source, entity)))
    return Row(cells, (Detail(source.say(Word.NOTE), (source.say(Word.OLD_INVOICE),)),))
