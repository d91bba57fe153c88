"""Rows out of answers: which envelope a method wraps them in, pages put together, and whether all of them came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.bitrix24.coerce import Odd
from shared.bitrix24.commands import Answer, Answers, Command
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.php import Params, as_map

Row = Mapping[str, Any]
Value = TypeVar("Value")

# Sister methods wrap the same thing differently; a bare list where the method is not named here.
ENVELOPES = {
    "crm.type.list": "types",
    "crm.type.getByEntityTypeId": "type",
    "crm.category.list": "categories",
    "crm.item.fields": "fields",
    "userfieldconfig.list": "fields",
    "userfieldconfig.get": "field",
}
# "50 entries per page" for list methods: Bitrix24 REST documentation, peculiarities of list methods.
PAGE_SIZE = 50
# No portal has as many pages of anything; beyond lies a `next` that never ends.
MAX_PAGES = 2000


class UnexpectedShape(Exception):
    """An answer that is not what its method gives."""


def content(answer: Answer) -> Any:
    """What is inside the envelope the answer's method is known for. Raises UnexpectedShape."""
    envelope = ENVELOPES.get(answer.method)
    if envelope is None:
        return answer.value
    if not isinstance(answer.value, dict) or envelope not in answer.value:
        raise UnexpectedShape(answer.method)
    return answer.value[envelope]


def rows_of(answer: Answer) -> list[Row]:
    """The rows of one answer. Raises UnexpectedShape when it carries anything but rows."""
    found = content(answer)
    if isinstance(found, dict):
        found = list(found.values())
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UnexpectedShape(answer.method)
    return found


def map_of(answer: Answer) -> dict[str, Any]:
    """The map an answer carries. Raises UnexpectedShape."""
    try:
        return as_map(content(answer))
    except TypeError as error:
        raise UnexpectedShape(answer.method) from error


@dataclass(frozen=True, slots=True)
class Pages:
    """A list that is read page by page, under keys ``{name}{offset}``.

    A list that changed while it was read is read once more, as a whole, under ``{name}_again{offset}``.
    """

    name: str
    method: str
    params: Params
    id_key: str

    def command(self, offset: int, *, again: bool = False) -> Command:
        """The command for the page that starts at ``offset``."""
        return Command(self._key(offset, again=again), self.method, {**self.params, "start": offset})

    def first(self, pages: int) -> list[Command]:
        """The first pages, asked for before anyone knows how many there are."""
        return [self.command(number * PAGE_SIZE) for number in range(pages)]

    def rest(self, answers: Answers, *, most: int = MAX_PAGES) -> list[Command]:
        """The pages still to be asked for; empty when the list is read as far as it can be."""
        wanted = self._wanted(answers, again=False)
        if wanted or not self._disagrees(answers, again=False):
            return wanted[:most]
        return self._wanted(answers, again=True)[:most]

    def read(self, answers: Answers) -> Reading:
        """What came, unique by id, and how it compares with what the portal says there is."""
        again = f"{self.name}_again0" in answers
        reading = self._reading(answers, again=False)
        return self._reading(answers, again=True) if again and not reading.whole else reading

    def _wanted(self, answers: Answers, *, again: bool) -> list[Command]:
        seen = dict(self._asked(answers, again=again))
        if not seen:
            return [self.command(0, again=again)]
        total = _total(seen.values())
        if total is not None:
            offsets = range(0, min(total, MAX_PAGES * PAGE_SIZE), PAGE_SIZE)
            return [self.command(offset, again=again) for offset in offsets if offset not in seen]
        last = max(seen)
        earlier = self._reading(answers, again=again, below=last).rows
        here = self._reading(answers, again=again, from_offset=last).rows
        brought_new = {row[self.id_key] for row in here if self.id_key in row} - {
            row[self.id_key] for row in earlier if self.id_key in row
        }
        full = len(here) >= PAGE_SIZE and len(seen) < MAX_PAGES
        return [self.command(last + PAGE_SIZE, again=again)] if full and brought_new else []

    def _disagrees(self, answers: Answers, *, again: bool) -> bool:
        reading = self._reading(answers, again=again)
        return reading.error is None and not reading.whole

    def _reading(
        self, answers: Answers, *, again: bool, below: int | None = None, from_offset: int = 0
    ) -> Reading:
        rows: dict[str, Row] = {}
        error: PortalError | None = None
        pages = dict(self._asked(answers, again=again))
        total = _total(pages.values())
        for offset in sorted(pages):
            if offset < from_offset or (below is not None and offset >= below):
                continue
            if total is not None and offset >= total and offset > 0:
                # Beyond the end some methods repeat their first page, and none has anything to say.
                continue
            answer = pages[offset]
            if not answer.ok:
                error = error or answer.error
                continue
            try:
                page = rows_of(answer)
            except UnexpectedShape:
                error = error or PortalError(Fault.SHAPE)
                continue
            for position, row in enumerate(page, start=offset):
                rows.setdefault(_identity(row, self.id_key, position), row)
        return Reading(self.method, tuple(rows.values()), total, error)

    def _asked(self, answers: Answers, *, again: bool) -> Iterator[tuple[int, Answer]]:
        prefix = self._key("", again=again)
        for key, answer in answers.items():
            if key.startswith(prefix) and key[len(prefix) :].isdecimal():
                yield int(key[len(prefix) :]), answer

    def _key(self, offset: int | str, *, again: bool) -> str:
        return f"{self.name}_again{offset}" if again else f"{self.name}{offset}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one list, the number the portal claims to have (``None`` if it did not say), the first error."""

    method: str
    rows: tuple[Row, ...]
    total: int | None = None
    error: PortalError | None = None

    @property
    def whole(self) -> bool:
        """True when every page was answered and as many rows came as the portal counted."""
        return self.error is None and (self.total is None or self.total == len(self.rows))


def single(answer: Answer | None, method: str, id_key: str) -> Reading:
    """A list that comes in one answer, judged like a paged one. An answer that never came is an error."""
    if answer is None:
        return Reading(method, (), error=PortalError(Fault.NOT_ANSWERED))
    if not answer.ok:
        return Reading(method, (), error=answer.error)
    try:
        found = rows_of(answer)
    except UnexpectedShape:
        return Reading(method, (), error=PortalError(Fault.SHAPE))
    unique = {_identity(row, id_key, position): row for position, row in enumerate(found)}
    return Reading(method, tuple(unique.values()), answer.total)


def understood(rows: Iterable[Row], translate: Callable[[Row], Value]) -> tuple[list[Value], int]:
    """The rows that make sense, translated, and how many did not."""
    values: list[Value] = []
    odd_count = 0
    for row in rows:
        try:
            values.append(translate(row))
        except (Odd, KeyError):
            odd_count += 1
    return values, odd_count


def _identity(row: Row, id_key: str, position: int) -> str:
    """What tells a row from its like: its id, or its place for one that comes without."""
    return str(row[id_key]) if id_key in row else f"+{position}"


def _total(pages: Iterable[Answer]) -> int | None:
    totals = [answer.total for answer in pages if answer.ok and answer.total is not None]
    return max(totals) if totals else None
