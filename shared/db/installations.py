"""Installations: applications in portals, stored only after the authorization server has confirmed them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from shared.db import audit, chains, event_reads, jobs, portal_states, portals
from shared.db.sealed import Keyring
from shared.db.tables.portals import ApplicationRow, InstallationRow, PortalRow
from shared.domain.portal import PortalKind, PortalState
from shared.domain.schedule import Lane
from shared.domain.tokens import TokenFacts, Tokens

# How long the former application token is accepted after a change, since events under way still carry it.
FORMER_TOKEN_LIVES = timedelta(minutes=10)
_INSTALLED = text(
    "select p.id as portal_id, p.state, i.id as installation_id, i.token_hash,"
    " case when now() - i.token_changed_at < :former_lives then i.former_token_hash end as former_token_hash"
    " from portal p left join installation i on i.portal_id = p.id and i.removed_at is null"
    " where p.member_id = :member"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """An opening of the application or a lifecycle event, confirmed by the authorization server.

    ``installs``: it installs or updates the application.
    """

    facts: TokenFacts
    tokens: Tokens
    is_admin: bool
    language: str | None = None
    # Sent with events and with openings of newer portals. Only an administrator's is stored.
    application_token: str | None = None
    installs: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The portal an installation was accepted for, and whether it was unknown or removed before."""

    portal_id: UUID
    installation_id: UUID
    chain_id: UUID
    is_new: bool


@dataclass(frozen=True, slots=True)
class Installation:
    """One application in one portal."""

    id: UUID
    portal_id: UUID
    application_id: UUID


@dataclass(frozen=True, slots=True)
class Sender:
    """The portal something names, and the installation its application token belongs to, if any."""

    portal_id: UUID
    is_removed: bool
    installation_id: UUID | None


def application_by_client_id(session: Session, client_id: str) -> ApplicationRow | None:
    """The application with this client id, ``None`` if there is none; as long as none is proven, the oldest."""
    query = (
        select(ApplicationRow)
        .where(ApplicationRow.client_id == client_id)
        .order_by(col(ApplicationRow.proven_at), col(ApplicationRow.created_at), col(ApplicationRow.id))
    )
    return session.exec(query).first()


def accept(session: Session, keyring: Keyring, application: ApplicationRow, verified: Verified) -> Accepted:
    """Portal (by ``member_id``), installation and chain are stored; a new portal is read at once.

    Calls for one portal lead to the same rows in any order and number. An employee's opening adds his chain but
    never revives a removed portal or changes the application token. After an installation or update of the application
    a known portal is read soon, because its event handlers may be missing.
    """
    facts = verified.facts
    # Because member_id is unique, two first calls for one portal pass here one after the other.
    session.execute(
        text(
            "insert into portal (id, kind, member_id, state, domain, endpoint, failures) values"
            " (gen_random_uuid(), :kind, :member, :state, :domain, :endpoint, 0) on conflict (member_id) do nothing"
        ),
        {
            "kind": PortalKind.APP,
            "member": facts.member_id,
            "state": PortalState.INSTALLING,
            "domain": facts.domain,
            "endpoint": facts.endpoint,
        },
    )
    portal = portals.by_member_id(session, facts.member_id, lock=True)
    if portal is None:
        raise LookupError(facts.member_id)
    is_new = portal.state in (PortalState.INSTALLING, PortalState.REMOVED)
    if portals.named(portal, facts.domain, facts.endpoint):
        audit.write(session, "gateway", "portal.renamed", portal_id=portal.id, facts={"domain": facts.domain})
    portal.language = verified.language or portal.language
    installation = _installation(session, portal.id, application.id)
    if lost_scopes := sorted(set(installation.scopes) - facts.scopes) if facts.scopes else []:
        audit.write(session, "gateway", "rights.reduced", portal_id=portal.id, facts={"scopes": lost_scopes})
    if _may_lack_handlers(portal, installation, verified):
        installation.handlers_checked_at = installation.handlers_problem = None
        if portal.state == PortalState.ACTIVE:
            event_reads.mark_dirty(session, portal.id)
    _take_facts(installation, verified)
    if verified.is_admin:
        installation.removed_at = None
        if verified.application_token:
            _take_token(session, installation, verified.application_token)
    chain_id = chains.keep(
        session,
        keyring,
        chains.ChainOwner(portal.id, application.id, facts.user_id, verified.is_admin),
        verified.tokens,
    )
    if portal.state != PortalState.ACTIVE and verified.is_admin:
        portal_states.revive(portal, at=portals.now(session))
        action = "portal.installed" if is_new else "portal.access_renewed"
        audit.write(session, "gateway", action, portal_id=portal.id, facts={"version": facts.version})
        jobs.request_job(session, portal.id, lane=Lane.INSTALL)
    elif portal.problem is not None and portal.state != PortalState.REMOVED:
        # The new access may be what was missing, also to a read that is under way.
        portal.dirty_since = portals.now(session)
        jobs.request_job(session, portal.id, lane=Lane.INSTALL)
    session.add(portal)
    session.add(installation)
    session.flush()
    return Accepted(portal.id, installation.id, chain_id, is_new)


