"""``crmap spec`` when the portal answers: the document, its format, and what it lacks."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.stories.command_line.running import Crmap, Ended, started
from tests.waiting import WITHIN_S
from tools.simulator.portal import SimulatedPortal

EPOCH = "1931056500"


def test_text_for_notepad_is_what_comes_out_by_default(portal: SimulatedPortal, crmap: Crmap) -> None:
    ended = crmap("spec", portal.webhook_url)
    assert ended.code == 0
    assert ended.out.startswith("\ufeffСПЕЦИФИКАЦИЯ CRM БИТРИКС24 ".encode())
    assert ended.out.count(b"\n") == ended.out.count(b"\r\n") > 100
    assert ended.err == (
        f"Читаю {portal.domain}: 1 из 1 (сущности, воронки, стадии, "
        "пользовательские поля, пользователи, подразделения)\n"
    )


def test_on_a_terminal_text_is_plain(portal: SimulatedPortal) -> None:
    screen, terminal = os.openpty()
    with started("spec", portal.webhook_url, "--quiet", stdout=terminal):
        os.close(terminal)
        assert os.read(screen, 1024).startswith("СПЕЦИФИКАЦИЯ CRM БИТРИКС24 ".encode())
    os.close(screen)


def test_plain_text_is_the_same_without_carriage_returns_and_mark(
    portal: SimulatedPortal, crmap: Crmap
) -> None:
    usual = crmap("spec", portal.webhook_url, SOURCE_DATE_EPOCH=EPOCH)
    plain = crmap("spec", portal.webhook_url, "--lf", SOURCE_DATE_EPOCH=EPOCH)
    assert plain.out.decode() == usual.out.decode("utf-8-sig").replace("\r\n", "\n")


def test_json_holds_everything_the_portal_has(portal: SimulatedPortal, crmap: Crmap) -> None:
    document = crmap("spec", portal.webhook_url, "--format", "json").json
    truth = portal.truth()
    for kind in ("pipelines", "stages", "user_fields", "users", "departments"):
        assert len(document[kind]) == len(truth[kind]), kind


def test_a_full_read_tells_order_default_and_code_of_every_list_value(
    portal: SimulatedPortal, crmap: Crmap
) -> None:
    usual, full = (
        crmap("spec", portal.webhook_url, "--format", "json", *more).json for more in ([], ["--full"])
    )
    unread, read = (
        [value for field in document["user_fields"] for value in field["values"] if value["xml_id"] is None]
        for document in (usual, full)
    )
    assert len(unread) > 0
    assert read == []
    assert len(full["user_fields"]) == len(usual["user_fields"])


def test_a_full_read_tells_the_standard_fields_of_every_entity(portal: SimulatedPortal, crmap: Crmap) -> None:
    usual, full = (
        crmap("spec", portal.webhook_url, "--format", "json", *more).json for more in ([], ["--full"])
    )
    assert "standard_fields" not in usual
    assert full["standard_fields"] == portal.truth(full=True)["standard_fields"]
    text = crmap("spec", portal.webhook_url, "--full", "--lf").out.decode()
    assert text.count("СТАНДАРТНЫЕ ПОЛЯ (") == len(full["entity_types"])
    assert len(re.findall(r"^ *[0-9]+ +UF_", text, re.MULTILINE)) == len(full["user_fields"])


def test_text_has_a_line_for_every_user_field(portal: SimulatedPortal, crmap: Crmap) -> None:
    text = crmap("spec", portal.webhook_url, "--lf").out.decode()
    lines = re.findall(r"^ *[0-9]+ +UF_", text, re.MULTILINE)
    assert len(lines) == len(portal.truth()["user_fields"])


def test_two_runs_at_the_same_moment_give_the_same_bytes_whatever_the_order_of_answers(
    portal: SimulatedPortal, crmap: Crmap
) -> None:
    for form in ("txt", "json"):
        first = crmap("spec", portal.webhook_url, "--format", form, SOURCE_DATE_EPOCH=EPOCH)
        portal.switches.shuffle = 7
        again = crmap("spec", portal.webhook_url, "--format", form, SOURCE_DATE_EPOCH=EPOCH)
        portal.switches.shuffle = None
        assert first.out == again.out
        assert b"2031" in first.out


def test_english_is_spoken_to_those_who_ask(portal: SimulatedPortal, crmap: Crmap) -> None:
    ended = crmap("spec", portal.webhook_url, "--lang", "en", "-o", "portal.txt")
    assert ended.err.startswith(f"Reading {portal.domain}: 1 of ")
    assert ended.err.endswith("Written: portal.txt\n")


def test_a_quiet_run_says_nothing_when_all_is_well(portal: SimulatedPortal, crmap: Crmap) -> None:
    assert crmap("spec", portal.webhook_url, "--quiet", "-o", "portal.txt") == Ended(0, b"", "")


def test_the_ending_of_the_file_chooses_the_format(
    portal: SimulatedPortal, crmap: Crmap, tmp_path: Path
) -> None:
    for name in ("portal.json", "romashka.example", "portal.TXT"):
        assert crmap("spec", portal.webhook_url, "-o", name).code == 0
    assert json.loads((tmp_path / "portal.json").read_bytes())["format"] == "crmap-spec"
    assert (tmp_path / "romashka.example").read_bytes().startswith(b"\xef\xbb\xbf")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "portal.TXT",
        "portal.json",
        "romashka.example",
    ]


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        ("txt", "\ufeffСПЕЦИФИКАЦИЯ CRM".encode()),
        ("md", "# Спецификация CRM".encode()),
        ("html", b"<!doctype html>"),
        ("json", b'{\n  "format": "crmap-spec"'),
        ("xlsx", b"PK"),
        ("csv", "\ufeffkind;entity_type;".encode()),
    ],
)
def test_every_format_is_written(
    ending: str, start: bytes, portal: SimulatedPortal, crmap: Crmap, tmp_path: Path
) -> None:
    assert crmap("spec", portal.webhook_url, "--quiet", "-o", f"portal.{ending}") == Ended(0, b"", "")
    assert (tmp_path / f"portal.{ending}").read_bytes().lower().startswith(start.lower())


def test_a_binary_format_is_not_for_a_terminal(portal: SimulatedPortal) -> None:
    screen, terminal = os.openpty()
    with started("spec", portal.webhook_url, "--format", "xlsx", stdout=terminal) as running:
        os.close(terminal)
        said = running.communicate(timeout=WITHIN_S)[1].decode()
    os.close(screen)
    assert (running.returncode, portal.log.requests) == (1, [])
    assert said.startswith("xlsx — двоичный формат, на экран он не выводится. Укажите файл: -o имя.xlsx")


def test_a_hyphen_is_standard_output(portal: SimulatedPortal, crmap: Crmap, tmp_path: Path) -> None:
    assert crmap("spec", portal.webhook_url, "-o", "-").out
    assert list(tmp_path.iterdir()) == []


def test_a_narrow_webhook_names_the_permissions_it_lacks(portal: SimulatedPortal, crmap: Crmap) -> None:
    ended = crmap("spec", portal.webhook(scopes=["crm"]), "--quiet")
    assert ended.code == 3
    assert ended.out
    said = ended.err.splitlines()
    assert [line for line in said if line.startswith("пользователи — не выдано право. ")]
    assert [line for line in said if "«Структура компании» (department)" in line]


def test_a_reader_who_is_no_administrator_is_told_so(portal: SimulatedPortal, crmap: Crmap) -> None:
    ended = crmap("spec", portal.webhook("employee"), "--quiet", "--lang", "en")
    assert ended.code == 3
    assert ended.out
    assert "administrator" in ended.err


def test_one_forbidden_command_costs_its_own_part_only(portal: SimulatedPortal, crmap: Crmap) -> None:
    portal.faults.add("error", method="department.get", times=None, status=403, code="ACCESS_DENIED")
    ended = crmap("spec", portal.webhook_url, "--quiet", "--format", "json")
    assert ended.code == 3
    assert ended.err.startswith("подразделения — нет прав. ")
    assert ended.err.count("\n") == 1
    assert ended.json["departments"] == []
    assert len(ended.json["user_fields"]) == len(portal.truth()["user_fields"])


def test_what_the_portal_does_not_have_is_not_missing(portal: SimulatedPortal, crmap: Crmap) -> None:
    portal.switches.missing_methods.add("department.get")
    ended = crmap("spec", portal.webhook_url, "--quiet", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    assert "not_available" in [entry["state"] for entry in ended.json["coverage"]]
