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
                f"CRMAP_DATABASE_URL={url}",
                "CRMAP_DATABASE_URL is an address of PostgreSQL: postgresql://user:password@host/database",
            )
            for url in (
                "sqlite://",
                "mysql://h/x",
                "crmap",
                "postgresql:crmap",
                "postgresql://h:port/x",
                "postgresql://[::1/x",
            )
        ),
        *(
            (
                f"CRMAP_BROKER_URL={url}",
                "CRMAP_BROKER_URL is an address of Redis or Valkey: redis://:password@host:6379/0",
            )
            for url in ("amqp://h", "localhost:6379", "redis://", "redis://h:port/0", "memory://")
        ),
        *(
            (
                f"CRMAP_PUBLIC_URL={url}",
                "CRMAP_PUBLIC_URL is an address with its scheme and without a path: https://crmap.example.ru",
            )
            for url in (
                "crmap.example.ru",
                "crmap.example.ru:8000",
                "ftp://crmap.example.ru",
                "https://crmap.example.ru/crmap",
                "https://crmap.example.ru?a",
                "https://crmap.example.ru#a",
                "https://me:secret@crmap.example.ru",
                "https://",
                "https://crmap.example.ru:port",
            )
        ),
        *(
            (
                f"CRMAP_{name}_LISTEN={listen}",
                f"CRMAP_{name}_LISTEN is an address to listen at, HOST:PORT: 127.0.0.1:8000, or [::1]:8000",
            )
            for name in ("GATEWAY", "CABINET", "STANDALONE", "FLOWER", "METRICS")
            for listen in (
                "8000",
                "everywhere",
                "127.0.0.1:",
                "127.0.0.1:0",
                "h:65536",
                "::1:8000",
                "http://h:1",
            )
        ),
        *(
            (
                f"CRMAP_ALLOWED_HOSTS={names}",
                "CRMAP_ALLOWED_HOSTS is a comma list of names without scheme and path: crmap.example.ru,crm.example.ru",
            )
            for names in ("https://crmap.example.ru", "a b", "crmap.example.ru/x", "*")
        ),
        (
            "CRMAP_DATABASE_URL=sqlite://\nCRMAP_GATEWAY_LISTEN=8000",
            (
                "CRMAP_DATABASE_URL is an address of PostgreSQL: postgresql://user:password@host/database; "
                "CRMAP_GATEWAY_LISTEN is an address to listen at, HOST:PORT: 127.0.0.1:8000, or [::1]:8000"
            ),
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


@pytest.mark.parametrize(
    "line",
    [
        "DATABASE_URL=postgresql://crmap:pass%2Fword@db.example:5433/crmap?sslmode=require",
        "DATABASE_URL=postgresql://me@/crmap?host=%2Ftmp%2Frun&port=5432",
        "DATABASE_URL=postgres://db/crmap",
        "DATABASE_URL='postgresql://crmap:pa#s/s?w[ord@db/crmap'",
        "BROKER_URL=redis://:secret@redis:6379/0",
        "BROKER_URL=rediss://redis:6379/0",
        "BROKER_URL=redis+socket:///run/crmap/valkey.sock",
        "PUBLIC_URL=https://crmap.example.ru/",
        "PUBLIC_URL=http://127.0.0.1:8000",
        "PUBLIC_URL=https://[2001:db8::1]:8443",
        "CABINET_LISTEN=0.0.0.0:8002",
        "CABINET_LISTEN=[::]:8002",
        "CABINET_LISTEN=:8002",
        "METRICS_LISTEN=localhost:9100",
        "ALLOWED_HOSTS=crmap.example.ru, gateway:8001,xn--80ak6aa92e.com",
    ],
)
def test_addresses_as_people_write_them_are_taken(env_file: Path, line: str) -> None:
    env_file.write_text(f"CRMAP_{line}")
    name, _, value = line.partition("=")
    assert name.lower() in load_settings().model_fields_set, value


def test_a_settings_file_in_another_encoding_is_told_in_one_line(env_file: Path) -> None:
    env_file.write_bytes("CRMAP_ENVIRONMENT=разработка".encode("cp1251"))
    with pytest.raises(WrongSetting, match=r"\.env cannot be read as UTF-8 text$"):
        load_settings()


def test_settings_do_not_change_once_read() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.allow_private_portals = True
