"""Replacing the key: everything opens with the new one alone, and what is found by a secret is still found."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from shared.db import accounts, chains, link_tokens, links
from shared.db.chains import ChainOwner
from shared.db.rotating import rotate
from shared.db.sealed import Keyring, NotOurs, WeakKeys
from shared.db.session import Database, Role
from shared.db.tables.cabinets import CabinetRow
from shared.db.tables.portals import ApplicationRow, PortalRow
from shared.domain.portal import PortalKind
from shared.domain.tokens import Tokens
from tests.conftest import KEY

NEW_KEY = "the key that comes after the first one"
URL = "https://romashka.example/rest/1/c0de5678/"


@pytest.fixture
def cabinet_id() -> UUID:
    return uuid4()


@pytest.fixture
def link_token(database_url: str, cabinet_id: UUID) -> str:
    """A town with every kind of secret in it, sealed under the first key."""
    db = Database(database_url, Role.OPERATOR, Keyring([KEY]))
    with db.session() as session:
        session.add(CabinetRow(id=cabinet_id, title="Agency"))
        application = ApplicationRow(client_id="local.1", client_secret=b"", title="CRMAP")
        application.client_secret = db.keyring.seal("secret", row=application.id, column="client_secret")
        portal = PortalRow(kind=PortalKind.APP, member_id="a" * 32, domain="romashka.example")
        session.add_all([application, portal])
        session.flush()
        accounts.connect_webhook(session, db.keyring, cabinet_id, url=URL, host="romashka.example")
        owner = ChainOwner(portal.id, application.id, 1, is_admin=True)
        chains.keep(session, db.keyring, owner, Tokens("AT-1", "RT-1", timedelta(hours=1)))
        token = link_tokens.current(session, db.keyring, cabinet_id)
    db.close()
    return token


def test_every_secret_opens_with_the_new_key_alone(
    database_url: str, cabinet_id: UUID, link_token: str
) -> None:
    both = Database(database_url, Role.OPERATOR, Keyring([NEW_KEY, KEY]))
    # Client secret, webhook, both tokens of the chain, the link token.
    assert rotate(both) == 5
    assert rotate(both) == 0
    alone = Database(database_url, Role.OPERATOR, Keyring([NEW_KEY]))
    with alone.session() as session:
        chain = chains.best(
            session, alone.keyring, session.exec(select(PortalRow.id).where(PortalRow.kind == "app")).one()
        )
        assert chain is not None
        assert (chain.access_token, chain.refresh_token) == ("AT-1", "RT-1")
        assert link_tokens.current(session, alone.keyring, cabinet_id) == link_token
        assert links.receiver(session, alone.keyring, link_token) is not None
    both.close()
    alone.close()


def test_a_token_is_found_before_and_during_a_rotation(database_url: str, link_token: str) -> None:
    both = Database(database_url, Role.OPERATOR, Keyring([NEW_KEY, KEY]))
    with both.session() as session:
        assert links.receiver(session, both.keyring, link_token) is not None
    both.close()


def test_a_sealed_secret_opens_in_its_own_row_and_column_only() -> None:
    keyring, row = Keyring([KEY]), uuid4()
    sealed = keyring.seal("secret", row=row, column="webhook")
    assert keyring.open(sealed, row=row, column="webhook") == "secret"
    for elsewhere in ({"row": uuid4(), "column": "webhook"}, {"row": row, "column": "client_secret"}):
        with pytest.raises(NotOurs):
            keyring.open(sealed, **elsewhere)  # type: ignore[arg-type]
    with pytest.raises(NotOurs):
        Keyring([NEW_KEY]).open(sealed, row=row, column="webhook")
    with pytest.raises(NotOurs):
        keyring.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), row=row, column="webhook")


@pytest.mark.parametrize("keys", [[], ["short"], [KEY, KEY]])
def test_keys_nobody_should_run_with_are_refused(keys: list[str]) -> None:
    with pytest.raises(WeakKeys):
        Keyring(keys)
