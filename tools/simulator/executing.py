"""Carries out one method call, alone or inside a batch: checks it, answers it and logs it."""

from __future__ import annotations

from typing import Any

from tools.simulator.answers import Answer, MissingScope, Refusal, method_not_found
from tools.simulator.batch import batch, command_method, commands_in
from tools.simulator.callers import Caller
from tools.simulator.calling import Call
from tools.simulator.faults import spoiled_answer
from tools.simulator.portal_state import PortalState


def execute(
    portal: PortalState, caller: Caller, method: str, params: dict[str, Any], *, key: str | None = None
) -> Answer | None:
    """The answer of one method call. ``key`` names a command inside a batch. Raises Refusal.

    None: the command vanished without a trace, as non-text commands do.
    """
    try:
        answer = _answer(portal, caller, method, params, key)
    except Refusal as refusal:
        portal.log.command(method, params, caller.user.id, key=key, error=refusal.error)
        raise
    portal.log.command(method, params, caller.user.id, key=key)
    return answer


def knows(portal: PortalState, method: str) -> bool:
    return method == "batch" or (method in portal.methods and method not in portal.switches.missing_methods)


def _answer(
    portal: PortalState, caller: Caller, method: str, params: dict[str, Any], key: str | None
) -> Answer | None:
    if not knows(portal, method):
        raise method_not_found()
    if method == "batch":
        answer = batch(Call(portal, caller, method, params), execute)
        inside = {command_method(command) for command in commands_in(params).values()}
        return spoiled_answer(portal.faults.of_envelope(inside), answer, params)
    called = portal.methods[method]
    if not caller.may_use(called.scopes):
        raise MissingScope(portal.switches.auth_status, "access" if caller.app else "webhook")
    portal.limits.check(caller.credential, method)
    faults = portal.faults.of_command(method, key)
    answer = called.answer(Call(portal, caller, method, params))
    answer.page = lambda start: called.answer(Call(portal, caller, method, {**params, "start": start}))
    portal.limits.spend(caller.credential, method)
    return spoiled_answer(faults, answer, params)
