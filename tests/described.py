"""Requests made up from the description of an API, and the promise that whatever comes back is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

_PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def the_same_ones(count: int) -> settings:
    """So many requests, the same ones in every run and all to one database: what one changed is there for the next."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def requests_to(
    route: tuple[str, str], description: dict[str, Any], ids: Mapping[str, Any]
) -> st.SearchStrategy[Case[Any]]:
    """Valid and invalid requests to the route (verb and path), with these ids of things that exist and with others."""
    verb, path = route
    operation = schemathesis.openapi.from_dict(description)[path][verb]
    known = {name: str(value) for name, value in ids.items() if f"{{{name}}}" in path}
    return st.one_of(
        [
            operation.as_strategy(mode, path_parameters=chosen)
            for mode in GenerationMode
            for chosen in (None, known)
        ]
    )


def check_answer(client: TestClient, case: Case[Any], token: str, **more: Any) -> int:
    """The status of the answer, which is described: no 5xx, a status, type and shape the route promises."""
    sent = case.as_transport_kwargs(str(client.base_url), headers={"Authorization": f"Bearer {token}"})
    client.cookies.update(sent.pop("cookies") or {})
    if "data" in sent:
        sent["content"] = sent.pop("data")
    answer = client.request(**sent, **more)
    case.validate_response(answer, checks=_PROMISES)
    return answer.status_code
