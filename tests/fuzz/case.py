"""One portal, a handful of reads with anything going wrong, and what its history says in the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from shared.db.stored import dump_doubt, load_doubt
from shared.domain.coverage import Coverage, State
from shared.domain.diff import Change
from shared.domain.digest import canonical
from shared.domain.errors import CrmapError
from shared.domain.history import Advance, Baseline, advance
from shared.domain.parts import with_parts
from shared.domain.snapshot import Snapshot
from shared.part_json import load_part
from tests.fuzz import hands
from tests.fuzz.inside import a_cloud, read
from tests.fuzz.oracle import Key, Thing, false_changes, things, untold
from tests.fuzz.troubles import LIE, troubled
from tests.shared.bitrix24.reading import Receipt, as_specification, by_receipt, comparable
from tools.simulator.cloud import SimulatedCloud

_BEGINNING = datetime(2031, 3, 12, 6, tzinfo=UTC)
_OF_REQUISITES = ("user_fields", "requisite")
_PAUSES_S = (5, 30, 61, 3_600, 86_400)


@dataclass(frozen=True)
class Parts:
    """What each line of a receipt speaks for. Left-over stages are nobody's: a portal may or may not show them."""

    rows: Mapping[Receipt, frozenset[str]]
    left_over: frozenset[str]

    def has(self, key: Receipt, rows: frozenset[str]) -> bool:
        """True when these are the rows of this part."""
        return rows - self.left_over == self.rows.get(key, frozenset()) - self.left_over


