"""``$result[key][path]`` inside a batch: how earlier answers get into later commands.

Source: rest module, batch processing; Bitrix24 REST documentation, "How to execute a batch request".
"""

from __future__ import annotations

import re
from typing import Any

from tools.simulator.php import as_map, php_map

#: Everything up to the next white space belongs to the reference.
_REFERENCE = re.compile(r"\$(result|next|total|time|error)(\S*)")


def substituted(value: Any, maps: dict[str, dict[str, Any]]) -> Any:
    """The value with every reference in it, also in key names, replaced from the five answer maps."""
    if isinstance(value, str):
        return _in_text(value, maps)
    if isinstance(value, dict):
        replaced: dict[str, Any] = {}
        for key, inner in value.items():
            name = _in_text(str(key), maps)
            replaced[str(key) if isinstance(name, dict | list) else str(name)] = substituted(inner, maps)
        return replaced
    if isinstance(value, list):
        return [substituted(inner, maps) for inner in value]
    return value


def _in_text(text: str, maps: dict[str, dict[str, Any]]) -> Any:
    match = _REFERENCE.fullmatch(text)
    if match:
        return _walked(maps[match[1]], match[2])

    def shown(reference: re.Match[str]) -> str:
        value = _walked(maps[reference[1]], reference[2])
        # Only texts and numbers fit into a longer text; an array leaves the reference as it stands.
        fits = isinstance(value, str | int | float) and not isinstance(value, bool)
        return str(value) if fits else reference[0]

    return _REFERENCE.sub(shown, text)


def _walked(at: Any, path: str) -> Any:
    """The last value reached: a missing or null part ends the walk, it is not an error."""
    for part in re.findall(r"\[([^\]]*)\]", path):
        inner = as_map(at).get(part) if isinstance(at, dict | list) else None
        if inner is None:
            break
        at = inner
    return php_map(at) if isinstance(at, dict) else at
