"""Facts about the portal itself and about the reader."""

from __future__ import annotations

from typing import Any

from shared.bitrix24.access import Access
from shared.bitrix24.coerce import Odd, flag, integer, scopes, text
from shared.bitrix24.commands import Answer, Answers, Command, Key
from shared.bitrix24.people import full_name
from shared.bitrix24.rows import UnexpectedShape, map_of
from shared.bitrix24.verdicts import COMPLETE, Verdict, partial
from shared.domain.coverage import ReasonCode
from shared.domain.snapshot import CrmMode, PortalFacts, Reader

APP, ME, SCOPES, MODE = Key("app"), Key("me"), Key("scopes"), Key("mode")

# crm.settings.mode.get: 1 is the classic CRM with leads, 2 the simple one without.
_MODES = {1: CrmMode.CLASSIC, 2: CrmMode.SIMPLE}


def first() -> list[Command]:
    """The commands of the first batch."""
    return [
        Command(APP, "app.info"),
        Command(ME, "profile"),
        Command(SCOPES, "scope"),
        Command(MODE, "crm.settings.mode.get"),
    ]


def take(answers: Answers, access: Access) -> tuple[PortalFacts, Reader, Verdict]:
    """The facts about the portal, the reader, and the verdict on both.

    Only an administrator is sure to see everything. For any other reader the verdict is partial, and the portal's
    line on the receipt says so. The plan is optional: a portal may refuse it to a webhook.
    """
    app, me = _map(answers.get(APP)), _map(answers.get(ME))
    facts = PortalFacts(
        domain=access.host,
        language=portal_language(answers),
        plan=_safe_text(app.get("LICENSE")),
        crm_mode=_mode(answers.get(MODE)),
    )
    is_admin = _admin(me)
    reader = Reader(
        # No id if the rights are unknown: the same person may have had other rights the last time.
        id=None if is_admin is None else _safe_integer(me.get("ID")) or access.user_id,
        name=_name(me),
        admin=bool(is_admin),
        scopes=_scopes(answers.get(SCOPES), app),
    )
    answered = {"profile": is_admin is not None, "scope": bool(reader.scopes)}
    unread = [name for name, was_answered in answered.items() if not was_answered]
    if unread:
        return facts, reader, partial(ReasonCode.FACTS_MISSING, ", ".join(unread))
    return facts, reader, COMPLETE if reader.admin else partial(ReasonCode.READER_NOT_ADMIN, str(reader.id))


def portal_language(answers: Answers) -> str | None:
    """The portal's language (``ru``, ``de``). A webhook can learn it only from the name of the plan."""
    app = _map(answers.get(APP))
    language = _safe_text(app.get("LANGUAGE_ID"))
    plan = _safe_text(app.get("LICENSE")) or ""
    prefix = plan.partition("_")[0]
    code = language or (prefix if "_" in plan and 2 <= len(prefix) <= 3 else None)
    return code.lower() if code else None


def leads_are_off(answers: Answers) -> bool:
    """True if the portal works without leads. It keeps their settings but does not show them."""
    return _mode(answers.get(MODE)) is CrmMode.SIMPLE


def reader_is_admin(answers: Answers) -> bool:
    """True if the portal says so of the reader."""
    return bool(_admin(_map(answers.get(ME))))


def _map(answer: Answer | None) -> dict[str, Any]:
    if answer is None or not answer.ok:
        return {}
    try:
        return map_of(answer)
    except UnexpectedShape:
        return {}


def _mode(answer: Answer | None) -> CrmMode | None:
    number = _safe_integer(answer.value) if answer is not None and answer.ok else None
    return None if number is None else _MODES.get(number)


def _scopes(answer: Answer | None, app: dict[str, Any]) -> frozenset[str]:
    for value in (answer.value if answer is not None and answer.ok else None, app.get("SCOPE")):
        try:
            if granted := scopes(value):
                return granted
        except Odd:
            continue
    return frozenset()


def _name(me: dict[str, Any]) -> str | None:
    try:
        return full_name(me)
    except Odd:
        return None


def _admin(me: dict[str, Any]) -> bool | None:
    """``None`` where the portal did not say."""
    try:
        return flag(me.get("ADMIN"))
    except Odd:
        return None


def _safe_text(value: Any) -> str | None:
    try:
        return text(value)
    except Odd:
        return None


def _safe_integer(value: Any) -> int | None:
    try:
        return integer(value)
    except Odd:
        return None
