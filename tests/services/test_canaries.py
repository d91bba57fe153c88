"""Known secrets are sent down every road a worker and a cabinet take, and are found nowhere afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import text

from services.sync_worker.app import create_worker
from services.sync_worker.dispatching import tick
from services.sync_worker.worker import Worker
from shared.bitrix24.oauth import token_facts
from shared.db import accounts, installations, link_tokens, people
from shared.db.installations import Verified
from shared.db.metadata import METADATA
from shared.db.people import Member
from shared.db.session import Database, Role
from shared.db.tables.portals import ApplicationRow
from shared.domain.tokens import Tokens
from shared.settings import Settings
from tests.conftest import KEY
from tests.working import work
from tools.simulator.cloud import PortalSpec, SimulatedCloud


@dataclass
class Town:
    """A cabinet with a portal by webhook and one by application, and every secret that was used for them."""

    worker: Worker
    operator: Database
    cloud: SimulatedCloud
    secrets: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def town(database_url: str, broker_url: str) -> Iterator[Town]:
    specs = [PortalSpec("hooked", "tiny"), PortalSpec("installed", "tiny")]
    with SimulatedCloud(specs, port=0) as cloud:
        settings = Settings(
            database_url=SecretStr(database_url),
            broker_url=SecretStr(broker_url),
            secret_keys=SecretStr(KEY),
            allow_private_portals=True,
            bitrix24_oauth_servers=(cloud.oauth.url, cloud.twin.url),
        )
        worker = create_worker(settings)
        town = Town(worker, Database(database_url, Role.OPERATOR, worker.db.keyring), cloud)
        with worker.http:
            settle(town)
            yield town
        town.operator.close()
        worker.db.close()
        worker.celery.close()


def settle(town: Town) -> None:
    hooked, installed = town.cloud.portal("hooked"), town.cloud.portal("installed")
    application = town.cloud.register_application(
        handler_url="http://127.0.0.1:9/app", title="CRMAP", kind="local"
    )
    visit = installed.install(application, page=False, event=False)
    facts = token_facts(town.worker.http, town.worker.oauth_servers, visit.chain.access_token)
    keyring, cabinet_id, person_id = town.operator.keyring, uuid4(), uuid4()
    with town.operator.session() as session:
        row = ApplicationRow(client_id=application.client_id, client_secret=b"", title="CRMAP")
        row.client_secret = keyring.seal(application.secret, row=row.id, column="client_secret")
        session.add(row)
        session.flush()
        tokens = Tokens(visit.chain.access_token, visit.chain.refresh_token, timedelta(hours=1))
        token = visit.installation.application_token
        installations.accept(
            session, keyring, row, Verified(facts, tokens, is_admin=True, application_token=token)
        )
        people.add(
            session, person_id=person_id, cabinet_id=cabinet_id, email="anna@example.com", password_hash=None
        )
        accounts.connect_webhook(session, keyring, cabinet_id, url=hooked.webhook_url, host=hooked.domain)
        _, api_token = people.issue_api_token(session, Member(cabinet_id, person_id, "owner"), title="")
        town.secrets = {
            "webhook code": hooked.webhook_url.rstrip("/").rpartition("/")[2],
            "access token": visit.chain.access_token,
            "refresh token": visit.chain.refresh_token,
            "application token": token,
            "client secret": application.secret,
            "link token": link_tokens.current(session, keyring, cabinet_id),
            "api token": api_token,
        }


def stored(town: Town) -> str:
    """Every value of every row, bytes both as they are and spelt in hexadecimal."""
    with town.operator.session() as session:
        values = [
            value
            for table in METADATA.sorted_tables
            for row in session.execute(table.select()).all()
            for value in row
        ]
    return "\n".join(
        value.hex() + value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values
    )


def queued(broker_url: str) -> str:
    client = redis.Redis.from_url(broker_url.replace("redis+socket://", "unix://"))
    try:
        return "".join(str(client.dump(key)) for key in client.keys("*"))
    finally:
        client.close()


def test_no_secret_is_found_in_database_broker_or_log(
    town: Town, broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert len(work(town.worker)) == 2
    with town.operator.session() as session:
        session.execute(text("update chain set access_expires_at = now()"))
        session.execute(text("update portal set next_read_at = now()"))
    # Renewed tokens, and failures of every kind: an access that is refused, an answer that is none.
    town.cloud.portal("hooked").revoke(town.cloud.portal("hooked").webhook_url)
    tick(town.worker)
    work(town.worker)
    for chain in town.cloud.authority.chains:
        town.secrets |= {"renewed access": chain.access_token, "renewed refresh": chain.refresh_token}
    found = {"database": stored(town), "broker": queued(broker_url), "log": caplog.text}
    assert len(found["database"]) > 10_000
    for name, secret in town.secrets.items():
        for place, contents in found.items():
            assert secret not in contents, f"{name} in {place}"
            assert secret.encode().hex() not in contents, f"{name} in {place}"


def test_what_holds_secrets_shows_none_of_them(town: Town) -> None:
    shown = repr(town.worker) + repr(town.operator.keyring) + repr(vars(town.worker))
    assert KEY not in shown
