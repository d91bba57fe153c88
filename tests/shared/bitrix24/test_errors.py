"""Error codes and texts of the platform, and what each means for the one who asked."""

from __future__ import annotations

from typing import Any

import pytest

from shared.bitrix24.errors import Fault, portal_error, whole_answer_error
from shared.bitrix24.verdicts import of_error
from shared.domain.coverage import ReasonCode, State
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

# Code, text, HTTP status, meaning, the error of a call that failed as a whole (REST documentation, error codes).
WHOLE: list[tuple[Any, str, int, Fault, type[CrmapError]]] = [
    ("QUERY_LIMIT_EXCEEDED", "Too many requests", 503, Fault.RATE, RateLimited),
    ("OPERATION_TIME_LIMIT", "Method is blocked", 429, Fault.PAUSED, MethodPaused),
    ("INTERNAL_SERVER_ERROR", "", 500, Fault.RETRY, BadAnswer),
    ("ERROR_UNEXPECTED_ANSWER", "", 500, Fault.RETRY, BadAnswer),
    ("WRONG_ENCODING", "", 200, Fault.RETRY, BadAnswer),
    ("CONNECTION_ERROR", "", 401, Fault.RETRY, BadAnswer),
    ("NO_AUTH_FOUND", "Wrong authorization data", 401, Fault.ACCESS, AccessLost),
    ("expired_token", "", 401, Fault.RENEW, TokenExpired),
    ("invalid_token", "", 401, Fault.RENEW, TokenExpired),
    ("invalid_grant", "", 400, Fault.ACCESS, AccessLost),
    ("authorization_error", "Unable to authorize user", 401, Fault.ACCESS, AccessLost),
    ("user_access_error", "", 403, Fault.ACCESS, AccessLost),
    ("INVALID_CREDENTIALS", "Invalid request credentials", 403, Fault.ACCESS, AccessLost),
    ("APPLICATION_NOT_FOUND", "", 401, Fault.ACCESS, AccessLost),
    ("NOT_INSTALLED", "", 401, Fault.ACCESS, AccessLost),
    ("ERROR_OAUTH", "Application not installed", 401, Fault.ACCESS, AccessLost),
    ("ERROR_OAUTH", "Payment required", 401, Fault.PLAN, SubscriptionEnded),
    ("PAYMENT_REQUIRED", "", 401, Fault.PLAN, SubscriptionEnded),
    ("ACCESS_DENIED", "REST is available only on commercial plans.", 401, Fault.PLAN, SubscriptionEnded),
    ("ACCESS_DENIED", "REST доступен только на коммерческих тарифах", 403, Fault.PLAN, SubscriptionEnded),
    ("ACCESS_DENIED", "REST is available by subscription", 403, Fault.PLAN, SubscriptionEnded),
    ("ACCESS_DENIED", "REST доступен только по подписке", 403, Fault.PLAN, SubscriptionEnded),
    ("ACCESS_DENIED", "Access denied.", 400, Fault.RIGHTS, RightsMissing),
    ("ACCESS_ERROR", "no access", 400, Fault.RIGHTS, RightsMissing),
    ("", "Access denied.", 400, Fault.RIGHTS, RightsMissing),
    ("", "Доступ запрещён", 400, Fault.RIGHTS, RightsMissing),
    ("allowed_only_intranet_user", "", 403, Fault.RIGHTS, RightsMissing),
    ("insufficient_scope", "", 403, Fault.SCOPE, RightsMissing),
    ("OVERLOAD_LIMIT", "", 503, Fault.BLOCKED, PortalBlocked),
    *(("PORTAL_DELETED", "", status, Fault.GONE, PortalGone) for status in (403, 410, 500)),
    ("ERROR_METHOD_NOT_FOUND", "Method not found!", 404, Fault.NO_METHOD, RequestRejected),
    ("WRONG_LICENSE", "", 403, Fault.NO_METHOD, RequestRejected),
    ("ENTITY_TYPE_NOT_SUPPORTED", "", 400, Fault.NO_OBJECT, RequestRejected),
    ("NOT_FOUND", "", 400, Fault.NO_OBJECT, RequestRejected),
    ("ERROR_NOT_FOUND", "", 400, Fault.NO_OBJECT, RequestRejected),
    ("ERROR_CORE", "Filter by ENTITY_ID must be a string", 400, Fault.OTHER, RequestRejected),
    ("INVALID_REQUEST", "Https required.", 400, Fault.OTHER, RequestRejected),
    ("WRONG_AUTH_TYPE", "", 403, Fault.OTHER, RequestRejected),
    ("ERROR_BATCH_LENGTH_EXCEEDED", "", 400, Fault.OTHER, RequestRejected),
    (100, "Unknown field definition", 400, Fault.OTHER, RequestRejected),
    ("100", "Could not find value for parameter {x}", 400, Fault.OTHER, RequestRejected),
    (0, "SPA not found", 400, Fault.OTHER, RequestRejected),
    ("0", "", 400, Fault.OTHER, RequestRejected),
    ("", "", 400, Fault.OTHER, RequestRejected),
    (None, "", 400, Fault.OTHER, RequestRejected),
    ("SOMETHING_NEW", "", 400, Fault.OTHER, RequestRejected),
    *(
        ("SOMETHING_NEW", "", status, Fault.RETRY, BadAnswer)
        for status in (408, 429, 500, 502, 503, 504, 520)
    ),
    ({"code": "BITRIX_REST_V3_EXCEPTION"}, "", 400, Fault.OTHER, RequestRejected),
]


