"""Forms as PHP writes them: ``auth[member_id]=…``. A form that two parsers could read differently is refused."""

from __future__ import annotations

import re
from typing import Union
from urllib.parse import unquote_to_bytes

from services.gateway.form_refusals import (
    BadCharacters,
    BadShape,
    BodyTooLarge,
    DuplicateField,
    EmptyBody,
    FieldTooLarge,
    TooManyFields,
)

MOST_FIELDS = 64
LONGEST_FIELD = 16 * 1024
LONGEST_BODY = 64 * 1024
DEEPEST = 5

Tree = dict[str, Union[str, "Tree"]]

_NAME = re.compile(r"([^\[\]]{1,100})((?:\[[^\[\]]{1,100}\])*)")
_UNFIT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f]")


def parse(body: bytes) -> Tree:
    """The fields as nested maps of text. The only separator is ``&``.

    Raises EmptyBody, BodyTooLarge, TooManyFields, FieldTooLarge, BadCharacters, BadShape, DuplicateField.
    """
    if not body:
        raise EmptyBody
    if len(body) > LONGEST_BODY:
        raise BodyTooLarge
    pairs = body.split(b"&", MOST_FIELDS)
    if len(pairs) > MOST_FIELDS:
        raise TooManyFields
    tree: Tree = {}
    for pair in filter(None, pairs):
        if len(pair) > LONGEST_FIELD:
            raise FieldTooLarge
        name, _, value = pair.partition(b"=")
        _put(tree, _path(_decoded(name)), _decoded(value))
    return tree


def text_at(tree: Tree, *path: str) -> str:
    """The text under this path, empty if there is none. Raises BadShape if there is a map."""
    node: str | Tree = tree
    for step in path:
        if not isinstance(node, dict):
            raise BadShape
        node = node.get(step, "")
        if node == "":
            return ""
    if not isinstance(node, str):
        raise BadShape
    return node


def map_at(tree: Tree, name: str) -> Tree:
    """The map under this name, empty if there is none. Raises BadShape if there is text."""
    branch = tree.get(name) or {}
    if not isinstance(branch, dict):
        raise BadShape
    return branch


def _decoded(part: bytes) -> str:
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise BadCharacters from None
    if "\x00" in text:
        raise BadCharacters
    return text


def _path(name: str) -> list[str]:
    if _UNFIT_IN_NAMES.search(name):
        raise BadCharacters
    shape = _NAME.fullmatch(name)
    if shape is None:
        raise BadShape
    steps = [shape[1], *shape[2].strip("[]").split("][")] if shape[2] else [shape[1]]
    if len(steps) > DEEPEST:
        raise BadShape
    return steps


def _put(tree: Tree, path: list[str], value: str) -> None:
    *branches, leaf = path
    for step in branches:
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            raise BadShape
        tree = inner
    if leaf in tree:
        raise BadShape if isinstance(tree[leaf], dict) else DuplicateField
    tree[leaf] = value
