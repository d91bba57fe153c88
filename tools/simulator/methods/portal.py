"""The portal about itself: who calls, what may be called, plan, time, CRM mode, currencies."""

from __future__ import annotations

from typing import Any

from tools.simulator.answers import Answer, Refusal
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.method import Method
from tools.simulator.paging import legacy_page
from tools.simulator.php import as_map, yes
from tools.simulator.selecting import in_order, matching

#: Every scope a portal of this kind offers, as ``scope?FULL=true`` lists them.
ALL_SCOPES = [
    "bizproc",
    "crm",
    "department",
    "placement",
    "task",
    "user",
    "user_basic",
    "user_brief",
    "user.userfield",
    "userfieldconfig",
]


def profile(call: Call) -> Answer:
    user = call.caller.user
    if not user.active:
        return Answer([])
    return Answer(
        {
            "ID": str(user.id),
            "ADMIN": user.admin,
            "NAME": user.name,
            "LAST_NAME": user.last_name,
            "PERSONAL_GENDER": user.gender,
            "TIME_ZONE": "",
        }
    )


def user_admin(call: Call) -> Answer:
    return Answer(call.caller.user.admin)


def app_info(call: Call) -> Answer:
    refused = call.portal.switches.app_info_refusal
    licence = f"{call.crm.settings.language}_{call.crm.settings.licence}"
    app = call.caller.app
    if app is None:
        if refused is not None:
            raise Refusal(refused, "ACCESS_DENIED", "Access denied! Application context required")
        return Answer({"SCOPE": sorted(call.caller.scopes), "LICENSE": licence})
    return Answer(
        {
            "ID": app.id,
            "CODE": app.code,
            "VERSION": app.version,
            "STATUS": app.status,
            "INSTALLED": app.installed,
            "PAYMENT_EXPIRED": "Y" if app.payment_expired else "N",
            "DAYS": None,
            "LANGUAGE_ID": call.crm.settings.language,
            "LICENSE": licence,
            "LICENSE_TYPE": call.crm.settings.licence,
            "LICENSE_FAMILY": call.crm.settings.licence,
        }
    )


def server_time(call: Call) -> Answer:
    return Answer(call.portal.iso(call.portal.clock()))


def scope(call: Call) -> Answer:
    full = yes(call.loose("full"))
    return Answer(call.unordered(ALL_SCOPES if full else sorted(call.caller.scopes)))


def methods(call: Call) -> Answer:
    known = call.portal.methods
    if yes(call.loose("full")):
        return Answer(sorted(known))
    wanted = call.loose("scope")
    usable = [name for name, method in known.items() if call.caller.may_use(method.scopes)]
    if isinstance(wanted, str) and wanted:
        usable = [name for name in usable if wanted in known[name].scopes]
    return Answer(sorted(usable))


def method_get(call: Call) -> Answer:
    method = call.portal.methods.get(str(call.params.get("name", "")))
    return Answer(
        {
            "isExisting": method is not None,
            "isAvailable": method is not None and call.caller.may_use(method.scopes),
        }
    )


def feature_get(call: Call) -> Answer:
    if not call.loose("code"):
        raise Refusal(400, "CODE_EMPTY", "CODE can't be empty")
    return Answer({"value": "N"})


def settings_mode(call: Call) -> Answer:
    return Answer(call.crm.settings.mode)


def currency_list(call: Call) -> Answer:
    rows = [
        {
            "CURRENCY": row.code,
            "AMOUNT_CNT": "1",
            "AMOUNT": "1.0000",
            "SORT": str(row.sort),
            "BASE": "Y" if row.base else "N",
            "FULL_NAME": row.name,
            "LID": call.language,
            "FORMAT_STRING": f"# {row.code}",
            "DEC_POINT": ",",
            "THOUSANDS_SEP": " ",
            "DECIMALS": "2",
            "DATE_UPDATE": call.portal.iso(call.portal.born_at),
        }
        for row in call.crm.currencies
    ]
    # The total of this method is known to be 0 whatever it lists.
    return Answer(in_order(call.unordered(rows), call.loose_map("order")), total=0)


def preset_list(call: Call) -> Answer:
    rows: list[dict[str, Any]] = [
        {
            "ID": str(row.id),
            "ENTITY_TYPE_ID": "8",
            "COUNTRY_ID": str(row.country_id),
            "NAME": row.name,
            "ACTIVE": "Y",
            "SORT": str(row.sort),
            "XML_ID": f"#CRM_REQUISITE_PRESET_DEF_{row.id}#",
        }
        for row in call.crm.presets
    ]
    found = in_order(matching(call.unordered(rows), call.loose_map("filter")), call.loose_map("order"))
    chosen = [str(name) for name in as_map(call.loose("select")).values()]
    if chosen and "*" not in chosen:
        found = [{name: row[name] for name in row if name in chosen} for row in found]
    return legacy_page(found, call.start)


METHODS = {
    "profile": Method(profile),
    "user.admin": Method(user_admin),
    "app.info": Method(app_info),
    "server.time": Method(server_time),
    "scope": Method(scope),
    "methods": Method(methods),
    "method.get": Method(method_get),
    "feature.get": Method(feature_get),
    "crm.settings.mode.get": Method(settings_mode, CRM_SCOPE),
    "crm.currency.list": Method(currency_list, CRM_SCOPE),
    "crm.requisite.preset.list": Method(preset_list, CRM_SCOPE),
}
