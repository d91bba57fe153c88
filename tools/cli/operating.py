"""What an operator does by hand: people, portals and keys. In the operator's database role, never a service's."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer

from tools.cli.console import Console
from tools.cli.context import operator
from tools.cli.sentences import (
    EMAIL_TAKEN,
    NO_SUCH_PERSON,
    NO_SUCH_PORTAL,
    PORTAL_REMOVED,
    REQUESTED,
    ROTATED,
    SEVERAL_PORTALS,
    UNFIT,
    Complaint,
)

if TYPE_CHECKING:
    from sqlmodel import Session


def user_add(email: Annotated[str, typer.Argument(help="The address he signs in with.")]) -> None:
    """A person can sign in, or use the API, with a cabinet of his own."""
    with operator() as (_settings, db):
        from services.cabinet.people import passwords  # noqa: PLC0415
        from shared.db import people  # noqa: PLC0415

        password = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        if password and not passwords.is_acceptable(password):
            raise Complaint(
                UNFIT, what="password", why=f"{passwords.SHORTEST} to {passwords.LONGEST} characters"
            )
        with db.session() as session:
            if people.by_email(session, email) is not None:
                raise Complaint(EMAIL_TAKEN, email=email)
            stored = passwords.hashed(password) if password else None
            people.add(session, person_id=uuid4(), cabinet_id=uuid4(), email=email, password_hash=stored)


def user_token(email: Annotated[str, typer.Argument(help="Whose token it is to be.")]) -> None:
    """A new personal token is printed; it opens the API for the person's first cabinet."""
    with operator() as (_settings, db):
        from shared.db import people  # noqa: PLC0415

        with db.session() as session:
            person_id = people.by_email(session, email)
            if person_id is None:
                raise Complaint(NO_SUCH_PERSON, email=email)
            member = people.cabinets_of(session, person_id)[0]
            _, token = people.issue_api_token(session, member, title="crmap user token")
        typer.echo(token)


def accounts() -> None:
    """Every portal is listed, whichever cabinets see it."""
    with operator() as (_settings, db):
        from shared.db import portals  # noqa: PLC0415

        with db.session() as session:
            for row in portals.listed(session):
                line = {
                    "id": str(row.id),
                    "domain": row.domain,
                    "kind": row.kind,
                    "state": row.state,
                    "read_at": row.read_at.isoformat() if row.read_at else None,
                    "problem": row.problem,
                    "problem_at": row.problem_at.isoformat() if row.problem_at else None,
                }
                typer.echo(json.dumps(line, ensure_ascii=False))


def history() -> None:
    """The price of every portal's history is listed."""
    with operator() as (_settings, db):
        from shared.db import retention  # noqa: PLC0415

        with db.session() as session:
            for cost in retention.costs(session):
                line = {
                    "id": str(cost.portal_id),
                    "domain": cost.domain,
                    "versions": cost.versions,
                    "oldest_at": cost.oldest_at.isoformat() if cost.oldest_at else None,
                    "changes": cost.changes,
                    "parts": cost.parts,
                    "bytes": cost.bytes,
                }
                typer.echo(json.dumps(line, ensure_ascii=False))


def refresh(
    portal: Annotated[str, typer.Argument(metavar="DOMAIN|ID", help="Which portal.")],
    *,
    full: Annotated[
        bool | None, typer.Option("--full/--no-full", help="How it is read from now on.", show_default=False)
    ] = None,
) -> None:
    """The portal is read as soon as a worker is free; its job's id is printed."""
    with operator() as (settings, db):
        from shared.contracts.tasks import RungFor  # noqa: PLC0415
        from shared.db import portals, refreshing  # noqa: PLC0415
        from shared.queue import celery_app, ring_now  # noqa: PLC0415

        with db.session() as session:
            portal_id = _portal_id(session, portal)
            if full is not None:
                portals.read_in_full(session, portal_id, full=full)
            job_id = refreshing.request(session, portal_id)
            if job_id is None:
                raise Complaint(PORTAL_REMOVED, portal=portal)
        ring_now(celery_app(settings.service_broker_url), [RungFor(job=str(job_id), portal=portal)])
        Console("en").say(REQUESTED, portal=portal)
        typer.echo(str(job_id))


def keys_rotate() -> None:
    """Every sealed value stands under the first key."""
    with operator() as (_settings, db):
        from shared.db.rotating import rotate  # noqa: PLC0415

        Console("en").say(ROTATED, count=str(rotate(db)))


def _portal_id(session: Session, portal: str) -> UUID:
    from shared.db import portals  # noqa: PLC0415

    try:
        by_id = portals.by_id(session, UUID(portal))
    except ValueError:
        rows = portals.with_domain(session, portal)
    else:
        rows = [] if by_id is None else [by_id]
    if not rows:
        raise Complaint(NO_SUCH_PORTAL, portal=portal)
    if len(rows) > 1:
        raise Complaint(SEVERAL_PORTALS, portal=portal, ids=", ".join(str(row.id) for row in rows))
    return rows[0].id
