"""Normalises names, so that two names a person reads as equal become equal."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def fold(text: str) -> str:
    """The text in lower case with ё as е, for searches. Done here because databases do it differently."""
    return text.casefold().replace("ё", "е")


@lru_cache(maxsize=8192)
def normalised(name: str) -> str:
    """The name in a normal form: a person reads two names with the same form as equal.

    Capitals, ё and е, kind and number of blanks, the Unicode form and invisible characters make no difference.
    """
    plain = unicodedata.normalize("NFKC", name)
    if not plain.isprintable():
        plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return " ".join(fold(plain).split())
