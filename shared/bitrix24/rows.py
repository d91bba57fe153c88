"""Rows out of answers: which envelope a method wraps them in, pages put together, and whether all of them came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.bitrix24.coerce import Odd
from shared.bitrix24.commands import Answer, Answers, Command
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.php import Params, as_map
from shared.bitrix24.row_names import row_name

Row = Mapping[str, Any]
Raw = TypeVar("Raw")
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

    def rest(self, answers: Answers) -> list[Command]:
        """The pages still to be asked for; empty when the list is read as far as it can be."""
        wanted = self._wanted(answers, again=False)
        reading = self._reading(answers, again=False)
        if wanted or reading.error is not None or reading.whole:
            return wanted
        if self.command(0, again=True).key in answers:
            return self._wanted(answers, again=True)
        return [self.command(offset, again=True) for offset, _ in self._asked(answers, again=False)]

    def read(self, answers: Answers) -> Reading:
        """What came, unique by id, and how it compares with what the portal says there is."""
        first = self._reading(answers, again=False)
        if first.whole or f"{self.name}_again0" not in answers:
            return first
        second = self._reading(answers, again=True)
        return max(second, first, key=lambda reading: (reading.whole, len(reading.rows)))

    def _wanted(self, answers: Answers, *, again: bool) -> list[Command]:
        seen = dict(self._asked(answers, again=again))
        if not seen:
            return [self.command(0, again=again)]
        last = max(seen)
        brought = self._new_rows(seen, last)
        total = _total(seen.values())
        if total is None:
            # Nobody says where the end is: twice as far, until a page is not full.
            end = 2 * (last + PAGE_SIZE) if brought >= PAGE_SIZE else 0
        else:
            # Ten times as far at most: a total that is a lie shows when a page brings nothing.
            end = min(total, 10 * (last + PAGE_SIZE)) if brought or not seen[last].ok else 0
        offsets = range(0, min(end, MAX_PAGES * PAGE_SIZE), PAGE_SIZE)
        return [self.command(offset, again=again) for offset in offsets if offset not in seen]

    def _reading(self, answers: Answers, *, again: bool) -> Reading:
        rows: dict[str, Row] = {}
        error: PortalError | None = None
        pages = dict(self._asked(answers, again=again))
        total = _total(pages.values())
        ended = promised = False
        for offset in sorted(pages):
            page = self._rows_by_id(pages[offset], offset)
            if page is None:
                # Beyond the end an error is nobody's loss.
                if total is None or offset < total or offset == 0:
                    error = error or pages[offset].error or PortalError(Fault.SHAPE)
                continue
            # Beyond the end some methods repeat their first page.
            new = {name: row for name, row in page.items() if name not in rows}
            if total is None and ended and new:
                error = error or PortalError(Fault.SHAPE)
            ended = ended or len(page) < PAGE_SIZE or not new
            if new:
                promised = (pages[offset].next or 0) > offset
            rows |= new
        if total is None and (promised or not (rows and ended)):
            # Without a total only a page that is not full tells the end, and an empty list proves nothing. Nor is a
            # list at its end where a further page was promised that brought nothing new.
            error = error or PortalError(Fault.SHAPE)
        return Reading(self.method, tuple(rows.values()), total, error)

    def _new_rows(self, pages: Mapping[int, Answer], offset: int) -> int:
        """How many rows this page has that no earlier one had."""
        earlier = {name for at in pages if at < offset for name in self._rows_by_id(pages[at], at) or ()}
        return len((self._rows_by_id(pages[offset], offset) or {}).keys() - earlier)

    def _rows_by_id(self, answer: Answer, offset: int) -> dict[str, Row] | None:
        """The rows of one page by id, the first where an id comes twice; ``None`` where there are no rows to read."""
        return answer.once(_by_id, self.id_key, offset) if answer.ok else None

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
    rows = answer.once(_by_id, id_key, 0)
    # An empty list proves nothing unless its total says so, and a next page is one that was never asked for.
    if rows is None or (answer.total is None and (not rows or answer.next is not None)):
        return Reading(method, tuple((rows or {}).values()), answer.total, PortalError(Fault.SHAPE))
    return Reading(method, tuple(rows.values()), answer.total)


def understood(rows: Iterable[Raw], translate: Callable[[Raw], Value]) -> tuple[list[Value], list[str]]:
    """The rows that make sense, translated, and the names of those that do not: without identity or kind."""
    values: list[Value] = []
    dropped: list[str] = []
    for row in rows:
        try:
            values.append(translate(row))
        except (Odd, KeyError):
            dropped.append(row_name(row))
    return values, dropped


def _by_id(answer: Answer, id_key: str, start: int) -> dict[str, Row] | None:
    """Rows by what tells each from its like: its id, or its place for one that comes without."""
    try:
        found = rows_of(answer)
    except UnexpectedShape:
        return None
    rows: dict[str, Row] = {}
    for position, row in enumerate(found, start):
        rows.setdefault(str(row[id_key]) if id_key in row else f"+{position}", row)
    return rows


def _total(pages: Iterable[Answer]) -> int | None:
    totals = [answer.total for answer in pages if answer.ok and answer.total is not None]
    return max(totals) if totals else None
