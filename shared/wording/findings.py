"""Remarks about a snapshot in words: what is odd, which items, and what it means for the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from shared.domain.concerned import Concerned
from shared.domain.findings import Finding, FindingCode
from shared.wording.kinds import entity_key_title, kind_word
from shared.wording.language import Language, quoted
from shared.wording.visible import visible

_TITLES: Final[Mapping[FindingCode, Mapping[Language, str]]] = {
    FindingCode.SAME_LABEL: {"ru": "Поля с одинаковым названием", "en": "Fields with the same label"},
    FindingCode.SAME_BEGINNING: {
        "ru": "Поля, названия которых начинаются одинаково",
        "en": "Fields whose labels begin alike",
    },
    FindingCode.LIKE_STANDARD: {
        "ru": "Поля, названные как стандартные",
        "en": "Fields called like standard ones",
    },
    FindingCode.SAME_VALUE: {
        "ru": "Одинаковые значения в одном списке",
        "en": "The same value in a list more than once",
    },
    FindingCode.NO_LABEL: {"ru": "Поля без названия", "en": "Fields without a label"},
    FindingCode.EMPTY_LIST: {"ru": "Списки без значений", "en": "Lists without values"},
    FindingCode.UNUSUAL_CODE: {"ru": "Необычные коды полей", "en": "Unusual field codes"},
    FindingCode.SUCCESS_STAGES: {
        "ru": "Стадий успеха не ровно одна",
        "en": "Not exactly one success stage",
    },
    FindingCode.LEFTOVER_STAGES: {"ru": "Стадии без воронки", "en": "Stages without a pipeline"},
    FindingCode.NO_NAME: {"ru": "Название не задано", "en": "Name not set"},
    FindingCode.DAMAGED_TEXT: {
        "ru": "Тексты с повреждёнными символами",
        "en": "Texts with damaged characters",
    },
    FindingCode.DISMISSED_HEAD: {
        "ru": "Подразделения с уволенным руководителем",
        "en": "Departments headed by a dismissed person",
    },
    FindingCode.UNLISTED_HEAD: {
        "ru": "Подразделения, руководителя которых нет в списке",
        "en": "Departments whose head is not in the list",
    },
    FindingCode.UNLISTED_READER: {
        "ru": "Читающего нет в списке пользователей",
        "en": "The reader is not in the list of users",
    },
}

_ADVICE: Final[Mapping[FindingCode, Mapping[Language, str]]] = {
    FindingCode.SAME_LABEL: {
        "ru": "По названию их не различить: сопоставляйте по коду.",
        "en": "The label does not tell them apart: map them by code.",
    },
    FindingCode.SAME_BEGINNING: {
        "ru": "Проверьте, не одно ли это поле, заведённое несколько раз, и сопоставляйте по коду.",
        "en": "Check whether they are one field made several times, and map them by code.",
    },
    FindingCode.LIKE_STANDARD: {
        "ru": "Значение могут искать не в том поле: уточните, какое из двух заполняют.",
        "en": "A value may be looked for in the wrong field: ask which of the two is filled in.",
    },
    FindingCode.SAME_VALUE: {
        "ru": "Отчёты и интеграции считают их разными: оставьте одно.",
        "en": "Reports and integrations count them as different: keep one of them.",
    },
    FindingCode.NO_LABEL: {
        "ru": "На языке портала названия нет; смысл поля уточните у заказчика.",
        "en": "There is no label in the portal's language; ask the client what the field means.",
    },
    FindingCode.EMPTY_LIST: {
        "ru": "Выбрать в них нечего: заполните список или удалите поле.",
        "en": "There is nothing to choose: fill the list or remove the field.",
    },
    FindingCode.UNUSUAL_CODE: {
        "ru": "Код начинается не так, как обычно: некоторые приложения его не увидят.",
        "en": "The code begins otherwise than usual: some applications will not see the field.",
    },
    FindingCode.SUCCESS_STAGES: {
        "ru": "В каждом справочнике стадий должна быть одна успешная: проверьте настройку воронки.",
        "en": "Every stage directory has one success stage: check the settings of the pipeline.",
    },
    FindingCode.LEFTOVER_STAGES: {
        "ru": "Остались от удалённой воронки или смарт-процесса; в интеграции их не используйте.",
        "en": "Left over from a removed pipeline or smart process; do not use them in an integration.",
    },
    FindingCode.NO_NAME: {
        "ru": "Задайте название на портале или уточните смысл у заказчика.",
        "en": "Give a name on the portal or ask the client what is meant.",
    },
    FindingCode.DAMAGED_TEXT: {
        "ru": "Символ � стоит на месте утраченного: исправьте текст на портале.",
        "en": "The sign � stands where a character was lost: correct the text on the portal.",
    },
    FindingCode.DISMISSED_HEAD: {
        "ru": "Назначьте нового руководителя: задания и согласования до уволенного не дойдут.",
        "en": "Appoint a new head: tasks and approvals will not reach a dismissed person.",
    },
    FindingCode.UNLISTED_HEAD: {
        "ru": "Портал скрывает интеграторов, внешних и системных пользователей; проверьте назначение.",
        "en": "The portal hides integrators, external and system users; check the appointment.",
    },
    FindingCode.UNLISTED_READER: {
        "ru": "Это интегратор или системный пользователь: если портал заменит его другим, доступ прервётся. "
        "Надёжнее вебхук постоянного администратора.",
        "en": "This is an integrator or a system user: should the portal replace him, access ends. "
        "A webhook of a permanent administrator is safer.",
    },
}

_SAME: Final[Mapping[Language, str]] = {"ru": "написано одинаково", "en": "spelled the same"}
_SPELLING: Final[Mapping[Language, str]] = {
    "ru": "отличаются только регистром, пробелами или «ё»",
    "en": "differ only in capitals, blanks or dots of a letter",
}
_BEGINNING: Final[Mapping[Language, str]] = {
    "ru": "начинаются одинаково, различаются добавлением",
    "en": "begin alike and differ in what follows",
}
_STANDARD: Final[Mapping[Language, str]] = {
    "ru": "называется как стандартное поле {code}",
    "en": "called like the standard field {code}",
}

_MORE: Final[Mapping[Language, str]] = {"ru": "и ещё {count}", "en": "and {count} more"}
_NONE: Final[Mapping[Language, str]] = {"ru": "ни одной", "en": "none"}
_HEAD: Final[Mapping[Language, str]] = {"ru": "руководитель", "en": "head"}


def finding_title(code: FindingCode, language: Language) -> str:
    """What all findings of this kind have in common, as a heading."""
    return _TITLES[code][language]


def finding_advice(code: FindingCode, language: Language) -> str:
    """What it means and what to do."""
    return _ADVICE[code][language]


def finding_line(
    finding: Finding,
    language: Language,
    *,
    limit: int | None = None,
    title: Callable[[str], str] | None = None,
) -> str:
    """The items a finding speaks about, with where they belong; at most ``limit`` of them are named.

    ``title`` tells what an entity type is called, given its key; without it smart processes are shown by key.
    """
    named = [_item(item, finding.detail, language) for item in finding.items[:limit]]
    if len(finding.items) > len(named):
        named.append(_MORE[language].format(count=len(finding.items) - len(named)))
    items = ", ".join(named) or _NONE[language]
    line = ": ".join(part for part in (_where(finding, language, title), items) if part)
    why = finding_why(finding, language)
    return f"{line} ({why})" if why else line


def finding_why(finding: Finding, language: Language) -> str:
    """Why these items are taken for one another; empty for findings whose title says it all."""
    spellings = {item.label for item in finding.items}
    match finding.code:
        case FindingCode.SAME_LABEL:
            return "" if len(spellings) <= 1 else _SPELLING[language]
        case FindingCode.SAME_VALUE:
            return (_SAME if len(spellings) <= 1 else _SPELLING)[language]
        case FindingCode.SAME_BEGINNING:
            return _BEGINNING[language]
        case FindingCode.LIKE_STANDARD:
            return _STANDARD[language].format(code=visible(finding.detail))
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
            return f"{_HEAD[language]} {visible(finding.detail)}"
        case _:
            return " ".join(part for part in (entity, visible(finding.detail)) if part)


def _item(item: Concerned, told: str, language: Language) -> str:
    name = quoted(item.label, language) if item.label and item.label != told else ""
    code = visible(item.code) if item.code else f"id {item.id}"
    return f"{code} {name}".strip()
