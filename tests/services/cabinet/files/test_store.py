"""Files are kept whole, for a day at most, and as many as there is room for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.cabinet.files.store import LIVES_S, Store

CONTENT = b"x" * 1000
ROOM_FOR_THREE = 3_500


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "documents", ROOM_FOR_THREE)


def content_of(store: Store, key: str) -> bytes | None:
    file = store.opened(key)
    if file is None:
        return None
    content = b"".join(file.pieces())
    assert len(content) == file.size
    return content


def age(store: Store, name: str, *, used_s: float = 0, made_s: float = 0) -> None:
    about = (store.folder / name).stat()
    os.utime(store.folder / name, (about.st_atime - used_s, about.st_mtime - made_s))


def test_what_is_kept_is_found_by_its_key_and_by_no_other(store: Store) -> None:
    assert content_of(store, "a") is None
    store.keep("a", CONTENT)
    assert content_of(store, "a") == CONTENT
    assert content_of(store, "b") is None


def test_the_folder_is_for_our_user_only(store: Store) -> None:
    store.keep("a", CONTENT)
    assert store.folder.stat().st_mode & 0o077 == 0
    assert (store.folder / "a").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"half", CONTENT, b"y" * 1032])
def test_a_damaged_file_is_as_good_as_none(store: Store, damage: bytes) -> None:
    store.keep("a", CONTENT)
    (store.folder / "a").write_bytes(damage)
    assert content_of(store, "a") is None
    store.keep("a", CONTENT)
    assert content_of(store, "a") == CONTENT


def test_what_was_not_used_for_longest_goes_first(store: Store) -> None:
    for key, used_s in (("a", 300), ("b", 200), ("c", 100)):
        store.keep(key, CONTENT)
        age(store, key, used_s=used_s)
    assert content_of(store, "a") == CONTENT
    store.keep("d", CONTENT)
    assert sorted(path.name for path in store.folder.iterdir()) == ["a", "c", "d"]


def test_use_does_not_make_a_file_younger(store: Store) -> None:
    store.keep("a", CONTENT)
    age(store, "a", made_s=LIVES_S + 60)
    assert content_of(store, "a") is None
    store.keep("b", CONTENT)
    age(store, "b", made_s=1000)
    made = (store.folder / "b").stat().st_mtime_ns
    assert content_of(store, "b") == CONTENT
    assert (store.folder / "b").stat().st_mtime_ns == made


def test_a_sweep_leaves_nothing_that_is_too_old(store: Store) -> None:
    for name in ("a", "b", "half-of-a-dead-process", "half-being-written"):
        store.keep(name, CONTENT)
    age(store, "a", made_s=LIVES_S + 60)
    age(store, "half-of-a-dead-process", made_s=3600)
    store.sweep()
    assert sorted(path.name for path in store.folder.iterdir()) == ["b", "half-being-written"]


def test_a_sweep_makes_no_folder(store: Store) -> None:
    store.sweep()
    assert not store.folder.exists()


def test_an_open_file_is_read_to_its_end_though_it_has_gone_meanwhile(store: Store) -> None:
    store.keep("a", CONTENT)
    file = store.opened("a")
    assert file is not None
    (store.folder / "a").unlink()
    assert b"".join(file.pieces()) == CONTENT


def test_a_file_that_cannot_be_put_in_its_place_leaves_nothing(store: Store) -> None:
    (store.folder / "a" / "in-the-way").mkdir(parents=True)
    with pytest.raises(OSError, match="a"):
        store.keep("a", CONTENT)
    assert [path.name for path in store.folder.iterdir()] == ["a"]
