"""Whoever fetches many documents at once waits, or is asked to wait. Nobody else notices."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import select

from services.cabinet.app import create_app, part_reader
from services.cabinet.files.documents import EACH, Documents
from services.cabinet.files.making import Contents, Version
from services.cabinet.files.store import Store
from shared.db import people
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.cabinets import MembershipRow
from shared.settings import Settings
from shared.specification.formats import FORMATS
from tests.conftest import KEY
from tests.faults.neighbours.watch import Watch
from tests.services.cabinet.conftest import Tenant, a_tenant
from tests.waiting import until

# More than the threads that answer requests (anyio has 40).
MANY = 60


@dataclass
class Gate:
    """Makings wait here for what they are made of until it is opened."""

    read: Callable[[Version], Contents]
    is_open: threading.Event = field(default_factory=threading.Event)
    readings: int = 0

    def __call__(self, version: Version) -> Contents:
        self.readings += 1
        self.is_open.wait()
        return self.read(version)


@dataclass(frozen=True)
class Exporting:
    """A cabinet in which making a document takes until the gate is opened."""

    client: TestClient
    gate: Gate
    asking: ThreadPoolExecutor

    def get(self, tenant: Tenant, path: str, **headers: str) -> httpx2.Response:
        token = {"Authorization": f"Bearer {tenant.tokens['owner']}"}
        return self.client.get(f"/api/v1/accounts/{tenant.account}{path}", headers=token | headers)

    def ask(self, tenant: Tenant, form: str, lang: str = "en") -> Future[httpx2.Response]:
        return self.asking.submit(self.get, tenant, f"/specification?format={form}&lang={lang}")

    def counted(self, name: str) -> float:
        """A figure of the process's metrics."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def until_waiting(self, many: int) -> None:
        until(lambda: self.counted("crmap_cabinet_documents_waiting") == many, what=f"{many} wait")


@pytest.fixture
def exporting(database_url: str, broker_url: str, keyring: Keyring, tmp_path: Path) -> Iterator[Exporting]:
    settings = Settings(
        database_url=SecretStr(database_url), broker_url=SecretStr(broker_url), secret_keys=SecretStr(KEY)
    )
    app: FastAPI = create_app(settings)
    # As many connections as threads, so that no request is refused on a machine that is too busy for them.
    db = Database(database_url, Role.CABINET, keyring, pool_size=40)
    gate = Gate(part_reader(db))
    documents = Documents(Store(tmp_path, 10**7), gate, lasting=True)
    app.state.cabinet = replace(app.state.cabinet, db=db, documents=documents)
    # On the machine itself anybody may read the metrics.
    here = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50_000))
    with here as client, ThreadPoolExecutor(MANY + 5) as asking:
        yield Exporting(client, gate, asking)
        gate.is_open.set()
    documents.close()
    db.close()


@pytest.fixture
def ours(database_url: str, keyring: Keyring) -> Tenant:
    return a_tenant(database_url, keyring, "ours")


@pytest.fixture
def theirs(database_url: str, keyring: Keyring) -> Tenant:
    return a_tenant(database_url, keyring, "theirs")


@pytest.fixture
def enter_by_cookie(database_url: str, keyring: Keyring) -> Callable[[Tenant], str]:
    """The cookie of a tenant's owner."""

    def entered(tenant: Tenant) -> str:
        operator = Database(database_url, Role.OPERATOR, keyring)
        with operator.session() as session:
            owner = select(MembershipRow).where(
                MembershipRow.cabinet_id == tenant.cabinet_id, MembershipRow.role == "owner"
            )
            cookie = people.start_session(session, session.exec(owner).one().person_id)
        operator.close()
        return cookie

    return entered


def test_a_document_many_wait_for_is_made_once_while_others_read_on(
    exporting: Exporting, ours: Tenant, theirs: Tenant, watch: Watch, times: int
) -> None:
    made = exporting.counted('crmap_cabinet_documents_total{done="made"}')
    answers = [exporting.ask(ours, "xlsx") for _ in range(MANY)]
    exporting.until_waiting(MANY)
    for _ in range(5 * times):
        assert watch.timed(lambda: exporting.get(theirs, "")).status_code == 200
    exporting.gate.is_open.set()
    contents = {answer.result().content for answer in answers}
    assert [answer.result().status_code for answer in answers] == [200] * MANY
    assert len(contents) == 1
    assert exporting.gate.readings == 1
    assert exporting.counted('crmap_cabinet_documents_total{done="made"}') == made + 1
    assert exporting.ask(ours, "xlsx").result().content in contents
    assert exporting.gate.readings == 1


def test_one_person_has_two_in_the_making_and_another_person_two_more(
    exporting: Exporting, ours: Tenant, theirs: Tenant
) -> None:
    first, second, *others = FORMATS
    waiting = [exporting.ask(ours, name) for name in (first, second)]
    exporting.until_waiting(EACH)
    for language, word in (("en", "documents are being made"), ("ru", "готовится несколько документов")):
        refused = exporting.get(ours, f"/specification?format={others[0]}", **{"Accept-Language": language})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["code"] == "too_many_documents"
        assert word in refused.json()["detail"]
    # What is being made costs no place, and neither does it cost others theirs.
    waiting += [exporting.ask(ours, first), exporting.ask(theirs, first)]
    exporting.until_waiting(len(waiting))
    exporting.gate.is_open.set()
    assert [answer.result().status_code for answer in waiting] == [200] * len(waiting)
    assert exporting.gate.readings == 3
    assert exporting.ask(ours, others[0]).result().status_code == 200


def test_an_archive_has_one_place_until_it_is_sent(
    exporting: Exporting, ours: Tenant, enter_by_cookie: Callable[[Tenant], str]
) -> None:
    cookie = {"Cookie": f"crmap-session={enter_by_cookie(ours)}"}

    def archive(lang: str) -> httpx2.Response:
        path = f"/groups/{ours.group}/specifications.zip?lang={lang}"
        return exporting.client.get(path, headers=cookie)

    # The first page of a cabinet makes its connection token.
    exporting.client.get("/accounts", headers=cookie)
    archives = [exporting.asking.submit(archive, lang) for lang in ("ru", "en")]
    exporting.until_waiting(2)
    assert archive("en").status_code == 429
    exporting.gate.is_open.set()
    assert [answer.result().status_code for answer in archives] == [200, 200]
    assert [archive("en").status_code for _ in range(2 * EACH)] == [200] * 2 * EACH
    assert exporting.gate.readings == 2


def test_a_making_that_fails_gives_its_place_back(exporting: Exporting, ours: Tenant) -> None:
    def failing(_version: Version) -> Contents:
        raise KeyError

    read, exporting.gate.read = exporting.gate.read, failing
    exporting.gate.is_open.set()
    for _ in range(2 * EACH):
        with pytest.raises(KeyError):
            exporting.get(ours, "/specification")
    exporting.gate.read = read
    assert exporting.get(ours, "/specification").status_code == 200


def test_a_tag_that_is_still_right_is_answered_without_the_document(
    exporting: Exporting, ours: Tenant
) -> None:
    exporting.gate.is_open.set()
    for path in ("/specification?format=xlsx", "/addendum?since=1"):
        whole = exporting.get(ours, path)
        assert int(whole.headers["content-length"]) == len(whole.content) > 0
        tag = whole.headers["etag"]
        readings = exporting.gate.readings
        for sent in (tag, f"W/{tag}", f'"other", {tag}'):
            again = exporting.get(ours, path, **{"If-None-Match": sent})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert exporting.get(ours, path, **{"If-None-Match": '"other"'}).content == whole.content
        assert exporting.gate.readings == readings
