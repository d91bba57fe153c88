"""Settings are checked before anything starts, and a wrong one is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import Environment, WrongSetting, load_settings


@pytest.fixture(autouse=True)
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("ENVIRONMENT", "ALLOW_PRIVATE_PORTALS"):
        monkeypatch.delenv(f"CRMAP_{name}", raising=False)
    return tmp_path / ".env"


def test_without_any_setting_private_portals_are_refused() -> None:
    settings = load_settings()
    assert not settings.allow_private_portals
    assert settings.environment is Environment.DEVELOPMENT


def test_the_environment_outranks_the_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env_file.write_text("CRMAP_ALLOW_PRIVATE_PORTALS=1\nCRMAP_ENVIRONMENT=production\n")
    monkeypatch.setenv("CRMAP_ENVIRONMENT", "development")
    assert load_settings().allow_private_portals


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMAP_ALLOW_PRIVATE_PORTALS", "")
    assert not load_settings().allow_private_portals


def test_lines_of_other_programs_in_the_file_are_passed_over(env_file: Path) -> None:
    env_file.write_text("POSTGRES_PASSWORD=x\nCRMAP_OF_ANOTHER_VERSION=1\nCRMAP_ALLOW_PRIVATE_PORTALS=yes\n")
    assert load_settings().allow_private_portals


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("CRMAP_ENVIRONMENT=staging", "CRMAP_ENVIRONMENT: input should be 'development' or 'production'"),
        (
            "CRMAP_ALLOW_PRIVATE_PORTALS=perhaps",
            "CRMAP_ALLOW_PRIVATE_PORTALS: input should be a valid boolean, unable to interpret input",
        ),
        (
            "CRMAP_ALLOW_PRIVATE_PORTALS=1\nCRMAP_ENVIRONMENT=production",
            "CRMAP_ALLOW_PRIVATE_PORTALS is refused while CRMAP_ENVIRONMENT=production",
        ),
        *(
            (
                f"CRMAP_TRUSTED_PROXIES={everybody}",
                "CRMAP_TRUSTED_PROXIES is a comma list of addresses and networks like 172.30.80.0/28",
            )
            for everybody in ("*", "0.0.0.0/0", "127.0.0.1,::/0", "proxy", "172.30.80.5/28")
        ),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(env_file: Path, lines: str, complaint: str) -> None:
    env_file.write_text(lines)
    with pytest.raises(WrongSetting) as error:
        load_settings()
    assert str(error.value) == complaint


def test_a_settings_file_in_another_encoding_is_told_in_one_line(env_file: Path) -> None:
    env_file.write_bytes("CRMAP_ENVIRONMENT=разработка".encode("cp1251"))
    with pytest.raises(WrongSetting, match=r"\.env cannot be read as UTF-8 text$"):
        load_settings()


def test_settings_do_not_change_once_read() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.allow_private_portals = True
