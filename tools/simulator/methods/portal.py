"""Methods about the portal and the caller: profile, scopes, methods, plan, time, CRM mode."""

from __future__ import annotations

from tools.simulator.answers import Answer, Refusal
from tools.simulator.callers import CRM_SCOPE
from tools.simulator.calling import Call
from tools.simulator.method import Method
from tools.simulator.php import yes

#: Every scope that a simulated portal offers, as ``scope?FULL=true`` lists them.
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
    refusal_status = call.portal.switches.app_info_refusal
    licence = f"{call.crm.settings.language}_{call.crm.settings.licence}"
    app = call.caller.app
    if app is None:
        if refusal_status is not None:
            raise Refusal(refusal_status, "ACCESS_DENIED", "Access denied! Application context required")
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
    methods_by_name = call.portal.methods
    if yes(call.loose("full")):
        return Answer(sorted(methods_by_name))
    scope_name = call.loose("scope")
    usable = [name for name, method in methods_by_name.items() if call.caller.may_use(method.scopes)]
    if isinstance(scope_name, str) and scope_name:
        usable = [name for name in usable if scope_name in methods_by_name[name].scopes]
    return Answer(sorted(usable))


def settings_mode(call: Call) -> Answer:
    return Answer(call.crm.settings.mode)


METHODS = {
    "profile": Method(profile),
    "user.admin": Method(user_admin),
    "app.info": Method(app_info),
    "server.time": Method(server_time),
    "scope": Method(scope),
    "methods": Method(methods),
    "crm.settings.mode.get": Method(settings_mode, CRM_SCOPE),
}
