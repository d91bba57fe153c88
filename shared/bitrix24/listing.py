"""Reads the lists of a portal page by page and decides whether a list is complete. No other module decides that.

Four signs show where a list ends: its ``total``, its ``next``, a page that is not full, a page that repeats rows. Each
has been wrong while the others were right, so a list is complete only when none of them contradicts that. If one sign
says that there are more rows, the next pages are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.bitrix24.commands import Answer, Answers, Command, Key
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.php import Params
from shared.bitrix24.rows import Row, UnexpectedShape, Value, rows_of, translate_rows

# "50 entries per page" for list methods: Bitrix24 REST documentation, peculiarities of list methods.
PAGE_SIZE = 50
# No portal has so many pages of anything: a longer list is a `next` that never ends.
MAX_PAGES = 2000

Page = tuple[int, Answer]


def pages_for(rows: int) -> int:
    """The pages that a list of so many rows takes, with the one after a full last page, which shows that it ended."""
    return rows // PAGE_SIZE + 1


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one list, unique by id, and whether they are the whole list.

    ``total`` is the number of rows that the portal reports, ``None`` if it reports none. ``contradicted`` is true when
    a page shows that the list has more rows, or that it changed during the read.
    """

    method: str
    rows: tuple[Row, ...]
    total: int | None = None
    error: PortalError | None = None
    contradicted: bool = False
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash((self.method, self.total, len(self.rows)))

    @property
    def whole(self) -> bool:
        """True when every page was answered, the number of rows is ``total`` (if known), nothing contradicts it."""
        return self.error is None and not self.contradicted and self.total in (None, len(self.rows))

    def translated(self, translate: Callable[[Row], Value]) -> tuple[Sequence[Value], Sequence[str]]:
        """What ``translate_rows`` makes of the rows, made once: every round asks again which entity types there are."""
        if translate not in self._made:
            self._made[translate] = translate_rows(self.rows, translate)
        made: tuple[Sequence[Value], Sequence[str]] = self._made[translate]
        return made


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the portal: how to ask for it, and the key of its first page.

    Lists in pages and lists that come in one answer are read alike: the first page is asked for without ``start``.
    A list that contradicts itself is read a second time as a whole.
    """

    key: Key
    method: str
    params: Params = field(default_factory=dict)
    id_key: str = "ID"

    def first(self, pages: int = 1) -> list[Command]:
        """The commands for the first pages, before the total is known."""
        return [self._command(number * PAGE_SIZE) for number in range(pages)]

    def rest(self, answers: Answers, *, first: int = 1) -> list[Command]:
        """The commands still needed: the ``first`` pages, further pages, or all pages a second time.

        Empty when nothing more can be read.
        """
        if self.key not in answers:
            return self.first(first)
        commands = self.further(answers)
        reading = self._walk(answers).reading
        if commands or reading.error is not None or reading.whole:
            return commands
        if self._key(0, again=True) in answers:
            return self._further(answers, again=True)
        return [self._command(offset, again=True) for offset, _ in self._pages(answers)]

    def further(self, answers: Answers) -> list[Command]:
        """The commands for the pages still missing from the first reading."""
        return self._further(answers)

    def read(self, answers: Answers) -> Reading:
        """The rows that came. A list that was never asked for has the error NOT_ANSWERED."""
        if self.key not in answers:
            return Reading(self.method, (), error=PortalError(Fault.NOT_ANSWERED))
        first = self._walk(answers)
        if first.reading.whole or self._key(0, again=True) not in answers:
            return first.reading
        second = self._walk(answers, again=True)
        reading = second.reading
        if reading.whole and not first.ids <= second.ids:
            # Rows of the first reading that the second lacks are a contradiction, too.
            reading = replace(reading, contradicted=True)
        return max(reading, first.reading, key=lambda reading: (reading.whole, len(reading.rows)))

    def _further(self, answers: Answers, *, again: bool = False) -> list[Command]:
        offsets = self._walk(answers, again=again).further
        commands = [
            self._command(offset, again=again) for offset in offsets if offset < MAX_PAGES * PAGE_SIZE
        ]
        return [command for command in commands if command.key not in answers]

    def _walk(self, answers: Answers, *, again: bool = False) -> _Walk:
        """The walk through the answered pages, cached for the same pages."""
        (_, first), *others = self._pages(answers, again=again)
        return first.once(_walked, self.id_key, tuple(others))

    def _pages(self, answers: Answers, *, again: bool = False) -> Iterator[Page]:
        """The pages that were answered, in their order."""
        pages: dict[int, Answer] = {}
        offsets = [0]
        while offsets:
            offset = offsets.pop()
            answer = answers.get(self._key(offset, again=again))
            if answer is not None and offset not in pages:
                pages[offset] = answer
                offsets += {offset + PAGE_SIZE, _end_of(offset, answer, self.id_key), answer.next or 0}
        return iter(sorted(pages.items(), key=lambda page: page[0]))

    def _command(self, offset: int, *, again: bool = False) -> Command:
        params = {**self.params, "start": offset} if offset else self.params
        return Command(self._key(offset, again=again), self.method, params)

    def _key(self, offset: int, *, again: bool) -> Key:
        return Key(self.key.list, self.key.owner, self.key.language, offset, again)


@dataclass(slots=True)
class _Walk:
    """The result of one reading of a list: its rows, their ids, and the offsets of the pages to ask for next."""

    reading: Reading
    ids: frozenset[str]
    further: list[int]


def _walked(first: Answer, id_key: str, others: tuple[Page, ...]) -> _Walk:
    pages = ((0, first), *others)
    totals = {answer.total for _, answer in pages if answer.ok and answer.total is not None}
    total = max(totals, default=None)
    rows: dict[str, Row] = {}
    error: PortalError | None = None
    # The ``next`` of the last page that had new rows.
    promised: int | None = None
    ended = False
    # goes_on: the last page had new rows. is_open: it does not look like the end of the list.
    goes_on = is_open = True
    contradicted = len(totals) > 1
    for offset, answer in pages:
        page = _rows_by_id(answer, id_key, offset)
        if page is None:
            if total is None or not ended:
                # An error beyond the end loses no rows.
                error = error or answer.error or PortalError(Fault.SHAPE)
            goes_on, is_open = not ended, False
            continue
        new = {name: row for name, row in page.items() if name not in rows}
        if new:
            # New rows after the end, or on a page with rows of an earlier page: the rows moved during the read.
            contradicted = contradicted or ended or len(new) < len(page)
            rows |= new
        if new or offset == 0:
            promised = answer.next if answer.next is not None and answer.next > offset else None
        # Beyond its end a list returns no rows, or its first page again.
        goes_on = bool(new)
        ended = not new or (promised is None and len(page) != PAGE_SIZE)
        is_open = not ended
    offset, last = pages[-1]
    end = _end_of(offset, last, id_key)
    if (total is None and not rows) or (not ended and end >= MAX_PAGES * PAGE_SIZE):
        # An empty list without a ``total`` proves nothing, and a list without an end is an error.
        error = error or PortalError(Fault.SHAPE)
    if not ended or promised is not None or (total is not None and len(rows) > total):
        contradicted = True
    reading = Reading(first.method, tuple(rows.values()), total, error, contradicted)
    further = [] if promised is None else [promised]
    if goes_on:
        further += _offsets(end, total, is_open=is_open)
    return _Walk(reading, frozenset(rows), sorted(set(further)))


def _offsets(end: int, total: int | None, *, is_open: bool) -> range:
    """The offsets to ask for after ``end``. ``is_open`` means that the last page does not look like the end.

    After a full page one more is asked for, even if the total is reached. Pages are asked for up to the total, but at
    most to ten times ``end``: a wrong total shows when a page brings no rows. Without a total, to twice ``end``.
    """
    if total is not None and (total > end or (total == end and is_open)):
        return range(end, min(total + 1, 10 * end), PAGE_SIZE)
    return range(end, 2 * end if is_open else end, PAGE_SIZE)


def _end_of(offset: int, answer: Answer, id_key: str) -> int:
    """The offset of the next page. A list that comes in one answer counts as one long page."""
    count = len(_rows_by_id(answer, id_key, offset) or ())
    return offset + max(1, -(-count // PAGE_SIZE)) * PAGE_SIZE


def _rows_by_id(answer: Answer, id_key: str, offset: int) -> dict[str, Row] | None:
    """The rows of a page by id; ``None`` if the page has an error. Of two rows with one id the first counts."""
    return answer.once(_by_id, id_key, offset) if answer.ok else None


def _by_id(answer: Answer, id_key: str, offset: int) -> dict[str, Row] | None:
    """The rows by id, or by position for a row without an id; ``None`` if the answer has no rows."""
    try:
        page_rows = rows_of(answer)
    except UnexpectedShape:
        return None
    rows: dict[str, Row] = {}
    for place, row in enumerate(page_rows, offset):
        rows.setdefault(str(row[id_key]) if id_key in row else f"+{place}", row)
    return rows
