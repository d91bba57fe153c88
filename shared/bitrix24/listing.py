"""The lists of a portal, page by page, and whether all of a list came. No other module decides that.

A list has several witnesses: the ``total`` it counts, the ``next`` page it names, a page that is full, a page that
repeats rows of another one. Each was seen to be wrong while the others were right, so a list is whole only when none
of them speaks against it. Where one says that there is more, more is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from shared.bitrix24.commands import Answer, Answers, Command, Key
from shared.bitrix24.errors import Fault, PortalError
from shared.bitrix24.php import Params
from shared.bitrix24.rows import Row, UnexpectedShape, rows_of

# "50 entries per page" for list methods: Bitrix24 REST documentation, peculiarities of list methods.
PAGE_SIZE = 50
# No portal has as many pages of anything; beyond lies a `next` that never ends.
MAX_PAGES = 2000

Page = tuple[int, Answer]


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one list, unique by id, and what is known against their being all.

    ``total`` is the number the portal claims to have, ``None`` if it did not say. ``contradicted`` is true when a
    witness of the list says that there are others or more.
    """

    method: str
    rows: tuple[Row, ...]
    total: int | None = None
    error: PortalError | None = None
    contradicted: bool = False

    def __hash__(self) -> int:
        return hash((self.method, self.total, len(self.rows)))

    @property
    def whole(self) -> bool:
        """True when every page was answered, as many rows came as the portal counted, and nothing contradicts it."""
        return self.error is None and not self.contradicted and self.total in (None, len(self.rows))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the portal: how to ask for it, and the key of its first page.

    Lists that come all at once and lists in pages are one: the first page is asked for without ``start``, whatever
    else the answers promise after it. A list that contradicts itself is read once more, as a whole.
    """

    key: Key
    method: str
    params: Params = field(default_factory=dict)
    id_key: str = "ID"

    def first(self, pages: int = 1) -> list[Command]:
        """The first pages, asked for before anyone knows how many there are."""
        return [self._command(number * PAGE_SIZE) for number in range(pages)]

    def rest(self, answers: Answers, *, first: int = 1) -> list[Command]:
        """What is still to be asked for: the ``first`` pages, further ones, or all of them once more.

        Empty when the list is read as far as it can be.
        """
        if self.key not in answers:
            return self.first(first)
        wanted = self.further(answers)
        reading = self._walk(answers).reading
        if wanted or reading.error is not None or reading.whole:
            return wanted
        if self._key(0, again=True) in answers:
            return self._further(answers, again=True)
        return [self._command(offset, again=True) for offset, _ in self._pages(answers)]

    def further(self, answers: Answers) -> list[Command]:
        """The pages still to be asked for before the list was read once to its end."""
        return self._further(answers)

    def read(self, answers: Answers) -> Reading:
        """What came. A list that was never asked for is one that was not answered."""
        if self.key not in answers:
            return Reading(self.method, (), error=PortalError(Fault.NOT_ANSWERED))
        first = self._walk(answers)
        if first.reading.whole or self._key(0, again=True) not in answers:
            return first.reading
        second = self._walk(answers, again=True)
        reading = second.reading
        if reading.whole and not first.ids <= second.ids:
            # What was there a moment ago and is not any more contradicts the list as well.
            reading = replace(reading, contradicted=True)
        return max(reading, first.reading, key=lambda reading: (reading.whole, len(reading.rows)))

    def _further(self, answers: Answers, *, again: bool = False) -> list[Command]:
        offsets = self._walk(answers, again=again).further
        wanted = [self._command(offset, again=again) for offset in offsets if offset < MAX_PAGES * PAGE_SIZE]
        return [command for command in wanted if command.key not in answers]

    def _walk(self, answers: Answers, *, again: bool = False) -> _Walk:
        """The walk through the pages that came; it is made once for the same pages."""
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
    """What the pages of one reading of a list amount to, and the offsets at which it goes on."""

    reading: Reading
    ids: frozenset[str]
    further: list[int]


def _walked(first: Answer, id_key: str, others: tuple[Page, ...]) -> _Walk:
    pages = ((0, first), *others)
    totals = {answer.total for _, answer in pages if answer.ok and answer.total is not None}
    total = max(totals, default=None)
    rows: dict[str, Row] = {}
    error: PortalError | None = None
    # The page that the last one with new rows names after itself.
    promised: int | None = None
    ended = False
    # Whether the last page leaves it open that there are more, and whether it looks as if there were.
    goes_on = is_open = True
    contradicted = len(totals) > 1
    for offset, answer in pages:
        page = _rows_by_id(answer, id_key, offset)
        if page is None:
            if total is None or not ended:
                # Beyond the end an error is nobody's loss.
                error = error or answer.error or PortalError(Fault.SHAPE)
            goes_on, is_open = not ended, False
            continue
        new = {name: row for name, row in page.items() if name not in rows}
        if new:
            # Rows after the end, or beside rows that an earlier page showed: they moved while they were read.
            contradicted = contradicted or ended or len(new) < len(page)
            rows |= new
        if new or offset == 0:
            promised = answer.next if answer.next is not None and answer.next > offset else None
        # Beyond the end a list shows nothing, or its first page again.
        goes_on = bool(new)
        ended = not new or (promised is None and len(page) != PAGE_SIZE)
        is_open = not ended
    offset, last = pages[-1]
    end = _end_of(offset, last, id_key)
    if (total is None and not rows) or (not ended and end >= MAX_PAGES * PAGE_SIZE):
        # An empty list that does not say so proves nothing, and one without an end is none.
        error = error or PortalError(Fault.SHAPE)
    if not ended or promised is not None or (total is not None and len(rows) > total):
        contradicted = True
    reading = Reading(first.method, tuple(rows.values()), total, error, contradicted)
    further = [] if promised is None else [promised]
    if goes_on:
        further += _offsets(end, total, is_open=is_open)
    return _Walk(reading, frozenset(rows), sorted(set(further)))


def _offsets(end: int, total: int | None, *, is_open: bool) -> range:
    """The pages to ask for after the one that reaches to ``end``; ``is_open`` where that does not look like the last.

    A full page is followed by one more even where the total is reached. A total is trusted ten times as far as the
    list has come: one that is a lie shows when a page brings nothing. Without a total, twice as far.
    """
    if total is not None and (total > end or (total == end and is_open)):
        return range(end, min(total + 1, 10 * end), PAGE_SIZE)
    return range(end, 2 * end if is_open else end, PAGE_SIZE)


def _end_of(offset: int, answer: Answer, id_key: str) -> int:
    """The offset at which the page after this one begins; a list that comes all at once is one long page."""
    count = len(_rows_by_id(answer, id_key, offset) or ())
    return offset + max(1, -(-count // PAGE_SIZE)) * PAGE_SIZE


def _rows_by_id(answer: Answer, id_key: str, offset: int) -> dict[str, Row] | None:
    """The rows of a page by id, the first where an id comes twice; ``None`` where there are no rows to read."""
    return answer.once(_by_id, id_key, offset) if answer.ok else None


def _by_id(answer: Answer, id_key: str, offset: int) -> dict[str, Row] | None:
    """Rows by what tells each from its like: its id, or its place for one that comes without."""
    try:
        came = rows_of(answer)
    except UnexpectedShape:
        return None
    rows: dict[str, Row] = {}
    for place, row in enumerate(came, offset):
        rows.setdefault(str(row[id_key]) if id_key in row else f"+{place}", row)
    return rows
