"""Opening the application in a portal: the opening is verified, the person gets a frame session, old data is refreshed.

The browser proves nothing. The authorization server says who the person is, the portal says what he may do.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from services.gateway.conversations import PATIENCE
from services.gateway.gateway import Gateway
from services.gateway.places import Guest
from shared import frame
from shared.bitrix24.access import access_by_token
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.identity import Identity, identify
from shared.bitrix24.oauth import named_first, token_facts
from shared.db import chains, installations, jobs, limits, portals, refreshing, visits
from shared.db.chains import ChainOwner
from shared.db.installations import Verified
from shared.db.limits import Limit
from shared.domain.errors import (
    AccessLost,
    ApplicationRemoved,
    ClientRefused,
    InsecureAddress,
    PortalGone,
    Refused,
    RequestRejected,
    RightsMissing,
    SubscriptionEnded,
)
from shared.domain.portal import PortalState
from shared.domain.refusals import AdminsOnly
from shared.domain.schedule import Lane
from shared.domain.tokens import TokenFacts, Tokens
from shared.frame import FrameSession, FrameSessionInvalid
from shared.wording.language import Language

# Data older than this is read again when somebody opens the application, once a minute at most.
_OLD_AFTER = timedelta(minutes=5)
_READS_BY_OPENING = Limit(1, timedelta(minutes=1))
_ORIGIN = re.compile(r"(https?)://([A-Za-z0-9.-]+(?::[0-9]{1,5})?)/")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?")
_TOKEN = re.compile(r"[A-Za-z0-9._-]{8,1000}")
_MEMBER_ID = re.compile(r"[0-9a-f]{32}")

log = logging.getLogger(__name__)


class NotVerified(Refused):
    """The opening is not confirmed: it comes from no portal, or not from an application of ours."""

    code = "not_verified"


class NotPortalAdmin(Refused):
    """Only an administrator of the portal may do this."""

    code = "not_portal_admin"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a browser posts when the application is opened, or when its session is over. None of it is verified.

    ``former_session`` is that of a page which needs a fresh one.
    """

    auth_id: str = field(repr=False)
    refresh_id: str = field(repr=False)
    expires_in: int
    member_id: str
    server_endpoint: str
    application_token: str | None = field(repr=False)
    former_session: str = field(repr=False)
    language: Language


@dataclass(frozen=True, slots=True)
class Opened:
    """An opening that was verified and stored. ``origins`` are those of the portal, for the headers of the frame."""

    session: str = field(repr=False)
    origins: str
    is_admin: bool
    is_finished: bool
    language: Language


def parse_opening(fields: Mapping[str, str], *, language: Language) -> Opening:
    """The opening in these fields. Raises NotVerified if a token is missing, or something is none by its form."""
    auth_id, refresh_id = fields.get("AUTH_ID", ""), fields.get("REFRESH_ID", "")
    if not _TOKEN.fullmatch(auth_id) or (refresh_id and not _TOKEN.fullmatch(refresh_id)):
        raise NotVerified
    # A page that renews its session may not know it.
    member_id = fields.get("member_id", "")
    if member_id and not _MEMBER_ID.fullmatch(member_id):
        raise NotVerified
    seconds = fields.get("AUTH_EXPIRES", "")
    return Opening(
        auth_id=auth_id,
        refresh_id=refresh_id,
        expires_in=int(seconds) if re.fullmatch(r"[0-9]{1,6}", seconds) else 3600,
        member_id=member_id,
        server_endpoint=fields.get("SERVER_ENDPOINT", ""),
        application_token=fields.get("APPLICATION_TOKEN") or None,
        former_session=fields.get("session", ""),
        language=language,
    )


def guest_of(gateway: Gateway, opening: Opening, source: str) -> Guest:
    """For whom the opening takes a place; ``source`` is where it comes from (``web.network_of``).

    Its portal is known by the application token, which only people of the portal see, or by a session of ours: to name
    a portal is no proof.
    """
    with suppress(FrameSessionInvalid):
        former = frame.signed(gateway.db.keyring, opening.former_session)
        return Guest(str(former.portal_id), source, is_known=True)
    if opening.application_token:
        with gateway.db.session() as session:
            sender = installations.sender_of(session, opening.member_id, opening.application_token)
        if sender is not None and sender.installation_id is not None:
            return Guest(str(sender.portal_id), source, is_known=True)
    return Guest(opening.member_id, source)


def install(gateway: Gateway, opening: Opening) -> Opened:
    """The portal is stored and is read at once; only after that may the page end the installation.

    Raises NotVerified, NotPortalAdmin, SubscriptionEnded, InsecureAddress, and a Transient error.
    """
    verified = _verified(gateway, opening)
    if not verified.is_admin:
        raise NotPortalAdmin(origins=origins_of(verified.facts))
    return _accepted(gateway, opening, replace(verified, installs=True))


def open_app(gateway: Gateway, opening: Opening) -> Opened:
    """The person has a session, and old data is read again. Raises as ``install``, and AdminsOnly.

    If the subscription has ended, no rights can be checked: everybody may look, nobody may change anything.
    """
    try:
        verified = _verified(gateway, opening)
    except _Unchecked as unchecked:
        verified = unchecked.verified
    return _accepted(gateway, opening, verified)


