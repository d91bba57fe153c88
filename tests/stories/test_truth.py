"""A portal is written down as it is: nothing missing, nothing invented, hardly any requests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.domain.coverage import missing
from shared.domain.digest import fingerprint
from shared.domain.snapshot import Snapshot
from shared.specification.json_format import dump_json
from shared.specification.json_snapshot import load_json
from tests.stories.reading import a_portal, read, spell_otherwise

# How many requests a full read may take (measured floor for the connector: 1, 1 and 3).
PORTALS = [
    ("empty", 0, 1),
    ("showcase", 0, 1),
    ("S", 0, 1),
    ("S", 7, 1),
    ("M", 0, 1),
    ("M", 7, 1),
    ("L", 0, 4),
]


def specification(snapshot: Snapshot) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dump_json(snapshot, language="ru"))
    return document


def written(document: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """What the document says of everything the truth speaks of."""
    portal = {key: document["portal"][key] for key in truth["portal"]}
    return {key: document[key] for key in truth} | {"portal": portal}


@pytest.mark.parametrize(("size", "seed", "requests"), PORTALS)
def test_a_specification_is_the_truth_to_the_last_id(size: str, seed: int, requests: int) -> None:
    with a_portal(size, seed) as portal:
        snapshot = read(portal)
        truth = portal.truth()
        document = specification(snapshot)
        assert written(document, truth) == truth
        assert len(portal.log.requests) <= requests
        assert portal.log.writes == []
    assert missing(snapshot.coverage) == ()
    assert load_json(dump_json(snapshot, language="ru")) == snapshot


@pytest.mark.parametrize("size", ["showcase", "M"])
def test_a_receipt_counts_what_there_is(size: str) -> None:
    with a_portal(size) as portal:
        document = specification(read(portal))
    counted: dict[str, int] = {}
    for line in document["coverage"]:
        counted[line["kind"]] = counted.get(line["kind"], 0) + line["items"]
    for kind in (
        "entity_types",
        "pipelines",
        "stages",
        "dictionaries",
        "user_fields",
        "users",
        "departments",
    ):
        assert counted[kind] == len(document[kind]), kind


@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("size", ["showcase", "M"])
def test_the_truth_does_not_depend_on_how_a_portal_spells_it(size: str, seed: int) -> None:
    with a_portal(size) as portal:
        before = read(portal)
        spell_otherwise(portal, seed, empty=False)
        snapshot = read(portal)
        truth = portal.truth()
    assert written(specification(snapshot), truth) == truth
    assert fingerprint(snapshot) == fingerprint(before)
