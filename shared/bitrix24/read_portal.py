"""Reads a portal in rounds of commands and builds one snapshot from the answers.

The first batch asks in one request for everything an ordinary portal has, or a known one had. Each later round asks
for what is missing from the answers so far: further pages, owners that could not be named, commands that were skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.bitrix24 import (
    entity_types,
    people,
    pipelines,
    portal_facts,
    standard_fields,
    statuses,
    user_fields,
)
from shared.bitrix24.access import Access
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.commands import BATCH_SIZE, Answer, Answers, Command, Key
from shared.bitrix24.errors import Fault
from shared.bitrix24.expected import Expected, expected_after
from shared.bitrix24.garbage import garbage_collected_rarely
from shared.bitrix24.verdicts import Verdict, of_items
from shared.domain.coverage import Coverage, Kind
from shared.domain.errors import BadAnswer
from shared.domain.order import in_business_order
from shared.domain.snapshot import AsRead, Snapshot

# How often a command is sent in all, if it is skipped or fails for a moment; pauses of 2 and 8 s.
_TRIES = 3
_PAUSES_S = (2.0, 8.0)
# A read takes a few rounds, and 100,000 people take 2,000 commands. These limits stop a portal whose lists never end.
_MOST_ROUNDS = 60
_MOST_COMMANDS = 10_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a read has come: requests answered and planned so far, and the kinds in the last answer."""

    done: int
    planned: int
    kinds: tuple[Kind, ...]


