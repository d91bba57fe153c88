"""What went wrong and what to do about it, for each error of ``shared.domain.errors``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from shared.domain import errors
from shared.wording.language import Language, fill

_SENTENCES: Final[Mapping[type[errors.CrmapError], Mapping[Language, str]]] = {
    errors.CrmapError: {
        "ru": "Что-то пошло не так. Повторите позже; если повторится, сообщите нам.",
        "en": "Something went wrong. Try again later; if that repeats, tell us.",
    },
    errors.Transient: {
        "ru": "Сейчас не получилось. Повторите позже, чинить ничего не нужно.",
        "en": "It did not work this time. Try again later, nothing needs mending.",
    },
    errors.RateLimited: {
        "ru": "Портал просит обращаться к нему реже. Повторите через несколько минут.",
        "en": "The portal asks for fewer requests. Try again in a few minutes.",
    },
    errors.MethodPaused: {
        "ru": "Портал приостановил запрос[ {method}][ до {until}]: исчерпано отведённое ему время. "
        "Повторите через десять минут.",
        "en": "The portal paused the request[ {method}][ until {until}], which has used up its time. "
        "Try again in ten minutes.",
    },
    errors.TokenExpired: {
        "ru": "Ключ доступа к порталу устарел. Он обновится сам; если это сообщение не исчезнет, "
        "откройте приложение на портале.",
        "en": "The access key to the portal has expired. It is renewed by itself; if this message stays, "
        "open the application on the portal.",
    },
    errors.TokenExpired: {
        "ru": "Срок ключа доступа к порталу истёк. CRMAP продлевает его сам: повторите через минуту.",
        "en": "The access key to the portal has expired. CRMAP renews it by itself: try again in a minute.",
    },
    errors.RenewalUnderWay: {
        "ru": "Ключ доступа к порталу как раз обновляется. CRMAP повторит чтение сам через минуту; если не поможет, "
        "откройте приложение на портале.",
        "en": "The access key to the portal is just being renewed. CRMAP reads again by itself in a minute; if that "
        "does not help, open the application on the portal.",
    },
    errors.Unreachable: {
        "ru": "Портал[ {host}] недоступен[: {what}]. Проверьте адрес и откройте портал в браузере; "
        "если он открывается, повторите позже.",
        "en": "The portal[ {host}] cannot be reached[: {what}]. Check the address and open the portal in "
        "a browser; if it opens there, try again later.",
    },
    errors.BadAnswer: {
        "ru": "Вместо ответа REST портал прислал другое[: {what}][ (HTTP {status})][, начало: «{start}»]. "
        "Проверьте адрес вебхука; если он верен, повторите позже: возможно, портал на обслуживании.",
        "en": "The portal sent something else than a REST answer[: {what}][ (HTTP {status})][, beginning with "
        "“{start}”]. Check the address of the webhook; if it is right, try again later: the portal may be under "
        "maintenance.",
    },
    errors.Permanent: {
        "ru": "Портал больше не читается, пока что-то не изменится. Проверьте подключение на портале.",
        "en": "The portal cannot be read until something is changed. Check the connection on the portal.",
    },
    errors.AccessLost: {
        "ru": "Портал не принимает этот вебхук или ключ доступа[ ({error})]. Создайте новый вебхук от имени "
        "администратора или откройте приложение на портале, чтобы подключить его заново.",
        "en": "The portal does not accept this webhook or access key[ ({error})]. Create a new webhook as an "
        "administrator or open the application on the portal to connect it anew.",
    },
    errors.SubscriptionEnded: {
        "ru": "REST доступен только на коммерческих тарифах Битрикс24, а подписка этого портала закончилась. "
        "Продлите её: чтение возобновится само, сохранённые данные остаются.",
        "en": "REST is available only on commercial plans of Bitrix24, and the subscription of this "
        "portal has ended. Renew it: reading resumes by itself, what is stored stays.",
    },
    errors.PortalBlocked: {
        "ru": "Битрикс24 закрыл REST для этого портала. Обратитесь в поддержку Битрикс24, чтобы его открыли.",
        "en": "Bitrix24 has closed REST for this portal. Ask Bitrix24 support to open it.",
    },
    errors.PortalGone: {
        "ru": "Портал отвечает, что он закрыт или удалён[ ({error})]. Если он открывается в браузере, повторите позже; "
        "если переехал, подключите новый адрес. "
        "Подключённый портал CRMAP спрашивает сам не реже раза в день, прочитанное остаётся.",
        "en": "The portal answers that it is closed or deleted[ ({error})]. If it opens in a browser, try again later; "
        "if it has moved, connect the new address. CRMAP asks a connected portal by itself at least once a day, and "
        "what was read stays.",
    },
    errors.ApplicationRemoved: {
        "ru": "Сервер авторизации Битрикс24 сообщает, что приложения на этом портале больше нет[ ({error})]. "
        "Установите его на портале снова, чтобы чтение продолжилось.",
        "en": "The authorization server of Bitrix24 says that the application is not in this portal any more"
        "[ ({error})]. Install it in the portal again to have reading go on.",
    },
    errors.ClientRefused: {
        "ru": "Сервер авторизации Битрикс24 не принимает приложение этого портала[ ({error})]: приложение удалено "
        "или его секретный ключ изменился. Установите приложение снова или сообщите новый ключ тому, кто обслуживает "
        "CRMAP. CRMAP пробует снова сам.",
        "en": "The authorization server of Bitrix24 does not accept the application of this portal[ ({error})]: the "
        "application was removed or its secret changed. Install the application again, or give the new secret to "
        "whoever runs CRMAP. CRMAP tries again by itself.",
    },
    errors.PortalMoved: {
        "ru": "У портала теперь другой адрес[: {host}]. Туда ничего не отправлено. "
        "Если адрес верен, укажите вебхук с новым адресом.",
        "en": "The portal has another address now[: {host}]. Nothing was sent there. "
        "If the address is right, give a webhook with the new one.",
    },
    errors.RightsMissing: {
        "ru": "У того, от чьего имени читает CRMAP, на это нет прав[ ({error})]. "
        "Подключите портал вебхуком администратора и отметьте у вебхука право «CRM» (crm).",
        "en": "The person CRMAP reads as has no rights to do this[ ({error})]. "
        "Connect with a webhook of an administrator and tick its permission “CRM” (crm).",
    },
    errors.RequestRejected: {
        "ru": "Портал считает наш запрос неверным[ ({error})]. Это наша ошибка: сообщите нам этот текст.",
        "en": "The portal calls our request wrong[ ({error})]. The fault is ours: please send us this text.",
    },
    errors.WorkerLost: {
        "ru": "Чтение этого портала несколько раз обрывалось вместе с процессом, который его вёл. Это наша ошибка: "
        "сообщите нам. Раз в день CRMAP пробует снова.",
        "en": "Reading this portal has ended several times with the death of the process that did it. The fault is "
        "ours: please tell us. CRMAP tries again once a day.",
    },
    errors.Refused: {
        "ru": "CRMAP этого не делает. Проверьте, что именно вы указали.",
        "en": "CRMAP does not do this. Check what you have given.",
    },
    errors.NotAWebhookUrl: {
        "ru": "Это не адрес входящего вебхука. Он выглядит так: https://портал/rest/1/код/ — скопируйте "
        "его на портале в разделе «Разработчикам» → «Входящий вебхук».",
        "en": "This is not the address of an incoming webhook. It looks like https://portal/rest/1/code/ "
        "— copy it on the portal under “Developer resources” → “Inbound webhook”.",
    },
    errors.InsecureAddress: {
        "ru": "Адрес не защищён шифрованием: данные и вебхук увидел бы кто угодно. Укажите адрес, "
        "который начинается с https://.",
        "en": "The address is not encrypted: anybody could see the data and the webhook. Give an address "
        "that begins with https://.",
    },
    errors.PrivateAddress: {
        "ru": "Адрес[ {host}] ведёт во внутреннюю сеть, туда CRMAP не обращается. "
        "Укажите адрес портала, доступный из интернета.",
        "en": "The address[ {host}] leads into a private network, where CRMAP does not go. "
        "Give an address that is reachable from the internet.",
    },
    errors.NotASpecification: {
        "ru": "Это не спецификация CRMAP в формате JSON версии 1[: {what}][, место: {where}]. "
        "Сохраните её заново: crmap spec АДРЕС --format json.",
        "en": "This is not a CRMAP specification in JSON, version 1[: {what}][, at {where}]. "
        "Save one anew: crmap spec URL --format json.",
    },
}

# What came instead of an answer, where it tells more than that none did.
_BAD_ANSWERS: Final[Mapping[str, Mapping[Language, str]]] = {
    "no_portal": {
        "ru": "По этому адресу нет REST Битрикс24: сервер ответил «не найдено» (HTTP {status})[, начало ответа: "
        "«{start}»]. Проверьте имя портала в адресе вебхука.",
        "en": "There is no Bitrix24 REST at this address: the server answered “not found” (HTTP {status})[, "
        "beginning with “{start}”]. Check the name of the portal in the address of the webhook.",
    },
    "password": {
        "ru": "Сервер портала требует пароль ещё до Битрикс24 (HTTP {status})[, начало ответа: «{start}»]. "
        "Попросите администратора сервера открыть путь /rest/ без пароля.",
        "en": "The portal's server asks for a password before Bitrix24 is reached (HTTP {status})[, beginning with "
        "“{start}”]. Ask the administrator of the server to open the path /rest/ without it.",
    },
    "firewall": {
        "ru": "Запрос не пропустила защита сервера (HTTP {status})[, начало ответа: «{start}»]. Попросите "
        "администратора сервера разрешить CRMAP обращения к /rest/.",
        "en": "A firewall turned the request away (HTTP {status})[, beginning with “{start}”]. Ask the administrator "
        "of the server to let CRMAP reach /rest/.",
    },
    "php": {
        "ru": "Сервер портала прислал сообщение PHP вместо ответа[ (HTTP {status})][: «{start}»]. Покажите его "
        "администратору сервера.",
        "en": "The portal's server sent a message of PHP instead of an answer[ (HTTP {status})][: “{start}”]. Show it "
        "to the administrator of the server.",
    },
    "redirect_here": {
        "ru": "Портал отправляет запрос на другой свой адрес[: {start}][ (HTTP {status})]. Скопируйте адрес вебхука с "
        "портала ещё раз; если он тот же, проверьте переадресацию на сервере портала.",
        "en": "The portal sends the request to another address of its own[: {start}][ (HTTP {status})]. Copy the "
        "address of the webhook from the portal again; if it is the same, check the redirects of the portal's server.",
    },
}

_WHAT: Final[Mapping[tuple[type[errors.CrmapError], str], Mapping[Language, str]]] = {
    (errors.Unreachable, "name"): {"ru": "имя не найдено", "en": "its name is not known"},
    (errors.Unreachable, "refused"): {"ru": "в соединении отказано", "en": "it refused the connection"},
    (errors.Unreachable, "silent"): {"ru": "не ответил вовремя", "en": "it did not answer in time"},
    (errors.Unreachable, "cut"): {"ru": "соединение оборвалось", "en": "the connection was cut"},
    (errors.Unreachable, "tls"): {"ru": "сертификат не принят", "en": "its certificate was not accepted"},
    (errors.Unreachable, "other"): {"ru": "соединения нет", "en": "there is no connection"},
    (errors.BadAnswer, "page"): {"ru": "страницу сайта", "en": "a web page"},
    (errors.BadAnswer, "empty"): {"ru": "пустой ответ", "en": "an empty answer"},
    (errors.BadAnswer, "not_json"): {
        "ru": "текст, который не читается как JSON",
        "en": "text that is not JSON",
    },
    (errors.BadAnswer, "shape"): {"ru": "JSON другого вида", "en": "JSON of another shape"},
    (errors.BadAnswer, "too_large"): {"ru": "слишком большой ответ", "en": "an answer that is too large"},
    (errors.BadAnswer, "encoding"): {
        "ru": "ответ в незнакомой упаковке",
        "en": "an answer packed in an unknown way",
    },
    (errors.BadAnswer, "redirect"): {"ru": "переход на другую страницу", "en": "a redirect to another page"},
    (errors.BadAnswer, "server"): {"ru": "ошибку своего сервера", "en": "an error of its server"},
    (errors.NotASpecification, "json"): {"ru": "текст не читается как JSON", "en": "the text is not JSON"},
    (errors.NotASpecification, "format"): {"ru": "другой формат", "en": "another format"},
    (errors.NotASpecification, "version"): {"ru": "неизвестная версия", "en": "an unknown version"},
    (errors.NotASpecification, "missing"): {"ru": "не хватает ключа", "en": "a key is missing"},
    (errors.NotASpecification, "type"): {"ru": "значение не того вида", "en": "a value of the wrong kind"},
}


def error_sentence(error: errors.CrmapError, language: Language) -> str:
    """Says what happened and what to do; an error without words of its own speaks as its nearest ancestor."""
    known = next(kind for kind in type(error).__mro__ if kind in _SENTENCES)
    what = error.facts.get("what", "")
    sentences = _BAD_ANSWERS.get(what, _SENTENCES[known]) if known is errors.BadAnswer else _SENTENCES[known]
    return fill(sentences[language], {**error.facts, "what": _WHAT.get((known, what), {}).get(language, "")})


def code_sentence(code: str, language: Language, *, until: str = "") -> str:
    """The sentence of an error of which only its code was kept; an unknown code gets the most general one.

    ``until`` is when the portal answers again, in the reader's way of writing moments, for a sentence that names it.
    """
    return error_sentence(_kinds().get(code, errors.CrmapError)(until=until), language)


@cache
def _kinds() -> Mapping[str, type[errors.CrmapError]]:
    found: dict[str, type[errors.CrmapError]] = {}
    unseen = [errors.CrmapError]
    while unseen:
        kind = unseen.pop()
        # A special case without a code of its own speaks as its ancestor, which came first.
        found.setdefault(kind.code, kind)
        unseen += kind.__subclasses__()
    return found
