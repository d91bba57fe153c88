"""What `make setup` trusts, and what it makes again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from requirements.install import STAMP, Facts, facts, install, is_trusted


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds an empty lock, so nothing is downloaded."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "lock.txt").touch()
    install(folder / "venv", folder / "lock.txt", with_project=False)
    return folder / "venv"


@pytest.fixture
def wanted(finished: Path) -> Facts:
    return facts(finished, finished.with_name("lock.txt"))


def test_a_finished_environment_is_left_alone(finished: Path, wanted: Facts) -> None:
    before = (finished / STAMP).stat().st_mtime_ns
    install(finished, finished.with_name("lock.txt"), with_project=False)
    assert (finished / STAMP).stat().st_mtime_ns == before
    assert is_trusted(finished, wanted)


@pytest.mark.parametrize("other", [{"python": ["3.99", "/usr"]}, {"place": "/elsewhere"}, {"lock": "0" * 64}])
def test_another_python_place_or_lock_is_made_again(finished: Path, wanted: Facts, other: Facts) -> None:
    assert not is_trusted(finished, {**wanted, **other})


def lose_a_file(venv: Path) -> None:
    next(venv.glob("lib/python*/site-packages/pip/__main__.py")).unlink()


def lose_a_package(venv: Path) -> None:
    for folder in venv.glob("lib/python*/site-packages/pip*"):
        shutil.rmtree(folder)


def lose_a_command(venv: Path) -> None:
    (venv / "bin" / "pip").unlink()


def lose_the_interpreter(venv: Path) -> None:
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/nowhere/python")


def stop_half_way(venv: Path) -> None:
    (venv / STAMP).unlink()


def spoil_the_stamp(venv: Path) -> None:
    (venv / STAMP).write_text("{")


def remove_everything(venv: Path) -> None:
    shutil.rmtree(venv)


@pytest.mark.parametrize(
    "harm",
    [
        lose_a_file,
        lose_a_package,
        lose_a_command,
        lose_the_interpreter,
        stop_half_way,
        spoil_the_stamp,
        remove_everything,
    ],
)
def test_a_damaged_environment_is_made_again(
    finished: Path, wanted: Facts, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    copy = shutil.copytree(finished, tmp_path / "venv", symlinks=True)
    assert is_trusted(copy, wanted)
    harm(copy)
    assert not is_trusted(copy, wanted)


def test_what_is_installed_is_told_beside_what_was_asked_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`make demo ARGS=--check` writes the specification and nothing else to standard output, the first time too."""
    (tmp_path / "lock.txt").touch()
    install(tmp_path / "venv", tmp_path / "lock.txt", with_project=False)
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err == f"Installing {tmp_path}/lock.txt into venv …\n"
