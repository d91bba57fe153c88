"""Every service of the compose file works in nothing but its image, with the rights of its own login."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from shared.contracts.tasks import TICK
from tests.deploy.compose import compose
from tests.deploy.plant import Plant, Service, plant
from tests.servers import emptied, or_skipped, server_folder
from tests.test_documents import ROOT
from tests.waiting import until

# What the compose file starts after migrate; all but beat can be asked whether they do their work.
ASKED = ("gateway", "cabinet", "sync_worker", "flower")

# Many processes start at once, on a machine that may be busy with others.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, valkey_server: str) -> Iterator[Plant]:
    with ExitStack() as stack:
        with or_skipped():
            made = stack.enter_context(
                plant(
                    tmp_path_factory.mktemp("plant"),
                    stack.enter_context(server_folder()),
                    emptied(valkey_server),
                )
            )
        yield made


@pytest.fixture(scope="module")
def operator(found: Plant) -> Service:
    """The operator's image, after it has migrated the database."""
    secret = found.secrets / "bitrix24-client-secret"
    secret.chmod(0o600)
    secret.write_text("the secret of an application")
    migrate = found.service("migrate", CRMAP_BITRIX24_CLIENT_ID="app.123")
    done = migrate.image.run("crmap", "migrate", **migrate.settings)
    assert (done.returncode, done.stderr) == (0, "The schema of the database is current.\n")
    return migrate


@pytest.mark.usefixtures("operator")
def test_every_service_starts_answers_and_stops_in_time(found: Plant) -> None:
    services = [found.service(name) for name in (*ASKED, "beat")]
    *asked, beat = services
    with ExitStack() as stack:
        processes = [stack.enter_context(service.running()) for service in services]
        # Reading a log costs nothing; asking starts a process, and by then the others are there as well.
        worker = asked[ASKED.index("sync_worker")]
        until(lambda: _ticked(worker), what=f"beat beats, see {beat.log}")
        for service in asked:
            until(service.is_healthy, what=f"{service.name} answers, see {service.log}")
        for service, process in zip(services, processes, strict=True):
            assert process.poll() is None, service.log.read_text()
            process.send_signal(signal.SIGTERM)
        for service, process in zip(services, processes, strict=True):
            process.wait(int(compose()["services"][service.name]["stop_grace_period"].removesuffix("s")))
        assert [service.name for service in asked if service.is_healthy()] == []


def test_the_operator_does_his_work_in_the_same_image(operator: Service) -> None:
    image, settings = operator.image, operator.settings
    doctor = image.run("crmap", "doctor", **settings)
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert {line.partition(": ")[2] for line in doctor.stdout.splitlines()} == {"OK"}
    assert image.run("crmap", "user", "add", "anna@example.com", **settings).returncode == 0
    assert image.run("crmap", "user", "token", "anna@example.com", **settings).stdout.startswith("crmap_")
    assert image.run("crmap", "keys", "rotate", **settings).returncode == 0


@pytest.mark.usefixtures("operator")
def test_the_application_of_the_settings_is_known_after_migrating(found: Plant) -> None:
    with psycopg.connect(found.database_url("owner")) as connection:
        assert connection.execute("select client_id from application").fetchall() == [("app.123",)]


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("login", ["gateway", "cabinet", "worker"])
def test_a_service_cannot_take_the_rights_of_another(found: Plant, login: str) -> None:
    with psycopg.connect(found.database_url(login), autocommit=True) as connection:
        connection.execute(f"set role crmap_{login}")
        for other in {"gateway", "cabinet", "worker", "operator"} - {login}:
            connection.execute("reset role")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"set role crmap_{other}")
        connection.execute("reset role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("create table of_its_own ()")


@pytest.mark.usefixtures("operator")
def test_a_backup_as_the_guide_makes_it_can_be_restored(found: Plant) -> None:
    guide = " ".join((ROOT / "docs" / "operate.md").read_text().split())
    dump, restore = (
        re.findall(rf"exec -T postgres ({tool} [^<>]*)", guide)[0].split()
        for tool in ("pg_dump", "pg_restore")
    )
    kept = found.run_client(dump)
    with psycopg.connect(found.database_url("owner"), autocommit=True) as connection:
        connection.execute("delete from application")
        found.run_client(restore, given=kept)
        assert connection.execute("select client_id from application").fetchall() == [("app.123",)]
    with psycopg.connect(found.database_url("cabinet"), autocommit=True) as connection:
        connection.execute("set role crmap_cabinet")
        assert connection.execute("select client_id from application").fetchall() == []


@pytest.mark.parametrize("command", ["demo", "simulator", "standalone"])
def test_what_an_image_does_without_is_told_in_one_sentence(operator: Service, command: str) -> None:
    done = operator.image.run("crmap", command)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not installed" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def _ticked(worker: Service) -> bool:
    """True once the worker has done what only beat asks for."""
    return re.search(rf"Task {re.escape(TICK)}\S+ succeeded", worker.log.read_text()) is not None
