"""What goes wrong while a portal is read: with its answers, on their way, with the rights of whoever reads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from random import Random
from typing import Any

from tools.simulator.callers import USUAL_SCOPES
from tools.simulator.faults import IN_BATCH, WHOLE_ANSWER
from tools.simulator.portal import SimulatedPortal
from tools.simulator.switches import Switches

METHODS = (
    "app.info",
    "profile",
    "scope",
    "crm.settings.mode.get",
    "crm.enum.ownertype",
    "crm.type.list",
    "crm.type.getbyentitytypeid",
    "crm.category.list",
    "crm.status.list",
    "crm.status.entity.types",
    "crm.lead.userfield.list",
    "crm.deal.userfield.list",
    "crm.contact.userfield.list",
    "crm.company.userfield.list",
    "crm.quote.userfield.list",
    "crm.requisite.userfield.list",
    "userfieldconfig.list",
    "userfieldconfig.get",
    "crm.item.fields",
    "crm.requisite.fields",
    "user.get",
    "department.get",
)
#: The one lie nobody can tell from the truth by itself; only that it does not last gives it away.
LIE = "emptied"
#: Names the fields that an emptied list of fields hides; where it is missing as well, nobody can tell.
_WITNESS = "crm.item.fields"
#: Lists that have, or may be given, more than one page.
_LISTS = (*(method for method in METHODS if method.endswith(".list")), "user.get", "department.get")
#: What strikes one list together, so that its witnesses contradict each other: the count of its rows, the next page it
#: names, a page that is full, a page that comes twice, rows that move from page to page.
_CONTRADICTIONS = (
    ("in_pages",),
    ("in_pages", "total_behind"),
    ("in_pages", "total_behind", "next_missing"),
    ("in_pages", "total_missing", "next_missing"),
    ("in_pages", "next_forever"),
    ("in_pages", "page_repeated"),
    ("in_pages", "page_repeated", "total_behind"),
    ("in_pages", "page_repeated", "total_missing"),
    ("in_pages", "rows_moved"),
    ("in_pages", "rows_moved", "total_behind"),
    ("in_pages", "page_missing", "total_behind"),
)
#: Lists of which another one names every item, so that it tells of a row that is left out and not counted either.
_NAMED_ELSEWHERE = (
    "crm.category.list",
    "crm.type.list",
    *(method for method in METHODS if method.endswith(".userfield.list") and "requisite" not in method),
    "userfieldconfig.list",
)
_HIDDEN = "row_hidden"
#: Lists whose items nothing else names: of these a lie is believed, unless so large a loss is doubted.
_NAMED_NOWHERE_ELSE = ("user.get", "department.get", "crm.status.list", "crm.requisite.userfield.list")
#: Rows lost here and everything that could tell of them lost as well: nobody knows that from a list without them.
_LOST_ROWS = {
    *(
        "row_missing",
        "page_missing",
        "empty_list",
        "wrong_type",
        "page_repeated",
        "rows_moved",
        "rows_doubled",
    )
}
_LOST_COUNT = {"total_missing", "total_behind"}
#: Lists without a total: nobody can miss a row of them, unless another list names it too.
_UNCOUNTED = ("crm.status.entity.types", "crm.enum.ownertype", "scope")
_MISSING = "ERROR_METHOD_NOT_FOUND"
_ERRORS = (
    ("ERROR_CORE", 400),
    ("ACCESS_DENIED", 403),
    ("insufficient_scope", 403),
    (_MISSING, 404),
    ("NOT_FOUND", 400),
    ("ENTITY_TYPE_NOT_SUPPORTED", 400),
    ("OPERATION_TIME_LIMIT", 429),
    ("QUERY_LIMIT_EXCEEDED", 503),
    ("INTERNAL_SERVER_ERROR", 500),
    ("", 400),
    ("0", 400),
)
_WRONG: tuple[Any, ...] = (
    42,
    "x",
    True,
    1.5,
    {},
    [],
    [[]],
    [{}],
    [1],
    {"a": 1},
    {"fields": 1},
    {"types": {}},
)
#: Megabytes and tenths of seconds are for other tests, and another name in a whole answer is what the portal says.
_ELSEWHERE = {
    *("gzip_bomb", "huge_body", "double_gzip", "deep_brackets", "byte_by_byte", "late", "reset_at_byte"),
    *("lone_surrogate", "nul"),
}
_WAYS_OF_A_WHOLE = sorted(WHOLE_ANSWER.keys() - _ELSEWHERE)
_SWITCHES = (
    {"references": False},
    {"status_list_needs_directory": True},
    {"start_minus_one_total": True},
    {"userfieldconfig_code": ""},
    {"app_info_refusal": 403},
    {"auth_status": 403},
    {"shuffle": 7},
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a portal is read this time: through which webhook, what is wrong, whether anything is."""

    webhook_url: str
    told: tuple[str, ...]
    is_clean: bool


@contextlib.contextmanager
def troubled(portal: SimulatedPortal, dice: Random, *, may_lie: bool) -> Iterator[Reading]:
    """The portal as it answers this time; afterwards nothing is wrong with it."""
    told = [_lie(portal, dice)] if may_lie and dice.random() < 0.6 else []
    # A lie with something else wrong is seldom believed anyway, so mostly nothing else is.
    is_only_lie = bool(told) and dice.random() < 0.8
    if not is_only_lie:
        told += _troubles(portal, dice, with_lie=bool(told))
    usual = contextlib.nullcontext((portal.webhook(1), ()))
    with usual if is_only_lie else _somebody(portal, dice) as (webhook_url, who):
        yield Reading(webhook_url, (*told, *who), is_clean=not told and not who)
    portal.faults.clear()
    for entry in fields(Switches):
        setattr(portal.switches, entry.name, getattr(Switches(), entry.name))


