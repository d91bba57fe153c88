"""Every method the simulated portal knows."""

from __future__ import annotations

from tools.simulator.method import Method
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
