"""Faults of one command's answer, inside a batch or alone, and of the batch envelope around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tools.simulator.answers import Answer, Refusal
from tools.simulator.paging import PAGE
from tools.simulator.php import as_map, loose_int

Options = Mapping[str, Any]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InBatch:
    """One fault. ``change`` gives the changed answer, None for a command without any outcome, or raises Refusal."""

    meaning: str
    change: Callable[[Answer, Params, Options], Answer | None]
    options: Options = field(default_factory=dict)
    of_envelope: bool = False  # changes the five maps of a batch, not one command


def _error(_answer: Answer, _params: Params, options: Options) -> Answer:
    raise Refusal(options["status"], options["code"], options["text"])


def _with_rows(answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
    """The answer with other rows; they are the result itself, or in an object with one key."""
    if isinstance(answer.result, list):
        return replace(answer, result=change(answer.result))
    if isinstance(answer.result, dict) and len(answer.result) == 1:
        ((key, rows),) = answer.result.items()
        if isinstance(rows, list):
            return replace(answer, result={key: change(rows)})
    return answer


def _start(params: Params) -> int:
    return max(0, loose_int(params.get("start", 0)))


def _map_for_list(answer: Answer, _params: Params, _options: Options) -> Answer:
    rows = answer.result
    shown = (
        as_map(rows)
        if isinstance(rows, list)
        else {key: as_map(inner) for key, inner in as_map(rows).items()}
    )
    return replace(answer, result=shown)


def _emptied(answer: Answer, _params: Params, _options: Options) -> Answer:
    total = None if answer.total is None else 0
    return replace(_with_rows(answer, lambda _rows: []), total=total, next=None)


def _next_forever(answer: Answer, params: Params, _options: Options) -> Answer:
    return replace(answer, next=_start(params) + PAGE)


def _total_behind(answer: Answer, _params: Params, options: Options) -> Answer:
    return answer if answer.total is None else replace(answer, total=min(answer.total, options["at"]))


def _rows(answer: Answer) -> list[Any]:
    """The rows of an answer, empty if it carries none."""
    result = answer.result
    if isinstance(result, dict) and len(result) == 1:
        (result,) = result.values()
    return result if isinstance(result, list) else []


def _in_pages(answer: Answer, params: Params, _options: Options) -> Answer:
    """Splits a list that comes all at once into pages. A list with pages, or a short one, stays as it is."""
    full_answer = answer

    def page(start: int) -> Answer:
        following = start + PAGE if start + PAGE < len(_rows(full_answer)) else None
        return replace(
            _with_rows(full_answer, lambda rows: rows[start : start + PAGE]), next=following, page=page
        )

    return page(_start(params) // PAGE * PAGE) if len(_rows(answer)) > PAGE else answer


def _page_repeated(answer: Answer, params: Params, _options: Options) -> Answer:
    start = _start(params)
    if answer.page is None or start < PAGE or not _rows(answer):
        return answer
    return replace(answer, result=answer.page(start - PAGE).result)


def _rows_moved(answer: Answer, params: Params, options: Options) -> Answer:
    start, by = _start(params), options["by"]
    if answer.page is None or len(_rows(answer)) < by or (start == 0 and answer.next is None):
        return answer
    following = answer.page(0 if answer.next is None else start + PAGE)
    return _with_rows(answer, lambda rows: [*rows[by:], *_rows(following)[:by]])


def _row_hidden(answer: Answer, _params: Params, _options: Options) -> Answer:
    total = None if answer.total is None else max(0, answer.total - 1)
    return replace(_with_rows(answer, lambda rows: rows[1:]), total=total)


def _errors_as_list(answer: Answer, _params: Params, _options: Options) -> Answer:
    errors = list(as_map(answer.result.get("result_error", {})).values())
    shown = errors or [{"error": "ERROR_CORE", "error_description": "Something went wrong"}]
    return Answer(answer.result | {"result_error": shown})


def _without_errors(answer: Answer, _params: Params, _options: Options) -> Answer:
    return Answer({name: answer_map for name, answer_map in answer.result.items() if name != "result_error"})


#: Every fault of a single answer by name.
IN_BATCH: dict[str, InBatch] = {
    "error": InBatch(
        "an error instead of the answer",
        _error,
        options={"status": 400, "code": "ERROR_CORE", "text": "Something went wrong"},
    ),
    "dropped": InBatch("neither an answer nor an error", lambda *_: None),
    "wrong_type": InBatch(
        "another type than documented",
        lambda answer, _params, options: replace(answer, result=options["value"]),
        options={"value": 42},
    ),
    "null": InBatch("null as the result", lambda answer, *_: replace(answer, result=None)),
    "empty_list": InBatch("[] as the result, total kept", lambda answer, *_: replace(answer, result=[])),
    "map_for_list": InBatch("objects with numeric keys instead of lists", _map_for_list),
    "total_larger": InBatch(
        "a total above the number of rows",
        lambda answer, _params, options: replace(answer, total=(answer.total or 0) + options["by"]),
        options={"by": 7},
    ),
    "total_missing": InBatch("no total", lambda answer, *_: replace(answer, total=None)),
    "total_behind": InBatch(
        "a total that does not grow beyond a number, whatever there is", _total_behind, options={"at": PAGE}
    ),
    "next_forever": InBatch("a next page for ever", _next_forever),
    "next_missing": InBatch("no next page named", lambda answer, *_: replace(answer, next=None)),
    "in_pages": InBatch("a list that comes all at once, in pages of 50", _in_pages),
    "page_repeated": InBatch("the page before instead of a further one", _page_repeated),
    "rows_moved": InBatch(
        "rows a few places further on, the first ones at the end: what changes while pages are read",
        _rows_moved,
        options={"by": 1},
    ),
    "page_missing": InBatch(
        "no rows on this page, total kept", lambda answer, *_: _with_rows(answer, lambda _rows: [])
    ),
    "row_missing": InBatch(
        "the first row left out, total kept where there is one",
        lambda answer, *_: _with_rows(answer, lambda rows: rows[1:]),
    ),
    "row_hidden": InBatch(
        "the first row left out, and a total that agrees: only another list can tell", _row_hidden
    ),
    "emptied": InBatch(
        "no rows at all, and a total that agrees: nobody can tell it from the truth", _emptied
    ),
    "rows_doubled": InBatch(
        "every row twice",
        lambda answer, *_: _with_rows(answer, lambda rows: [row for row in rows for _ in range(2)]),
    ),
    "result_error_list": InBatch("result_error as a list", _errors_as_list, of_envelope=True),
    "result_error_empty": InBatch(
        "result_error as [] whatever failed",
        lambda answer, *_: Answer(answer.result | {"result_error": []}),
        of_envelope=True,
    ),
    "result_error_missing": InBatch("no result_error", _without_errors, of_envelope=True),
    "result_list": InBatch(
        "the results as a list without keys",
        lambda answer, *_: Answer(answer.result | {"result": list(as_map(answer.result["result"]).values())}),
        of_envelope=True,
    ),
}