@dataclass
class Case:
    """The history of one portal while it is read; ``wrong`` is what must not have happened."""

    cloud: SimulatedCloud
    dice: Random
    # Whether every read of it is a full one.
    full: bool = False
    at: datetime = _BEGINNING
    stored: Baseline | None = None
    shown: Snapshot | None = None
    # How completely each kind is known: the next read starts from it.
    known: tuple[Coverage, ...] = ()
    # At each read: everything the portal had, thing by thing and part by part.
    moments: list[dict[Key, Thing]] = field(default_factory=list)
    parts: list[Parts] = field(default_factory=list)
    told: list[Change] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    # What was known and equal to the truth of its time; the same again needs no second look.
    verified: tuple[Any, Any] = ((), ())
    has_lied: bool = False
    # Whoever has always seen everything knows exactly what is new.
    baseline: int | None = None

    def trouble(self) -> None:
        """A while passes, the portal may change, and it is read with something going wrong, perhaps."""
        self._pass()
        may_lie = self.baseline is not None and not self.has_lied
        with troubled(self.cloud.portals[0], self.dice, may_lie=may_lie) as reading:
            self.has_lied = self.has_lied or _is_lie(reading.told)
            disturbed = self.dice.choice((*(None,) * 6, 2, 3))
            self._look(reading.webhook_url, reading.told, disturbed, is_clean=reading.is_clean)

    def calm(self) -> None:
        """A minute later at least the portal is read as it should be."""
        self.at += timedelta(seconds=61)
        self._look(self.cloud.portals[0].webhook(1), (), is_clean=True)

    def close(self) -> None:
        """After two calm reads everything is known as it is, and everything that happened was told."""
        self.calm()
        self.calm()
        if self.stored is None or self.shown is None:
            self.wrong.append("nothing is known after two calm reads")
            return
        shown, now = _parts_of(as_specification(self.shown)).rows, self.parts[-1]
        self.wrong += [
            f"unlike the portal in the end: {key}"
            for key in shown.keys() | now.rows.keys()
            if not now.has(key, shown.get(key, frozenset()))
        ]
        if self.baseline is not None:
            self.wrong += untold(self.told, self.moments[self.baseline], self.moments[-1])

    def _pass(self) -> None:
        self.at += timedelta(seconds=self.dice.choice(_PAUSES_S))
        if self.moments:
            self._change(self.dice.choice((0, 0, 1, 1, 2, 4)))

    def _change(self, times: int) -> None:
        told = hands.change(self.cloud.portals[0].crm, self.dice, times)
        self.story.append(f"{self.at:%d %H:%M:%S} {told}")

    def _look(
        self, webhook_url: str, trouble: tuple[str, ...], disturbed: int | None = None, *, is_clean: bool
    ) -> None:
        """The portal is read; it changes before the request that is called ``disturbed``."""
        began = len(self.moments)

        def before_request(number: int) -> None:
            if number == disturbed:
                self._change(1)
                self._take_down()

        self._take_down()
        self.story.append(f"{self.at:%d %H:%M:%S} read: {', '.join(trouble) or 'clean'}")
        try:
            found = read(
                self.cloud,
                webhook_url,
                at=self.at,
                before_request=before_request,
                known=self.known,
                full=self.full,
            )
        except CrmapError as error:
            self.story.append(f"  not read: {error}")
            if is_clean:
                self.wrong.append(f"a clean read failed: {error}")
            return
        is_clean = is_clean and len(self.moments) == began + 1
        is_first = self.stored is None
        step = advance(self.stored, found)
        self.stored = _stored(step)
        self.known = step.receipt
        self.shown = with_parts(found, self.stored.parts)
        self.told += step.changes
        self.story += [f"  {change}" for change in step.changes]
        self.story += [f"  in doubt: {key}" for key in step.questioned]
        self.wrong += false_changes(step.changes, self.moments[:began], self.moments[began:])
        if is_first and is_clean:
            self.baseline = len(self.moments) - 1
        if self.baseline is not None:
            self.wrong += self._dishonest(step, self.shown, began, is_lie=_is_lie(trouble))
        if is_clean and not step.questioned:
            self.wrong += [
                f"not whole after a clean read: {line}" for line in step.receipt if not line.state.is_whole
            ]

    def _take_down(self) -> None:
        truth = comparable(self.cloud.portals[0].truth(full=self.full), full=self.full)
        self.moments.append(things(truth))
        self.parts.append(_parts_of(truth))

    def _dishonest(self, step: Advance, shown: Snapshot, began: int, *, is_lie: bool) -> list[str]:
        """Parts called complete that are not what the portal has, and parts that are no moment's truth."""
        if self.verified == (step.parts, self.parts[-1]):
            return []
        known = _parts_of(as_specification(shown)).rows
        if known == self.parts[-1].rows:
            self.verified = (step.parts, self.parts[-1])
            return []
        lines = {(line.kind.value, line.entity_type): line for line in step.receipt}
        wrong = []
        for kind, entity_type in step.parts:
            key = (kind.value, entity_type)
            rows = known.get(key, frozenset())
            is_complete = lines[key].state is State.COMPLETE
            # Nothing else names the fields of requisites: whoever hears that there are still none believes it.
            is_unnoticeable = is_lie and not rows and key == _OF_REQUISITES
            if (
                is_complete
                and not is_unnoticeable
                and not any(then.has(key, rows) for then in self.parts[began:])
            ):
                wrong.append(f"called complete and is not: {key}")
            if not any(then.has(key, rows) for then in self.parts[self.baseline :]):
                wrong.append(f"never was so: {key}")
        return wrong


def run(dice: Random) -> Case:
    """A case after its last read; nothing in ``wrong`` if CRMAP told the truth all along."""
    cloud = a_cloud(dice.choice(("tiny", "tiny", "tiny", "S", "showcase", "empty")), dice.randrange(1000))
    hands.grow(cloud.portals[0].crm, dice)
    case = Case(cloud, dice, full=dice.random() < 0.3)
    if dice.random() < 0.8:
        case.calm()
    for _ in range(dice.choice((1, 2, 3, 3, 4))):
        case.trouble()
    case.close()
    return case


def _is_lie(trouble: Iterable[str]) -> bool:
    return any(told.startswith(LIE) for told in trouble)


def _stored(step: Advance) -> Baseline:
    """What the database would give back of it."""
    parts = {key: load_part(key[0], canonical(items)) for key, items in step.parts.items()}
    doubts = {key: load_doubt(dump_doubt(doubt)) for key, doubt in step.doubts.items()}
    return Baseline(parts, dict(step.provenance), doubts)


def _parts_of(specification: dict[str, Any]) -> Parts:
    rows = {key: _written(found) for key, found in by_receipt(specification).items()}
    return Parts(rows, _written(specification["orphan_stages"].values()))


def _written(rows: Any) -> frozenset[str]:
    found = rows.values() if isinstance(rows, dict) else rows
    return frozenset(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in found)
