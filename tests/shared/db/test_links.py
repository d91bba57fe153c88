"""Links between portals and cabinets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.db import link_tokens, links, people
from shared.db.links import LinkedAccount, masked
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.db.tables.portals import PortalRow
from shared.domain import link_token
from shared.domain.portal import PortalKind
from tests.waiting import WAITS_FOR_LOCK, until


@pytest.fixture
def portal_id(gateway_db: Database) -> UUID:
    row = PortalRow(kind=PortalKind.APP, member_id="a" * 32, domain="p1.example")
    with gateway_db.session() as session:
        session.add(row)
    return row.id


def a_cabinet(db: Database, email: str = "anna@example.com") -> tuple[UUID, str]:
    """A cabinet and its token, made as the cabinet's own service makes them."""
    cabinet_id = cabinet_without_a_token(db, email)
    with db.session(cabinet=cabinet_id) as session:
        return cabinet_id, link_tokens.current(session, db.keyring, cabinet_id)


def cabinet_without_a_token(db: Database, email: str = "anna@example.com") -> UUID:
    """The cabinet of somebody new, before its first page."""
    person_id, cabinet_id = uuid4(), uuid4()
    with db.session(cabinet=cabinet_id, person=person_id) as session:
        people.add(session, person_id=person_id, cabinet_id=cabinet_id, email=email, password_hash=None)
    return cabinet_id


def link(db: Database, token: str, portal_id: UUID, user_id: int = 17) -> LinkedAccount | None:
    with db.session() as session:
        return links.link(session, db.keyring, token, portal_id=portal_id, user_id=user_id)


def test_a_token_leads_to_its_cabinet(gateway_db: Database, cabinet_db: Database, portal_id: UUID) -> None:
    cabinet_id, token = a_cabinet(cabinet_db)
    link(gateway_db, token, portal_id)
    with gateway_db.session() as session:
        found = links.receiver(session, gateway_db.keyring, token)
    assert found is not None
    assert (found.cabinet_id, found.title, found.owner, found.accounts) == (
        cabinet_id,
        "anna@example.com",
        "anna@example.com",
        1,
    )


def test_a_token_that_is_not_alive_leads_nowhere(
    gateway_db: Database, cabinet_db: Database, portal_id: UUID
) -> None:
    cabinet_id, token = a_cabinet(cabinet_db)
    with cabinet_db.session(cabinet=cabinet_id) as session:
        link_tokens.replace(session, cabinet_db.keyring, cabinet_id, actor="test")
    gone, of_gone = a_cabinet(cabinet_db, "boris@example.com")
    with cabinet_db.session(cabinet=gone) as session:
        session.execute(text("delete from cabinet where id = :id"), {"id": gone})
    for dead in (token, of_gone, link_token.issue(), "", "x"):
        with gateway_db.session() as session:
            assert links.receiver(session, gateway_db.keyring, dead) is None
        assert link(gateway_db, dead, portal_id) is None


def test_the_first_owner_speaks_for_a_cabinet(gateway_db: Database, cabinet_db: Database) -> None:
    cabinet_id, token = a_cabinet(cabinet_db)
    second = uuid4()
    with cabinet_db.session(cabinet=cabinet_id, person=second) as session:
        session.execute(
            text(
                "insert into person (id, email, name, language, time_zone) values (:id, 'z@example.com', '', 'ru', '')"
            ),
            {"id": second},
        )
        session.execute(
            text("insert into membership (cabinet_id, person_id, role) values (:cabinet, :person, 'owner')"),
            {"cabinet": cabinet_id, "person": second},
        )
    with gateway_db.session() as session:
        found = links.receiver(session, gateway_db.keyring, token)
    assert found is not None
    assert found.owner == "anna@example.com"


def test_a_portal_is_tied_once_however_often_it_is_tied(
    gateway_db: Database, cabinet_db: Database, portal_id: UUID
) -> None:
    _, token = a_cabinet(cabinet_db)
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda user: link(gateway_db, token, portal_id, user), range(24)))
    assert len({link.id for link in made if link is not None}) == 1
    assert len([link for link in made if link is not None and link.is_new]) == 1
    with gateway_db.session() as session:
        (seen,) = links.linked_cabinets(session, portal_id)
        lines = session.execute(text("select action, actor from audit where portal_id is not null")).all()
    assert [tuple(line) for line in lines] == [("account.linked", f"portal user {seen.linked_by}")]


