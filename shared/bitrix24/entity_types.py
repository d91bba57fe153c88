"""The entity types of the portal: the built-in ones and its smart processes, each with its identifiers."""

from __future__ import annotations

from dataclasses import dataclass

from shared.bitrix24 import statuses
from shared.bitrix24.coerce import Attributes, Odd, required_integer, text
from shared.bitrix24.commands import Answer, Answers, Command, Key
from shared.bitrix24.entity_numbers import (
    BUILT_IN,
    ON_DEMAND,
    SMART_INVOICE,
    binding_prefix,
    key_of,
)
from shared.bitrix24.listing import Listing, Reading
from shared.bitrix24.rows import Row, UnexpectedShape, map_of, translate_rows
from shared.bitrix24.verdicts import COMPLETE, Verdict, combined_verdict, of_reading, partial
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import FIRST_SMART_PROCESS, EntityType, NotUnderstood

# References in the same batch take their numbers from its first page (see ``by_reference``).
TYPES = Listing(Key("types"), "crm.type.list", {"order": {"id": "ASC"}}, "id")
_OWNER_TYPES = Listing(Key("own"), "crm.enum.ownertype")


@dataclass(frozen=True, slots=True)
class SmartProcess:
    """A smart process. Its ``type_id`` — not its entity type id — names the owner of its fields."""

    entity_type_id: int
    type_id: int | None
    title: str | None
    not_understood: tuple[NotUnderstood, ...] = ()

    @property
    def field_owner(self) -> str | None:
        """The owner of its user fields; ``None`` if the type id is unknown."""
        return None if self.type_id is None else f"CRM_{self.type_id}"


def first() -> list[Command]:
    """The commands of the first batch."""
    return [*_OWNER_TYPES.first(), *TYPES.first()]


def rest(answers: Answers) -> list[Command]:
    """Further pages; then, one by one, the smart processes that are missing from ``crm.type.list``."""
    if pages := [*_OWNER_TYPES.rest(answers), *TYPES.rest(answers)]:
        return pages
    listed = {row.entity_type_id for row in _listed(answers)}
    return [
        Command(_alone(number), "crm.type.getByEntityTypeId", {"entityTypeId": number})
        for number in _owned(answers)
        if number not in listed and _alone(number) not in answers
    ]


def known_whole(answers: Answers) -> bool:
    """True when no further answer can add a smart process."""
    return TYPES.key in answers and not rest(answers)


def smart_processes(answers: Answers) -> list[SmartProcess]:
    """The smart processes known so far: first those of the list in its order, then those asked for one by one."""
    listed = _listed(answers)
    listed_numbers = {row.entity_type_id for row in listed}
    names = _owned(answers)
    return listed + [
        _found_alone(answers, row) for number, row in names.items() if number not in listed_numbers
    ]


def by_reference(answers: Answers) -> dict[int, SmartProcess]:
    """The smart processes that references of the first batch can reach, by their row number in the answer.

    Every row of the answer is counted, also one that makes no sense or comes twice.
    """
    answer = answers.get(TYPES.key)
    return {} if answer is None or not answer.ok else answer.once(_by_place)


def _by_place(answer: Answer) -> dict[int, SmartProcess]:
    try:
        rows = map_of(answer)
    except UnexpectedShape:
        return {}
    reached: dict[int, SmartProcess] = {}
    for place, row in rows.items():
        if place.isdecimal() and isinstance(row, dict):
            reached |= {int(place): process for process in translate_rows([row], _smart_process)[0]}
    return reached


def owners(answers: Answers) -> dict[str, int]:
    """The known field owners of smart processes, each with its entity type id."""
    processes = smart_processes(answers)
    return {row.field_owner: row.entity_type_id for row in processes if row.field_owner is not None}


def in_use(answers: Answers, number: int) -> bool:
    """True if the portal has stages for this on-demand entity type."""
    return any(row.entity_type_id == number for row in statuses.stage_directories(answers).values())


def is_shown(answers: Answers, number: int) -> bool:
    """False if the portal's lists show that it has no such built-in entity type, or no longer uses it."""
    if number != SMART_INVOICE:
        return number in BUILT_IN or in_use(answers, number)
    own = _own(answers)
    named = {row.number for row in own.translated(_owner_name)[0]}
    return own.error is not None or number in named or in_use(answers, number)