def one(session: Session, installation_id: UUID) -> Installation | None:
    """The installation with this id; ``None`` when it was erased."""
    row = session.get(InstallationRow, installation_id)
    return None if row is None else Installation(row.id, row.portal_id, row.application_id)


def remove(session: Session, installation_id: UUID, *, clean: bool, doubted: bool = False) -> None:
    """The installation is removed; with its last installation the portal is removed too.

    ``clean``: the portal wants its data erased soon. ``doubted``: the removal is only concluded, nobody said so. Until
    its erasure an administrator's opening brings everything back.
    """
    row = session.get_one(InstallationRow, installation_id)
    row.removed_at = portals.now(session)
    session.add(row)
    session.flush()
    chains.erase_of(session, row.portal_id, row.application_id)
    others = text(
        "select exists (select 1 from installation where portal_id = :portal and removed_at is null)"
    )
    if session.execute(others, {"portal": row.portal_id}).scalar_one():
        audit.write(session, "worker", "installation.removed", portal_id=row.portal_id)
        return
    erase_after = portal_states.KEEP_REMOVED
    if clean:
        erase_after = portal_states.ERASE_DOUBTED_AFTER if doubted else portal_states.ERASE_CLEAN_AFTER
    portal_states.remove(session, row.portal_id, erase_after=erase_after, by="event")


def sender_of(session: Session, member_id: str, application_token: str) -> Sender | None:
    """The portal of this ``member_id``, and which installation the application token proves; ``None`` if unknown.

    Tokens are never looked up: the portal is known first, then only its own tokens are compared, in constant time. A
    removed installation proves nothing; its token counts again when it is back, since a portal may not send it with an
    opening.
    """
    rows = session.execute(_INSTALLED, {"member": member_id, "former_lives": FORMER_TOKEN_LIVES}).all()
    if not rows:
        return None
    sent_hash = token_hash(application_token)
    proven = (
        row.installation_id
        for row in rows
        for valid_hash in (row.token_hash, row.former_token_hash)
        if valid_hash is not None and hmac.compare_digest(valid_hash, sent_hash)
    )
    return Sender(rows[0].portal_id, rows[0].state == PortalState.REMOVED, next(proven, None))


def is_known_elsewhere(session: Session, member_id: str, application_token: str) -> bool:
    """True when another portal has this application token. Used for the security log only."""
    query = text(
        "select exists (select 1 from installation i join portal p on p.id = i.portal_id"
        " where i.token_hash = :sent and p.member_id <> :member)"
    )
    sent_hash = token_hash(application_token)
    return bool(session.execute(query, {"sent": sent_hash, "member": member_id}).scalar_one())


def token_hash(application_token: str) -> bytes:
    """The hash by which application tokens are compared; it has the same length for every text."""
    return hashlib.sha256(application_token.encode("utf-8", "surrogatepass")).digest()


def _installation(session: Session, portal_id: UUID, application_id: UUID) -> InstallationRow:
    row = session.exec(
        select(InstallationRow).where(
            InstallationRow.portal_id == portal_id, InstallationRow.application_id == application_id
        )
    ).one_or_none()
    return row or InstallationRow(portal_id=portal_id, application_id=application_id)


def _may_lack_handlers(portal: PortalRow, installation: InstallationRow, verified: Verified) -> bool:
    """True where the installation is new, back, ended or updated: the portal may have dropped our event handlers."""
    facts = verified.facts
    is_other_version = facts.version is not None and facts.version != installation.version
    is_ended = facts.installed and not installation.finished
    is_back = installation.removed_at is not None or portal.state != PortalState.ACTIVE
    # What kept them from being bound may be over, an administrator's absence above all.
    may_be_mended = installation.handlers_problem is not None
    return (
        verified.installs
        or is_other_version
        or is_ended
        or (verified.is_admin and (is_back or may_be_mended))
    )


def _take_facts(installation: InstallationRow, verified: Verified) -> None:
    facts = verified.facts
    installation.version = facts.version or installation.version
    installation.scopes = sorted(facts.scopes)
    # An application is installed anew without its removal having been heard of.
    installation.finished = facts.installed or (installation.finished and not verified.installs)


def _take_token(session: Session, installation: InstallationRow, application_token: str) -> None:
    sent = token_hash(application_token)
    if installation.token_hash == sent:
        return
    installation.former_token_hash = installation.token_hash
    installation.token_hash = sent
    installation.token_changed_at = portals.now(session)