@pytest.mark.parametrize(("code", "words", "status", "fault", "kind"), WHOLE)
def test_every_code_has_its_meaning(
    code: Any, words: str, status: int, fault: Fault, kind: type[CrmapError]
) -> None:
    error = portal_error(code, words, status=status)
    assert error.fault is fault
    assert type(whole_answer_error(error, method="batch")) is kind


@pytest.mark.parametrize(
    ("code", "words", "status", "fault"), [row[:4] for row in WHOLE if isinstance(row[0], str)]
)
def test_capitals_make_no_difference(code: str, words: str, status: int, fault: Fault) -> None:
    for spelt in (code.upper(), code.lower(), code.title()):
        assert portal_error(spelt, words, status=status).fault is fault


def test_a_text_names_the_missing_scope() -> None:
    error = portal_error("", "The current method required more scopes. (crm)", method="userfieldconfig.list")
    assert (error.fault, error.scope) == (Fault.SCOPE, "crm")
    assert portal_error("100", "The current method required more scopes.<br>(crm, user)").scope == "crm, user"


@pytest.mark.parametrize(
    "code",
    ["", "0", 0],
)
def test_settings_of_fields_refuse_without_a_code_in_any_language(code: Any) -> None:
    error = portal_error(code, "Keine Berechtigung", method="userfieldconfig.list")
    assert error.fault is Fault.RIGHTS
    assert portal_error(code, "Keine Berechtigung", method="crm.type.get").fault is Fault.OTHER


@pytest.mark.parametrize(
    ("fault", "state", "reason", "detail"),
    [
        (Fault.SCOPE, State.NOT_GRANTED, ReasonCode.SCOPE_MISSING, "user_basic"),
        (Fault.RIGHTS, State.FORBIDDEN, ReasonCode.NO_RIGHTS, "user.get"),
        (Fault.NO_METHOD, State.NOT_AVAILABLE, ReasonCode.METHOD_MISSING, "user.get"),
        (Fault.NO_OBJECT, State.NOT_AVAILABLE, ReasonCode.SWITCHED_OFF, "user.get"),
        (Fault.PAUSED, State.FAILED, ReasonCode.METHOD_PAUSED, "user.get"),
        (Fault.NOT_ANSWERED, State.FAILED, ReasonCode.NOT_ANSWERED, "user.get"),
        (Fault.SILENT, State.FAILED, ReasonCode.NOT_ANSWERED, "user.get"),
        (Fault.SHAPE, State.FAILED, ReasonCode.UNEXPECTED_SHAPE, "user.get"),
        (Fault.OTHER, State.FAILED, ReasonCode.PORTAL_ERROR, "user.get: E: text"),
        (Fault.RETRY, State.FAILED, ReasonCode.PORTAL_ERROR, "user.get: E: text"),
        (Fault.PLAN, State.FAILED, ReasonCode.PORTAL_ERROR, "user.get: E: text"),
    ],
)
def test_an_error_of_one_command_is_a_line_on_the_receipt(
    fault: Fault, state: State, reason: ReasonCode, detail: str
) -> None:
    error = portal_error("E", "text")
    verdict = of_error(type(error)(fault, error.code, error.text), "user.get")
    assert verdict.state is state
    assert verdict.reason is not None
    assert (verdict.reason.code, verdict.reason.detail) == (reason, detail)


def test_markup_and_what_no_file_holds_stay_out_of_an_error() -> None:
    error = portal_error("E\x00\ud800", "first<br>second<b> \x00\ud800</b>" + "x" * 999)
    assert error.code == "E\ufffd\ufffd"
    assert error.text.startswith("first second  \ufffd\ufffd")
    assert len(error.text) <= 300
    assert str(error).encode()


def test_an_endless_code_is_cut() -> None:
    assert len(portal_error({"a": ["b" * 999]}, None).code) == 100
