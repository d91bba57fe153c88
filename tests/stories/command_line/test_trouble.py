"""``crmap spec`` when something is wrong: one sentence, no document, no half-written file."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from tests.stories.command_line.running import CODE, Crmap, only_sentence, started
from tests.waiting import WITHIN_S, until
from tools.simulator.cloud import PortalSpec, SimulatedCloud
from tools.simulator.portal import SimulatedPortal


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("romashka", "Это не адрес входящего вебхука. Он выглядит так: https://портал/rest/1/код/ "),
        ("https://romashka.example/", "Это не адрес входящего вебхука. "),
        (f"ftp://romashka.example/rest/1/{CODE}/", "Это не адрес входящего вебхука. "),
        (f"http://romashka.example/rest/1/{CODE}/", "Адрес не защищён шифрованием"),
        (f"https://127.0.0.1/rest/1/{CODE}/", "Адрес 127.0.0.1 ведёт во внутреннюю сеть"),
        (f"https://localhost/rest/1/{CODE}/", "Адрес localhost ведёт во внутреннюю сеть"),
        (
            f"https://no-such-host.invalid/rest/1/{CODE}/",
            "Портал no-such-host.invalid недоступен: имя не найдено.",
        ),
    ],
)
def test_an_address_that_leads_nowhere_is_told_in_one_sentence(url: str, sentence: str, crmap: Crmap) -> None:
    said = only_sentence(crmap("spec", url, "-o", "portal.txt", CRMAP_ALLOW_PRIVATE_PORTALS="0"))
    assert said.startswith(sentence)
    assert CODE not in said


def test_an_address_nobody_listens_at_refuses_the_connection(crmap: Crmap) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/rest/1/{CODE}/"
        assert "в соединении отказано" in only_sentence(crmap("spec", url))


def test_a_code_the_portal_does_not_know_is_not_accepted(portal: SimulatedPortal, crmap: Crmap) -> None:
    said = only_sentence(crmap("spec", f"http://{portal.domain}/rest/1/{CODE}/"))
    assert said.startswith("Портал не принимает этот вебхук")


def test_a_webhook_that_was_revoked_is_not_accepted(portal: SimulatedPortal, crmap: Crmap) -> None:
    url = portal.webhook_url
    portal.revoke(url)
    assert only_sentence(crmap("spec", url)).startswith("Портал не принимает этот вебхук")


def test_a_plan_without_rest_is_told_in_one_sentence(portal: SimulatedPortal, crmap: Crmap) -> None:
    portal.switches.rest_available = False
    assert only_sentence(crmap("spec", portal.webhook_url)).startswith("REST доступен только на коммерческих")


def test_production_admits_no_private_portal(portal: SimulatedPortal, crmap: Crmap) -> None:
    said = only_sentence(crmap("spec", portal.webhook_url, CRMAP_ENVIRONMENT="production"))
    assert said.startswith("Неверная настройка: CRMAP_ALLOW_PRIVATE_PORTALS ")


@pytest.mark.parametrize(
    ("fault", "patience_s", "words"),
    [
        # Patience so short that it ends before the tries do would call every trouble silence.
        ("html_200", "20", "страницу сайта"),
        ("silence", "1", "не ответил вовремя"),
        ("byte_by_byte", "1", "не ответил вовремя"),
    ],
)
def test_trouble_that_does_not_pass_is_told_in_one_sentence(
    fault: str, patience_s: str, words: str, portal: SimulatedPortal, crmap: Crmap, tmp_path: Path
) -> None:
    portal.faults.add(fault, times=None)
    said = only_sentence(crmap("spec", portal.webhook_url, "-o", "portal.txt", "--patience", patience_s))
    assert words in said
    assert list(tmp_path.iterdir()) == []


def test_trouble_that_passes_leaves_no_trace(portal: SimulatedPortal, crmap: Crmap) -> None:
    portal.faults.add("html_503", times=2)
    ended = crmap("spec", portal.webhook_url, "--quiet", "--patience", "20")
    assert (ended.code, ended.err) == (0, "")


def test_whatever_a_portal_sends_the_webhook_code_stays_secret(portal: SimulatedPortal, crmap: Crmap) -> None:
    url = portal.webhook_url
    code = url.split("/")[-2]
    portal.faults.add("error_200", times=None, code="ODD", text=f"{url} {code}")
    ended = crmap("spec", url, CRMAP_DEBUG="1")
    assert ended.code == 1
    assert "ODD" in ended.err
    assert code not in ended.err


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("reports/portal.txt", "Папки "),
        (".", ". — это папка. Укажите имя файла."),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_the_portal_is_asked(
    name: str, sentence: str, portal: SimulatedPortal, crmap: Crmap
) -> None:
    assert only_sentence(crmap("spec", portal.webhook_url, "-o", name)).startswith(sentence)
    assert portal.log.requests == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device on this system")
def test_a_full_disk_is_told_in_one_sentence(portal: SimulatedPortal, crmap: Crmap) -> None:
    said = only_sentence(crmap("spec", portal.webhook_url, "-q", "-o", "/dev/full"))
    assert said == "На диске нет места для /dev/full."


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(
    stop: signal.Signals, portal: SimulatedPortal, tmp_path: Path
) -> None:
    portal.faults.add("silence", times=None)
    with started("spec", portal.webhook_url, "-o", tmp_path / "portal.txt") as running:
        until(lambda: portal.log.requests != [])
        running.send_signal(stop)
        said = running.communicate(timeout=WITHIN_S)[1]
    assert (running.returncode, said.decode()) == (1, "Прервано, ничего не записано.\n")
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_is_heard_at_once_while_several_requests_wait() -> None:
    with SimulatedCloud([PortalSpec("agency", "L")]) as cloud:
        portal = cloud.portals[0]
        portal.faults.add("silence", times=None, after=1)
        with started("spec", portal.webhook_url, "-q") as running:
            until(lambda: len(portal.log.requests) > 2)
            running.send_signal(signal.SIGINT)
            assert running.wait(WITHIN_S) == 1


def test_a_run_whose_reader_has_gone_ends_quietly(portal: SimulatedPortal) -> None:
    portal.faults.add("html_503", times=None)
    with started("spec", portal.webhook_url, "-q", "--patience", "20") as running:
        assert running.stdout is not None
        running.stdout.close()
        portal.faults.clear()
        assert running.stderr is not None
        assert running.stderr.read() == b""
    assert running.returncode == 1
