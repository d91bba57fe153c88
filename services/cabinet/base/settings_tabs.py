"""The tabs that all pages of the settings share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.cabinet.base.rendering import Page
from services.cabinet.base.words import Words
from shared.wording.sentences import N_

SETTINGS: Final = "settings"
PROFILE: Final = "/settings"
PASSWORD: Final = "/settings/password"  # noqa: S105 - an address
TOKENS: Final = "/settings/tokens"
APPLICATIONS: Final = "/settings/applications"

_TITLES: Final[Mapping[str, str]] = {
    PROFILE: N_("Profile"),
    PASSWORD: N_("Password and browsers"),
    TOKENS: N_("API tokens"),
    APPLICATIONS: N_("Local applications"),
}


@dataclass(frozen=True, slots=True)
class SettingsTab:
    """A page of the settings."""

    title: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """A page of the settings, with the tabs of all of them."""

    tabs: tuple[SettingsTab, ...]


def tabs(words: Words, current: str) -> tuple[SettingsTab, ...]:
    """The tabs of the settings, with the current one marked."""
    return tuple(
        SettingsTab(words.gettext(title), address, address == current) for address, title in _TITLES.items()
    )