def _troubles(portal: SimulatedPortal, dice: Random, *, with_lie: bool) -> list[str]:
    if not with_lie and dice.random() < 0.05:
        return [_hidden_row(portal, dice)]
    faults = (0, 0, 0, 1, 2) if with_lie else (0, 1, 1, 2, 3, 6)
    told = [_contradiction(portal, dice)] if not with_lie and dice.random() < 0.3 else []
    told += [_fault(portal, dice) for _ in range(dice.choice(faults))]
    return told + _switched(portal, dice)


def _lie(portal: SimulatedPortal, dice: Random) -> str:
    method = dice.choice(_NAMED_NOWHERE_ELSE if dice.random() < 0.75 else (*METHODS, *_LISTS))
    portal.faults.add(LIE, times=dice.choice((1, None, None)), method=method)
    return f"{LIE} {method}"


def _hidden_row(portal: SimulatedPortal, dice: Random) -> str:
    method = dice.choice(_NAMED_ELSEWHERE)
    portal.faults.add(_HIDDEN, times=dice.choice((1, None)), method=method)
    return f"{_HIDDEN} of {method}"


def _contradiction(portal: SimulatedPortal, dice: Random) -> str:
    names, method = dice.choice(_CONTRADICTIONS), dice.choice(_LISTS)
    for name in names:
        times, after = (None, 0) if name == "in_pages" else (dice.choice((1, None)), dice.choice((0, 0, 1)))
        portal.faults.add(name, times=times, method=method, after=after)
    return f"{' and '.join(names)} of {method}"


def _is_noticeable(name: str, already: set[str]) -> bool:
    """True when something still tells of the rows that are lost once this goes wrong as well."""
    wrong = already | {name}
    if "row_missing" in wrong and wrong & _LOST_COUNT:
        return False
    return not (wrong & _LOST_ROWS and wrong & _LOST_COUNT and "next_missing" in wrong)


def _fault(portal: SimulatedPortal, dice: Random) -> str:
    times = dice.choice((1, 1, 2, 3, None))
    after = dice.choice((0, 0, 0, 1, 2, 5))
    if dice.random() < 0.15:
        name = dice.choice(_WAYS_OF_A_WHOLE)
        portal.faults.add(name, times=times, after=dice.choice((0, 0, 1)))
        return f"{name} × {times}"
    already = {fault.name for fault in portal.faults.orders}
    possible_names = [name for name in IN_BATCH if name not in (LIE, _HIDDEN)]
    name = dice.choice([name for name in possible_names if _is_noticeable(name, already)])
    options: dict[str, Any] = {}
    if name == "error":
        possible = [error for error in _ERRORS if error[0] != _MISSING or LIE not in already]
        options["code"], options["status"] = dice.choice(possible)
    if name == "wrong_type":
        options["value"] = dice.choice(_WRONG)
    countable = [method for method in METHODS if name != "row_missing" or method not in _UNCOUNTED]
    method = dice.choice((*countable, *countable, None if name != "row_missing" else "user.get"))
    portal.faults.add(name, times=times, method=method, after=after, **options)
    return f"{name} {options or ''} of {method or 'anything'} × {times} after {after}"


def _switched(portal: SimulatedPortal, dice: Random) -> list[str]:
    told: list[str] = []
    if dice.random() < 0.3:
        switches = dice.choice(_SWITCHES)
        told.append(str(switches))
        for name, value in switches.items():
            setattr(portal.switches, name, value)
    if dice.random() < 0.1:
        lies = any(fault.name == LIE for fault in portal.faults.orders)
        portal.switches.missing_methods = {
            dice.choice([method for method in METHODS if method != _WITNESS or not lies])
        }
        told.append(f"without {portal.switches.missing_methods}")
    return told


@contextlib.contextmanager
def _somebody(portal: SimulatedPortal, dice: Random) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A webhook of whoever reads this time, mostly of the usual administrator, and what is unusual about it."""
    match dice.choice((*("admin",) * 7, "scopes", "brief", "employee", "crm_admin", "demoted", "restricted")):
        case "scopes":
            scopes = tuple(dice.sample(USUAL_SCOPES, dice.randint(0, len(USUAL_SCOPES) - 1)))
            yield portal.webhook(scopes=scopes), (f"scopes {scopes}",)
        case "brief":
            yield portal.webhook(scopes=("crm", "user_brief", "department", "userfieldconfig")), ("brief",)
        case "employee" | "crm_admin" as role:
            user_id = 2 if role == "crm_admin" else 3
            known = {user.id for user in portal.crm.users}
            yield portal.webhook(user_id if user_id in known else 1), (role,)
        case "demoted":
            portal.crm.user(1).admin = False
            yield portal.webhook(1), ("no administrator any more",)
            portal.crm.user(1).admin = True
        case "restricted":
            admin = portal.crm.user(1)
            admin.admin = False
            admin.closed_types = {dice.choice((1, 2, 3, 4, 7, 31, 1030))}
            admin.pipelines = {2: {0}}
            yield portal.webhook(1), ("no administrator any more, and sees one pipeline",)
            admin.admin, admin.closed_types, admin.pipelines = True, set(), None
        case _:
            yield portal.webhook(1), ()
