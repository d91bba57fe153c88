"""What can go wrong with an authorization server: everything that can with a portal, and answers of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from tools.simulator.messages import Request, Response, json_response
from tools.simulator.whole_answer import WHOLE_ANSWER, Options, WholeAnswer

#: The names by which faults of this server can be told apart from each other.
TOKEN, APP_INFO = "token", "app.info"
#: While one of these strikes, the refresh token that was shown stays good.
WITHOUT_ROTATION = ("no_refresh_token", "no_rotation")

Change = Callable[[dict[str, Any], Options], dict[str, Any]]


def _in_tokens(meaning: str, change: Change, options: Mapping[str, Any] | None = None) -> WholeAnswer:
    """A change of answers that bring tokens; refusals stay as they are."""

    def response(_request: Request, response: Response, options: Options) -> Response:
        answer = orjson.loads(response.body) if response.status == 200 else {}
        if "access_token" not in answer:
            return response
        return json_response(200, change(answer, options))

    return WholeAnswer(meaning, response, options=options or {}, method=TOKEN)


def _without(name: str) -> Change:
    return lambda answer, _options: {key: value for key, value in answer.items() if key != name}


TOKEN_ANSWER: dict[str, WholeAnswer] = {
    "no_refresh_token": _in_tokens("no refresh token; the old one goes on", _without("refresh_token")),
    "no_rotation": _in_tokens("the same refresh token again", lambda answer, _options: answer),
    "text_expires_in": _in_tokens(
        "expires_in as a text", lambda answer, _options: answer | {"expires_in": str(answer["expires_in"])}
    ),
    "foreign_member_id": _in_tokens(
        "tokens said to be of another portal",
        lambda answer, options: answer | {"member_id": options["member_id"]},
        {"member_id": "f" * 32},
    ),
    "fewer_scopes": _in_tokens(
        "fewer scopes than before",
        lambda answer, options: answer | {"scope": options["scope"]},
        {"scope": "user_basic"},
    ),
}
CATALOGUE = {**WHOLE_ANSWER, **TOKEN_ANSWER}
