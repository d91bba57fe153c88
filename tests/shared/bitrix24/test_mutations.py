"""Whatever is lost or spoiled in the answers, a read ends, and nothing incomplete is called complete.

What nobody could notice, and what is therefore let pass here:

- A row or a name is replaced by another one that is as good: the directory of a stage, the id of a directory.
- A row is lost from the list of directories, which counts nothing: with it goes what only it names, a further
  pipeline of a smart process or a reference list without rows.
- An entity type is lost from both lists that name it.
- Rows are lost and the total says so, too.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.bitrix24.body import batch_answers
from shared.bitrix24.commands import Command, Key
from shared.bitrix24.expected import Expected
from shared.domain.coverage import Kind, State
from shared.domain.errors import BadAnswer
from shared.domain.snapshot import Snapshot
from shared.specification.json_format import dump_json
from tests.shared.bitrix24.reading import Receipt, by_receipt, comparable, receipts
from tests.shared.bitrix24.recording import Answered, Recording, a_portal_with_second_pages
from tests.shared.bitrix24.spoiling import Choose, Mutation, inside, spoiled

UNHURRIED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_EVERYTHING = frozenset(Kind)
_BY_DIRECTORY = frozenset({Kind.PIPELINES, Kind.STAGES, Kind.DICTIONARIES})
_BY_TYPE = frozenset({Kind.ENTITY_TYPES, Kind.USER_FIELDS, Kind.PIPELINES})


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    """One portal: never read before, and known from a time when it was smaller and had no invoices."""
    portal = a_portal_with_second_pages()
    return [Recording(portal), Recording(portal, Expected(1, 1, 1, 2, invoices=False, documents=False))]


def choosing(data: st.DataObject) -> Choose:
    return lambda below: data.draw(st.integers(0, below - 1))


def excused(mutations: list[Mutation]) -> frozenset[Kind]:
    """The kinds of which something may be missing without anybody being able to tell."""
    found: set[Kind] = set()
    for mutation in mutations:
        replaced = mutation.sort == "retype" and mutation.name in ("ID", "ENTITY_ID")
        if mutation.key.list == "directories" and (replaced or mutation.sort == "remove"):
            found |= _BY_DIRECTORY
        if mutation.key.list == "statuses" and replaced:
            found |= _BY_DIRECTORY
        if mutation.sort == "total" and sum(other.key == mutation.key for other in mutations) > 1:
            found |= _EVERYTHING
    if len({mutation.key for mutation in mutations if mutation.key.list in ("own", "types", "type")}) > 1:
        found |= _BY_TYPE
    return frozenset(found)


def hidden_losses(snapshot: Snapshot, real: dict[Receipt, Any], excuses: frozenset[Kind]) -> list[Receipt]:
    """The lines that say complete where the portal has more."""
    lines = receipts(snapshot)
    types_are_known = lines["entity_types", None].state is State.COMPLETE
    lost = []
    for key, items in real.items():
        if Kind(key[0]) in excuses:
            continue
        if key not in lines:
            lost += [key] if types_are_known and Kind.ENTITY_TYPES not in excuses else []
        elif lines[key].state is State.COMPLETE and lines[key].items < len(items):
            lost.append(key)
    return lost


def real_items(recording: Recording) -> dict[Receipt, Any]:
    return {**by_receipt(comparable(recording.truth)), ("stages", None): recording.truth["stages"]}


def test_unspoiled_answers_are_the_whole_portal(recordings: list[Recording]) -> None:
    for recording in recordings:
        snapshot = recording.read(lambda answers: answers, lasting=False)
        assert {entry.state for entry in snapshot.coverage} == {State.COMPLETE}
        assert hidden_losses(snapshot, real_items(recording), frozenset()) == []


@UNHURRIED
@given(data=st.data())
def test_one_spoiled_answer_never_hides_a_loss(recordings: list[Recording], data: st.DataObject) -> None:
    recording, mutations = data.draw(st.sampled_from(recordings)), list[Mutation]()

    def spoil(answers: Answered) -> Answered:
        changed, mutation = spoiled(answers, choosing(data))
        mutations.append(mutation)
        return changed

    snapshot = recording.read(spoil, lasting=False)
    assert hidden_losses(snapshot, real_items(recording), excused(mutations)) == []
    assert dump_json(snapshot, language="ru")


@UNHURRIED
@given(data=st.data(), count=st.integers(2, 6))
def test_many_spoiled_answers_round_after_round_never_hide_a_loss(
    recordings: list[Recording], data: st.DataObject, count: int
) -> None:
    recording, mutations = data.draw(st.sampled_from(recordings)), list[Mutation]()

    def spoil(answers: Answered) -> Answered:
        for _ in range(count):
            answers, mutation = spoiled(answers, choosing(data))
            mutations.append(mutation)
        return answers

    snapshot = recording.read(spoil, lasting=True)
    assert hidden_losses(snapshot, real_items(recording), excused(mutations)) == []
    assert dump_json(snapshot, language="ru")


COMMANDS = [Command(Key("a"), "profile"), Command(Key("b"), "user.get"), Command(Key("c"), "scope")]
ENVELOPE = {
    "result": {"a": {"ID": "1"}, "b": []},
    "result_error": {"c": {"error": "insufficient_scope", "error_description": ""}},
    "result_total": {"b": 0},
    "result_next": [],
    "result_time": {"a": {"operating": 0.1}},
}


@UNHURRIED
@given(data=st.data())
def test_a_spoiled_envelope_is_no_batch_or_answers_every_command(data: st.DataObject) -> None:
    envelope, _ = inside(ENVELOPE, Key("envelope"), "", choosing(data))
    try:
        answers = batch_answers(envelope, COMMANDS)
    except BadAnswer:
        return
    assert answers.keys() == {command.key for command in COMMANDS}
