"""A document is made once, in this process or in one of its own, and nothing of it outlives its cabinet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from services.cabinet.app import create_app, part_reader
from services.cabinet.cabinet import Cabinet
from services.cabinet.files.documents import EACH, Documents
from services.cabinet.files.making import Contents, Document, Version, rendered
from services.cabinet.files.store import Store
from shared.db.session import Database
from shared.domain.digest import canonical
from shared.domain.parts import parts_of
from shared.domain.refusals import NotFound, TooManyDocuments
from shared.domain.snapshot import Snapshot
from shared.settings import Settings
from tests.builders import a_snapshot
from tests.conftest import KEY
from tests.waiting import finished

SNAPSHOT = a_snapshot(number=1)
LARGE = replace(SNAPSHOT, coverage=tuple(replace(entry, items=10_000) for entry in SNAPSHOT.coverage))
CONTENTS = {key: canonical(items) for key, items in parts_of(SNAPSHOT).items()}


class Source:
    """What versions hold, and how often it was read."""

    readings = 0

    def __call__(self, _version: Version) -> Contents:
        self.readings += 1
        return CONTENTS


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def documents(tmp_path: Path, source: Source) -> Iterator[Documents]:
    found = Documents(Store(tmp_path / "kept", 10**6), source, lasting=True)
    yield found
    found.close()


def fetched(documents: Documents, document: Document) -> bytes:
    file = finished(documents.opened(document, "anna"))
    return b"".join(file.pieces())


@pytest.mark.parametrize("snapshot", [SNAPSHOT, LARGE], ids=["small", "large"])
def test_a_document_is_made_once(documents: Documents, source: Source, snapshot: Snapshot) -> None:
    document = Document((Version(UUID(int=1), snapshot),), "txt", "en")
    made = [fetched(documents, document) for _ in range(3)]
    assert made == [rendered(document, [CONTENTS])] * 3
    assert source.readings == 1


def test_a_damaged_document_is_made_anew(documents: Documents, source: Source, tmp_path: Path) -> None:
    document = Document((Version(UUID(int=1), SNAPSHOT),), "txt", "en")
    made = fetched(documents, document)
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert fetched(documents, document) == made
    assert source.readings == 2


def test_places_are_given_back(documents: Documents) -> None:
    for _ in range(2):
        with documents.place("anna"), documents.place("anna"):
            with pytest.raises(TooManyDocuments), documents.place("anna"):
                pass
            with documents.place("boris"):
                pass
    assert EACH == 2


def test_what_a_process_keeps_for_itself_goes_with_it() -> None:
    app = an_app()
    folder = folder_of(app)
    with TestClient(app):
        kept(app)
        assert len(list(folder.iterdir())) == 1
    assert not folder.exists()


def test_what_several_share_stays(tmp_path: Path) -> None:
    app = an_app(documents_dir=tmp_path / "shared")
    with TestClient(app):
        kept(app)
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_of_an_erased_version_nothing_is_made(cabinet_db: Database) -> None:
    with pytest.raises(NotFound):
        part_reader(cabinet_db)(Version(uuid4(), SNAPSHOT))


def an_app(**settings: object) -> FastAPI:
    nowhere = {"database_url": SecretStr("postgresql://nowhere"), "broker_url": SecretStr("redis://nowhere")}
    return create_app(Settings(secret_keys=SecretStr(KEY), **nowhere, **settings))  # type: ignore[arg-type]


def folder_of(app: FastAPI) -> Path:
    cabinet: Cabinet = app.state.cabinet
    return cabinet.documents.store.folder


def kept(app: FastAPI) -> None:
    cabinet: Cabinet = app.state.cabinet
    cabinet.documents.store.keep("a document", b"its content")
