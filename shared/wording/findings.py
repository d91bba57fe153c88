"""Remarks about a snapshot in words: what is odd, which items, and what it means for the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shared.domain.findings import Finding, FindingCode
from shared.domain.item_references import ItemReference
from shared.wording.kinds import entity_key_title, kind_word
from shared.wording.language import Language
from shared.wording.sentences import N_, NP_, quoted, say
from shared.wording.visible import visible

_TITLES: Final[Mapping[FindingCode, str]] = {
    FindingCode.SAME_LABEL: N_("Fields with the same label"),
    FindingCode.SAME_BEGINNING: N_("Fields whose labels begin alike"),
    FindingCode.LIKE_STANDARD: N_("Fields called like standard ones"),
    FindingCode.SAME_VALUE: N_("The same value in a list more than once"),
    FindingCode.NO_LABEL: N_("Fields without a label"),
    FindingCode.EMPTY_LIST: N_("Lists without values"),
    FindingCode.UNUSUAL_CODE: N_("Unusual field codes"),
    FindingCode.SUCCESS_STAGES: N_("Not exactly one success stage"),
    FindingCode.LEFTOVER_STAGES: N_("Stages without a pipeline"),
    FindingCode.NO_NAME: N_("Name not set"),
    FindingCode.DAMAGED_TEXT: N_("Texts with damaged characters"),
    FindingCode.DISMISSED_HEAD: N_("Departments headed by a dismissed person"),
    FindingCode.UNLISTED_HEAD: N_("Departments whose head is not in the list"),
    FindingCode.UNLISTED_READER: N_("The reader is not in the list of users"),
}

_ADVICE: Final[Mapping[FindingCode, str]] = {
    FindingCode.SAME_LABEL: N_("The label does not tell them apart: map them by code."),
    FindingCode.SAME_BEGINNING: N_(
        "Check whether they are one field made several times, and map them by code."
    ),
    FindingCode.LIKE_STANDARD: N_(
        "A value may be looked for in the wrong field: ask which of the two is filled in."
    ),
    FindingCode.SAME_VALUE: N_("Reports and integrations count them as different: keep one of them."),
    FindingCode.NO_LABEL: N_(
        "There is no label in the portal's language; ask the client what the field means."
    ),
    FindingCode.EMPTY_LIST: N_("There is nothing to choose: fill the list or remove the field."),
    FindingCode.UNUSUAL_CODE: N_(
        "The code begins otherwise than usual: some applications will not see the field."
    ),
    FindingCode.SUCCESS_STAGES: N_(
        "Every stage directory has one success stage: check the settings of the pipeline."
    ),
    FindingCode.LEFTOVER_STAGES: N_(
        "Left over from a removed pipeline or smart process; do not use them in an integration."
    ),
    FindingCode.NO_NAME: N_("Give a name on the portal or ask the client what is meant."),
    FindingCode.DAMAGED_TEXT: N_(
        "The sign � stands where a character was lost: correct the text on the portal."
    ),
    FindingCode.DISMISSED_HEAD: N_(
        "Appoint a new head: tasks and approvals will not reach a dismissed person."
    ),
    FindingCode.UNLISTED_HEAD: N_(
        "The portal hides integrators, external and system users; check the appointment."
    ),
    FindingCode.UNLISTED_READER: N_(
        "This is an integrator or a system user: should the portal replace him, access ends. "
        "A webhook of a permanent administrator is safer."
    ),
}

_SAME: Final = N_("spelled the same")
_SPELLING: Final = N_("differ only in capitals, blanks or dots of a letter")
_BEGINNING: Final = N_("begin alike and differ in what follows")
_STANDARD: Final = N_("called like the standard field {code}")

_MORE: Final = N_("and {count} more")
_NONE: Final = NP_("stages", "none")
_HEAD: Final = N_("head")


def finding_title(code: FindingCode, language: Language) -> str:
    """The heading for all findings of this kind."""
    return say(_TITLES[code], language)


def finding_advice(code: FindingCode, language: Language) -> str:
    """What it means and what to do."""
    return say(_ADVICE[code], language)


def finding_line(
    finding: Finding,
    language: Language,
    *,
    limit: int | None = None,
    title: Callable[[str], str] | None = None,
) -> str:
    """The items of a finding and what they belong to; at most ``limit`` items are named.

    ``title`` returns the name of an entity type for its key; without it smart processes are shown by key.
    """
    names = [_item(item, finding.detail, language) for item in finding.items[:limit]]
    if len(finding.items) > len(names):
        names.append(say(_MORE, language, count=len(finding.items) - len(names)))
    items = ", ".join(names) or say(_NONE, language)
    line = ": ".join(part for part in (_where(finding, language, title), items) if part)
    why = finding_why(finding, language)
    return f"{line} ({why})" if why else line


def finding_why(finding: Finding, language: Language) -> str:
    """Why these items are easily confused; empty for findings whose title says enough."""
    spellings = {item.label for item in finding.items}
    match finding.code:
        case FindingCode.SAME_LABEL:
            return "" if len(spellings) <= 1 else say(_SPELLING, language)
        case FindingCode.SAME_VALUE:
            return say(_SAME if len(spellings) <= 1 else _SPELLING, language)
        case FindingCode.SAME_BEGINNING:
            return say(_BEGINNING, language)
        case FindingCode.LIKE_STANDARD:
            return say(_STANDARD, language, code=visible(finding.detail))
        case _:
            return ""


def finding_sentence(
    finding: Finding, language: Language, *, title: Callable[[str], str] | None = None
) -> str:
    """A finding that stands alone: what is odd, where, and what to do."""
    what, advice = finding_title(finding.code, language), finding_advice(finding.code, language)
    return f"{what}. {finding_line(finding, language, title=title)}. {advice}"


def _where(finding: Finding, language: Language, title: Callable[[str], str] | None) -> str:
    entity = ""
    if finding.entity_type is not None:
        entity = title(finding.entity_type) if title else entity_key_title(finding.entity_type, language)
    entity = visible(entity)
    match finding.code:
        case FindingCode.DAMAGED_TEXT | FindingCode.NO_NAME:
            return kind_word(finding.kind, entity or None, language)
        case FindingCode.SAME_LABEL | FindingCode.SAME_BEGINNING:
            return f"{entity} {quoted(finding.detail, language)}"
        case FindingCode.LIKE_STANDARD:
            return entity
        case FindingCode.DISMISSED_HEAD | FindingCode.UNLISTED_HEAD:
            return f"{say(_HEAD, language)} {visible(finding.detail)}"
        case _:
            return " ".join(part for part in (entity, visible(finding.detail)) if part)


def _item(item: ItemReference, heading: str, language: Language) -> str:
    name = quoted(item.label, language) if item.label and item.label != heading else ""
    code = visible(item.code) if item.code else f"id {item.id}"
    return f"{code} {name}".strip()
