"""Reports about comparisons: of two portals, of two reads, of what went along with something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.compare import compare
from shared.domain.diff import Change, Op, diff
from shared.domain.findings import FindingCode, findings
from shared.domain.history import advance
from shared.domain.identity import ComparedKind
from shared.domain.snapshot import Pipeline, Snapshot, Stage, UserField
from shared.wording.changes import change_sentence
from shared.wording.findings import finding_line
from shared.wording.language import Language
from tests.builders import (
    a_dictionary,
    a_dictionary_item,
    a_list_field,
    a_pipeline,
    a_portal,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_success_stage,
    a_user_field,
    an_entity_type,
)
from tests.stories.reading import read
from tools.simulator.cloud import PortalSpec, SimulatedCloud

HERE, THERE = a_portal(), a_portal(domain="romashka-roznica.example")


def pipeline(number: int, name: str) -> Pipeline:
    return a_pipeline(id=number, name=name, sort=100, is_default=False, directory=f"DEAL_STAGE_{number}")


def stages_of(number: int, *codes: str) -> tuple[Stage, ...]:
    """The stages of a pipeline; each is called after its code, whatever the portal's prefix."""
    return tuple(
        a_stage(
            pipeline_id=number,
            directory=f"DEAL_STAGE_{number}",
            status_id=f"C{number}:{code}",
            id=100 * number + place,
            name=f"Стадия {code}",
            sort=10 * place,
        )
        for place, code in enumerate(codes, 1)
    )


def two_pipelines(retail: int, wholesale: int) -> Snapshot:
    """A portal that gave these numbers to its two pipelines."""
    return a_snapshot(
        portal=HERE if retail < wholesale else THERE,
        pipelines=(a_pipeline(), pipeline(retail, "Розница"), pipeline(wholesale, "Опт")),
        stages=(
            a_stage(),
            a_success_stage(),
            *stages_of(retail, "NEW", "WON"),
            *stages_of(wholesale, "NEW", "UC_AB12CD", "WON"),
        ),
    )


class TestTwoPortals:
    """FC-68: two equal portals whose pipelines were created in opposite order."""

    def test_numbers_a_portal_hands_out_decide_nothing(self) -> None:
        comparison = compare(two_pipelines(3, 5), two_pipelines(5, 3))
        assert (comparison.changes, comparison.not_compared) == ((), ())

    def test_stages_somebody_added_are_recognised_by_name(self) -> None:
        def portal(facts: Any, *names: str) -> Snapshot:
            stages = (a_stage(id=n, status_id=str(n), name=name, sort=10) for n, name in enumerate(names, 1))
            return a_snapshot(portal=facts, stages=(*stages, a_success_stage()))

        comparison = compare(portal(HERE, "Звонок", "Встреча"), portal(THERE, "Встреча", "звонок "))
        assert [(change.attribute, change.before, change.after) for change in comparison.changes] == [
            ("name", "Звонок", "звонок ")
        ]

    def test_settings_are_compared_with_the_numbers_translated(self) -> None:
        def portal(facts: Any, number: int) -> Snapshot:
            key = f"dynamic_{number}"
            directory = f"DYNAMIC_{number}_STAGE_{number + 1}"
            return a_snapshot(
                portal=facts,
                entity_types=(an_entity_type(), a_smart_process(key=key, entity_type_id=number)),
                pipelines=(a_pipeline(entity_type=key, id=number + 1, directory=directory),),
                stages=(),
                user_fields=(
                    a_user_field(type="crm", settings={"DEAL": "N", f"DYNAMIC_{number}": "Y"}),
                    a_user_field(
                        id=2, code="UF_CRM_B", type="crm_status", settings={"ENTITY_TYPE": directory}
                    ),
                    a_user_field(
                        id=3, code="UF_CRM_C", type="iblock_element", settings={"IBLOCK_ID": number}
                    ),
                ),
            )

        assert compare(portal(HERE, 1040), portal(THERE, 1055)).differences == ()


EMPTY: Mapping[str, Any] = {
    "nothing": None,
    "no text": "",
    "no rows": [],
    "no keys": {},
    "inside": {"A": [""]},
}


