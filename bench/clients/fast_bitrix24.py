"""fast-bitrix24 the way its README shows.

``get_all`` for lists, ``get_by_ID`` for one method and many numbers, ``call_batch`` for what is left.
"""

from __future__ import annotations

from fast_bitrix24 import Bitrix

from bench.clients import asked
from bench.reading import Found, Portal, Stopwatch


def read(portal: Portal, stopwatch: Stopwatch) -> Found:
    # Without its progress bar, which would cost it time.
    bx = Bitrix(portal.webhook_url, verbose=False)
    with stopwatch:
        mixed = bx.call_batch({"halt": 0, "cmd": _commands()})
        types = mixed["types"]["types"]
        numbers = [row["entityTypeId"] for row in types]
        described = [*asked.DESCRIBED, *numbers]
        with_pipelines = [asked.DEAL, asked.SMART_INVOICE, *numbers]
        descriptions = bx.get_by_ID("crm.item.fields", described, ID_field_name="entityTypeId")
        categories = bx.get_by_ID("crm.category.list", with_pipelines, ID_field_name="entityTypeId")
        # It takes no `select` that is a map, as labels need one here; the descriptions above bring them.
        owners = {"entityId": asked.settings_owners(types)}
        settings = bx.get_all("userfieldconfig.list", {"moduleId": "crm", "filter": owners})
        users = bx.get_all("user.get", {"ADMIN_MODE": 1})
        departments = bx.get_all("department.get")
    return asked.Brought(
        types=types,
        categories=(answer["categories"] for answer in categories.values()),
        statuses=mixed["statuses"],
        fields=[settings, *(mixed[name] for name in asked.WITH_LISTED_FIELDS)],
        descriptions=(answer["fields"] for answer in descriptions.values()),
        users=users,
        departments=departments,
    ).counted()


def _commands() -> dict[str, str]:
    """Types too: ``get_all`` always adds ``order[ID]``, which ``crm.type.list``, spelling it ``id``, refuses."""
    in_language = f"filter[LANG]={asked.LANGUAGE}"
    lists = {name: f"crm.{name}.userfield.list?{in_language}" for name in asked.WITH_LISTED_FIELDS}
    return {"types": "crm.type.list", "statuses": "crm.status.list", **lists}
