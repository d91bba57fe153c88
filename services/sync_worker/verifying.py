"""Verifying lifecycle events: an event is believed only after the authorization server confirms it.

The portal's own staff can see its application token, so even a well-formed event with the right token
changes nothing by itself. Anybody can send events: so none of them is lost while the server is silent, and the
portals they name are given little time.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from enum import Enum
from uuid import UUID

from services.sync_worker.portal_access import BRIEF
from services.sync_worker.renewing import renew
from services.sync_worker.worker import Worker
from shared.bitrix24.access import access_by_token
from shared.bitrix24.client import Bitrix24
from shared.bitrix24.identity import who_am_i
from shared.bitrix24.oauth import token_facts
from shared.contracts.tasks import WorkKind
from shared.db import audit, chains, inbox, installations, jobs
from shared.db.chains import OpenChain
from shared.db.inbox import Waiting
from shared.db.installations import Installation, Verified
from shared.db.session import DATABASE_TROUBLE
from shared.domain.errors import (
    AccessLost,
    ApplicationRemoved,
    AuthorizationAway,
    ClientRefused,
    CrmapError,
    RequestRejected,
    Transient,
)
from shared.domain.schedule import Lane
from shared.domain.tokens import TokenFacts, Tokens

_PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
)

log = logging.getLogger(__name__)


def verify_next(worker: Worker) -> str | None:
    """The next waiting event gets its verdict or is put off. Returns which, for Flower; ``None`` when none waits."""
    with worker.db.session() as session:
        waiting = inbox.claim(session, worker.db.keyring, lease=worker.lease)
    if waiting is None:
        return None
    try:
        verdict = _verdict(worker, waiting)
    except AuthorizationAway:
        return _wait_for_server(worker, waiting)
    except CrmapError as error:
        return _put_off(worker, waiting, error.code)
    except Exception as bug:
        if isinstance(bug, DATABASE_TROUBLE):
            raise
        # A bug of ours must not block all other events and jobs.
        log.exception("event.bug", extra={"inbox_id": waiting.id})
        return _put_off(worker, waiting, type(bug).__name__)
    with worker.db.session() as session:
        inbox.settle(session, waiting, verdict)
    log.info(
        "event.verified", extra={"inbox_id": waiting.id, "event_name": waiting.event, "verdict": verdict}
    )
    return f"{WorkKind.EVENT} {waiting.event}: {verdict}"


def _verdict(worker: Worker, waiting: Waiting) -> str:
    match waiting.event:
        case "ONAPPINSTALL" | "ONAPPUPDATE":
            return _installed(worker, waiting)
        case "ONAPPUNINSTALL":
            return _uninstalled(worker, waiting)
        case _:
            return "ignored"


def _put_off(worker: Worker, waiting: Waiting, error: str) -> str:
    with worker.db.session() as session:
        if waiting.attempts >= inbox.MOST_ATTEMPTS:
            inbox.settle(session, waiting, "rejected")
        else:
            pause = _PAUSES[min(waiting.attempts, len(_PAUSES)) - 1]
            inbox.put_off(session, waiting, after=pause)
    log.warning("event.put_off", extra={"inbox_id": waiting.id, "error": error})
    return f"{WorkKind.EVENT} {waiting.event}: put off, {error}"


def _wait_for_server(worker: Worker, waiting: Waiting) -> str:
    with worker.db.session() as session:
        inbox.put_off(session, waiting, after=inbox.PROBE_EVERY, unanswered=True)
    log.warning("event.unanswered", extra={"inbox_id": waiting.id})
    return f"{WorkKind.EVENT} {waiting.event}: put off, the authorization server is silent"


def _installed(worker: Worker, waiting: Waiting) -> str:
    """The event is accepted when its token belongs to our application in this portal, and to an administrator."""
    try:
        facts = token_facts(worker.http, worker.oauth_servers, waiting.secrets["access_token"])
        is_admin = _is_admin(worker, facts, waiting.secrets["access_token"])
    except Transient:
        raise
    except CrmapError:
        return "rejected"
    if facts.member_id != waiting.member_id or not is_admin:
        return "rejected"
    verified = Verified(
        facts=facts,
        tokens=Tokens(
            waiting.secrets["access_token"],
            waiting.secrets["refresh_token"],
            timedelta(seconds=int(waiting.body.get("expires_in", 3600))),
            facts.scopes,
        ),
        is_admin=is_admin,
        language=waiting.body.get("language"),
        application_token=waiting.secrets.get("application_token"),
        installs=True,
    )
    with worker.db.session() as session:
        application = installations.application_by_client_id(session, facts.client_id)
        if application is None:
            return "rejected"
        accepted = installations.accept(session, worker.db.keyring, application, verified)
        if waiting.event == "ONAPPUPDATE":
            jobs.request_job(session, accepted.portal_id, lane=Lane.INSTALL)
    return "done"


def _is_admin(worker: Worker, facts: TokenFacts, access_token: str) -> bool:
    access = access_by_token(facts, access_token, allow_private=worker.allow_private)
    with Bitrix24(access, allow_private=worker.allow_private, patience=BRIEF) as portal:
        reader = who_am_i(portal)
    return reader.admin and reader.id == facts.user_id


def _uninstalled(worker: Worker, waiting: Waiting) -> str:
    """The event is accepted when no chain of the installation is valid any more (docs/decisions/0018)."""
    if waiting.portal_id is None:
        return "rejected"
    with worker.db.session() as session:
        installation_id = waiting.body.get("installation_id")
        installation = installations.one(session, UUID(installation_id)) if installation_id else None
    if installation is None:
        return "rejected"
    proof = _proof_of_removal(worker, installation)
    with worker.db.session() as session:
        if proof is None:
            audit.write(session, "worker", "uninstall.not_confirmed", portal_id=waiting.portal_id)
            return "rejected"
        installations.remove(
            session,
            installation.id,
            clean=bool(waiting.body.get("clean")),
            doubted=proof is _Proof.REFUSED,
        )
    return "done"


class _Proof(Enum):
    """Why an uninstall event is believed: the authorization server says so, or it refuses every token there is."""

    SAID = "said"
    REFUSED = "refused"


def _proof_of_removal(worker: Worker, installation: Installation) -> _Proof | None:
    """``None`` while some chain of the installation is valid, whether the installation was ever finished or not.

    An expired access token proves nothing, so its chain is renewed. Raises a CrmapError when the check fails.
    """
    with worker.db.session() as session:
        live_chains = chains.usable(
            session, worker.db.keyring, installation.portal_id, installation.application_id
        )
    proof = _Proof.REFUSED
    for chain in live_chains:
        try:
            _use(worker, chain)
        except ApplicationRemoved:
            proof = _Proof.SAID
        except AccessLost:
            continue
        else:
            return None
    return proof


def _use(worker: Worker, chain: OpenChain) -> None:
    """The chain is valid. Raises ApplicationRemoved, AccessLost, and what says nothing about the chain."""
    try:
        token_facts(worker.http, worker.oauth_servers, chain.access_token)
    except (AccessLost, ClientRefused, RequestRejected):
        renew(worker, chain)
