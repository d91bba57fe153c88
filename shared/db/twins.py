"""Twins: two accounts of one cabinet that are the same portal, one connected by webhook and one by the application."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel import Session, col, select

from shared.db.accounts import Account
from shared.db.tables.cabinets import AccountRow
from shared.db.tables.portals import PortalRow
from shared.domain.portal import PortalKind


@dataclass(frozen=True, slots=True)
class Twin:
    """Another account of the same portal, and which of the two is the one connected by webhook."""

    id: UUID
    title: str
    webhook_id: UUID


def twins(session: Session, cabinet_id: UUID, account: Account) -> list[Twin]:
    """The cabinet's accounts of the same portal that are connected in the other way, by title.

    An address counts only if it is known to be the portal's: a webhook's once the portal was read at it, an
    application's by the word of the authorization server.
    """
    own = session.get_one(PortalRow, account.portal_id)
    query = (
        select(AccountRow, PortalRow.domain, PortalRow.endpoint, PortalRow.read_at)
        .join(PortalRow, col(PortalRow.id) == col(AccountRow.portal_id))
        .where(AccountRow.cabinet_id == cabinet_id, PortalRow.kind != own.kind)
    )
    found = []
    for link, domain, endpoint, read_at in session.exec(query):
        if own.kind == PortalKind.WEBHOOK:
            was_read, hook, hosts, webhook_id = own.read_at, own.domain, _hosts(domain, endpoint), account.id
        else:
            was_read, hook, hosts, webhook_id = read_at, domain, _hosts(own.domain, own.endpoint), link.id
        if was_read is not None and _host(hook) in hosts:
            found.append(Twin(link.id, link.title or domain, webhook_id))
    return sorted(found, key=lambda twin: twin.title.casefold())


def _hosts(domain: str, endpoint: str | None) -> set[str]:
    """The hosts of a portal with our application; its name and the address of its methods may differ."""
    return {_host(domain), _host(urlsplit(endpoint or "").netloc)} - {""}


def _host(name: str) -> str:
    return name.casefold().removesuffix(":443")
