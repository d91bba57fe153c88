"""The API keeps its own description: whatever is sent, the answer is one that the description has for its route."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from tests.described import check_answer, requests_to, the_same_ones
from tests.services.cabinet.conftest import Tenant
from tests.services.cabinet.test_tenants import ROUTES, ids_of


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_whatever_is_sent_the_answer_is_described(
    client: TestClient, ours: Tenant, route: tuple[str, str]
) -> None:
    description = client.get("/api/v1/openapi.json").json()
    roles = st.sampled_from(("owner", "reader"))
    statuses: set[int] = set()

    @given(requests_to(route, description, ids_of(ours)), roles)
    @the_same_ones(50)
    def is_described(case: Case[Any], role: str) -> None:
        statuses.add(check_answer(client, case, ours.tokens[role]))

    is_described()
    assert statuses > {401}


def test_refusals_are_problem_details_and_what_the_framework_would_answer_is_not_described(
    client: TestClient,
) -> None:
    description = client.get("/api/v1/openapi.json").json()
    refused = {
        (status, *answer["content"])
        for verbs in description["paths"].values()
        for operation in verbs.values()
        for status, answer in operation["responses"].items()
        if status >= "400"
    }
    assert {kind for _, kind in refused} == {"application/problem+json"}
    assert "HTTPValidationError" not in str(description)
