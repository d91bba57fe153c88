"""Applications registered with Bitrix24: the operator's own, and local ones of single portals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from shared.db import audit
from shared.db.sealed import Keyring
from shared.db.tables.portals import ApplicationRow
from shared.domain.errors import ClientRefused, Refused


class ClientIdTaken(Refused):
    """The operator or another cabinet has already registered an application with this client id."""

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
    row = session.exec(select(ApplicationRow).where(ApplicationRow.client_id == client_id)).one_or_none()
    if row is not None and keyring.open(row.client_secret, row=row.id, column="client_secret") == secret:
        return row.id
    row = row or ApplicationRow(id=uuid4(), client_id=client_id, client_secret=b"", title=title)
    row.client_secret = keyring.seal(secret, row=row.id, column="client_secret")
    session.add(row)
    audit.write(session, "operator", "application.registered", facts={"client_id": client_id})
    session.flush()
    return row.id


def credentials(session: Session, keyring: Keyring, application_id: UUID) -> tuple[str, str]:
    """The client id and the secret of the application, for the authorization server."""
    row = session.get_one(ApplicationRow, application_id)
    return row.client_id, keyring.open(row.client_secret, row=row.id, column="client_secret")


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
    query = select(ApplicationRow).where(
        ApplicationRow.client_id == card.client_id, ApplicationRow.cabinet_id == cabinet_id
    )
    row = session.exec(query).one_or_none() or ApplicationRow(
        id=uuid4(), client_id=card.client_id, client_secret=b"", title=card.title, cabinet_id=cabinet_id
    )
    row.title = card.title
    row.client_secret = keyring.seal(card.secret, row=row.id, column="client_secret")
    try:
        # Applications of others are not visible here; only the unique constraint reveals them.
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise ClientIdTaken from error
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
