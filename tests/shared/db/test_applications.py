"""Applications and their secrets."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.db import applications, installations
from shared.db.sealed import Keyring
from shared.db.session import Database, Role


@pytest.fixture
def operator_db(database_url: str, keyring: Keyring) -> Iterator[Database]:
    db = Database(database_url, Role.OPERATOR, keyring)
    yield db
    db.close()


def register(db: Database, secret: str, client_id: str = "app.1") -> UUID:
    with db.session() as session:
        return applications.register(session, db.keyring, client_id=client_id, secret=secret, title="CRMAP")


def test_an_application_is_known_by_its_client_id_and_its_secret_is_sealed(
    operator_db: Database, gateway_db: Database
) -> None:
    made = register(operator_db, "n" * 50)
    with gateway_db.session() as session:
        found = installations.application_by_client_id(session, "app.1")
        assert installations.application_by_client_id(session, "APP.1") is None
    assert found is not None
    assert found.id == made
    assert b"n" * 50 not in found.client_secret
    assert gateway_db.keyring.open(found.client_secret, row=found.id, column="client_secret") == "n" * 50


def test_an_application_registered_again_keeps_its_place_and_gets_the_new_secret(
    operator_db: Database,
) -> None:
    made = {register(operator_db, secret) for secret in ("o" * 50, "n" * 50, "n" * 50)}
    with operator_db.session() as session:
        found = installations.application_by_client_id(session, "app.1")
        lines = session.execute(text("select facts from audit")).scalars().all()
    assert found is not None
    assert made == {found.id}
    assert operator_db.keyring.open(found.client_secret, row=found.id, column="client_secret") == "n" * 50
    # The third call changed nothing.
    assert lines == [{"client_id": "app.1"}] * 2


def test_two_applications_stand_side_by_side(operator_db: Database) -> None:
    assert register(operator_db, "x" * 50) != register(operator_db, "x" * 50, "local.2")