class TestEmptyAgainstMissing:
    """FC-69: settings that say nothing on one side and are absent on the other."""

    @pytest.mark.parametrize("empty", EMPTY.values(), ids=EMPTY)
    def test_is_no_difference_of_settings(self, empty: Any) -> None:
        sides = [
            a_user_field(settings=settings) for settings in ({"REGEXP": empty, "SIZE": 20}, {"SIZE": 20})
        ]
        old, new = (a_snapshot(user_fields=(field,)) for field in sides)
        other = a_snapshot(user_fields=(sides[1],), portal=THERE)
        assert diff(old, new).changes == diff(new, old).changes == compare(old, other).changes == ()

    def test_is_no_difference_of_names_and_labels(self) -> None:
        old = a_snapshot(
            pipelines=(a_pipeline(name=""),),
            stages=(a_stage(color=""), a_success_stage(name="")),
            user_fields=(a_user_field(labels={"ru": ""}),),
        )
        new = a_snapshot(
            pipelines=(a_pipeline(name=None),),
            stages=(a_stage(color=None), a_success_stage(name=None)),
            user_fields=(a_user_field(labels={}),),
        )
        assert diff(old, new).changes == diff(new, old).changes == ()

    def test_leaves_no_trace_beside_what_did_change(self) -> None:
        old, new = (
            a_user_field(settings={"REGEXP": "", "SIZE": 20}),
            a_user_field(settings={"SIZE": 40, "DEFAULT_VALUE": None}),
        )
        (change,) = diff(a_snapshot(user_fields=(old,)), a_snapshot(user_fields=(new,))).changes
        assert change_sentence(change, "ru").endswith(": настройка SIZE 20 → 40")

    def test_makes_no_version_whatever_a_read_brought(self) -> None:
        with_empty, without = (
            a_snapshot(user_fields=(a_user_field(settings=settings),))
            for settings in ({"REGEXP": "", "SIZE": 20}, {"SIZE": 20})
        )
        for first, second in ((with_empty, without), (without, with_empty)):
            first_step = advance(None, first)
            step = advance(first_step.baseline, second)
            assert (step.parts, step.changes) == (first_step.parts, ())

    @pytest.mark.parametrize("said", [0, False, "N", "0"])
    def test_what_says_something_is_not_empty(self, said: Any) -> None:
        old, new = (a_user_field(settings=settings) for settings in ({}, {"SHOW": said}))
        assert diff(a_snapshot(user_fields=(old,)), a_snapshot(user_fields=(new,))).changes


PROCESS = "dynamic_1040"


def with_process() -> Snapshot:
    """A smart process with three fields, two pipelines and ten stages beside deals."""
    fields: tuple[UserField, ...] = tuple(
        a_user_field(
            entity_type=PROCESS, id=number, code=f"UF_CRM_7_{number}", labels={"ru": f"Поле {number}"}
        )
        for number in (1, 2, 3)
    )
    directories = {9: "DYNAMIC_1040_STAGE_9", 10: "DYNAMIC_1040_STAGE_10"}
    return a_snapshot(
        entity_types=(an_entity_type(), a_smart_process()),
        user_fields=(a_user_field(), *fields),
        pipelines=(
            a_pipeline(),
            *(
                a_pipeline(entity_type=PROCESS, id=number, name=f"Цех {number}", directory=directory)
                for number, directory in directories.items()
            ),
        ),
        stages=(
            a_stage(),
            a_success_stage(),
            *(
                a_stage(
                    entity_type=PROCESS,
                    pipeline_id=number,
                    directory=directory,
                    id=100 * number + place,
                    status_id=f"DT1040_{number}:{place}",
                )
                for number, directory in directories.items()
                for place in range(5)
            ),
        ),
    )


class TestWhatWentWithIt:
    """FC-73: a smart process is deleted that had 3 fields, 2 pipelines and 10 stages."""

    def gone(self) -> Change:
        (change,) = diff(with_process(), a_snapshot()).changes
        return change

    def test_one_change_counts_what_went_along(self) -> None:
        change = self.gone()
        assert (change.kind, change.op) == (ComparedKind.ENTITY_TYPES, Op.REMOVED)
        assert {kind: len(rows) for kind, rows in (change.inside or {}).items()} == {
            "pipelines": 2,
            "stages": 10,
            "user_fields": 3,
        }
        assert change_sentence(change, "ru") == (
            "сущность dynamic_1040 «Ремонт»: удалена; с ней воронки: 2, стадии: 10, поля: 3"
        )
        assert change_sentence(change, "en").endswith(
            ": removed; with it pipelines: 2, stages: 10, fields: 3"
        )

    def test_each_part_is_named_with_its_id_code_and_name(self) -> None:
        assert (self.gone().inside or {})["user_fields"][0] == {
            "id": 1,
            "code": "UF_CRM_7_1",
            "label": "Поле 1",
        }

    def test_what_came_with_something_new_is_told_likewise(self) -> None:
        (change,) = diff(a_snapshot(), with_process()).changes
        assert (change.op, change.inside) == (Op.ADDED, self.gone().inside)

    def test_stages_the_portal_keeps_of_a_removed_pipeline_went_with_it(self) -> None:
        kept = stages_of(3, "NEW", "WON")
        old = a_snapshot(pipelines=(a_pipeline(), pipeline(3, "Опт")), stages=(a_stage(), *kept))
        new = a_snapshot(stages=(a_stage(),), orphan_stages=kept)
        (change,) = diff(old, new).changes
        assert [row["code"] for row in (change.inside or {})["stages"]] == ["C3:NEW", "C3:WON"]

    def test_a_field_takes_its_values_along_and_a_dictionary_its_rows(self) -> None:
        rows = (a_dictionary_item(), a_dictionary_item(id=10, status_id="WEB", name="Сайт"))
        old = a_snapshot(
            user_fields=(a_list_field("Курьер", "Почта"),),
            dictionaries=(a_dictionary(directory="INDUSTRY", name="Отрасли", items=rows),),
        )
        told = [
            change_sentence(change, "ru")
            for change in diff(old, a_snapshot(user_fields=(), dictionaries=())).changes
        ]
        assert told == [
            "справочник INDUSTRY «Отрасли»: удалён; с ним значения: 2",
            "СДЕЛКА · поле UF_CRM_1700000000001 «Способ доставки»: удалено; с ним значения: 2",
        ]

    def test_what_had_nothing_inside_is_told_as_before(self) -> None:
        old = a_snapshot(pipelines=(a_pipeline(), pipeline(3, "Опт")))
        (change,) = diff(old, a_snapshot()).changes
        assert (change.inside, change_sentence(change, "ru")) == (None, "СДЕЛКА · воронка 3 «Опт»: удалена")


