"""Our own words in a specification, Russian and English side by side."""

from __future__ import annotations

from enum import Enum

from shared.wording.language import Language


class Word(Enum):
    """A word or a sentence of ours; places in braces are filled by ``say``."""

    def __init__(self, russian: str, english: str) -> None:
        self.russian = russian
        self.english = english

    DOCUMENT = ("Спецификация CRM Битрикс24", "Bitrix24 CRM specification")
    FORMAT = ("формат", "format")

    CONTENTS = ("Содержание", "Contents")

    # 0 Passport
    PASSPORT = ("Паспорт", "Passport")
    ACCOUNT = ("Аккаунт", "Account")
    MEMBER_ID = ("member_id {member_id}", "member_id {member_id}")
    MEMBER_ID_UNKNOWN = ("member_id не сообщён", "member_id not given")
    PORTAL = ("Портал", "Portal")
    PORTAL_LANGUAGE = ("язык {language}", "language {language}")
    PORTAL_LANGUAGE_UNKNOWN = ("язык не прочитан", "language not read")
    PLAN = ("тариф {plan}", "plan {plan}")
    PLAN_UNKNOWN = ("тариф не прочитан", "plan not read")
    MODE_CLASSIC = ("режим CRM: с лидами", "CRM mode: with leads")
    MODE_SIMPLE = ("режим CRM: без лидов", "CRM mode: without leads")
    MODE_UNKNOWN = ("режим CRM не прочитан", "CRM mode not read")
    SNAPSHOT = ("Снимок", "Snapshot")
    SNAPSHOT_NUMBERED = ("№ {number} от {moment}", "no. {number} of {moment}")
    SNAPSHOT_SINGLE = ("от {moment}", "of {moment}")
    FINGERPRINT = ("отпечаток {fingerprint}", "fingerprint {fingerprint}")
    READ_AS = ("Прочитано от", "Read as")
    READER = ("{name} (id {id})", "{name} (id {id})")
    READER_NAMELESS = ("id {id}", "id {id}")
    READER_UNKNOWN = ("не прочитано, от чьего имени", "reader not known")
    ADMIN = ("администратор", "administrator")
    NOT_ADMIN = ("не администратор, видит не всё", "not an administrator, does not see everything")
    SCOPES = ("права: {scopes}", "permissions: {scopes}")
    SCOPES_UNKNOWN = ("права не прочитаны", "permissions not read")
    OPTIONS = ("Параметры", "Options")
    OPTION_LANGUAGE = ("язык документа русский", "document in English")
    WITH_PERSONS = ("пользователи включены", "users included")
    WITHOUT_PERSONS = ("без пользователей", "without users")
    COMPLETENESS = ("Полнота", "Completeness")
    COUNTED_STATE = ("{state}: {count}", "{state}: {count}")
    SEE_MISSING = ("подробно в разделе 1", "details in section 1")
    FIELD_TYPES = ("Типы полей", "Field types")
    SIGNS = ("Обозначения", "Signs")
    SIGN_BELOW = ("↓ строкой ниже", "↓ on the line below")
    SIGN_DEFAULT = ("* по умолчанию", "* default")
    SIGN_BREAK = ("⏎ перенос строки", "⏎ line break")
    SIGN_HIDDEN = ("‹U+200B› невидимый знак", "‹U+200B› unseen character")
    SIGN_SPACE = ("␣ лишний пробел", "␣ surplus space")

    # 1 What is not in the document
    MISSING = ("Чего нет в документе", "What is not in this document")
    ALL_READ = ("Всё прочитано полностью.", "Everything was read completely.")
    NOT_ON_PORTAL = (
        "Этого на портале нет, это не ошибка:",
        "The portal does not have these, which is no error:",
    )
    READ_ITEMS = ("прочитано записей: {count}", "items read: {count}")
    DATA_OF = ("данные от {moment}", "data of {moment}")

    # 2 Summary
    SUMMARY = ("Сводка", "Summary")
    ENTITY = ("Сущность", "Entity")
    PIPELINES = ("Воронки", "Pipelines")
    STAGES = ("Стадии", "Stages")
    STANDARD_FIELDS = ("Станд. поля", "Standard fields")
    USER_FIELDS = ("Польз. поля", "User fields")
    LIST_VALUES = ("Значения списков", "List values")
    DICTIONARY_COUNTS = ("{lists}, значений {items}", "{lists}, values {items}")
    USER_COUNTS = ("работают {active}, уволены {dismissed}", "active {active}, dismissed {dismissed}")
    NONE_HERE = ("нет", "none")
    AT_LEAST = ("{count}, частично", "{count}, partly")

    # 3 Map of entities
    MAP = ("Карта сущностей", "Map of entities")
    NAME = ("Название", "Name")
    TYPE_ID = ("type id", "type id")
    FIELD_OWNER = ("Владелец полей", "Field owner")
    BINDING_PREFIX = ("Префикс привязки", "Binding prefix")
    OLD_INVOICE = (
        "старые счета, для новых работ берите entityTypeId 31",
        "old invoices, use entityTypeId 31 for new work",
    )
    NOT_KNOWN = ("не прочитано", "not read")
    NOT_UNDERSTOOD = ("не понято", "not understood")
    NO_TYPES = ("Сущностей нет.", "There are no entity types.")

    # 4 Entities
    SMART_PROCESS = (
        "Смарт-процесс «{title}» (entityTypeId {id})",
        "Smart process “{title}” (entityTypeId {id})",
    )
    SMART_PROCESS_NAMELESS = (
        "Смарт-процесс без названия (entityTypeId {id})",
        "Nameless smart process (entityTypeId {id})",
    )
    NAMELESS_ENTITY = ("без названия (entityTypeId {id})", "nameless (entityTypeId {id})")
    OTHER_ENTITY = ("«{title}» (entityTypeId {id})", "“{title}” (entityTypeId {id})")
    PIPELINES_AND_STAGES = ("воронки и статусы", "pipelines and stages")
    STANDARD = ("стандартные поля", "standard fields")
    STANDARD_COUNTED = ("стандартные поля ({count})", "standard fields ({count})")
    FIELDS = ("пользовательские поля", "user fields")
    FIELDS_COUNTED = ("пользовательские поля ({count})", "user fields ({count})")
    QUOTED = ("«{name}»", "“{name}”")
    PIPELINE = ("Воронка {id}", "Pipeline {id}")
    DEFAULT = ("ПО УМОЛЧАНИЮ", "DEFAULT")
    STAGES_WITHOUT_PIPELINE = (
        "Стадии (воронок у этой сущности нет)",
        "Stages (this entity has no pipelines)",
    )
    ONLY_STAGES_READ = ("не прочитана, прочитаны только её стадии", "not read, only its stages were")
    DIRECTORY_ASIDE = ("справочник {directory}", "directory {directory}")
    NO_STAGES = ("Стадий нет.", "No stages.")
    NO_PIPELINES = ("Воронок и стадий нет.", "No pipelines and no stages.")
    NO_STANDARD_FIELDS = ("Стандартных полей нет.", "No standard fields.")
    NO_FIELDS = ("Пользовательских полей нет.", "No user fields.")
    NUMBER = ("№", "No")
    MEANING = ("Смысл", "Meaning")
    COLOR = ("Цвет", "Colour")
    NO_COLOR = ("не задан", "not set")
    CODE = ("Код", "Code")
    CODE_CLASSIC = ("Код (crm.{entity}.*)", "Code (crm.{entity}.*)")
    API_NAME = ("Имя в crm.item.*", "Name in crm.item.*")
    API_NAME_SPILL = ("имя в crm.item", "name in crm.item")
    TYPE = ("Тип", "Type")
    TYPE_SPILL = ("тип", "type")
    FLAGS = ("МО", "MR")
    FLAGS_STANDARD = ("МОЧ", "MRO")
    FLAG_MULTIPLE = ("М", "M")
    FLAG_MANDATORY = ("О", "R")
    FLAG_READ_ONLY = ("Ч", "O")
    FLAGS_ASIDE = ("М — несколько значений, О — обязательное", "M — several values, R — required")
    FLAGS_STANDARD_ASIDE = (
        "М — несколько значений, О — обязательное, Ч — только чтение",
        "M — several values, R — required, O — read only",
    )
    NAME_SPILL = ("название", "name")
    ID_HIDDEN = ("нет прав", "hidden")
    VALUES = ("значения", "values")
    DEFAULT_NOTE = ("(* по умолчанию)", "(* default)")
    NO_VALUES = ("список пуст", "the list is empty")
    VALUES_UNREAD = ("не прочитаны", "not read")
    VALUES_IN_APPENDIX = ("{count}, полностью в приложении {number}", "{count}, in full in appendix {number}")
    DEFAULTS_UNREAD = (
        "Порядок и значения по умолчанию списков этой сущности не прочитаны.",
        "The order and the defaults of the lists of this entity were not read.",
    )
    IN_DICTIONARY = ("справочник", "dictionary")
    DICTIONARY_IN_SECTION_5 = ("{directory} «{name}», раздел 5", "{directory} “{name}”, section 5")
    DICTIONARY_NAMELESS = ("{directory}, раздел 5", "{directory}, section 5")
    DICTIONARY_STAGES = ("{directory}, стадии в разделе 4", "{directory}, stages in section 4")
    DICTIONARY_UNREAD = ("{directory}, не прочитан", "{directory}, not read")
    BLOCK = ("инфоблок", "information block")
    HIGHLOAD_BLOCK = ("highload-блок", "highload block")
    BLOCK_VALUES = (
        "{block}; значения не входят в метаданные CRM",
        "{block}; its values are not CRM metadata",
    )
    BLOCK_OF_TYPE = ("{id} (тип {type})", "{id} (type {type})")
    BOUND_TO = ("привязка", "bound to")
    NOWHERE = ("ни к чему", "nothing")
    NOTE = ("замечание", "note")
    UNUSUAL_CODE = (
        "необычный код, некоторые приложения поля не увидят",
        "unusual code, some applications miss it",
    )
    SAME_LABEL = ("такое же название у {codes}", "the same label as {codes}")
    MORE = ("далее", "more")

    DETAILS = ("Подробности", "Details")

    # 5 Dictionaries, 6 Users
    DICTIONARIES = ("Справочники", "Dictionaries")
    NO_DICTIONARIES = ("Справочников нет.", "No dictionaries.")
    NO_ITEMS = ("Значений нет.", "No values.")
    SORT = ("Порядок", "Order")
    USERS = ("Пользователи", "Users")
    USERS_COUNTED = ("Пользователи ({count})", "Users ({count})")
    NO_USERS = ("Пользователей нет.", "No users.")
    PERSON = ("Имя", "Name")
    ACTIVE = ("Состояние", "State")
    IS_ACTIVE = ("работает", "active")
    IS_DISMISSED = ("УВОЛЕН", "DISMISSED")
    POSITION = ("Должность", "Position")
    NO_POSITION = ("не указана", "not given")
    NO_DEPARTMENTS_OF_USER = ("не указаны", "not given")
    HIDDEN_READER = (
        "скрыт порталом: интегратор или системный пользователь",
        "hidden by the portal: integrator or system user",
    )
    HIDDEN_STATE = ("не в списке", "not listed")
    LEFT_OUT = (
        "Пользователи не включены по выбору составителя документа.",
        "Users were left out by the maker of this document.",
    )
    DEPARTMENTS = ("Подразделения", "Departments")
    DEPARTMENTS_COUNTED = ("Подразделения ({count})", "Departments ({count})")
    NO_DEPARTMENTS = ("Подразделений нет.", "No departments.")
    PARENT = ("Входит в", "Part of")
    TOP = ("корень", "top")
    HEAD = ("Руководитель", "Head")
    NO_HEAD = ("не назначен", "vacant")

    # 7 Remarks, 8 Mapping, appendix
    REMARKS = ("Замечания", "Remarks")
    NO_REMARKS = ("Замечаний нет.", "Nothing to remark.")
    MAPPING = ("Таблица соответствия", "Mapping table")
    MAPPING_HELP = (
        "Заготовка для связи с другой системой; полные названия полей в разделе 4.",
        "A blank form for the link with another system; full names are in section 4.",
    )
    NOTHING_TO_MAP = (
        "Сопоставлять нечего: пользовательских полей нет.",
        "Nothing to map: there are no user fields.",
    )
    NOTHING_READ_TO_MAP = (
        "Сопоставлять нечего: пользовательские поля не прочитаны (раздел 1).",
        "Nothing to map: the user fields were not read (section 1).",
    )
    FIELD_HERE = ("Поле Б24", "Bitrix24 field")
    MANDATORY = ("Обяз.", "Req.")
    YES = ("да", "yes")
    NO = ("нет", "no")
    OTHER_SYSTEM = ("Система-2", "System 2")
    FIELD_THERE = ("Поле", "Field")
    RULE = ("Правило", "Rule")
    CHECK = ("Проверка", "Check")
    APPENDIX = ("Приложение", "Appendix")
    APPENDIX_LETTER = ("А", "A")
    APPENDIX_EMPTY = (
        "Списков длиннее {limit} значений нет: все значения стоят при своих полях.",
        "No list is longer than {limit} values: all values stand with their fields.",
    )
    VALUE = ("Значение", "Value")
    VALUE_SPILL = ("значение", "value")

    # Sheets of a workbook
    SHEETS = ("Листы", "Sheets")
    SHEET = ("Лист", "Sheet")
    ROWS = ("строк: {count}", "rows: {count}")
    MAP_SHEET = ("Сущности", "Entity types")
    MAPPING_SHEET = ("Соответствие", "Mapping")
    ITEM = ("Что это", "Item")
    PARENT_ITEM = ("Воронка / поле", "Pipeline / field")
    SEVERAL = ("Несколько", "Several")
    BY_DEFAULT = ("По умолчанию", "Default")
    REMARK = ("Замечание", "Remark")
    WHERE = ("Где", "Where")
    ADVICE = ("Что это значит", "What it means")
    A_PIPELINE = ("воронка", "pipeline")
    A_STAGE = ("стадия", "stage")
    A_STANDARD_FIELD = ("стандартное поле", "standard field")
    A_FIELD = ("поле", "field")
    READ_ONLY = ("только чтение", "read only")

    # Differences
    CHANGES = ("Изменения в CRM Битрикс24", "Changes in a Bitrix24 CRM")
    BEFORE = ("было   {side}", "before  {side}")
    AFTER = ("стало  {side}", "after   {side}")
    NO_CHANGES = ("Изменений нет.", "No changes.")
    NOT_COMPARED = ("Не сравнивалось:", "Not compared:")
    LABEL_REUSED = ("так раньше называлось {code}", "this is what {code} was called before")


def say(word: Word, language: Language, /, **facts: object) -> str:
    """The word in this language, its places filled."""
    text = word.russian if language == "ru" else word.english
    return text.format(**facts) if facts else text
