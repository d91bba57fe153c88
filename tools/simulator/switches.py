"""Where sources disagree about the platform, or a portal is in an unusual state: one switch each."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(slots=True)
class Switches:
    """The defaults follow the server's source and an ordinary portal."""

    auth_status: int = 401  # or 403, for refused credentials, plans and scopes
    portal_deleted: bool = False
    portal_deleted_status: int = 403  # or 500 (documentation), 410 (an SDK)
    rest_available: bool = True  # False: the plan has no REST
    https_required: bool = False
    userfieldconfig_code: str = "0"  # or "": the error code when rights are missing
    start_minus_one_total: bool = False  # True: controllers answer "total": 0 to start=-1
    status_list_needs_directory: bool = False  # True: no directory named, no rows
    app_info_refusal: int | None = None  # 400 or 403: app.info refuses webhooks
    missing_methods: set[str] = field(default_factory=set)  # answered ERROR_METHOD_NOT_FOUND
    references: bool = True  # False: every $result[…] stays literal text
    shuffle: int | None = None  # seed: rows without a promised order, and all keys, change places
    latency_ms: float = 0.0  # added to every HTTP request; lowering it ends the wait of those under way
    rate_per_s: float | None = None  # 2 on most plans, 5 on the largest; None: no limit
    rate_burst: int = 50
    operating_limit_s: float | None = None  # 480 (documentation) or 420 (source); None: no limit
    operating_ban_s: float | None = None  # 300 in the newest source; None: the window slides
    durations_s: dict[str, float] = field(default_factory=dict)  # what a call of a method is said to take
    overload_limit: bool = False  # REST is blocked by hand, support must unblock it
    # Applications and their tokens.
    uninstalled_error: str = "NOT_INSTALLED"  # or "APPLICATION_NOT_FOUND", "ERROR_OAUTH", "expired_token"
    negative_cache_s: float = 0.0  # 3600 in the source: how long a refused token stays refused
    second_oauth_server: bool = False  # pages and events name the other authorization server
    page_server_endpoint: bool = True  # False: an older portal, its pages leave SERVER_ENDPOINT out
    page_application_token: bool = True  # False: an older portal, without APPLICATION_TOKEN and _SCOPE
    handlers_dropped_on_update: bool = False
    system_users: bool = False  # True: a dismissed user's tokens of market applications go to a hidden one
    # Events: which exist, how they look on the wire, what happens on their way.
    missing_events: set[str] = field(default_factory=set)  # answered ERROR_EVENT_NOT_FOUND
    local_handlers: bool = True  # False: a handler's host needs a dot in it, as in the cloud
    event_handler_ids: bool = True  # False: an older portal
    event_auth: dict[str, str] = field(default_factory=dict)  # by event: "full", "usual", "short" or "none"
    event_scope_separator: str = ","  # " " in the documentation's text
    dotted_versions: bool = False  # True: "1.0.0" as in the documentation
    events_held: bool = False  # True: they wait until this is False again
    events_shuffled: bool = False  # those that wait go out in any order
    event_delay_s: float = 0.0
    event_loss: float = 0.0  # share of events that never arrive
    event_duplication: float = 0.0  # share of events that arrive twice
    event_seed: int = 0  # of the dice for the three above
    event_timeout_s: float = 5.0  # how long a handler may take


def switch(switches: DataclassInstance, name: str, value: Any) -> None:
    """Sets one switch from JSON. Raises ValueError for an unknown name or a value of a wrong type."""
    entries = {entry.name: entry for entry in fields(switches)}
    if name not in entries:
        raise ValueError(f"no switch {name!r}, there are: {', '.join(entries)}")
    default = getattr(type(switches)(), name)
    converted = set(value) if isinstance(default, set) and isinstance(value, list) else value
    if not _fits(converted, default):
        raise ValueError(f"switch {name!r} is of type {entries[name].type}")
    setattr(switches, name, converted)


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool | str | dict | set):
        return isinstance(value, type(default))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number or (value is None and default is None)
