"""A document is written whole or not at all, and what cannot work is said before anybody waits."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tools.cli.output import OutputFile
from tools.cli.sentences import Complaint

DOCUMENT = "Спецификация\r\n".encode("utf-8-sig")


def complaint_about(path: Path | str) -> str:
    with pytest.raises(Complaint) as error:
        OutputFile(str(path)).check()
    return error.value.spoken("en")


def test_a_new_file_holds_the_document_and_nothing_else_is_left(tmp_path: Path) -> None:
    output = OutputFile(str(tmp_path / "portal.txt"))
    output.check()
    assert list(tmp_path.iterdir()) == []
    output.write(DOCUMENT)
    assert [file.name for file in tmp_path.iterdir()] == ["portal.txt"]
    assert (tmp_path / "portal.txt").read_bytes() == DOCUMENT


def test_a_new_file_may_be_read_by_whom_umask_lets(tmp_path: Path) -> None:
    output = OutputFile(str(tmp_path / "portal.txt"))
    usual = tmp_path / "usual.txt"
    usual.touch()
    output.write(DOCUMENT)
    assert (tmp_path / "portal.txt").stat().st_mode == usual.stat().st_mode


def test_a_replaced_file_keeps_its_permissions_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    OutputFile(str(link)).write(DOCUMENT)
    assert link.is_symlink()
    assert real.read_bytes() == DOCUMENT
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_name_as_long_as_the_file_system_allows_is_no_trouble(tmp_path: Path) -> None:
    output = OutputFile(str(tmp_path / ("я" * 127)))
    output.check()
    output.write(DOCUMENT)
    assert (tmp_path / ("я" * 127)).read_bytes() == DOCUMENT


def test_a_failed_write_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = OutputFile(str(tmp_path / "portal.txt"))
    (tmp_path / "portal.txt").write_text("old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(Complaint) as error:
        output.write(DOCUMENT)
    assert "no space" in error.value.spoken("en")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("portal.txt", "old")]


def full_disk(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    assert complaint_about(folder / "portal.txt") == f"There is no folder {folder}. Make it or name another."


def test_a_folder_given_as_a_file_is_named(tmp_path: Path) -> None:
    assert complaint_about(tmp_path) == f"{tmp_path} is a folder. Name a file."
    assert complaint_about(f"{tmp_path}/").endswith("/ is a folder. Name a file.")
    assert (
        complaint_about(f"{tmp_path}/reports/")
        == f"There is no folder {tmp_path}/reports. Make it or name another."
    )


def test_a_file_given_as_a_folder_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert complaint_about(tmp_path / "file" / "portal.txt").startswith("There is no folder ")


def test_a_name_longer_than_the_file_system_allows_is_refused(tmp_path: Path) -> None:
    assert "could not be written: File name too long" in complaint_about(tmp_path / ("a" * 256))


def test_devices_are_written_to_and_not_replaced() -> None:
    output = OutputFile("/dev/null")
    output.check()
    output.write(DOCUMENT)
    assert not Path("/dev/null").is_file()


def test_a_full_device_is_told_in_one_sentence() -> None:
    with pytest.raises(Complaint) as error:
        OutputFile("/dev/full").write(DOCUMENT)
    assert error.value.spoken("en") == "There is no space on the disk for /dev/full."


def test_a_folder_or_file_without_permission_is_refused_beforehand() -> None:
    # Root may write everywhere, so who asks becomes nobody first.
    ask = """
import os, sys
from tools.cli.output import OutputFile
from tools.cli.sentences import NO_PERMISSION, Complaint
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    OutputFile(sys.argv[1]).check()
except Complaint as error:
    sys.exit(error.sentence is not NO_PERMISSION)
sys.exit(2)
"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "read-only.txt").touch(mode=0o444)
        for mode, file in ((0o555, "new.txt"), (0o777, "read-only.txt")):
            folder.chmod(mode)
            asked = subprocess.run([sys.executable, "-c", ask, str(folder / file)], check=False)
            assert asked.returncode == 0, file
