"""``crmap diff``: files, portals and standard input against each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.specification.json_format import dump_json
from tests.builders import a_snapshot
from tests.stories.command_line.running import CODE, Crmap, started
from tests.waiting import WITHIN_S
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


def test_nothing_changed_is_equal(portal: SimulatedPortal, crmap: Crmap) -> None:
    crmap("spec", portal.webhook_url, "-o", "before.json")
    portal.switches.shuffle = 7
    ended = crmap("diff", "before.json", portal.webhook_url, "--quiet")
    assert (ended.code, ended.err) == (0, "")


@pytest.mark.parametrize("order", [1, -1])
def test_beside_a_file_that_was_read_in_full_a_portal_is_read_in_full(
    order: int, portal: SimulatedPortal, crmap: Crmap
) -> None:
    crmap("spec", portal.webhook_url, "--full", "-o", "before.json")
    portal.log.clear()
    sides = ["before.json", portal.webhook_url][::order]
    ended = crmap("diff", *sides, "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert "crm.requisite.fields" in portal.log.methods()


def test_a_file_that_was_read_in_full_and_one_that_was_not_are_equal(
    portal: SimulatedPortal, crmap: Crmap
) -> None:
    crmap("spec", portal.webhook_url, "--full", "-o", "full.json")
    crmap("spec", portal.webhook_url, "-o", "usual.json")
    for sides in (["full.json", "usual.json"], ["usual.json", "full.json"]):
        ended = crmap("diff", *sides)
        assert (ended.code, ended.err) == (0, "")


def test_a_renamed_stage_is_one_change_in_words_and_in_json(portal: SimulatedPortal, crmap: Crmap) -> None:
    crmap("spec", portal.webhook_url, "-o", "before.json")
    stage = portal.crm.directories["DEAL_STAGE"].rows[0]
    change = portal.edit("rename_stage", row_id=stage.id, to="Первый звонок")
    words = crmap("diff", "before.json", portal.webhook_url, "--quiet")
    assert words.code == 1
    assert f"стадия NEW «Первый звонок»: название «{change.before}» → «Первый звонок»" in words.out.decode()
    crmap("spec", portal.webhook_url, "-o", "after.json")
    data = crmap("diff", "before.json", "after.json", "--format", "json")
    (item,) = data.json["items"]
    assert data.code == 1
    assert (item["item"]["id"], item["op"], item["after"]) == (stage.id, "edited", "Первый звонок")


def test_what_one_side_could_not_read_is_never_called_removed_nor_equal(
    portal: SimulatedPortal, crmap: Crmap
) -> None:
    crmap("spec", portal.webhook_url, "-o", "before.json")
    narrow = portal.webhook(scopes=["crm", "user_basic", "userfieldconfig"])
    ended = crmap("diff", "before.json", narrow, "--quiet", "--format", "json")
    assert ended.code == 2
    assert ended.json["items"] == []
    gap, verdict = ended.err.splitlines()
    assert gap.startswith("подразделения: ")
    assert verdict.startswith("Различий не видно, но сравнить удалось не всё")


def test_two_portals_are_compared_by_code(crmap: Crmap) -> None:
    with SimulatedCloud([PortalSpec("one", "showcase"), PortalSpec("two", "showcase")]) as cloud:
        one, two = cloud.portals
        two.edit("rename_stage", row_id=two.crm.directories["DEAL_STAGE"].rows[0].id, to="Первый звонок")
        ended = crmap("diff", one.webhook_url, two.webhook_url, "--quiet", "--lang", "en")
    assert ended.code == 1
    assert ended.err.startswith(f"These are two different portals ({one.domain} and {two.domain})")
    assert "Первый звонок" in ended.out.decode()


def test_standard_input_is_one_side(portal: SimulatedPortal, crmap: Crmap) -> None:
    document = crmap("spec", portal.webhook_url, "--format", "json").out
    with started("diff", "-", portal.webhook_url, "--quiet") as running:
        running.communicate(document, timeout=WITHIN_S)
    assert running.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-", "-"], "Стандартный ввод (-) можно указать только один раз."),
        (["none.json", "good.json"], "Файла none.json нет."),
        (["good.json", "folder"], "folder прочитать не удалось: Is a directory."),
        (
            ["good.json", "page.html"],
            "NEW: Это не спецификация CRMAP в формате JSON версии 1: текст не читается",
        ),
        (["list.json", "good.json"], "OLD: Это не спецификация CRMAP в формате JSON версии 1: "),
        (
            ["next.json", "good.json"],
            "OLD: Это не спецификация CRMAP в формате JSON версии 1: неизвестная версия",
        ),
        (
            ["good.json", f"https://127.0.0.1/rest/1/{CODE}/"],
            "NEW: Портал 127.0.0.1 недоступен: ",
        ),
        (["https://romashka.example/", "none.json"], "Файла none.json нет."),
        (["https://romashka.example/", "good.json"], "OLD: Это не адрес входящего вебхука."),
    ],
)
def test_a_side_that_is_no_specification_is_told_in_one_sentence(
    arguments: list[str], sentence: str, crmap: Crmap, tmp_path: Path
) -> None:
    (tmp_path / "good.json").write_bytes(dump_json(a_snapshot(), language="ru"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "page.html").write_text("<html>")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "next.json").write_text('{"format": "crmap-spec", "version": 2}')
    ended = crmap("diff", *arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, b"", 1)
    assert ended.err.startswith(sentence)
