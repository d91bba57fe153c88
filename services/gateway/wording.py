"""What the gateway says to people in a frame, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.wording.language import Language

_SENTENCES: Final[Mapping[str, Mapping[Language, str]]] = {
    "opening": {"ru": "Открываю…", "en": "Opening…"},
    "open": {"ru": "Открыть CRMAP", "en": "Open CRMAP"},
    "installed": {
        "ru": "CRMAP установлен и уже читает настройки CRM. Страница сменится сама.",
        "en": "CRMAP is installed and is already reading the settings of the CRM. The page changes by itself.",
    },
    "cannot_finish": {
        "ru": "Установка не завершена. Всё сохранено, но портал не ответил: похоже, браузер не загрузил скрипт "
        "Битрикс24. Разрешите его и повторите. До этого портал не сообщает об изменениях, и CRMAP узнаёт о них "
        "только по расписанию.",
        "en": "The installation is not finished. Everything is stored, but the portal did not answer: it seems that "
        "the browser did not load the script of Bitrix24. Allow it and try again. Until then the portal tells of no "
        "change, and CRMAP learns of it on schedule only.",
    },
    "needs_script": {
        "ru": "Чтобы завершить установку, разрешите в браузере JavaScript и откройте приложение ещё раз.",
        "en": "To end the installation, allow JavaScript in the browser and open the application again.",
    },
    "again": {"ru": "Повторить", "en": "Try again"},
    "save": {"ru": "Сохранить", "en": "Save"},
    "cancel": {"ru": "Отмена", "en": "Cancel"},
    "back": {"ru": "Назад", "en": "Back"},
    "cut": {"ru": "Отключить", "en": "Disconnect"},
    "to_the_data": {"ru": "К данным портала", "en": "To the data of the portal"},
    "whose_cabinet": {
        "ru": "Проверьте, чей это кабинет. После сохранения его участники увидят адрес портала, его название, "
        "структуру CRM и имена пользователей; сделок и контактов они не увидят.",
        "en": "Check whose cabinet this is. Once saved, its people see the address of the portal, its name, the "
        "structure of the CRM and the names of users; they see no deals and no contacts.",
    },
    "cabinet": {
        "ru": "Кабинет «{title}», {owner}. Порталов в нём: {accounts}. Создан {since}.",
        "en": "Cabinet “{title}”, {owner}. Portals in it: {accounts}. Made on {since}.",
    },
    "linked": {"ru": "Портал появился в кабинете.", "en": "The portal has appeared in the cabinet."},
    "onlookers": {"ru": "Эти кабинеты видят портал:", "en": "These cabinets see the portal:"},
    "no_onlookers": {"ru": "Портал не подключён ни к одному кабинету.", "en": "No cabinet sees the portal."},
    "erased": {
        "ru": "Данные портала удалены, кабинеты его больше не видят. Если открыть CRMAP снова, портал будет "
        "прочитан заново.",
        "en": "The data of the portal is erased, and no cabinet sees it any more. If CRMAP is opened again, the "
        "portal is read anew.",
    },
    "address_install": {
        "ru": "Этот адрес открывает портал Битрикс24 при установке приложения CRMAP.",
        "en": "A Bitrix24 portal opens this address when the CRMAP application is installed.",
    },
    "address_app": {
        "ru": "По этому адресу приложение CRMAP открывается внутри портала Битрикс24.",
        "en": "At this address the CRMAP application opens inside a Bitrix24 portal.",
    },
    "not_verified": {
        "ru": "Битрикс24 не подтвердил, что приложение открыто на портале. Откройте CRMAP из меню портала ещё раз.",
        "en": "Bitrix24 did not confirm that the application was opened in a portal. Open CRMAP from the portal's "
        "menu again.",
    },
    "https_required": {
        "ru": "Портал открыт без шифрования (http). Откройте его по адресу, который начинается с https://.",
        "en": "The portal was opened without encryption (http). Open it at an address that begins with https://.",
    },
    "bad_request": {
        "ru": "Портал прислал запрос, который не удалось прочитать. Откройте приложение ещё раз.",
        "en": "The portal sent a request that could not be read. Open the application again.",
    },
    "not_portal_admin": {
        "ru": "Это может сделать администратор Битрикс24. Попросите его открыть CRMAP на портале.",
        "en": "An administrator of Bitrix24 can do this. Ask one to open CRMAP in the portal.",
    },
    "admins_only": {
        "ru": "Администратор портала открыл эти данные только администраторам. Попросите его изменить настройку.",
        "en": "The portal's administrator shows these data to administrators only. Ask for the setting to be changed.",
    },
    "try_again_later": {
        "ru": "Сейчас не получилось связаться с Битрикс24. Обновите страницу через минуту.",
        "en": "Bitrix24 could not be reached this time. Reload the page in a minute.",
    },
    "session_expired": {
        "ru": "Сеанс закончился. Обновите страницу.",
        "en": "The session is over. Reload the page.",
    },
    "link_token_unknown": {
        "ru": "Такого токена подключения нет. Скопируйте его в личном кабинете CRMAP ещё раз.",
        "en": "There is no such connection token. Copy it in your CRMAP cabinet again.",
    },
    "preview_required": {
        "ru": "Сначала посмотрите, чей это кабинет, и подтвердите подключение.",
        "en": "First look whose cabinet it is, and confirm the connection.",
    },
    "too_many_tries": {
        "ru": "Слишком много неверных токенов. Подождите немного и попробуйте снова.",
        "en": "Too many wrong tokens. Wait a little and try again.",
    },
    "not_found": {"ru": "Такого кабинета здесь уже нет.", "en": "This cabinet is not here any more."},
    "portal_removed": {
        "ru": "Приложение удалено с портала. Установите его заново.",
        "en": "The application was removed from the portal. Install it again.",
    },
}


def sentence(code: str, language: Language) -> str:
    """What is said for this code."""
    return _SENTENCES[code][language]


def is_known(code: str) -> bool:
    """True for a code with words of its own."""
    return code in _SENTENCES


def language_of(lang: str) -> Language:
    """The language to speak with a portal's user, from the code of his interface; Russian when nothing is said."""
    return "ru" if lang.lower()[:2] in ("", "ru", "kz", "by") else "en"
