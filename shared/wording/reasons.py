"""Why a kind of metadata could not be read completely, and what a portal administrator can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.domain.coverage import Reason, ReasonCode
from shared.wording.language import Language
from shared.wording.sentences import N_, cleaned, say

# Names of the permissions as the webhook form shows them (Bitrix24 REST documentation, available scopes).
SCOPE_TITLES: Final[Mapping[str, str]] = {
    "crm": N_("CRM"),
    "user": N_("Users"),
    "user_basic": N_("Users (basic)"),
    "user_brief": N_("Users (minimal)"),
    "department": N_("Company structure"),
    "userfieldconfig": N_("User field settings"),
}

_SENTENCES: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.NO_RIGHTS: N_(
        "The person CRMAP reads as has no rights to these settings[ ({detail})]. "
        "Connect with a webhook of an administrator."
    ),
    ReasonCode.SCOPE_MISSING: N_(
        "The webhook or application was not granted the permission[ “{title}”][ ({detail})]. "
        "Tick it in its settings on the portal and read the portal again."
    ),
    ReasonCode.METHOD_MISSING: N_(
        "The portal has no such function[ (method {detail})]: an old on-premise version or a module "
        "that is switched off. Update the portal or switch the module on if you need these data."
    ),
    ReasonCode.SWITCHED_OFF: N_(
        "This is switched off on the portal[ ({detail})]. Switch it on in the CRM settings if you need it."
    ),
    ReasonCode.NOT_DESCRIBED: N_(
        "The portal does not describe this entity to applications[ ({detail})]. "
        "Nothing to do: it cannot be read over REST."
    ),
    ReasonCode.LEADS_OFF: N_(
        "The CRM works in simple mode, without leads. Choose classic mode in the CRM settings if "
        "you need them."
    ),
    ReasonCode.READER_NOT_ADMIN: N_(
        "CRMAP reads as an employee who is no administrator: the portal gives only what this person "
        "sees[ (id {detail})]. Connect with a webhook of an administrator."
    ),
    ReasonCode.ROWS_MISSING: N_(
        "The portal did not hand over all rows[ ({detail})]. Read it again; if that repeats, make "
        "sure that the webhook belongs to an administrator."
    ),
    ReasonCode.LIST_CONTRADICTS: N_(
        "The portal contradicts itself about how many rows this list has[ ({detail})]. All that came are "
        "shown; nothing is taken for deleted. Read it again; if that repeats, tell us."
    ),
    ReasonCode.PIPELINES_HIDDEN: N_(
        "Some pipelines exist but are hidden from the person CRMAP reads as[: {detail}]. "
        "Grant access to them or connect with a webhook of an administrator."
    ),
    ReasonCode.TYPES_HIDDEN: N_(
        "Some smart processes are visible without their settings[: {detail}]. "
        "Connect with a webhook of a CRM administrator."
    ),
    ReasonCode.STAGES_MISSING: N_(
        "The portal gave no stages for some pipelines[: {detail}]. Read it again; if that repeats, "
        "open the settings of these pipelines and save them."
    ),
    ReasonCode.FIELD_SETTINGS_HIDDEN: N_(
        "The fields are visible, their settings (id, order) are not[ ({detail})]. Tick the "
        "permission “User field settings” (userfieldconfig) and read as an administrator."
    ),
    ReasonCode.VALUES_MISSING: N_(
        "The values of some list fields were not read[: {detail}]. Read the portal again; if that "
        "repeats, check the rights of the webhook on this entity."
    ),
    ReasonCode.FIELDS_DISAGREE: N_(
        "Two answers of the portal about the fields disagree[: {detail}]; perhaps somebody changed "
        "the settings meanwhile. Read the portal again."
    ),
    ReasonCode.FACTS_MISSING: N_(
        "The portal did not say everything about itself[: {detail}]. The document does not depend "
        "on it, nothing to do."
    ),
    ReasonCode.UNEXPECTED_SHAPE: N_(
        "The portal answered otherwise than its documentation says[ ({detail})]. Read it again; if "
        "that repeats, tell us."
    ),
    ReasonCode.NOT_UNDERSTOOD: N_(
        "Everything was read, but some attributes came in a form that makes no sense[: {detail}]. Correct them "
        "on the portal or tell us."
    ),
    ReasonCode.NOT_ANSWERED: N_("The portal did not answer this request[ ({detail})]. Read it again later."),
    ReasonCode.METHOD_PAUSED: N_(
        "The portal paused this request, which has used up its time for ten minutes[ ({detail})]. "
        "Read the portal again in ten minutes."
    ),
    ReasonCode.METHOD_RESTS: N_(
        "This request has nearly used up the time the portal gives it for ten minutes[ ({detail})], and CRMAP "
        "did not drive it to a refusal. Read the portal again in ten minutes."
    ),
    ReasonCode.PORTAL_ERROR: N_(
        "The portal answered with an error[: {detail}]. Read it again later; if that repeats, show "
        "this text to Bitrix24 support."
    ),
    ReasonCode.DEPENDS_ON_UNREAD: N_(
        "This cannot be read without another answer[ ({detail})]. Mend what kept that one from being "
        "read first."
    ),
    ReasonCode.LOSS_UNCONFIRMED: N_(
        "The portal suddenly gave much less than before[: {detail}]. Nothing was deleted: what was known is "
        "shown, and it is being checked once more in a minute."
    ),
}


def reason_sentence(reason: Reason, language: Language) -> str:
    """What is missing and what to do about it, in one or two sentences."""
    title = SCOPE_TITLES.get(reason.detail)
    facts = {"detail": reason.detail, "title": say(title, language) if title else ""}
    return say(_SENTENCES[reason.code], language, **cleaned(facts))