def take(answers: Answers) -> tuple[tuple[EntityType, ...], Verdict]:
    """The entity types of the portal and how completely they are known."""
    own = _own(answers)
    names, odd_names = own.translated(_owner_name)
    named = {row.number: row for row in names}
    types = [
        EntityType(
            built_in.key,
            number,
            None,
            named[number].title if number in named else None,
            built_in.field_owner,
            built_in.binding_prefix,
            not_understood=named[number].odd_title if number in named else (),
        )
        for number, built_in in (*BUILT_IN.items(), *ON_DEMAND.items())
        if is_shown(answers, number)
    ]
    for row in smart_processes(answers):
        short = named[row.entity_type_id].short if row.entity_type_id in named else ""
        types.append(
            EntityType(
                key_of(row.entity_type_id),
                row.entity_type_id,
                row.type_id,
                row.title,
                row.field_owner,
                short or binding_prefix(row.entity_type_id),
                not_understood=row.not_understood,
            )
        )
    verdicts = [of_reading(own, dropped=odd_names), _smart_verdict(answers, own)]
    if statuses.directories(answers).error is not None:
        # Only this list shows whether documents and old invoices are in use.
        verdicts.append(partial(ReasonCode.DEPENDS_ON_UNREAD, statuses.DIRECTORIES_METHOD))
    return tuple(types), combined_verdict(verdicts, items=len(types))


def smart_processes_are_known(answers: Answers) -> bool:
    """True when every smart process of the portal is known."""
    return _smart_verdict(answers, _own(answers)) == COMPLETE


def _smart_verdict(answers: Answers, own: Reading) -> Verdict:
    listed = TYPES.read(answers)
    _, dropped = listed.translated(_smart_process)
    _, odd_names = own.translated(_owner_name)
    # If crm.type.list is refused, a complete owner list decides. An odd row in it may hide a smart process.
    if not own.whole or odd_names or (listed.error is None and (dropped or not listed.whole)):
        return of_reading(listed, dropped=dropped)
    hidden = [str(row.entity_type_id) for row in smart_processes(answers) if row.type_id is None]
    return partial(ReasonCode.TYPES_HIDDEN, ", ".join(hidden)) if hidden else COMPLETE


def _listed(answers: Answers) -> list[SmartProcess]:
    rows = TYPES.read(answers).translated(_smart_process)[0]
    return list({row.entity_type_id: row for row in reversed(rows)}.values())[::-1]


def _own(answers: Answers) -> Reading:
    return _OWNER_TYPES.read(answers)


def _owned(answers: Answers) -> dict[int, _OwnerName]:
    """The smart processes in ``crm.enum.ownertype``, by entity type id. Calling that method needs no rights."""
    names = _own(answers).translated(_owner_name)[0]
    return {row.number: row for row in names if row.number >= FIRST_SMART_PROCESS}


def _found_alone(answers: Answers, named: _OwnerName) -> SmartProcess:
    answer = answers.get(_alone(named.number))
    if answer is not None and answer.ok:
        try:
            process = _smart_process(map_of(answer))
        except (UnexpectedShape, Odd, KeyError):
            pass
        else:
            if process.entity_type_id == named.number:
                return process
    return SmartProcess(named.number, None, named.title, named.not_understood)


def _alone(number: int) -> Key:
    return Key("type", number)


def _smart_process(row: Row) -> SmartProcess:
    number = required_integer(row["entityTypeId"])
    if number < FIRST_SMART_PROCESS:
        raise Odd
    attributes = Attributes()
    type_id, title = required_integer(row["id"]), attributes.read("title", text, row.get("title"))
    return SmartProcess(number, type_id, title, attributes.not_understood)


@dataclass(frozen=True, slots=True)
class _OwnerName:
    """A row of ``crm.enum.ownertype``. ``short`` is the prefix of bindings, empty where there is none."""

    number: int
    title: str | None
    short: str
    not_understood: tuple[NotUnderstood, ...]

    @property
    def odd_title(self) -> tuple[NotUnderstood, ...]:
        """The odd title of a built-in entity type. Its prefix is known without this row."""
        return tuple(odd for odd in self.not_understood if odd.attribute == "title")


def _owner_name(row: Row) -> _OwnerName:
    attributes = Attributes()
    short = attributes.read("binding_prefix", text, row.get("SYMBOL_CODE_SHORT"))
    return _OwnerName(
        number=required_integer(row["ID"]),
        title=attributes.read("title", text, row.get("NAME")),
        short=short or "",
        not_understood=attributes.not_understood,
    )
