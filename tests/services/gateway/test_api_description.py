"""Calls of a page in the frame: whatever is sent, the answer is one that the gateway's description has for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import Case

from services.gateway.app import create_app
from shared.settings import Settings
from tests.described import check_answer, requests_to, the_same_ones
from tests.gateway_room import GatewayRoom

NAMES = (
    "admins_only",
    "confirmed",
    "preview",
    "session",
    "token",
    "AUTH_ID",
    "REFRESH_ID",
    "member_id",
    "LANG",
    "?",
)
VALUES = st.one_of(
    st.text(max_size=40), st.booleans(), st.integers(), st.none(), st.lists(st.integers(), max_size=2)
)
FIELDS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3)


def description() -> dict[str, Any]:
    nowhere = Settings.model_validate(
        {"database_url": "postgresql://nowhere/x", "broker_url": "redis://nowhere"}
    )
    app: FastAPI = create_app(nowhere)
    return app.openapi()


DESCRIPTION = description()


def routes() -> Iterator[tuple[str, str]]:
    for path, verbs in DESCRIPTION["paths"].items():
        yield from ((verb, path) for verb in verbs)


@pytest.mark.parametrize("route", sorted(routes()), ids=" ".join)
def test_whatever_is_sent_the_answer_is_described(
    room: GatewayRoom, session: str, route: tuple[str, str]
) -> None:
    statuses: set[int] = set()

    @given(requests_to(route, DESCRIPTION, {}), FIELDS)
    @the_same_ones(20)
    def is_described(case: Case[Any], fields: dict[str, Any]) -> None:
        statuses.add(check_answer(room.client, case, session, json=fields))

    is_described()
    assert statuses
