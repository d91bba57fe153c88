"""A document is named by all that decides its bytes, and made the same way in every process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from services.cabinet.files.apart import MakingFailed, make_apart
from services.cabinet.files.making import Contents, Document, Version, rendered
from services.cabinet.files.store import Store
from shared.domain.digest import canonical
from shared.domain.parts import parts_of
from shared.domain.snapshot import Snapshot
from shared.specification.formats import FORMATS
from tests.builders import READ_AT, a_pipeline, a_portal, a_snapshot

SNAPSHOT = a_snapshot(number=2)
VERSION = Version(UUID(int=1), SNAPSHOT)
DOCUMENT = Document((VERSION,), "txt", "ru")


def contents_of(snapshot: Snapshot) -> Contents:
    return {key: canonical(items) for key, items in parts_of(snapshot).items()}


@pytest.mark.parametrize("name", FORMATS)
def test_a_document_of_stored_items_is_that_of_the_snapshot(name: str) -> None:
    made = rendered(Document((VERSION,), name, "en"), [contents_of(SNAPSHOT)])
    assert made == FORMATS[name].render(SNAPSHOT, language="en")


def test_the_same_is_named_the_same() -> None:
    assert replace(DOCUMENT, versions=(replace(VERSION),)).key == DOCUMENT.key


@pytest.mark.parametrize(
    "other",
    [
        replace(DOCUMENT, format="md"),
        replace(DOCUMENT, language="en"),
        replace(DOCUMENT, versions=(VERSION, VERSION)),
        replace(DOCUMENT, versions=(replace(VERSION, portal_id=UUID(int=2)),)),
        replace(DOCUMENT, versions=(replace(VERSION, outline=replace(SNAPSHOT, number=3)),)),
        replace(DOCUMENT, versions=(replace(VERSION, outline=replace(SNAPSHOT, coverage=())),)),
        replace(
            DOCUMENT,
            versions=(replace(VERSION, outline=replace(SNAPSHOT, read_at=READ_AT.replace(year=2040))),),
        ),
        replace(
            DOCUMENT,
            versions=(replace(VERSION, outline=replace(SNAPSHOT, portal=a_portal(plan="other"))),),
        ),
    ],
)
def test_whatever_may_show_in_it_makes_another_name(other: Document) -> None:
    assert other.key != DOCUMENT.key


@pytest.mark.parametrize("name", ["txt", "json"])
def test_a_process_of_its_own_makes_the_same_bytes(tmp_path: Path, name: str) -> None:
    later = a_snapshot(number=3, pipelines=(a_pipeline(name="Сбыт"),))
    document = Document((VERSION, Version(VERSION.portal_id, later)), name, "ru")
    contents = [contents_of(SNAPSHOT), contents_of(later)]
    store = Store(tmp_path, 10**6)
    make_apart(document, contents, store, "key")
    file = store.opened("key")
    assert file is not None
    assert b"".join(file.pieces()) == rendered(document, contents)


def test_a_fault_in_that_process_is_told_with_its_reason(tmp_path: Path) -> None:
    unreadable = dict.fromkeys(contents_of(SNAPSHOT), b"[")
    with pytest.raises(MakingFailed, match="ValidationError"):
        make_apart(DOCUMENT, [unreadable], Store(tmp_path, 10**6), "key")
    assert list(tmp_path.iterdir()) == []
