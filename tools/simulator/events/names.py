"""Events a portal knows, the scopes they need, and which of them bring which tokens.

Source: Bitrix24 REST documentation, events.
"""

from __future__ import annotations

from typing import Literal

from tools.simulator.callers import CRM_SCOPE, USER_SCOPES

#: "full" with both tokens, "usual" without a refresh token, "short" without any, "none": no auth at all.
Auth = Literal["full", "usual", "short", "none"]

LIFECYCLE: dict[str, Auth] = {
    "ONAPPINSTALL": "full",
    "ONAPPUPDATE": "full",
    "ONAPPUNINSTALL": "short",
    "ONAPPPAYMENT": "short",
    "ONAPPMETHODCONFIRM": "short",
    "ONAPPTEST": "full",
    "ONAPPUSERREADY": "full",
    "ONSUBSCRIPTIONRENEW": "full",
}
#: Owners of user fields by the name their events carry; all others share the events of types.
FIELD_EVENT_OWNERS = {
    "CRM_LEAD": "LEAD",
    "CRM_DEAL": "DEAL",
    "CRM_CONTACT": "CONTACT",
    "CRM_COMPANY": "COMPANY",
    "CRM_QUOTE": "QUOTE",
    "CRM_INVOICE": "INVOICE",
    "CRM_REQUISITE": "REQUISITE",
}
_FIELD_EVENTS = [
    f"ONCRM{owner}USERFIELD{verb}"
    for owner in (*FIELD_EVENT_OWNERS.values(), "TYPE")
    for verb in ("ADD", "UPDATE", "DELETE", "SETENUMVALUES")
]
_ITEM_EVENTS = [
    f"ONCRM{noun}{verb}"
    for noun in ("TYPE", "CURRENCY", "LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "DYNAMICITEM")
    for verb in ("ADD", "UPDATE", "DELETE")
]
#: Every event with its scopes; one of them is needed to bind it.
SCOPES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(LIFECYCLE, ()),
    **dict.fromkeys([*_FIELD_EVENTS, *_ITEM_EVENTS, "ONCRMDEALMOVETOCATEGORY"], CRM_SCOPE),
    "ONUSERADD": USER_SCOPES,
}


def usual_auth(event: str) -> Auth:
    return LIFECYCLE.get(event, "usual")
