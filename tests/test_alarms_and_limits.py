"""docs/operate.md and docs/security.md tell every alarm, every metric and every limit as the code has it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from annotated_types import Ge, Le

from services.cabinet.people import known_browsers, passwords
from services.gateway import linking, php_form
from shared import frame, outbound
from shared.bitrix24 import listing
from shared.bitrix24.client import Patience
from shared.db import inbox, jobs, people, portal_states, searching
from shared.db.limits import Limit
from shared.domain import schedule
from shared.domain.shares import Shares
from shared.http_server.limits import Limits
from shared.settings import PREFIX, Settings
from tests.test_documents import ROOT, code_lines

OPERATE, SECURITY = ROOT / "docs" / "operate.md", ROOT / "docs" / "security.md"
PRODUCT = [
    file for folder in ("shared", "services", "tools") for file in sorted((ROOT / folder).rglob("*.py"))
]
ALARMING = ("warning", "error", "exception", "critical")
METRICS = ("Counter", "Gauge", "Histogram", "Summary", "GaugeMetricFamily", "CounterMetricFamily")
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")


def calls() -> Iterator[tuple[str, str]]:
    """For every call in the product whose first argument is a text: the last name of what is called, and the text."""
    for file in PRODUCT:
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=name) | ast.Name(id=name),
                    args=[ast.Constant(value=str(text)), *_],
                ):
                    yield name, text


CALLS = sorted(set(calls()))
LOGGED = {text for name, text in CALLS if name in (*ALARMING, "info") and EVENT.fullmatch(text)}


def metrics() -> set[str]:
    """The metrics as Prometheus names them."""
    found = {(name, text) for name, text in CALLS if name in METRICS and text.startswith("crmap_")}
    return {f"{text}_total" if name.startswith("Counter") else text for name, text in found}


def rows(guide: Path) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in guide.read_text().splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_there_is_something_to_tell() -> None:
    assert len(LOGGED) > 20
    assert len(metrics()) > 15


def test_every_alarm_of_the_log_is_told_with_what_to_do() -> None:
    alarms = {text for name, text in CALLS if name in ALARMING and EVENT.fullmatch(text)}
    told = {
        event for row in rows(OPERATE) if len(row) == 3 and row[2] for event in re.findall(r"`(.+?)`", row[0])
    }
    assert alarms - told == set()


def test_every_metric_is_told_with_what_to_do() -> None:
    told = {
        name for row in rows(OPERATE) if len(row) == 3 and row[2] for name in re.findall(r"`(.+?)`", row[0])
    }
    assert metrics() - told == set()


def test_every_event_and_metric_that_is_told_exists() -> None:
    told = set(code_lines(OPERATE))
    assert {name for name in told if re.fullmatch(r"crmap_[a-z]+_\w+", name)} == metrics()
    first = {event for row in rows(OPERATE) for event in re.findall(r"`([a-z_]+\.[a-z_]+)`", row[0])}
    assert {event for event in first if not event.endswith((".conf", ".py"))} - LOGGED == set()


def test_every_setting_that_is_a_limit_is_told() -> None:
    bounded = {
        f"{PREFIX}{name.upper()}"
        for name, field in Settings.model_fields.items()
        if any(isinstance(bound, Ge | Le) for bound in field.metadata)
    }
    assert len(bounded) > 5
    assert bounded - {name for row in rows(SECURITY) for name in re.findall(r"`(\w+)`", row[-1])} == {
        # In the table of docs/operate.md, with the other limits of connections.
        f"{PREFIX}CONNECTIONS_PER_ADDRESS"
    }


def constant(name: str) -> Any:
    """The value of a constant that is private to its module."""
    return resolve_name(name)


def minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def hours(span: timedelta) -> int:
    return minutes(span) // 60


def seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def so_many(limit: Limit) -> str:
    return f"{limit.most} in {minutes(limit.within)} minutes"


def default(setting: str) -> Any:
    return Settings.model_fields[setting].default


PAIR = constant("services.cabinet.people.guessing:_PER_PAIR")
PER_PLACE = constant("services.cabinet.people.guessing:_PER_PLACE")
PER_PERSON = constant("services.cabinet.people.guessing:_PER_PERSON")
IN_ALL = constant("services.cabinet.people.guessing:_IN_ALL")
TOKENS = {
    name: constant(f"services.gateway.linking:_{name}")
    for name in ("PER_PERSON", "PER_PORTAL", "PER_PLACE", "IN_ALL")
}
KEEP_EVENTS = constant("services.sync_worker.dispatching:_KEEP_EVENTS")
SHARES = Shares.of(64)
HTTP = Limits()

# A row of a table, and what has to stand in its second cell.
SAID = {
    "wrong passwords for one person at one place": f"{PAIR.free}, then a wait of {minutes(PAIR.first)} minute,"
    f" doubled up to {minutes(PAIR.longest)} minutes",
    "wrong passwords of one place": so_many(PER_PLACE),
    "wrong passwords for one person, by strangers": f"{so_many(PER_PERSON)}; who is in a known browser has {PAIR.free}",
    "wrong passwords of everybody": so_many(IN_ALL),
    "passwords checked at a time": f"1, and {constant('services.cabinet.people.passwords:_WAITING')} wait",
    "sign-ups of one place": so_many(constant("services.cabinet.people.signing_in:_SIGN_UPS")),
    "length of a password": f"{passwords.SHORTEST} to {passwords.LONGEST} characters",
    "wrong connection tokens of one person, one portal": f"{so_many(TOKENS['PER_PERSON'])},"
    f" {so_many(TOKENS['PER_PORTAL'])}",
    "wrong connection tokens of one place, of everybody": f"{so_many(TOKENS['PER_PLACE'])},"
    f" {so_many(TOKENS['IN_ALL'])}",
    "a confirmed preview of a cabinet": f"{minutes(linking.PREVIEW_LIVES)} minutes",
    "a session in a portal": f"{minutes(frame.LIVES)} minutes",
    "a session in the cabinet": f"{hours(people.SESSION_IDLE)} hours without use, {people.SESSION_LIVES.days} days",
    "accounts": f"{default('accounts_per_cabinet')}",
    "refreshes; a group is one, a webhook that is connected too": f"{default('refreshes_per_minute')} in a minute",
    "documents in the making, of one person": f"{constant('services.cabinet.files.documents:EACH')} in",
    "documents in the making, of all": f"{constant('services.cabinet.files.documents:_AT_ONCE')} in",
    "room of kept documents": f"{default('documents_mb')} MB",
    "found items": f"{searching.MOST_FOUND}",
    "one query of the database": "{crmap_cabinet} s in the cabinet, {crmap_gateway} s in the gateway".format(
        **{role: ms // 1000 for role, ms in constant("shared.db.session:_STATEMENT_MS").items()}
    ),
    "fields of a form of Bitrix24; of one field": f"{php_form.MOST_FIELDS}; {php_form.LONGEST_FIELD // 1024} KiB",
    f"events verified in {seconds(inbox.PACE)} s: in all, of one source, of one portal": f"{inbox.MOST_IN_ALL},"
    f" {inbox.MOST_OF_SOURCE}, {inbox.MOST_OF_MEMBER}",
    "verifications at a time": {16: "a quarter"}[SHARES.verification],
    "tries to verify an event": f"{inbox.MOST_ATTEMPTS};",
    "reads because of late events, or payments without a token": so_many(
        constant("services.gateway.event_handling:_WEAK_HINTS")
    ),
    "reads by schedule": f"every {hours(default('sync_every'))} hours",
    "requests to one portal": f"{schedule.REQUESTS_AT_ONCE} at once, then"
    f" {timedelta(seconds=1) // schedule.BETWEEN_REQUESTS} a second",
    "slots of a worker: of one cabinet's webhooks or one host; of slow portals; of routine": {
        (32, 16, 48): "a half; a quarter; three quarters"
    }[SHARES.of_one, SHARES.slow, SHARES.routine],
    "one answer of a portal": f"{outbound.MAX_BODY_BYTES // 2**20} MiB unpacked, {Patience().total_s} s,"
    f" {outbound.Limits(0, 0, 0).least_speed} bytes a second after its first {Patience().slow_s} s",
    "pages of one list; commands of one read": f"{listing.MAX_PAGES};"
    f" {constant('shared.bitrix24.read_portal:_MOST_COMMANDS'):,}",
    "a read whose worker died is taken over": f"after {seconds(default('worker_lease'))} s",
    "a read that ends its workers": f"{jobs.MOST_LOSSES} times",
    "a worker that is asked to stop": f"{seconds(default('worker_grace'))} s",
    "versions": f"every one for {default('keep_versions').days} days",
    "request line and headers": f"{HTTP.head_size:,} bytes, within {HTTP.head_s} s",
    "body": f"{HTTP.body_size:,} bytes, within {HTTP.body_s} s, and after {HTTP.body_grace_s} s at least"
    f" {HTTP.slowest:,} bytes a second",
    "what Bitrix24 sends; forms of the cabinet; forms in a portal": f"{php_form.LONGEST_BODY // 1024} KiB;",
    "connections of one address, for IPv6 of a /64": f"{HTTP.connections_per_address}",
    "a removed portal": f"as it was | {portal_states.KEEP_REMOVED.days} days;"
    f" {hours(portal_states.ERASE_CLEAN_AFTER)} hour if its administrators wanted it erased;"
    f" {hours(portal_states.ERASE_DOUBTED_AFTER)} hours",
    "events, without their tokens": f"as they are | {KEEP_EVENTS.days} days",
    "sessions in a portal, codes of forms, the cookie of a known browser": "not kept: signed texts |"
    f" {'ten' if minutes(frame.LIVES) == 10 else '?'} minutes; the session; {known_browsers.KNOWN_FOR.days} days",
}


@pytest.mark.parametrize("row", SAID)
def test_a_limit_is_told_as_it_is(row: str) -> None:
    told = [
        " | ".join(cells[1:]) for guide in (OPERATE, SECURITY) for cells in rows(guide) if cells[0] == row
    ]
    assert len(told) == 1, f"no row is called {row}"
    assert told[0].startswith(SAID[row])
