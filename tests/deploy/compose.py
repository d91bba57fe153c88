"""docker-compose.yml as Compose would read it: variables filled in, paths from the root of the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.test_documents import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
PUBLIC_URL = "https://crmap.example.ru"

# ${NAME}, ${NAME:-what to take without it}, ${NAME:?what to say without it}
# Source: Compose specification, interpolation.
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}")


class Unset(Exception):
    """A variable that has to be set and is not. Its text is what Compose would say."""


def compose(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file with these variables of ``.env``; by itself only the public address."""
    given = {"CRMAP_PUBLIC_URL": PUBLIC_URL} if variables is None else variables
    loaded: dict[str, Any] = _filled(yaml.safe_load(TEXT), given)
    return loaded


def environment(service: str, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the service's processes get; a variable without a value is passed on from ``.env`` if it is there."""
    given = variables or {}
    found: dict[str, str | None] = compose({"CRMAP_PUBLIC_URL": PUBLIC_URL, **given})["services"][
        service
    ].get("environment", {})
    passed = {name: given.get(name) if value is None else str(value) for name, value in found.items()}
    return {name: value for name, value in passed.items() if value is not None}


def variables() -> set[str]:
    """Every variable the file asks ``.env`` for."""
    passed_on = {
        name
        for service in compose()["services"].values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }
    return {found[1] for found in _VARIABLE.finditer(TEXT)} | passed_on


def _filled(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, given) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, given) for inner in value]
    if not isinstance(value, str):
        return value

    def fill(found: re.Match[str]) -> str:
        name, way, rest = found.groups()
        if given.get(name):
            return given[name]
        if way == "?":
            raise Unset(rest)
        return rest or ""

    return _VARIABLE.sub(fill, value)