@garbage_collected_rarely
def read_portal(
    portal: Bitrix24,
    *,
    language: str,
    now: Callable[[], datetime],
    known: Collection[Coverage] = (),
    full: bool = False,
    report: Callable[[Progress], None] | None = None,
) -> Snapshot:
    """A snapshot of the portal's CRM metadata with its coverage; field labels in ``language``.

    An ordinary portal takes one request. ``full`` takes one or two more and adds the order, default and external code
    of list values, labels in all languages of CRMAP, and the standard fields. The coverage says what could not be
    read, so that it never looks empty. ``known`` is the coverage of the last read: it saves commands, and what has
    been added since costs one request more.
    Raises a CrmapError when the portal cannot be read at all.
    """
    answers: dict[Key, Answer] = {}
    tries: Counter[Key] = Counter()
    done = 0
    asked: dict[Key, Command] = {}
    commands = first_commands(language, expected_after(known))
    for _ in range(_MOST_ROUNDS):
        planned = done - (-len(commands) // BATCH_SIZE)
        for batch in portal.batches(commands):
            answers |= batch
            done += 1
            if report is not None:
                report(Progress(done, max(planned, done), _kinds(batch)))
        tries.update(command.key for command in commands)
        asked |= {command.key: command for command in commands}
        commands = _stumbled(commands, answers, tries)
        if commands:
            portal.rest(_PAUSES_S[max(tries[command.key] for command in commands) - 1])
        else:
            commands = next_commands(answers, language)
            if full and not commands:
                commands = further_commands(answers, language)
            if not commands:
                commands = _rested(portal, asked.values(), answers)
        del commands[max(0, _MOST_COMMANDS - tries.total()) :]
        if not commands:
            break
    if _says_nothing(answers):
        # An envelope without our commands says nothing of the portal, least of all that it is empty.
        raise BadAnswer(what="shape", status="200", start="")
    return snapshot_of(answers, portal.access, language=language, read_at=now(), full=full)


def first_commands(language: str, expected: Expected | None = None) -> list[Command]:
    """The first batch: at most 50 commands that read an ordinary portal, or a small known one, completely.

    A portal that takes more than one batch is asked for the beginning of every list, which shows how long it is.
    """
    expected = expected or Expected()
    commands = _first_commands(language, expected)
    return commands if len(commands) <= BATCH_SIZE else _first_commands(language, expected.beginning)


def _first_commands(language: str, expected: Expected) -> list[Command]:
    return [
        *portal_facts.first(),
        *entity_types.first(),
        *statuses.first(),
        *pipelines.first(expected),
        *user_fields.first(language, expected),
        *people.first(expected),
    ]


def next_commands(answers: Answers, language: str) -> list[Command]:
    """The commands for what is missing from the answers so far; empty when the read is over."""
    commands = [
        *entity_types.rest(answers),
        *statuses.rest(answers),
        *pipelines.rest(answers),
        *user_fields.rest(answers, language),
        *people.rest(answers),
    ]
    return list({command.key: command for command in commands if command.key not in answers}.values())


def further_commands(answers: Answers, language: str) -> list[Command]:
    """The commands that a full read adds to an ordinary one; empty when the full read is over."""
    return [*standard_fields.rest(answers), *user_fields.further_rest(answers, language)]


def snapshot_of(
    answers: Answers, access: Access, *, language: str, read_at: datetime, full: bool = False
) -> Snapshot:
    """The snapshot built from these answers. Any set of answers gives one; its coverage lists the gaps.

    ``full`` means that the answers are those of a full read, whose coverage includes standard fields.
    """
    facts, reader, facts_verdict = portal_facts.take(answers, access)
    types, types_verdict = entity_types.take(answers)
    paths, paths_verdict = pipelines.take(answers)
    stages, orphans, stages_verdict = statuses.take_stages(answers, paths)
    dictionaries, dictionaries_verdict = statuses.take_dictionaries(answers)
    fields = list(user_fields.take(answers, language))
    standard = list(standard_fields.take(answers)) if full else []
    users, users_verdict = people.take_users(answers)
    departments, departments_verdict = people.take_departments(answers)

    def line(
        kind: Kind, verdict: Verdict, items: Sequence[AsRead], entity_type: str | None = None
    ) -> Coverage:
        return Coverage(kind, verdict.state, len(items), read_at, entity_type, of_items(verdict, items))

    rank = {row.key: place for place, row in enumerate(types)}
    fields.sort(key=lambda entity: rank.get(entity.entity_type, len(rank)))
    return in_business_order(
        Snapshot(
            portal=facts,
            read_at=read_at,
            reader=reader,
            coverage=(
                Coverage(Kind.PORTAL, facts_verdict.state, 1, read_at, reason=facts_verdict.reason),
                line(Kind.ENTITY_TYPES, types_verdict, types),
                line(Kind.PIPELINES, paths_verdict, paths),
                line(Kind.STAGES, stages_verdict, stages),
                line(Kind.DICTIONARIES, dictionaries_verdict, dictionaries),
                *(
                    line(Kind.STANDARD_FIELDS, entity.verdict, entity.fields, entity.entity_type)
                    for entity in standard
                ),
                *(
                    line(Kind.USER_FIELDS, entity.verdict, entity.fields, entity.entity_type)
                    for entity in fields
                ),
                line(Kind.USERS, users_verdict, users),
                line(Kind.DEPARTMENTS, departments_verdict, departments),
            ),
            entity_types=types,
            pipelines=paths,
            stages=stages,
            orphan_stages=orphans,
            dictionaries=dictionaries,
            user_fields=tuple(field for entity in fields for field in entity.fields),
            standard_fields=tuple(field for entity in standard for field in entity.fields),
            users=users,
            departments=departments,
        )
    )


def _says_nothing(answers: Answers) -> bool:
    """True when no command brought anything, and some were not even refused."""
    faults = {answer.error.fault if answer.error else None for answer in answers.values()}
    return None not in faults and Fault.NOT_ANSWERED in faults


def _stumbled(commands: list[Command], answers: Answers, tries: Counter[Key]) -> list[Command]:
    return [
        command
        for command in commands
        if answers[command.key].may_succeed_later and tries[command.key] < _TRIES
    ]


def _rested(portal: Bitrix24, asked: Iterable[Command], answers: Answers) -> list[Command]:
    """Waits for the methods that rest and returns their held-back commands; empty if that takes too long."""
    held_back = [command for command in asked if answers[command.key].is_held_back]
    return held_back if held_back and portal.has_rested(held_back) else []


# The kind that the progress shows, by the beginning of the method name.
_KINDS_OF_METHODS = (
    ("user.", Kind.USERS),
    ("department.", Kind.DEPARTMENTS),
    ("crm.status.", Kind.STAGES),
    ("crm.category.", Kind.PIPELINES),
    ("crm.type.", Kind.ENTITY_TYPES),
    ("userfieldconfig.", Kind.USER_FIELDS),
    ("crm.requisite.fields", Kind.STANDARD_FIELDS),
    ("crm.item.fields", Kind.USER_FIELDS),
)


def _kinds(batch: Answers) -> tuple[Kind, ...]:
    methods = {answer.method for answer in batch.values()}
    kinds = {kind for start, kind in _KINDS_OF_METHODS if any(method.startswith(start) for method in methods)}
    if any(method.endswith(".userfield.list") for method in methods):
        kinds.add(Kind.USER_FIELDS)
    return tuple(kind for kind in Kind if kind in kinds)
