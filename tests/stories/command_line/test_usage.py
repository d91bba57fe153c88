"""``crmap`` explains itself, refuses wrong usage in one line, and brings its own portals."""

from __future__ import annotations

import json
import re
import signal
import socket

import pytest

from tests.stories.command_line.running import CODE, Crmap, only_sentence, started
from tests.waiting import WITHIN_S


def test_every_command_teaches_itself_with_an_example_and_its_exit_codes(crmap: Crmap) -> None:
    for command in ("spec", "diff", "simulator"):
        ended = crmap(command, "--help")
        assert ended.code == 0
        assert f"  crmap {command}" in ended.out.decode()
        assert "Exit codes:" in ended.out.decode()


def test_without_a_command_the_help_is_shown_and_nothing_was_done(crmap: Crmap) -> None:
    ended = crmap()
    assert ended.code == 1
    assert b"crmap spec https://" in ended.out


def test_the_version_is_told(crmap: Crmap) -> None:
    assert re.fullmatch(rb"crmap \d+\.\d+\.\d+\n", crmap("--version").out)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["spec"], 1),
        (["spec", "URL", "--format", "pdf"], 1),
        (["spec", "URL", "--lang", "de"], 1),
        (["simulator", "--portal", "romashka:huge"], 1),
        (["diff", "a.json"], 2),
        (["diff", "a.json", "b.json", "--format", "md"], 2),
        ([f"https://romashka.example/rest/1/{CODE}/"], 1),
        (["spec", "URL", f"https://romashka.example/rest/1/{CODE}/"], 1),
    ],
)
def test_wrong_usage_is_one_line_without_secrets(arguments: list[str], code: int, crmap: Crmap) -> None:
    ended = crmap(*arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (code, b"", 1)
    assert CODE not in ended.err


def test_a_simulator_answers_until_it_is_stopped(crmap: Crmap) -> None:
    with started("simulator", "--port", "0", "--portal", "shop:S", "--portal", "agency:S:7") as running:
        assert running.stdout is not None
        lines = [json.loads(running.stdout.readline()) for _ in range(2)]
        assert [line["name"] for line in lines] == ["shop", "agency"]
        assert crmap("spec", lines[1]["webhook_url"], "--format", "json").json["pipelines"]
        running.send_signal(signal.SIGTERM)
        assert running.wait(WITHIN_S) == 0


def test_a_simulator_says_when_its_port_is_taken(crmap: Crmap) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in only_sentence(crmap("simulator", "--port", port))
