"""The two languages CRMAP speaks."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
