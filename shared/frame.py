"""Frame sessions: signed texts by which a page in a portal's frame proves who opened it. They last ten minutes.

Browsers block cookies and storage in a foreign frame, so the session is sent in form bodies or a header. It says who
opened the application. For changes the person is checked again, because his rights may end within ten minutes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.db.sealed import Keyring
from shared.domain.errors import Refused

LIVES = timedelta(minutes=10)
_PURPOSE = "frame session 1"


class FrameSessionInvalid(Refused):
    """The session is forged, of another installation, or over.

    Facts of a session that is only over: ``origins`` and ``language``, so that its page can say so in the frame.
    """

    code = "frame_session_invalid"
    status = 401


@dataclass(frozen=True, slots=True)
class FrameSession:
    """Who opened the application in which portal, and the chain of tokens by which his rights can be checked again.

    ``origins`` are those of the verified portal's pages; only they may frame ours.
    """

    portal_id: UUID
    chain_id: UUID
    user_id: int
    is_admin: bool
    language: str
    origins: str = ""


def issue(keyring: Keyring, session: FrameSession, *, now: datetime) -> str:
    """The session as text for a page, valid for ten minutes."""
    claims = {
        "portal": str(session.portal_id),
        "chain": str(session.chain_id),
        "user": session.user_id,
        "admin": session.is_admin,
        "language": session.language,
        "origins": session.origins,
        "until": int((now + LIVES).timestamp()),
    }
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{body}.{keyring.signature(_PURPOSE + body)}"


def verify(keyring: Keyring, text: str, *, now: datetime) -> FrameSession:
    """The session in this text. Raises FrameSessionInvalid."""
    claims = _claims(keyring, text)
    session = _session(claims)
    if claims["until"] <= now.timestamp():
        raise FrameSessionInvalid(origins=session.origins, language=session.language)
    return session


def signed(keyring: Keyring, text: str) -> FrameSession:
    """The session in this text, even if it is over. Raises FrameSessionInvalid for what was not issued by us."""
    return _session(_claims(keyring, text))


def _claims(keyring: Keyring, text: str) -> Mapping[str, Any]:
    if not text.isascii():
        raise FrameSessionInvalid
    body, _, signature = text.partition(".")
    if not keyring.is_signature(signature, _PURPOSE + body):
        raise FrameSessionInvalid
    claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def _session(claims: Mapping[str, Any]) -> FrameSession:
    return FrameSession(
        portal_id=UUID(claims["portal"]),
        chain_id=UUID(claims["chain"]),
        user_id=claims["user"],
        is_admin=claims["admin"],
        language=claims["language"],
        origins=claims.get("origins", ""),
    )
