"""A portal at two times: what its people changed is told to the last edit, and nothing else is."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.diff import Change as Difference
from shared.domain.diff import diff
from shared.domain.digest import fingerprint
from shared.specification.json_format import dump_json
from shared.specification.json_snapshot import load_json
from tests.stories.command_line.running import COMMAND, ENVIRONMENT
from tests.stories.reading import MORNING, a_portal, read
from tools.simulator import ledger
from tools.simulator.edits.change import Change
from tools.simulator.edits.table import EDITS
from tools.simulator.portal import SimulatedPortal

EVENING = MORNING + timedelta(hours=12)

Told = tuple[Any, ...]


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with a_portal() as portal:
        yield portal


def many_hands(portal: SimulatedPortal) -> Iterator[Change]:
    """Every kind of edit there is, one after the other, on «Ромашка Опт»; none hides another."""
    crm, edit = portal.crm, portal.edit

    def row(directory: str, name: str) -> int:
        return next(row.id for row in crm.directories[directory].rows if row.name == name)

    def field(label: str) -> int:
        return next(row.id for row in crm.user_fields if row.labels.get("ru") == label)

    def value(label: str, name: str) -> dict[str, int]:
        found = crm.user_field(field(label))
        return {
            "field_id": found.id,
            "value_id": next(value.id for value in found.values if value.value == name),
        }

    yield edit("rename_stage", row_id=row("DEAL_STAGE", "Отгрузка"), to="Погрузка")
    yield edit("recolour_stage", row_id=row("DEAL_STAGE", "Выставлен счёт"), to="#123456")
    yield edit("move_stage", row_id=row("DEAL_STAGE_3", "Консультация"), sort=35)
    yield edit("add_stage", directory="STATUS", name="Перезвонить", sort=15)
    yield edit("remove_stage", row_id=row("DEAL_STAGE_5", "Торги"))
    yield edit("add_pipeline", entity_type_id=ledger.DEAL, name="Франшиза")
    yield edit("rename_pipeline", entity_type_id=ledger.DEAL, pipeline_id=3, to="Магазины")
    yield edit("move_pipeline", entity_type_id=ledger.DEAL, pipeline_id=5, sort=5)
    yield edit("remove_pipeline", entity_type_id=162, pipeline_id=3, leave_stages=True)
    yield edit("rename_smart_process", entity_type_id=1040, to="Сервис")
    yield edit("add_dictionary_row", directory="SOURCE", name="Радио")
    yield edit("rename_dictionary_row", row_id=row("SOURCE", "Ярмарка «Цветы»"), to="Ярмарка")
    yield edit("move_dictionary_row", row_id=row("INDUSTRY", "Производство"), sort=999)
    yield edit("remove_dictionary_row", row_id=row("COMPANY_TYPE", "Сеть магазинов"))
    yield edit(
        "add_user_field", owner="CRM_9", kind="enumeration", label="Порт", values=["Находка", "Восточный"]
    )
    yield edit("rename_user_field", field_id=field("Сумма предоплаты"), to="Предоплата")
    yield edit("move_user_field", field_id=field("День именин"), sort=900)
    yield edit("set_mandatory", field_id=field("Адрес доставки"), to=True)
    yield edit("remove_user_field", field_id=field("Отсрочка, дней"))
    yield edit("add_list_value", field_id=field("Причина скидки"), value="Сезон")
    yield edit("rename_list_value", **value("Способ доставки", "Курьер"), to="Курьер до двери")
    yield edit("remove_list_value", **value("Роль в закупке", "Влияет"))
    yield edit("add_user", name="Нина", last_name="Ольхова", departments=[4], position="Флорист")
    yield edit("rename_user", user_id=4, name="Анна", last_name="Зорина")
    yield edit("promote_user", user_id=5, position="Руководитель группы")
    yield edit("dismiss_user", user_id=6)
    yield edit("move_user", user_id=9, departments=[5])
    yield edit("add_department", name="Франшиза", parent_id=2)
    yield edit("rename_department", department_id=8, to="Сервис")
    yield edit("appoint_head", department_id=6, user_id=9)


def in_order(told: list[Told]) -> list[Told]:
    return sorted(told, key=repr)


def done(changes: list[Change]) -> list[Told]:
    return in_order(
        [
            (row.op, row.kind, row.entity_type, row.id, row.label, row.attribute, row.before, row.after)
            for row in changes
        ]
    )


def seen(changes: tuple[Difference, ...]) -> list[Told]:
    return in_order(
        [
            (
                *(row.op.value, row.kind.value, row.entity_type, row.item_id),
                *(row.label, row.attribute, row.before, row.after),
            )
            for row in changes
        ]
    )


class TestManyHands:
    def test_every_edit_there_is_is_told_exactly_once(self, portal: SimulatedPortal) -> None:
        before = read(portal)
        changes = list(many_hands(portal))
        after = read(portal, at=EVENING)
        comparison = diff(before, after)
        assert seen(comparison.changes) == done(changes)
        assert comparison.not_compared == ()
        assert len(changes) == len(EDITS)

    def test_also_between_two_files(self, portal: SimulatedPortal) -> None:
        before = load_json(dump_json(read(portal), language="ru"))
        changes = list(many_hands(portal))
        after = load_json(dump_json(read(portal, at=EVENING), language="en"))
        assert seen(diff(before, after).changes) == done(changes)

    def test_also_on_the_command_line(self, portal: SimulatedPortal, tmp_path: Path) -> None:
        before, after = tmp_path / "before.json", tmp_path / "after.json"
        before.write_bytes(dump_json(read(portal), language="ru"))
        changes = list(many_hands(portal))
        after.write_bytes(dump_json(read(portal, at=EVENING), language="ru"))
        for new in (after, portal.webhook_url):
            command: list[str | Path] = [COMMAND, "diff", "--quiet", "--format", "json", before, new]
            ended = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
            assert (ended.returncode, ended.stderr) == (1, b"")
            assert _on_screen(json.loads(ended.stdout)["items"]) == done(changes)

    def test_one_by_one_each_is_told_alone(self, portal: SimulatedPortal) -> None:
        before = read(portal)
        for change in many_hands(portal):
            after = read(portal)
            assert seen(diff(before, after).changes) == done([change])
            before = after

    def test_taken_back_everything_is_as_it_was(self, portal: SimulatedPortal) -> None:
        before = read(portal)
        portal.edit("rename_user", user_id=4, name="Инна", last_name="Зорина")
        assert fingerprint(read(portal)) != fingerprint(before)
        portal.edit("rename_user", user_id=4, name="Анна", last_name="Лугова")
        assert fingerprint(read(portal)) == fingerprint(before)


def _on_screen(items: list[dict[str, Any]]) -> list[Told]:
    return in_order(
        [
            (
                *(row["op"], row["kind"], row["entity_type"], row["item"]["id"]),
                *(row["item"]["label"], row["attribute"], row["before"], row["after"]),
            )
            for row in items
        ]
    )
