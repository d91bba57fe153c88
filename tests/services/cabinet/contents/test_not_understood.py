"""An attribute that was not understood is neither set nor unset: pages say so in the words of the documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from shared.db.tables.cabinets import AccountRow
from shared.domain.snapshot import NotUnderstood, Snapshot
from shared.wording.changes import attribute_word
from tests.builders import (
    a_department,
    a_dictionary,
    a_dictionary_item,
    a_pipeline,
    a_smart_process,
    a_snapshot,
    a_stage,
    a_standard_field,
    a_user,
    a_user_field,
    an_entity_type,
)
from tests.services.cabinet.pages import Browser

UNSET: dict[str, Any] = {
    "labels": {},
    "departments": (),
    "settings": {},
    "values": (),
    "meaning": a_stage().meaning,
    **dict.fromkeys(("is_default", "system", "multiple", "mandatory", "read_only", "active"), False),
}
PIPELINE, STAGE = ("name", "sort", "is_default"), ("name", "meaning", "color", "sort", "system")
FIELD = ("labels", "sort", "multiple", "mandatory", "settings", "values")
STANDARD_FIELD = ("label", "multiple", "mandatory", "read_only")
USER, DEPARTMENT = ("name", "position", "departments", "active"), ("name", "parent_id", "head_id")
DICTIONARY, DICTIONARY_ITEM = ("name",), ("name", "sort", "system")
SMART_PROCESS = ("title", "binding_prefix")

# The attributes of each item of a page, and how many of them have a cell of their own. A stage's name has two.
PAGES = [
    ("pipelines", (PIPELINE,), 2),
    ("stages", (STAGE,), 4),
    ("fields", (FIELD,), 2),
    ("standard-fields", (STANDARD_FIELD,), 1),
    ("users", (USER, DEPARTMENT), 7),
    ("dictionaries", (DICTIONARY, DICTIONARY_ITEM), 3),
    ("smart-processes", (SMART_PROCESS,), 2),
]


def odd(item: Any, attributes: tuple[str, ...]) -> Any:
    """The item, these attributes of which made no sense."""
    unset = {attribute: UNSET.get(attribute) for attribute in attributes}
    came = tuple(NotUnderstood(attribute, f"<{attribute}?>") for attribute in attributes)
    return replace(item, **unset, not_understood=came)


def odd_portal() -> Snapshot:
    item = odd(a_dictionary_item(), DICTIONARY_ITEM)
    return a_snapshot(
        entity_types=(an_entity_type(), odd(a_smart_process(), SMART_PROCESS)),
        pipelines=(odd(a_pipeline(), PIPELINE),),
        stages=(odd(a_stage(), STAGE),),
        dictionaries=(odd(a_dictionary(items=(item,)), DICTIONARY),),
        standard_fields=(odd(a_standard_field(), STANDARD_FIELD),),
        user_fields=(odd(a_user_field(), FIELD),),
        users=(odd(a_user(), USER),),
        departments=(odd(a_department(), DEPARTMENT),),
    )


@pytest.fixture
def account_id(read: Callable[[Snapshot], None], portal_id: UUID, session: Session) -> UUID:
    """An account whose portal sent nonsense from the first read on."""
    read(odd_portal())
    return session.exec(select(AccountRow.id).where(col(AccountRow.portal_id) == portal_id)).one()


def test_it_does_not_look_unset_and_what_came_stands_below(account_id: UUID, owner: Browser) -> None:
    for name, items, cells in PAGES:
        page = owner.open(f"/accounts/{account_id}/{name}")
        assert len(re.findall(r">\s*не понято\s*<", page.html)) == cells, name
        for attributes in items:
            told = ", ".join(f"{attribute_word(word, 'ru')} «<{word}?>»" for word in attributes)
            assert f"не понято: {told}" in page.text, name