def origins_of(facts: TokenFacts) -> str:
    """The origins of the portal's pages, by the authorization server's word: the endpoint's host and the domain.

    Raises InsecureAddress for an endpoint that could add something to a header.
    """
    origin = _ORIGIN.match(facts.endpoint)
    if origin is None:
        raise InsecureAddress
    scheme, host = origin.groups()
    hosts = dict.fromkeys((host, facts.domain) if _HOST.fullmatch(facts.domain) else (host,))
    return " ".join(f"{scheme}://{name}" for name in hosts)


class _Unchecked(SubscriptionEnded):
    """The portal's plan has no REST, so it answers nobody: the person is known, his rights are not."""

    def __init__(self, verified: Verified) -> None:
        super().__init__(origins=origins_of(verified.facts))
        self.verified = verified


def _verified(gateway: Gateway, opening: Opening) -> Verified:
    """The opening, confirmed by the authorization server and the portal."""
    servers = named_first(gateway.oauth_servers, opening.server_endpoint)
    try:
        facts = token_facts(gateway.http, servers, opening.auth_id)
    except (AccessLost, ApplicationRemoved, ClientRefused, RequestRejected) as error:
        raise NotVerified from error
    with gateway.db.session() as session:
        application = installations.application_by_client_id(session, facts.client_id)
    if application is None or (opening.member_id and opening.member_id != facts.member_id):
        raise NotVerified
    try:
        identity = _identity(gateway, facts, opening.auth_id)
    except SubscriptionEnded as error:
        raise _Unchecked(_confirmed(opening, facts, None)) from error
    except (AccessLost, PortalGone, RequestRejected, RightsMissing) as error:
        raise NotVerified from error
    if identity.reader.id != facts.user_id:
        raise NotVerified
    return _confirmed(opening, facts, identity)


def _identity(gateway: Gateway, facts: TokenFacts, access_token: str) -> Identity:
    access = access_by_token(facts, access_token, allow_private=gateway.allow_private)
    with Bitrix24(access, allow_private=gateway.allow_private, patience=PATIENCE) as portal:
        return identify(portal)


def _confirmed(opening: Opening, facts: TokenFacts, identity: Identity | None) -> Verified:
    lifetime = timedelta(seconds=opening.expires_in)
    return Verified(
        facts=facts,
        tokens=Tokens(opening.auth_id, opening.refresh_id, lifetime, facts.scopes),
        is_admin=identity is not None and identity.reader.admin,
        language=None if identity is None else identity.language,
        application_token=opening.application_token,
    )


def _accepted(gateway: Gateway, opening: Opening, verified: Verified) -> Opened:
    with gateway.db.session() as session:
        portal_id, chain_id, is_new = _stored(session, gateway, verified)
        origins = origins_of(verified.facts)
        portal = portals.by_id(session, portal_id)
        if portal is not None and portal.admins_only and not verified.is_admin:
            raise AdminsOnly(origins=origins)
        if verified.is_admin:
            visits.note(session, portal_id, verified.facts.user_id)
        if not is_new:
            _read_if_needed(session, portal_id)
        wakes = refreshing.under_way(session, portal_id) is not None
        person = FrameSession(
            portal_id, chain_id, verified.facts.user_id, verified.is_admin, opening.language, origins
        )
        opened = Opened(
            session=frame.issue(gateway.db.keyring, person, now=portals.now(session)),
            origins=origins,
            is_admin=verified.is_admin,
            is_finished=verified.facts.installed,
            language=opening.language,
        )
    log.info("application.opened", extra={"portal_id": str(portal_id), "is_new": is_new})
    if wakes:
        gateway.bell.ring()
    return opened


def _stored(session: Session, gateway: Gateway, verified: Verified) -> tuple[UUID, UUID, bool]:
    """The ids of the portal and of the person's chain, and whether the portal was unknown or removed before."""
    keyring, facts = gateway.db.keyring, verified.facts
    application = installations.application_by_client_id(session, facts.client_id)
    if application is None:
        raise NotVerified
    if verified.tokens.refresh_token:
        accepted = installations.accept(session, keyring, application, verified)
        return accepted.portal_id, accepted.chain_id, accepted.is_new
    # A page with an access token only uses the chain its person already has.
    portal = portals.by_member_id(session, facts.member_id)
    if portal is None:
        raise NotVerified
    owner = ChainOwner(portal.id, application.id, facts.user_id, verified.is_admin)
    chain_id = chains.lend(session, keyring, owner, verified.tokens)
    if chain_id is None:
        raise NotVerified
    return portal.id, chain_id, False


def _read_if_needed(session: Session, portal_id: UUID) -> None:
    """A read is requested if the portal has a problem or its data is old."""
    portal = portals.by_id(session, portal_id)
    if portal is None or portal.state == PortalState.REMOVED:
        return
    if portal.problem is None:
        if portal.read_at is not None and portals.now(session) - portal.read_at < _OLD_AFTER:
            return
        if limits.count(session, f"opening {portal.id}", _READS_BY_OPENING) is not None:
            return
    jobs.request_job(session, portal.id, lane=Lane.EVENT)
