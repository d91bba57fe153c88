"""Forms as PHP spells them: ``auth[member_id]=…``. What two parsers could read differently is refused, not guessed."""

from __future__ import annotations

import re
from typing import Union
from urllib.parse import unquote_to_bytes

MOST_FIELDS = 64
LONGEST_FIELD = 16 * 1024
LONGEST_BODY = 64 * 1024
DEEPEST = 5

Tree = dict[str, Union[str, "Tree"]]

_NAME = re.compile(r"([^\[\]]{1,100})((?:\[[^\[\]]{1,100}\])*)")
_UNFIT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f]")


class FormRefused(Exception):
    """A form that is not read; ``code`` says why and repeats nothing of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse(body: bytes) -> Tree:
    """The fields as nested maps of text; only ``&`` separates them.

    Raises FormRefused: ``empty_body``, ``body_too_large``, ``too_many_fields``, ``field_too_large``,
    ``bad_characters`` (NUL, or not UTF-8), ``bad_shape`` (broken or too many brackets, text and map under one name),
    ``duplicate_field``.
    """
    if not body:
        raise FormRefused("empty_body")
    if len(body) > LONGEST_BODY:
        raise FormRefused("body_too_large")
    pairs = body.split(b"&", MOST_FIELDS)
    if len(pairs) > MOST_FIELDS:
        raise FormRefused("too_many_fields")
    tree: Tree = {}
    for pair in filter(None, pairs):
        if len(pair) > LONGEST_FIELD:
            raise FormRefused("field_too_large")
        name, _, value = pair.partition(b"=")
        _put(tree, _path(_decoded(name)), _decoded(value))
    return tree


def text_at(tree: Tree, *path: str) -> str:
    """The text under this path, empty where there is none. Raises FormRefused where there is a map."""
    found: str | Tree = tree
    for step in path:
        if not isinstance(found, dict):
            raise FormRefused("bad_shape")
        found = found.get(step, "")
        if found == "":
            return ""
    if not isinstance(found, str):
        raise FormRefused("bad_shape")
    return found


def map_at(tree: Tree, name: str) -> Tree:
    """The map under this name, empty where there is none. Raises FormRefused where there is text."""
    found = tree.get(name) or {}
    if not isinstance(found, dict):
        raise FormRefused("bad_shape")
    return found


def _decoded(part: bytes) -> str:
    try:
        text = unquote_to_bytes(part.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise FormRefused("bad_characters") from None
    if "\x00" in text:
        raise FormRefused("bad_characters")
    return text


def _path(name: str) -> list[str]:
    if _UNFIT_IN_NAMES.search(name):
        raise FormRefused("bad_characters")
    shape = _NAME.fullmatch(name)
    if shape is None:
        raise FormRefused("bad_shape")
    steps = [shape[1], *shape[2].strip("[]").split("][")] if shape[2] else [shape[1]]
    if len(steps) > DEEPEST:
        raise FormRefused("bad_shape")
    return steps


def _put(tree: Tree, path: list[str], value: str) -> None:
    *branches, leaf = path
    for step in branches:
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            raise FormRefused("bad_shape")
        tree = inner
    if leaf in tree:
        raise FormRefused("bad_shape" if isinstance(tree[leaf], dict) else "duplicate_field")
    tree[leaf] = value
