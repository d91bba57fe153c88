"""b24pysdk the way its README shows.

One ``call_batch`` for what is known at the start, ``call_batches`` for every smart process, ``as_list`` for long lists.
It speaks https and nothing else, so it meets the portal at a TLS door, whose throw-away certificate it is told to
trust through the variable that ``requests``, underneath it, is documented to read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from b24pysdk import BitrixWebhook, Client

from bench.clients import asked
from bench.reading import Found, Portal, Stopwatch


def read(portal: Portal, stopwatch: Stopwatch) -> Found:
    if portal.certificate is None:
        raise SystemExit("it needs https, and without an openssl command there is no certificate")
    os.environ["REQUESTS_CA_BUNDLE"] = portal.certificate
    token = urlsplit(portal.webhook_url).path.removeprefix("/rest/").strip("/")
    client = Client(BitrixWebhook(domain=portal.https_domain, webhook_token=token))
    crm = client.crm
    with stopwatch:
        lists = {name: getattr(crm, name).userfield for name in asked.WITH_LISTED_FIELDS}
        requests = {"types": crm.type.list(), "statuses": crm.status.list()}
        requests |= {name: fields.list(filter={"LANG": asked.LANGUAGE}) for name, fields in lists.items()}
        requests |= _of_types(crm, asked.DESCRIBED, (asked.DEAL, asked.SMART_INVOICE))
        opening = client.call_batch(requests).result.result
        types = opening["types"]["types"]
        numbers = [row["entityTypeId"] for row in types]
        each = client.call_batches(_of_types(crm, numbers, numbers)).result.result if numbers else {}
        select, owners = {"0": "*", "language": asked.LANGUAGE}, {"entityId": asked.settings_owners(types)}
        settings = client.userfieldconfig.list("crm", select=select, filter=owners).as_list().result
        users = client.user.get(admin_mode=True).as_list().result
        departments = client.department.get().as_list().result
    answers = opening | each
    return asked.Brought(
        types=types,
        categories=(answer["categories"] for key, answer in answers.items() if key.startswith("pipelines")),
        statuses=opening["statuses"],
        fields=[settings, *(opening[name] for name in lists)],
        descriptions=(answer["fields"] for key, answer in answers.items() if key.startswith("described")),
        users=users,
        departments=departments,
    ).counted()


def _of_types(crm: Any, described: Iterable[int], with_pipelines: Iterable[int]) -> dict[str, Any]:
    return {
        **{f"described{number}": crm.item.fields(entity_type_id=number) for number in described},
        **{f"pipelines{number}": crm.category.list(entity_type_id=number) for number in with_pipelines},
    }
