"""The ``crmap`` command as people and scripts meet it: a real process, a portal that answers over real sockets."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal

CRMAP = Path(sys.executable).with_name("crmap")
EPOCH = "1931056500"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it left behind."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def portal() -> Iterator[SimulatedPortal]:
    with SimulatedCloud([PortalSpec("romashka", "showcase")]) as cloud:
        yield cloud.portals[0]


@pytest.fixture
def crmap(tmp_path: Path) -> Callable[..., Ended]:
    """Runs the command in an empty folder; private portals are admitted unless a setting says otherwise."""

    def run(*arguments: str | Path, **settings: str) -> Ended:
        done = subprocess.run(
            [CRMAP, *arguments],
            check=False,
            capture_output=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "CRMAP_ALLOW_PRIVATE_PORTALS": "1", **settings},
            timeout=30,
        )
        ended = Ended(done.returncode, done.stdout, done.stderr.decode())
        assert "Traceback" not in ended.err
        return ended

    return run


Crmap = Callable[..., Ended]


def only_sentence(ended: Ended) -> str:
    """What a command that failed has to say: one sentence, no document, no half-written file."""
    assert ended.code == 1
    assert ended.out == b""
    assert ended.err.count("\n") == 1
    return ended.err.strip()


class TestASpecification:
    def test_text_for_notepad_is_what_comes_out_by_default(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        ended = crmap("spec", portal.webhook_url)
        assert ended.code == 0
        assert ended.out.startswith("\ufeffСПЕЦИФИКАЦИЯ CRM БИТРИКС24 ".encode())
        assert ended.out.count(b"\n") == ended.out.count(b"\r\n") > 100
        assert ended.err == (
            f"Читаю {portal.domain}: 1 из 1 (сущности, воронки, стадии, "
            "пользовательские поля, пользователи, подразделения)\n"
        )

    def test_plain_text_is_the_same_without_carriage_returns_and_mark(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        usual = crmap("spec", portal.webhook_url, SOURCE_DATE_EPOCH=EPOCH)
        plain = crmap("spec", portal.webhook_url, "--lf", SOURCE_DATE_EPOCH=EPOCH)
        assert plain.out.decode() == usual.out.decode("utf-8-sig").replace("\r\n", "\n")

    def test_json_holds_everything_the_portal_has(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        document = crmap("spec", portal.webhook_url, "--format", "json").json
        truth = portal.truth()
        for kind in ("pipelines", "stages", "user_fields", "users", "departments"):
            assert len(document[kind]) == len(truth[kind]), kind

    def test_text_has_a_line_for_every_user_field(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        text = crmap("spec", portal.webhook_url, "--lf").out.decode()
        lines = re.findall(r"^ *[0-9]+ +UF_", text, re.MULTILINE)
        assert len(lines) == len(portal.truth()["user_fields"])

    def test_two_runs_at_the_same_moment_give_the_same_bytes_whatever_the_order_of_answers(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        for form in ("txt", "json"):
            first = crmap("spec", portal.webhook_url, "--format", form, SOURCE_DATE_EPOCH=EPOCH)
            portal.switches.shuffle = 7
            again = crmap("spec", portal.webhook_url, "--format", form, SOURCE_DATE_EPOCH=EPOCH)
            portal.switches.shuffle = None
            assert first.out == again.out
            assert b"2031" in first.out

    def test_english_is_spoken_to_those_who_ask(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        ended = crmap("spec", portal.webhook_url, "--lang", "en", "-o", "portal.txt")
        assert ended.err.startswith(f"Reading {portal.domain}: 1 of ")
        assert ended.err.endswith("Written: portal.txt\n")

    def test_a_quiet_run_says_nothing_when_all_is_well(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        assert crmap("spec", portal.webhook_url, "--quiet", "-o", "portal.txt") == Ended(0, b"", "")

    def test_the_ending_of_the_file_chooses_the_format(
        self, portal: SimulatedPortal, crmap: Crmap, tmp_path: Path
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

    def test_a_hyphen_is_standard_output(self, portal: SimulatedPortal, crmap: Crmap, tmp_path: Path) -> None:
        assert crmap("spec", portal.webhook_url, "-o", "-").out
        assert list(tmp_path.iterdir()) == []


class TestAnIncompleteSpecification:
    def test_a_narrow_webhook_names_the_permissions_it_lacks(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        ended = crmap("spec", portal.webhook(scopes=["crm"]), "--quiet")
        assert ended.code == 3
        assert ended.out
        said = ended.err.splitlines()
        assert [line for line in said if line.startswith("пользователи — не выдано право. ")]
        assert [line for line in said if "«Структура компании» (department)" in line]

    def test_a_reader_who_is_no_administrator_is_told_so(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        ended = crmap("spec", portal.webhook("employee"), "--quiet", "--lang", "en")
        assert ended.code == 3
        assert ended.out
        assert "administrator" in ended.err

    def test_one_forbidden_command_costs_its_own_part_only(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        portal.faults.add("error", method="department.get", times=None, status=403, code="ACCESS_DENIED")
        ended = crmap("spec", portal.webhook_url, "--quiet", "--format", "json")
        assert ended.code == 3
        assert ended.err.startswith("подразделения — нет прав. ")
        assert ended.err.count("\n") == 1
        assert ended.json["departments"] == []
        assert len(ended.json["user_fields"]) == len(portal.truth()["user_fields"])

    def test_what_the_portal_does_not_have_is_not_missing(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        portal.switches.missing_methods.add("department.get")
        ended = crmap("spec", portal.webhook_url, "--quiet", "--format", "json")
        assert (ended.code, ended.err) == (0, "")
        assert "not_available" in [entry["state"] for entry in ended.json["coverage"]]


class TestAnAddressThatLeadsNowhere:
    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("romashka", "Это не адрес входящего вебхука. Он выглядит так: https://портал/rest/1/код/ "),
            ("https://romashka.example/", "Это не адрес входящего вебхука. "),
            ("ftp://romashka.example/rest/1/0123456789abcdef/", "Это не адрес входящего вебхука. "),
            ("http://romashka.example/rest/1/0123456789abcdef/", "Адрес не защищён шифрованием"),
            ("https://127.0.0.1/rest/1/0123456789abcdef/", "Адрес 127.0.0.1 ведёт во внутреннюю сеть"),
            ("https://localhost/rest/1/0123456789abcdef/", "Адрес localhost ведёт во внутреннюю сеть"),
            (
                "https://no-such-host.invalid/rest/1/0123456789abcdef/",
                "Портал no-such-host.invalid недоступен: имя не найдено.",
            ),
        ],
    )
    def test_is_told_in_one_sentence(self, url: str, sentence: str, crmap: Crmap) -> None:
        said = only_sentence(crmap("spec", url, "-o", "portal.txt", CRMAP_ALLOW_PRIVATE_PORTALS="0"))
        assert said.startswith(sentence)
        assert "0123456789abcdef" not in said

    def test_an_address_nobody_listens_at(self, crmap: Crmap) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/rest/1/0123456789abcdef/"
            assert "в соединении отказано" in only_sentence(crmap("spec", url))

    def test_a_code_the_portal_does_not_know(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        said = only_sentence(crmap("spec", f"http://{portal.domain}/rest/1/0123456789abcdef/"))
        assert said.startswith("Портал не принимает этот вебхук")

    def test_a_webhook_that_was_revoked(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        url = portal.webhook_url
        portal.revoke(url)
        assert only_sentence(crmap("spec", url)).startswith("Портал не принимает этот вебхук")

    def test_a_portal_whose_plan_has_no_rest(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        portal.switches.rest_available = False
        assert only_sentence(crmap("spec", portal.webhook_url)).startswith(
            "REST доступен только на коммерческих"
        )

    def test_production_admits_no_private_portal(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        said = only_sentence(crmap("spec", portal.webhook_url, CRMAP_ENVIRONMENT="production"))
        assert said.startswith("Неверная настройка: CRMAP_ALLOW_PRIVATE_PORTALS ")


class TestAPortalInTrouble:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("html_200", "страницу сайта"),
            ("html_502", "страницу сайта"),
            ("empty_body", "пустой ответ"),
            ("truncated_json", "не читается как JSON"),
            ("json_list", "JSON другого вида"),
            ("reset", "соединение оборвалось"),
            ("silence", "не ответил вовремя"),
            ("query_limit_503", "реже"),
        ],
    )
    def test_that_does_not_pass_is_told_in_one_sentence(
        self, fault: str, words: str, portal: SimulatedPortal, crmap: Crmap, tmp_path: Path
    ) -> None:
        portal.faults.add(fault, times=None)
        said = only_sentence(crmap("spec", portal.webhook_url, "-o", "portal.txt", "--patience", "1"))
        assert words in said
        assert list(tmp_path.iterdir()) == []

    def test_that_passes_leaves_no_trace(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        portal.faults.add("html_503", times=2)
        ended = crmap("spec", portal.webhook_url, "--quiet", "--patience", "4")
        assert (ended.code, ended.err) == (0, "")

    def test_whatever_it_sends_the_webhook_code_stays_secret(
        self, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        url = portal.webhook_url
        code = url.split("/")[-2]
        portal.faults.add("error_200", times=None, code="ODD", text=f"{url} {code}")
        ended = crmap("spec", url, CRMAP_DEBUG="1")
        assert ended.code == 1
        assert "ODD" in ended.err
        assert code not in ended.err


class TestAFileThatCannotBeWritten:
    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("reports/portal.txt", "Папки "),
            (".", ". — это папка. Укажите имя файла."),
        ],
    )
    def test_is_told_before_the_portal_is_asked(
        self, name: str, sentence: str, portal: SimulatedPortal, crmap: Crmap
    ) -> None:
        assert only_sentence(crmap("spec", portal.webhook_url, "-o", name)).startswith(sentence)
        assert portal.log.requests == []

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device on this system")
    def test_a_full_disk_is_told_in_one_sentence(self, portal: SimulatedPortal, crmap: Crmap) -> None:
        said = only_sentence(crmap("spec", portal.webhook_url, "-q", "-o", "/dev/full"))
        assert said == "На диске нет места для /dev/full."


class TestAnInterruptedRun:
    @pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
    def test_leaves_nothing_behind(
        self, stop: signal.Signals, portal: SimulatedPortal, tmp_path: Path
    ) -> None:
        portal.faults.add("silence", times=None)
        with started("spec", portal.webhook_url, "-o", tmp_path / "portal.txt") as running:
            until(lambda: portal.log.requests != [])
            running.send_signal(stop)
            said = running.communicate(timeout=10)[1]
        assert (running.returncode, said.decode()) == (1, "Прервано, ничего не записано.\n")
        assert list(tmp_path.iterdir()) == []

    def test_is_heard_at_once_while_several_requests_wait(self) -> None:
        with SimulatedCloud([PortalSpec("agency", "L")]) as cloud:
            portal = cloud.portals[0]
            portal.faults.add("silence", times=None, after=1)
            with started("spec", portal.webhook_url, "-q") as running:
                until(lambda: len(portal.log.requests) > 2)
                running.send_signal(signal.SIGINT)
                assert running.wait(timeout=5) == 1

    def test_whose_reader_has_gone_ends_quietly(self, portal: SimulatedPortal) -> None:
        portal.faults.add("html_503", times=1)
        with started("spec", portal.webhook_url, "-q", "--patience", "5") as running:
            assert running.stdout is not None
            running.stdout.close()
            assert running.stderr is not None
            assert running.stderr.read() == b""
        assert running.returncode == 1


class TestHelp:
    def test_every_command_teaches_itself_with_an_example_and_its_exit_codes(self, crmap: Crmap) -> None:
        for command in ("spec", "simulator"):
            ended = crmap(command, "--help")
            assert ended.code == 0
            assert f"  crmap {command}" in ended.out.decode()
            assert "Exit codes:" in ended.out.decode()

    def test_without_a_command_the_help_is_shown_and_nothing_was_done(self, crmap: Crmap) -> None:
        ended = crmap()
        assert ended.code == 1
        assert b"crmap spec https://" in ended.out

    def test_the_version_is_told(self, crmap: Crmap) -> None:
        assert re.fullmatch(rb"crmap \d+\.\d+\.\d+\n", crmap("--version").out)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (["spec"], 1),
            (["spec", "URL", "--format", "pdf"], 1),
            (["spec", "URL", "--lang", "de"], 1),
            (["simulator", "--portal", "romashka:huge"], 1),
            (["https://romashka.example/rest/1/0123456789abcdef/"], 1),
            (["spec", "URL", "https://romashka.example/rest/1/0123456789abcdef/"], 1),
        ],
    )
    def test_wrong_usage_is_one_line_without_secrets(
        self, arguments: list[str], code: int, crmap: Crmap
    ) -> None:
        ended = crmap(*arguments)
        assert (ended.code, ended.out, ended.err.count("\n")) == (code, b"", 1)
        assert "0123456789abcdef" not in ended.err


class TestASimulator:
    def test_answers_until_it_is_stopped(self, crmap: Crmap) -> None:
        with started("simulator", "--port", "0", "--portal", "shop:S", "--portal", "agency:S:7") as running:
            assert running.stdout is not None
            lines = [json.loads(running.stdout.readline()) for _ in range(2)]
            assert [line["name"] for line in lines] == ["shop", "agency"]
            assert crmap("spec", lines[1]["webhook_url"], "--format", "json").json["pipelines"]
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=10) == 0

    def test_says_when_its_port_is_taken(self, crmap: Crmap) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            assert port in only_sentence(crmap("simulator", "--port", port))


@contextmanager
def started(*arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command while it runs; it does not outlive the block."""
    with subprocess.Popen(
        [CRMAP, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "CRMAP_ALLOW_PRIVATE_PORTALS": "1"},
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def until(holds: Callable[[], bool]) -> None:
    """Waits until it holds, at most ten seconds."""
    for _ in range(500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to be")
