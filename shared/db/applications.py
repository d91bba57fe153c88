"""Applications registered with Bitrix24: the operator's own, and local ones of single portals.

Anybody can register any client id, but not prove it: its secret has to be accepted by the authorization server. Until
then a registration stands in nobody's way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from shared.db import audit, jobs
from shared.db.sealed import Keyring
from shared.db.tables.portals import ApplicationRow, ChainRow, PortalRow
from shared.domain.errors import ClientRefused, Refused
from shared.domain.portal import PortalState
from shared.domain.schedule import Lane

# After a change of a secret: enough portals to find one where the application is still installed.
_MOST_ASKED_AGAIN = 20

# How many registrations of others are tried in one renewal while nobody has proven the client id.
_MOST_OTHERS_TRIED = 4
_PROVING = (
    "update application set proven_at = null where id = any(:others) and proven_at is not null",
    "update application set proven_at = now() where id = :id and proven_at is null",
    """
    update installation moved set application_id = :id where application_id = any(:others) and not exists
      (select 1 from installation i where i.portal_id = moved.portal_id and i.application_id = :id)
    """,
    "delete from installation where application_id = any(:others)",
    "update chain set application_id = :id where application_id = any(:others)",
)


class ClientIdTaken(Refused):
    """The operator or another cabinet has registered an application with this client id, and its secret is right."""

    code = "client_id_taken"


@dataclass(frozen=True, slots=True)
class ApplicationCard:
    """Client id and secret of an application, as its card in the portal shows them, and our title for it."""

    client_id: str
    secret: str = field(repr=False)
    title: str


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """A local application of a cabinet, without its secret.

    ``portals`` is the number of portals it is installed in.
    """

    id: UUID
    client_id: str
    title: str
    created_at: datetime | None
    portals: int


def register(session: Session, keyring: Keyring, *, client_id: str, secret: str, title: str) -> UUID:
    """Portals with this application are let in, and its tokens are renewed with this secret."""
    query = select(ApplicationRow).where(
        ApplicationRow.client_id == client_id, col(ApplicationRow.cabinet_id).is_(None)
    )
    row = session.exec(query).one_or_none()
    if row is not None and keyring.open(row.client_secret, row=row.id, column="client_secret") == secret:
        return row.id
    row = row or ApplicationRow(id=uuid4(), client_id=client_id, client_secret=b"", title=title)
    row.client_secret = keyring.seal(secret, row=row.id, column="client_secret")
    session.add(row)
    audit.write(session, "operator", "application.registered", facts={"client_id": client_id})
    session.flush()
    prove(session, row.id)
    _ask_again(session, of=row.id)
    return row.id


@dataclass(frozen=True, slots=True)
class Credentials:
    """Client id and secret of a registered application, for the authorization server."""

    application_id: UUID
    client_id: str
    secret: str = field(repr=False)
    is_proven: bool


def credentials(session: Session, keyring: Keyring, application_id: UUID) -> list[Credentials]:
    """The credentials of the application, to be tried in this order; more than one only until they are proven.

    Some of the others who registered its client id follow by chance, so that no number of wrong ones keeps the right
    one from its turn.
    """
    row = session.get_one(ApplicationRow, application_id)
    rows = [row]
    if row.proven_at is None:
        others = (
            select(ApplicationRow)
            .where(ApplicationRow.client_id == row.client_id, ApplicationRow.id != row.id)
            .order_by(func.random())
            .limit(_MOST_OTHERS_TRIED)
        )
        rows += session.exec(others).all()
    return [
        Credentials(
            one.id,
            one.client_id,
            keyring.open(one.client_secret, row=one.id, column="client_secret"),
            one.proven_at is not None,
        )
        for one in rows
    ]


def prove(session: Session, application_id: UUID) -> None:
    """This registration is the one of its client id: its secret is right. Installations of the others become its own.

    The others stay, and let nobody in.
    """
    row = session.get_one(ApplicationRow, application_id)
    others = session.exec(
        select(ApplicationRow.id).where(
            ApplicationRow.client_id == row.client_id, ApplicationRow.id != row.id
        )
    ).all()
    for statement in _PROVING:
        session.execute(text(statement), {"id": row.id, "others": list(others)})
    if row.cabinet_id is not None:
        facts = {"client_id": row.client_id}
        audit.write(session, "worker", "application.proven", cabinet_id=row.cabinet_id, facts=facts)


@dataclass(frozen=True, slots=True)
class RefusedApplication:
    """An application the authorization server refuses in all portals, and the number of portals that wait for it."""

    id: UUID
    client_id: str
    portals: int


def refused(session: Session) -> list[RefusedApplication]:
    """The applications whose id or secret is wrong: refused in all portals, not just removed from one.

    That is: every portal with the application was refused; or several were, all of them after the last renewal of the
    application that worked anywhere.
    """
    rows = session.execute(
        text(
            """
            select a.id, a.client_id, count(*) filter (where p.problem = :refused) as refused
              from application a
              join installation i on i.application_id = a.id and i.removed_at is null
              join portal p on p.id = i.portal_id and p.state <> 'removed'
             group by a.id
            having bool_and(p.problem is not distinct from :refused)
                or (count(*) filter (where p.problem = :refused) > 1
                    and min(p.problem_at) filter (where p.problem = :refused)
                        > (select max(c.used_at) from chain c where c.application_id = a.id))
             order by a.client_id
            """
        ),
        {"refused": ClientRefused.code},
    )
    return [RefusedApplication(row.id, row.client_id, row.refused) for row in rows]


def own(session: Session, cabinet_id: UUID) -> list[OwnApplication]:
    """The local applications of the cabinet, the latest first."""
    rows = session.exec(
        select(ApplicationRow)
        .where(ApplicationRow.cabinet_id == cabinet_id)
        .order_by(col(ApplicationRow.created_at).desc(), col(ApplicationRow.id))
    ).all()
    # The cabinet's role may not read installations, only count them.
    counted = session.execute(text("select application_id, portals from installations_of_own_applications()"))
    portals = {row.application_id: row.portals for row in counted}
    return [
        OwnApplication(row.id, row.client_id, row.title, row.created_at, portals.get(row.id, 0))
        for row in rows
    ]


def save_own(
    session: Session, keyring: Keyring, cabinet_id: UUID, card: ApplicationCard, *, actor: str
) -> UUID:
    """Portals with this application are let in. An application the cabinet already has gets the new secret and title.

    Raises ClientIdTaken.
    """
    # Applications of others are not visible here, only whether one of them is proven.
    taken = text("select is_client_id_of_another(:client_id)")
    if session.execute(taken, {"client_id": card.client_id}).scalar_one():
        raise ClientIdTaken
    query = select(ApplicationRow).where(
        ApplicationRow.client_id == card.client_id, ApplicationRow.cabinet_id == cabinet_id
    )
    row = session.exec(query).one_or_none() or ApplicationRow(
        id=uuid4(), client_id=card.client_id, client_secret=b"", title=card.title, cabinet_id=cabinet_id
    )
    row.title = card.title
    row.client_secret = keyring.seal(card.secret, row=row.id, column="client_secret")
    session.add(row)
    session.flush()
    _ask_again(session)
    facts = {"client_id": card.client_id}
    audit.write(session, actor, "application.saved", cabinet_id=cabinet_id, facts=facts)
    return row.id


def remove_own(session: Session, cabinet_id: UUID, application_id: UUID, *, actor: str) -> bool:
    """Portals are no longer let in with the application; False for one that is not the cabinet's."""
    row = session.get(ApplicationRow, application_id)
    if row is None or row.cabinet_id != cabinet_id:
        return False
    session.delete(row)
    facts = {"client_id": row.client_id}
    audit.write(session, actor, "application.removed", cabinet_id=cabinet_id, facts=facts)
    return True


def _ask_again(session: Session, *, of: UUID | None = None) -> None:
    """A few portals with a refused application are due at once. After one of them has been read, all others are too.

    ``of``: only portals of this application. The cabinet's role sees its own portals only, and no chains.
    """
    refused_portals = select(PortalRow.id).where(
        PortalRow.problem == ClientRefused.code, PortalRow.state != PortalState.REMOVED
    )
    if of is not None:
        of_application = select(ChainRow.portal_id).where(ChainRow.application_id == of)
        refused_portals = refused_portals.where(col(PortalRow.id).in_(of_application))
    for portal_id in session.exec(refused_portals.limit(_MOST_ASKED_AGAIN)).all():
        jobs.request_job(session, portal_id, lane=Lane.EVENT)
