"""Visits of a portal's administrators to the application, and the links that are news to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

# A page in the frame opens itself anew every few minutes; this much later an opening is another visit.
_APART = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A cabinet that sees the portal, since when, and the id of the administrator who linked it.

    ``owner`` is an e-mail address, and so may be ``title``; show them masked.
    """

    title: str
    owner: str
    linked_at: datetime
    linked_by: int | None


def note(session: Session, portal_id: UUID, user_id: int) -> None:
    """The administrator visits the application in this portal now."""
    session.execute(
        text(
            """
            insert into visit (portal_id, b24_user_id) values (:portal, :user)
            on conflict (portal_id, b24_user_id) do update set
              before_at = case when visit.seen_at < now() - cast(:apart as interval)
                               then visit.seen_at else visit.before_at end,
              seen_at = now()
            """
        ),
        {"portal": portal_id, "user": user_id, "apart": _APART},
    )


def new_links(session: Session, user_id: int) -> list[NewLink]:
    """What others have linked the session's portal to since this administrator's visit before, the latest first.

    If there was none, it is what they linked within a month.
    """
    rows = session.execute(
        text("select title, owner, linked_at, linked_by from links_new_to(:user)"), {"user": user_id}
    )
    return [NewLink(row.title, row.owner or "", row.linked_at, row.linked_by) for row in rows]
