"""Every edit by name, for tests, the control address and people."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tools.simulator.edits import fields, people, pipelines
from tools.simulator.edits.change import Change
from tools.simulator.ledger import Crm

EDITS: dict[str, Callable[..., Change]] = {
    "rename_stage": pipelines.rename_row,
    "move_stage": pipelines.move_row,
    "recolour_stage": pipelines.recolour_stage,
    "add_stage": pipelines.add_stage,
    "remove_stage": pipelines.remove_row,
    "add_pipeline": pipelines.add_pipeline,
    "rename_pipeline": pipelines.rename_pipeline,
    "move_pipeline": pipelines.move_pipeline,
    "remove_pipeline": pipelines.remove_pipeline,
    "add_dictionary_row": pipelines.add_dictionary_row,
    "rename_dictionary_row": pipelines.rename_row,
    "move_dictionary_row": pipelines.move_row,
    "remove_dictionary_row": pipelines.remove_row,
    "rename_smart_process": pipelines.rename_smart_process,
    "add_user_field": fields.add_user_field,
    "rename_user_field": fields.rename_user_field,
    "move_user_field": fields.move_user_field,
    "set_mandatory": fields.set_mandatory,
    "remove_user_field": fields.remove_user_field,
    "add_list_value": fields.add_list_value,
    "rename_list_value": fields.rename_list_value,
    "remove_list_value": fields.remove_list_value,
    "add_user": people.add_user,
    "rename_user": people.rename_user,
    "promote_user": people.promote_user,
    "dismiss_user": people.dismiss_user,
    "move_user": people.move_user,
    "add_department": people.add_department,
    "rename_department": people.rename_department,
    "appoint_head": people.appoint_head,
}

#: JSON types by the annotation of an edit's parameter.
_TYPES = {"int": int, "str": str, "bool": bool, "Sequence[str]": list, "Sequence[int]": list}


def edit(crm: Crm, name: str, arguments: dict[str, Any]) -> Change:
    """The ledger is edited, the change is returned. Raises ValueError or LookupError with a sentence."""
    function = EDITS.get(name)
    if function is None:
        raise ValueError(f"no edit {name!r}, there are: {', '.join(EDITS)}")
    signature = inspect.signature(function)
    parameters = {key: parameter for key, parameter in signature.parameters.items() if key != "crm"}
    try:
        signature.bind(crm, **arguments)
    except TypeError:
        shown = ", ".join(str(parameter) for parameter in parameters.values())
        raise ValueError(f"edit {name!r} takes: {shown}") from None
    for key, value in arguments.items():
        kind = _TYPES[str(parameters[key].annotation)]
        fits = isinstance(value, kind) or (kind is list and isinstance(value, tuple))
        if not fits or (kind is int and isinstance(value, bool)):
            raise ValueError(f"edit {name!r}: {key} is not of type {parameters[key].annotation}")
    return function(crm, **arguments)