def test_whoever_replaces_a_token_waits_for_the_link_under_way_and_then_it_links_nothing(
    gateway_db: Database, cabinet_db: Database, portal_id: UUID
) -> None:
    cabinet_id, token = a_cabinet(cabinet_db)
    replaced = threading.Event()

    def replace() -> None:
        with cabinet_db.session(cabinet=cabinet_id) as session:
            link_tokens.replace(session, cabinet_db.keyring, cabinet_id, actor="test")
        replaced.set()

    with gateway_db.session() as session:
        made = links.link(session, gateway_db.keyring, token, portal_id=portal_id, user_id=1)
        thread = threading.Thread(target=replace)
        thread.start()
        until(lambda: session.execute(text(WAITS_FOR_LOCK)).scalar())
        assert not replaced.is_set()
    thread.join()
    assert made is not None
    assert replaced.is_set()
    assert link(gateway_db, token, portal_id) is None


def test_a_token_from_before_a_change_of_keys_still_links(
    database_url: str, cabinet_db: Database, portal_id: UUID
) -> None:
    _, token = a_cabinet(cabinet_db)
    keyring = Keyring(["a new first key for everything", "a key of the tests and of nobody else"])
    db = Database(database_url, Role.GATEWAY, keyring)
    assert link(db, token, portal_id) is not None
    db.close()


def test_linked_cabinets_stand_in_the_order_they_came(
    gateway_db: Database, cabinet_db: Database, portal_id: UUID
) -> None:
    for name in ("vera", "anna", "boris"):
        _, token = a_cabinet(cabinet_db, f"{name}@example.com")
        link(gateway_db, token, portal_id)
    with gateway_db.session() as session:
        seen = links.linked_cabinets(session, portal_id)
        assert links.linked_cabinets(session, uuid4()) == []
    assert [row.owner.partition("@")[0] for row in seen] == ["vera", "anna", "boris"]


def test_a_link_is_cut_by_its_own_portal_only(
    gateway_db: Database, cabinet_db: Database, portal_id: UUID
) -> None:
    cabinet_id, token = a_cabinet(cabinet_db)
    made = link(gateway_db, token, portal_id)
    assert made is not None
    with gateway_db.session() as session:
        assert links.unlink(session, made.id, portal_id=uuid4(), user_id=5) is False
        assert links.unlink(session, uuid4(), portal_id=portal_id, user_id=5) is False
        assert links.unlink(session, made.id, portal_id=portal_id, user_id=5) is True
        assert links.unlink(session, made.id, portal_id=portal_id, user_id=5) is False
    with gateway_db.session() as session:
        assert links.linked_cabinets(session, portal_id) == []
    # The cabinet reads the line as well as the portal's side does.
    with cabinet_db.session(cabinet=cabinet_id) as session:
        lines = session.execute(text("select actor, action from audit order by id")).all()
    assert [tuple(line) for line in lines][-2:] == [
        ("portal user 17", "account.linked"),
        ("portal user 5", "account.cut"),
    ]


def test_the_cabinet_s_own_service_cannot_tie_somebody_else_s_portal(
    cabinet_db: Database, portal_id: UUID
) -> None:
    cabinet_id, token = a_cabinet(cabinet_db)
    with (
        pytest.raises(Exception, match="row-level security"),
        cabinet_db.session(cabinet=cabinet_id) as session,
    ):
        links.link(session, cabinet_db.keyring, token, portal_id=portal_id, user_id=1)


@pytest.mark.parametrize(
    ("text_", "shown"),
    [
        ("anna@example.com", "a•••@example.com"),
        ("a@example.com", "a•••@example.com"),
        ("@example.com", "•••@example.com"),
        ("ООО «Ромашка»", "ООО «Ромашка»"),
        ("", ""),
    ],
)
def test_an_address_is_masked_and_a_name_is_not(text_: str, shown: str) -> None:
    assert masked(text_) == shown


@pytest.mark.parametrize("asked", [link_tokens.current, partial(link_tokens.replace, actor="test")])
def test_two_who_ask_for_a_token_at_the_same_moment_get_the_same_one(
    cabinet_db: Database, asked: Callable[[Session, Keyring, UUID], str]
) -> None:
    cabinet_id = cabinet_without_a_token(cabinet_db)

    def other() -> str:
        with cabinet_db.session(cabinet=cabinet_id) as session:
            return asked(session, cabinet_db.keyring, cabinet_id)

    with ThreadPoolExecutor(1) as pool:
        with cabinet_db.session(cabinet=cabinet_id) as session:
            token = asked(session, cabinet_db.keyring, cabinet_id)
            waiting = pool.submit(other)
            until(lambda: session.execute(text(WAITS_FOR_LOCK)).scalar())
        assert waiting.result() == token
