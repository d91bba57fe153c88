"""Portals in which somebody writes what he likes, and pages that must not mind."""

from __future__ import annotations

from shared.domain.snapshot import UserField
from tests.builders import a_user_field
from tests.services.cabinet.pages import Page


def fields_called(*labels: str) -> tuple[UserField, ...]:
    """A field of deals for each label."""
    return tuple(
        a_user_field(id=500 + place, code=f"UF_CRM_{place}", sort=place, labels={"ru": label})
        for place, label in enumerate(labels)
    )


def assert_harmless(page: Page) -> None:
    """Nothing of a name has become a part of the page, and nothing that steers a reader is left in it."""
    assert page.status == 200
    for element in page.elements:
        assert element.tag not in ("img", "iframe", "object", "embed", "style")
        assert element.tag != "script" or element.attributes.get("src", "").startswith("/static/")
        assert not any(name == "style" or name.startswith("on") for name in element.attributes)
        assert element.attributes.get("href", "/").startswith(("/", "#"))
    assert not set("\u202e\u200b\x1b\x00\x9b\u2066") & set(page.html)
