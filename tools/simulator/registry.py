"""Every method the simulated portal knows, and the words by which a writing one is recognised."""

from __future__ import annotations

from tools.simulator.calling import Method
from tools.simulator.methods import (
    events,
    items,
    pipelines,
    portal,
    statuses,
    types,
    user_fields,
    userfieldconfig,
    users,
)

METHODS: dict[str, Method] = {
    **portal.METHODS,
    **users.METHODS,
    **types.METHODS,
    **pipelines.METHODS,
    **statuses.METHODS,
    **user_fields.METHODS,
    **userfieldconfig.METHODS,
    **items.METHODS,
    **events.METHODS,
}

_READING = frozenset(
    {
        "list",
        "get",
        "getbyentitytypeid",
        "gettypes",
        "fields",
        "types",
        "items",
        "search",
        "current",
        "admin",
        "ownertype",
        "status",
        "info",
        "time",
        "profile",
        "scope",
        "methods",
        "events",
        "batch",
    }
)


def writes(method: str) -> bool:
    """True for anything that is not plainly a reading method: an unknown verb counts as writing."""
    return method.lower().rsplit(".", 1)[-1] not in _READING