def labelled(*labels: str) -> Snapshot:
    """Deals with a field for each of these labels."""
    return a_snapshot(
        user_fields=tuple(
            a_user_field(id=number, code=f"UF_CRM_{number}", labels={"ru": label})
            for number, label in enumerate(labels, 1)
        )
    )


def remarks(snapshot: Snapshot, language: Language = "ru") -> list[str]:
    return [finding_line(finding, language) for finding in findings(snapshot)]


class TestNearEqualNames:
    """FC-70: names that a person takes for one another, each with the reason why."""

    @pytest.mark.parametrize("other", ["визы ", "ВИЗЫ", "Визы\N{NO-BREAK SPACE}", "  Визы"])
    def test_values_of_a_list_are_one_to_a_person(self, other: str) -> None:
        snapshot = a_snapshot(user_fields=(a_list_field("Визы", "Туры", other),))
        (line,) = remarks(snapshot)
        assert line.startswith("Сделка UF_CRM_1700000000001: id 71 «Визы», id 73 «")
        assert line.endswith("(отличаются только регистром, пробелами или «ё»)")
        assert "differ only in capitals, blanks" in remarks(snapshot, "en")[0]

    def test_rows_of_a_dictionary_likewise(self) -> None:
        rows = (a_dictionary_item(), a_dictionary_item(id=10, status_id="UC_1", name="звонок"))
        (finding,) = findings(a_snapshot(dictionaries=(a_dictionary(items=rows),)))
        assert (finding.code, finding.detail, [item.code for item in finding.items]) == (
            FindingCode.SAME_VALUE,
            "SOURCE",
            ["CALL", "UC_1"],
        )

    def test_labels_with_and_without_the_dots_are_one(self) -> None:
        (finding,) = findings(labelled("Объём партии", "объем партии"))
        assert finding.code is FindingCode.SAME_LABEL

    def test_a_family_is_named_by_its_common_beginning(self) -> None:
        family = labelled("Причина отказа (опт)", "Причина отказа (розница)", "Причина отказа", "Склад")
        (line,) = remarks(family)
        assert line == (
            "Сделка «Причина отказа»: UF_CRM_1 «Причина отказа (опт)», UF_CRM_2 «Причина отказа (розница)», "
            "UF_CRM_3 (начинаются одинаково, различаются добавлением)"
        )
        assert remarks(family, "en")[0].endswith("(begin alike and differ in what follows)")

    def test_a_whole_name_with_more_behind_it_is_of_the_family(self) -> None:
        (finding,) = findings(labelled("Причина отказа", "причина  отказа клиента"))
        assert finding.code is FindingCode.SAME_BEGINNING

    @pytest.mark.parametrize(
        "labels", [("Адрес", "Адрес доставки"), ("Дата отгрузки", "Дата оплаты"), ("Вес 1", "Вес 2")]
    )
    def test_ordinary_names_are_no_family(self, labels: tuple[str, ...]) -> None:
        assert findings(labelled(*labels)) == ()

    def test_a_user_field_called_like_a_standard_one_is_held_against_it(self) -> None:
        (line,) = remarks(labelled("источник", "Склад"))
        assert line == "Сделка: UF_CRM_1 «источник» (называется как стандартное поле SOURCE_ID)"
        assert remarks(labelled("источник"), "en") == [
            "Deal: UF_CRM_1 “источник” (called like the standard field SOURCE_ID)"
        ]

    def test_titles_that_were_read_are_better_than_the_usual_ones(self) -> None:
        read = replace(
            labelled("Источник", "Откуда"),
            standard_fields=(a_standard_field(code="SOURCE_ID", label="Откуда"),),
        )
        (finding,) = findings(read)
        assert (finding.detail, [item.code for item in finding.items]) == ("SOURCE_ID", ["UF_CRM_2"])

    @pytest.mark.parametrize(("size", "most"), [("showcase", 5), ("S", 2), ("M", 7)])
    def test_an_ordinary_portal_is_not_flooded(self, size: str, most: int) -> None:
        with SimulatedCloud([PortalSpec("romashka", size)]) as cloud:
            assert len(findings(read(cloud.portal("romashka")))) <= most
