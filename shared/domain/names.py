"""When two names are one to a person, however they are spelled."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def fold(text: str) -> str:
    """Lower case, ё as е: how texts are compared by a search. Done here, since databases differ in it."""
    return text.casefold().replace("ё", "е")


@lru_cache(maxsize=8192)
def normalised(name: str) -> str:
    """The name as a person takes it in: two names that give the same text are read as one.

    Capitals, ё and е, blanks of any kind and number, the Unicode form and unseen signs make no difference.
    """
    plain = unicodedata.normalize("NFKC", name)
    if not plain.isprintable():
        plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return " ".join(fold(plain).split())
