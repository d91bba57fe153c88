"""What Bitrix24's error codes mean. An unknown code becomes ``Fault.OTHER``.

Codes: Bitrix24 REST documentation (error codes, batch, limits) and the server's own REST module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from shared.bitrix24.coerce import clean
from shared.domain.errors import (
    AccessLost,
    BadAnswer,
    CrmapError,
    MethodPaused,
    PortalBlocked,
    PortalGone,
    RateLimited,
    RequestRejected,
    RightsMissing,
    SubscriptionEnded,
    TokenExpired,
)


class Fault(Enum):
    """The kinds of errors that call for different behaviour."""

    RETRY = auto()
    RATE = auto()
    PAUSED = auto()
    RENEW = auto()
    ACCESS = auto()
    PLAN = auto()
    BLOCKED = auto()
    GONE = auto()
    RIGHTS = auto()
    SCOPE = auto()
    NO_METHOD = auto()
    NO_OBJECT = auto()
    NOT_ANSWERED = auto()
    SILENT = auto()
    RESTS = auto()
    SHAPE = auto()
    OTHER = auto()

    @property
    def may_pass(self) -> bool:
        """True if the same command is likely to succeed a little later."""
        return self in (Fault.RATE, Fault.RETRY, Fault.NOT_ANSWERED)


_BY_CODE = {
    "query_limit_exceeded": Fault.RATE,
    "operation_time_limit": Fault.PAUSED,
    "internal_server_error": Fault.RETRY,
    "error_unexpected_answer": Fault.RETRY,
    "connection_error": Fault.RETRY,
    "wrong_encoding": Fault.RETRY,
    "expired_token": Fault.RENEW,
    "invalid_token": Fault.RENEW,
    "no_auth_found": Fault.ACCESS,
    "invalid_credentials": Fault.ACCESS,
    "invalid_grant": Fault.ACCESS,
    "authorization_error": Fault.ACCESS,
    "user_access_error": Fault.ACCESS,
    "application_not_found": Fault.ACCESS,
    "not_installed": Fault.ACCESS,
    "error_oauth": Fault.ACCESS,
    "payment_required": Fault.PLAN,
    "overload_limit": Fault.BLOCKED,
    "portal_deleted": Fault.GONE,
    "insufficient_scope": Fault.SCOPE,
    "access_denied": Fault.RIGHTS,
    "access_error": Fault.RIGHTS,
    "allowed_only_intranet_user": Fault.RIGHTS,
    "wrong_license": Fault.NO_METHOD,
    "error_method_not_found": Fault.NO_METHOD,
    "entity_type_not_supported": Fault.NO_OBJECT,
    "not_found": Fault.NO_OBJECT,
    "error_not_found": Fault.NO_OBJECT,
}

# ACCESS_DENIED means "your plan has no REST" or "you may not". Only the text shows which.
_PLAN_TEXT = re.compile(r"commercial plan|by subscription|коммерческ|подписк", re.IGNORECASE)
_SCOPE_TEXT = re.compile(
    r"required more scopes.{0,4}\((?P<scope>[a-z_, ]{1,80})\)|higher privileges", re.IGNORECASE
)
_RIGHTS_TEXT = re.compile(
    r"access denied|do not have permission|доступ запрещ|недостаточно прав|нет прав", re.IGNORECASE
)
# The settings of user fields refuse with a localised text and the code "" or "0".
_CODELESS = ("", "0")


@dataclass(frozen=True, slots=True)
class PortalError:
    """An error as the portal gave it (``code`` as text, possibly empty) and what it means."""

    fault: Fault
    code: str = ""
    text: str = ""
    scope: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.text) if part) or self.fault.name.lower()


def portal_error(code: object, text: object, *, method: str = "", status: int = 200) -> PortalError:
    """The error with its meaning. ``status`` counts only if code and text decide nothing."""
    code_text = "" if code is None else clean(str(code))[:100]
    description = re.sub(r"<[^>]{0,100}>", " ", "" if text is None else clean(str(text))).strip()[:300]
    scope_match = _SCOPE_TEXT.search(description)
    fault = _BY_CODE.get(code_text.casefold())
    if scope_match is not None:
        fault = Fault.SCOPE
    elif (fault is Fault.RIGHTS and _PLAN_TEXT.search(description)) or (
        fault is Fault.ACCESS and "payment" in description.casefold()
    ):
        fault = Fault.PLAN
    elif fault is None:
        fault = _by_text(code_text, description, method, status)
    scope = (scope_match.group("scope") or "") if scope_match is not None else ""
    return PortalError(fault, code_text, description, scope)


def _by_text(code: str, text: str, method: str, status: int) -> Fault:
    if _RIGHTS_TEXT.search(text):
        return Fault.RIGHTS
    if code in _CODELESS and method.startswith("userfieldconfig."):
        return Fault.RIGHTS
    if status in (408, 429) or status >= 500:
        return Fault.RETRY
    return Fault.OTHER


def whole_answer_error(error: PortalError, *, method: str, until: str = "") -> CrmapError:
    """The error of a call that failed as a whole, in our own words."""
    facts = str(error)
    match error.fault:
        case Fault.RATE:
            return RateLimited()
        case Fault.PAUSED:
            return MethodPaused(method=method, until=until)
        case Fault.RENEW:
            return TokenExpired()
        case Fault.ACCESS:
            return AccessLost(error=facts)
        case Fault.PLAN:
            return SubscriptionEnded()
        case Fault.BLOCKED:
            return PortalBlocked()
        case Fault.GONE:
            return PortalGone(error=facts)
        case Fault.RIGHTS | Fault.SCOPE:
            return RightsMissing(error=facts)
        case Fault.RETRY:
            return BadAnswer(what="server", status="", start=facts)
        case _:
            return RequestRejected(error=facts)
