"""Why a kind of metadata could not be read completely, and what a portal administrator can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.domain.coverage import Reason, ReasonCode
from shared.wording.language import Language, fill

# Names of the permissions as the webhook form shows them (Bitrix24 REST documentation, available scopes).
SCOPE_TITLES: Final[Mapping[str, Mapping[Language, str]]] = {
    "crm": {"ru": "CRM", "en": "CRM"},
    "user": {"ru": "Пользователи", "en": "Users"},
    "user_basic": {"ru": "Пользователи (базовый)", "en": "Users (basic)"},
    "user_brief": {"ru": "Пользователи (минимальный)", "en": "Users (minimal)"},
    "department": {"ru": "Структура компании", "en": "Company structure"},
    "userfieldconfig": {"ru": "Настройка пользовательских полей", "en": "User field settings"},
}

_SENTENCES: Final[Mapping[ReasonCode, Mapping[Language, str]]] = {
    ReasonCode.NO_RIGHTS: {
        "ru": "У того, от чьего имени читает CRMAP, нет прав на эти настройки[ ({detail})]. "
        "Подключите портал вебхуком администратора.",
        "en": "The person CRMAP reads as has no rights to these settings[ ({detail})]. "
        "Connect with a webhook of an administrator.",
    },
    ReasonCode.SCOPE_MISSING: {
        "ru": "Вебхуку или приложению не выдано право[ «{title}»][ ({detail})]. "
        "Отметьте это право в его настройках на портале и прочитайте портал ещё раз.",
        "en": "The webhook or application was not granted the permission[ “{title}”][ ({detail})]. "
        "Tick it in its settings on the portal and read the portal again.",
    },
    ReasonCode.METHOD_MISSING: {
        "ru": "На портале нет такой возможности[ (метод {detail})]: коробка старой версии или выключенный "
        "модуль. Обновите портал или включите модуль, если эти данные нужны.",
        "en": "The portal has no such function[ (method {detail})]: an old on-premise version or a module "
        "that is switched off. Update the portal or switch the module on if you need these data.",
    },
    ReasonCode.SWITCHED_OFF: {
        "ru": "На портале это выключено[ ({detail})]. Если данные нужны, включите возможность в "
        "настройках CRM.",
        "en": "This is switched off on the portal[ ({detail})]. Switch it on in the CRM settings if you "
        "need it.",
    },
    ReasonCode.NOT_DESCRIBED: {
        "ru": "Портал не описывает эту сущность для приложений[ ({detail})]. "
        "Делать ничего не нужно: прочитать это через REST нельзя.",
        "en": "The portal does not describe this entity to applications[ ({detail})]. "
        "Nothing to do: it cannot be read over REST.",
    },
    ReasonCode.LEADS_OFF: {
        "ru": "CRM работает в простом режиме, без лидов. Если лиды нужны, включите классический режим "
        "в настройках CRM.",
        "en": "The CRM works in simple mode, without leads. Choose classic mode in the CRM settings if "
        "you need them.",
    },
    ReasonCode.READER_NOT_ADMIN: {
        "ru": "CRMAP читает от имени сотрудника, а не администратора: портал отдаёт только то, что видно "
        "ему[ (id {detail})]. Подключите портал вебхуком администратора.",
        "en": "CRMAP reads as an employee who is no administrator: the portal gives only what this person "
        "sees[ (id {detail})]. Connect with a webhook of an administrator.",
    },
    ReasonCode.ROWS_MISSING: {
        "ru": "Портал отдал не все записи[ ({detail})]. Прочитайте портал ещё раз; если повторится, "
        "проверьте, что вебхук создан администратором.",
        "en": "The portal did not hand over all rows[ ({detail})]. Read it again; if that repeats, make "
        "sure that the webhook belongs to an administrator.",
    },
    ReasonCode.LIST_CONTRADICTS: {
        "ru": "Портал противоречит сам себе, сколько в этом списке записей[ ({detail})]. Показаны все, что пришли; "
        "удалённым ничего не считается. Прочитайте портал ещё раз; если повторится, сообщите нам.",
        "en": "The portal contradicts itself about how many rows this list has[ ({detail})]. All that came are "
        "shown; nothing is taken for deleted. Read it again; if that repeats, tell us.",
    },
    ReasonCode.PIPELINES_HIDDEN: {
        "ru": "Часть воронок есть на портале, но не видна тому, от чьего имени читает CRMAP[: {detail}]. "
        "Дайте ему право на эти воронки или подключите портал вебхуком администратора.",
        "en": "Some pipelines exist but are hidden from the person CRMAP reads as[: {detail}]. "
        "Grant access to them or connect with a webhook of an administrator.",
    },
    ReasonCode.TYPES_HIDDEN: {
        "ru": "Часть смарт-процессов видна без настроек[: {detail}]. "
        "Подключите портал вебхуком администратора CRM.",
        "en": "Some smart processes are visible without their settings[: {detail}]. "
        "Connect with a webhook of a CRM administrator.",
    },
    ReasonCode.STAGES_MISSING: {
        "ru": "Для части воронок портал не отдал стадии[: {detail}]. Прочитайте портал ещё раз; "
        "если повторится, откройте настройку этих воронок и сохраните её.",
        "en": "The portal gave no stages for some pipelines[: {detail}]. Read it again; if that repeats, "
        "open the settings of these pipelines and save them.",
    },
    ReasonCode.FIELD_SETTINGS_HIDDEN: {
        "ru": "Поля видны, а их настройки (номер, порядок) нет[ ({detail})]. Отметьте право «Настройка "
        "пользовательских полей» (userfieldconfig) и читайте от имени администратора.",
        "en": "The fields are visible, their settings (id, order) are not[ ({detail})]. Tick the "
        "permission “User field settings” (userfieldconfig) and read as an administrator.",
    },
    ReasonCode.VALUES_MISSING: {
        "ru": "Не прочитаны значения части списков[: {detail}]. Прочитайте портал ещё раз; если повторится, "
        "проверьте права вебхука на эту сущность.",
        "en": "The values of some list fields were not read[: {detail}]. Read the portal again; if that "
        "repeats, check the rights of the webhook on this entity.",
    },
    ReasonCode.FIELDS_DISAGREE: {
        "ru": "Два ответа портала о полях расходятся[: {detail}]; возможно, настройки меняли во время "
        "чтения. Прочитайте портал ещё раз.",
        "en": "Two answers of the portal about the fields disagree[: {detail}]; perhaps somebody changed "
        "the settings meanwhile. Read the portal again.",
    },
    ReasonCode.FACTS_MISSING: {
        "ru": "Портал не сообщил о себе всего[: {detail}]. На состав документа это не влияет, делать "
        "ничего не нужно.",
        "en": "The portal did not say everything about itself[: {detail}]. The document does not depend "
        "on it, nothing to do.",
    },
    ReasonCode.UNEXPECTED_SHAPE: {
        "ru": "Портал ответил не так, как описано в его документации[ ({detail})]. Прочитайте портал ещё "
        "раз; если повторится, сообщите нам.",
        "en": "The portal answered otherwise than its documentation says[ ({detail})]. Read it again; if "
        "that repeats, tell us.",
    },
    ReasonCode.NOT_UNDERSTOOD: {
        "ru": "Прочитано всё, но часть свойств пришла в непонятном виде[: {detail}]. Исправьте их на портале или "
        "сообщите нам.",
        "en": "Everything was read, but some attributes came in a form that makes no sense[: {detail}]. Correct them "
        "on the portal or tell us.",
    },
    ReasonCode.NOT_ANSWERED: {
        "ru": "Портал не ответил на этот запрос[ ({detail})]. Прочитайте портал ещё раз позже.",
        "en": "The portal did not answer this request[ ({detail})]. Read it again later.",
    },
    ReasonCode.METHOD_PAUSED: {
        "ru": "Портал приостановил этот запрос: исчерпано время, отведённое ему на десять минут[ "
        "({detail})]. Прочитайте портал ещё раз через десять минут.",
        "en": "The portal paused this request, which has used up its time for ten minutes[ ({detail})]. "
        "Read the portal again in ten minutes.",
    },
    ReasonCode.METHOD_RESTS: {
        "ru": "Этот запрос почти исчерпал время, которое портал даёт ему на десять минут[ ({detail})], и CRMAP не стал "
        "доводить до отказа. Прочитайте портал ещё раз через десять минут.",
        "en": "This request has nearly used up the time the portal gives it for ten minutes[ ({detail})], and CRMAP "
        "did not drive it to a refusal. Read the portal again in ten minutes.",
    },
    ReasonCode.PORTAL_ERROR: {
        "ru": "Портал ответил ошибкой[: {detail}]. Прочитайте портал ещё раз позже; если повторится, "
        "обратитесь в поддержку Битрикс24 с этим текстом.",
        "en": "The portal answered with an error[: {detail}]. Read it again later; if that repeats, show "
        "this text to Bitrix24 support.",
    },
    ReasonCode.DEPENDS_ON_UNREAD: {
        "ru": "Без другого ответа портала это не прочитать[ ({detail})]. Сначала устраните его причину.",
        "en": "This cannot be read without another answer[ ({detail})]. Mend what kept that one from being "
        "read first.",
    },
    ReasonCode.LOSS_UNCONFIRMED: {
        "ru": "Портал вдруг отдал намного меньше, чем было[: {detail}]. Ничего не удалено: показаны прежние "
        "данные, через минуту это ещё раз проверяется.",
        "en": "The portal suddenly gave much less than before[: {detail}]. Nothing was deleted: what was known is "
        "shown, and it is being checked once more in a minute.",
    },
}


def reason_sentence(reason: Reason, language: Language) -> str:
    """Says what is missing and what to do about it, in one or two sentences."""
    title = SCOPE_TITLES.get(reason.detail, {}).get(language, "")
    return fill(_SENTENCES[reason.code][language], {"detail": reason.detail, "title": title})
