"""Refusals over HTTP: one status for a code, and one order of cases for every face."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient
from sqlalchemy.exc import InterfaceError, OperationalError

import services.cabinet.app
import services.gateway.app
from shared.domain import errors
from shared.domain.errors import CrmapError
from shared.domain.refusals import NotFound, TooManyTries, TryAgainLater
from shared.refusal_route import RefusalRoute, headers_of, own_sentence

SERVICES = (services.cabinet.app, services.gateway.app)


class Face(RefusalRoute):
    """A face that shows the code and nothing else."""

    longest_form = 100

    @staticmethod
    def render_refusal(request: Request, refusal: CrmapError) -> Response:
        assert request.url.path
        return PlainTextResponse(refusal.code, refusal.status, headers_of(refusal))


FAILURES: dict[str, Exception] = {
    "gone": NotFound(),
    "often": TooManyTries(seconds="7"),
    "statement": OperationalError("select 1", None, Exception()),
    "connection": InterfaceError("select 1", None, Exception()),
}


@pytest.fixture(scope="module")
def client() -> TestClient:
    router = APIRouter(route_class=Face)

    @router.get("/fail/{name}")
    def fail(name: str) -> None:
        raise FAILURES[name]

    @router.post("/items/{number}")
    def take(number: int, size: Annotated[int, Form()]) -> int:
        return number * size

    app = FastAPI()
    app.include_router(router)
    return TestClient(app)


def every_error(kind: type[CrmapError] = CrmapError) -> Iterator[type[CrmapError]]:
    yield kind
    for special in kind.__subclasses__():
        yield from every_error(special)


def test_a_code_has_one_status_wherever_it_is_refused() -> None:
    assert SERVICES
    statuses = defaultdict(set)
    for kind in every_error():
        statuses[kind.code].add(kind.status)
    assert len(statuses) > 40
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}


def test_only_what_may_pass_by_itself_is_to_be_tried_again() -> None:
    assert errors.Unreachable().retry_after_s == 30
    assert errors.AccessLost().retry_after_s is None
    assert headers_of(TooManyTries(seconds="7")) == {"Retry-After": "7"}


@pytest.mark.parametrize(
    ("name", "status", "code", "retry"),
    [
        ("gone", 404, "not_found", None),
        ("often", 429, "too_many_tries", "7"),
        ("statement", 503, "try_again_later", "30"),
        ("connection", 503, "try_again_later", "30"),
    ],
)
def test_whatever_goes_wrong_is_shown_in_the_way_of_the_face(
    client: TestClient, name: str, status: int, code: str, retry: str | None
) -> None:
    answer = client.get(f"/fail/{name}")
    assert (answer.status_code, answer.text, answer.headers.get("retry-after")) == (status, code, retry)


@pytest.mark.parametrize(
    ("path", "form", "status", "code"),
    [
        ("/items/2", {"size": "3"}, 200, "6"),
        ("/items/none", {"size": "3"}, 404, "not_found"),
        ("/items/2", {"size": "none"}, 400, "invalid_request"),
        ("/items/2", {}, 400, "invalid_request"),
        ("/items/2", {"size": "1" * 100}, 413, "too_large"),
    ],
)
def test_people_are_told_apart_wrong_addresses_and_wrong_forms(
    client: TestClient, path: str, form: dict[str, str], status: int, code: str
) -> None:
    answer = client.post(path, data=form)
    assert (answer.status_code, answer.text) == (status, code)


def test_a_form_that_does_not_say_how_long_it_is_is_refused(client: TestClient) -> None:
    answer = client.post("/items/2", content=iter([b"size=3"]))
    assert (answer.status_code, answer.text) == (411, "length_required")


def test_a_fault_of_ours_is_not_shown_as_a_refusal(client: TestClient) -> None:
    with pytest.raises(KeyError):
        client.get("/fail/unheard-of")


def test_a_sentence_that_fits_anything_says_nothing() -> None:
    assert own_sentence(NotFound(), "en") == own_sentence(TryAgainLater(), "ru") == ""
    assert own_sentence(errors.PrivateAddress(), "en").startswith("The address")
