"""Which item of one portal is which of another, and what they were recognised by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from shared.domain.identity import ComparedKind
from shared.domain.matching import By, match
from shared.domain.snapshot import Meaning, Snapshot
from tests.builders import (
    a_dictionary,
    a_dictionary_item,
    a_list_value,
    a_pipeline,
    a_snapshot,
    a_stage,
    a_success_stage,
    a_user_field,
)
from tests.shared.domain.comparing import between
from tests.shared.domain.numbered import WHOLESALE, moved_to, process, with_pipelines
from tests.shared.domain.portals import examples, snapshots

Pairs = list[tuple[int | None, int | None, By]]


def matched(here: Snapshot, there: Snapshot, kind: ComparedKind) -> Pairs:
    """The ids of what is the same thing, and what it was recognised by."""
    return [
        (pair.here.item_id, pair.there.item_id, pair.by)
        for pair in match(here, there).matches
        if pair.here.kind is kind
    ]


def test_stages_are_looked_for_inside_the_pipeline_of_the_same_name() -> None:
    here, there = moved_to(3), moved_to(17)
    assert matched(here, there, ComparedKind.PIPELINES) == [(0, 0, By.NAME), (3, 17, By.NAME)]
    assert matched(here, there, ComparedKind.STAGES) == [
        (101, 101, By.CODE),
        (300, 1700, By.CODE),
        (301, 1701, By.CODE),
    ]


def test_a_smart_process_is_recognised_by_its_title_and_never_by_its_number() -> None:
    assert (1040, 1055, By.NAME) in matched(process(1040), process(1055), ComparedKind.ENTITY_TYPES)
    other = process(1040, title="Доставка")
    assert matched(process(1040), other, ComparedKind.ENTITY_TYPES) == [(2, 2, By.CODE)]


def test_default_pipelines_without_a_namesake_are_each_others() -> None:
    here, there = a_snapshot(), a_snapshot(pipelines=(a_pipeline(name="Продажи"),))
    assert matched(here, there, ComparedKind.PIPELINES) == [(0, 0, By.DEFAULT)]


def test_of_pipelines_with_one_name_those_with_the_same_stages_are_matched() -> None:
    def portal(first: str, second: str) -> Snapshot:
        numbers = {3: first, 4: second}
        return with_pipelines(
            *(a_pipeline(**{**WHOLESALE, "id": n, "directory": f"DEAL_STAGE_{n}"}) for n in numbers),
            stages=tuple(
                a_stage(pipeline_id=n, directory=f"DEAL_STAGE_{n}", id=n, status_id=f"C{n}:{code}")
                for n, code in numbers.items()
            ),
        )

    pairs = matched(portal("NEW", "PREPARATION"), portal("PREPARATION", "NEW"), ComparedKind.PIPELINES)
    assert sorted(pairs) == [(3, 4, By.ORDER), (4, 3, By.ORDER)]


def test_a_stage_is_recognised_by_name_where_its_code_means_something_else() -> None:
    here = a_snapshot(stages=(a_stage(id=1, status_id="FINAL", name="Отказ", meaning=Meaning.FAILURE),))
    there = a_snapshot(
        stages=(
            a_stage(id=7, status_id="FINAL", name="Счёт"),
            a_stage(id=8, status_id="LOSE", name="ОТКАЗ", meaning=Meaning.FAILURE),
        )
    )
    assert matched(here, there, ComparedKind.STAGES) == [(1, 8, By.NAME)]


def test_a_stage_that_only_means_something_else_is_the_same_stage() -> None:
    here, there = (a_snapshot(stages=(a_stage(meaning=one),)) for one in (Meaning.PROCESS, Meaning.APOLOGY))
    assert [row[3:] for row in between(here, there)] == [(("meaning", "process", "apology"),)]


@pytest.mark.parametrize("code", ["1", "12"])
def test_a_row_whose_code_is_a_mere_number_is_recognised_by_its_name(code: str) -> None:
    def portal(**row: object) -> Snapshot:
        items = (a_dictionary_item(id=5, name="Выставка", **row), a_dictionary_item())
        return a_snapshot(dictionaries=(a_dictionary(items=items),))

    here, there = portal(status_id=code), portal(status_id="UC_9X8Y7Z")
    assert (5, 5, By.NAME) in matched(here, there, ComparedKind.DICTIONARIES)
    renamed = replace(
        there, dictionaries=(a_dictionary(items=(a_dictionary_item(status_id=code, name="Иное"),)),)
    )
    assert (5, 9, By.CODE) not in matched(here, renamed, ComparedKind.DICTIONARIES)


def test_a_list_value_is_recognised_by_the_xml_id_somebody_gave_it_and_else_by_its_text() -> None:
    def portal(*values: tuple[int, str, str]) -> Snapshot:
        rows = tuple(a_list_value(id=number, value=text, xml_id=xml_id) for number, text, xml_id in values)
        return a_snapshot(user_fields=(a_user_field(type="enumeration", values=rows),))

    here = portal((1, "Визы", "visa"), (2, "Туры", "0" * 32), (3, "Отели", "0" * 31 + "1"))
    there = portal((7, "туры ", "0" * 31 + "1"), (8, "Виза", "visa"), (9, "Прочее", "0" * 32))
    assert matched(here, there, ComparedKind.LIST_VALUES) == [(1, 8, By.CODE), (2, 7, By.NAME)]


def test_people_of_two_portals_are_never_the_same() -> None:
    kinds = {pair.here.kind for pair in match(a_snapshot(), a_snapshot()).matches}
    assert kinds.isdisjoint({ComparedKind.USERS, ComparedKind.DEPARTMENTS})


def test_one_of_two_equal_values_can_be_missing() -> None:
    def portal(*texts: str) -> Snapshot:
        values = tuple(a_list_value(id=number, value=text) for number, text in enumerate(texts))
        return a_snapshot(user_fields=(a_user_field(type="enumeration", values=values),))

    (missing,) = between(portal("Нет", "Да", "Нет"), portal("Нет", "Да"))
    assert missing[0] == "list_values"


def test_a_field_under_another_code_is_another_field() -> None:
    here, there = (a_snapshot(user_fields=(a_user_field(code=code),)) for code in ("UF_CRM_A", "UF_CRM_B"))
    assert between(here, there) == [
        ("user_fields", None, "UF_CRM_B"),
        ("user_fields", "UF_CRM_A", None),
    ]


@examples()
@given(snapshots())
def test_every_item_is_matched_with_itself_in_its_own_portal(snapshot: Snapshot) -> None:
    matching = match(snapshot, snapshot)
    assert {pair.here.identity for pair in matching.matches} == matching.here.keys()
    assert all(pair.here.identity == pair.there.identity for pair in matching.matches)


def test_an_item_has_one_counterpart_at_most() -> None:
    here = with_pipelines(a_pipeline(), a_pipeline(**WHOLESALE), stages=(a_stage(), a_success_stage()))
    there = with_pipelines(a_pipeline(), a_pipeline(**{**WHOLESALE, "name": "Общая"}))
    theirs = [pair.there.identity for pair in match(here, there).matches]
    assert len(theirs) == len(set(theirs))
