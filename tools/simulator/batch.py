"""Several commands in one request: order, references, the limit of 50, and the five answer maps."""

from __future__ import annotations

from typing import Any, Protocol

from tools.simulator.answers import Answer, MissingScope, Refusal
from tools.simulator.callers import Caller
from tools.simulator.calling import Call
from tools.simulator.php import as_map, parse_query, php_map, truthy
from tools.simulator.portal_state import PortalState
from tools.simulator.references import substituted

#: Bitrix24 REST documentation, batch: at most 50 commands.
LIMIT = 50
_FORBIDDEN = ("batch", "upload", "download")


def commands_in(params: dict[str, Any]) -> dict[str, Any]:
    return as_map(params.get("cmd"))


def command_method(command: Any) -> str:
    """The method a command names, lower-cased; empty if the command is no text."""
    return command.partition("?")[0].strip().lower() if isinstance(command, str) else ""


class Execute(Protocol):
    """How one command is carried out. Raises Refusal."""

    def __call__(
        self, portal: PortalState, caller: Caller, method: str, params: dict[str, Any], *, key: str
    ) -> Answer | None: ...


def batch(call: Call, execute: Execute) -> Answer:
    """Every command's outcome; the request itself succeeds even if all of them fail."""
    maps: dict[str, dict[str, Any]] = {name: {} for name in ("result", "error", "total", "next", "time")}
    for place, (key, command) in enumerate(commands_in(call.params).items()):
        if not isinstance(command, str):
            continue
        try:
            _run(call, execute, key, command, maps, too_many=place >= LIMIT)
        except Refusal as refusal:
            maps["error"][key] = refusal.envelope()
            if isinstance(refusal, MissingScope):
                maps["error"][key]["error_description"] = ""
            if truthy(call.params.get("halt")):
                break
    return Answer(
        {("result" if name == "result" else f"result_{name}"): php_map(maps[name]) for name in maps}
    )


def _run(
    call: Call,
    execute: Execute,
    key: str,
    command: str,
    maps: dict[str, dict[str, Any]],
    *,
    too_many: bool,
) -> None:
    if too_many:
        raise Refusal(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
    portal = call.portal
    method = command_method(command)
    if method in _FORBIDDEN:
        raise Refusal(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
    params = parse_query(command.partition("?")[2].partition("#")[0])
    if portal.switches.references:
        params = substituted(params, maps)
    started = portal.clock()
    answer = execute(portal, call.caller, method, params, key=key)
    if answer is None:
        return
    maps["result"][key] = answer.result
    if answer.total is not None:
        maps["total"][key] = answer.total
    if answer.next is not None:
        maps["next"][key] = answer.next
    maps["time"][key] = portal.timing(started, method, call.caller)
