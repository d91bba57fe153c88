"""What the operator may decide: environment variables ``CRMAP_…``, or the same lines in a file ``.env``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.addresses import (
    fault_of_broker,
    fault_of_database,
    fault_of_listen,
    fault_of_names,
    fault_of_public,
)

PREFIX = "CRMAP_"
ENV_FILE = ".env"


class WrongSetting(Exception):
    """An invalid setting. The text of the error is one line for the operator and repeats no value."""


class Environment(StrEnum):
    """The purpose of this installation. Production refuses settings that are for development only."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


# The key of a development installation that has no other; refused in production.
DEVELOPMENT_KEY = "development-only-key-of-crmap"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _span(value: Any) -> Any:
    """``6h``, ``15m`` as a span of time."""
    match = re.fullmatch(r"([0-9]{1,5})([smhd])", value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))}) if match else value


def _listed(value: Any) -> Any:
    """A comma list."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _servers(value: Any) -> Any:
    """A comma list of base addresses."""
    return tuple(part.rstrip("/") for part in _listed(value)) if isinstance(value, str) else value


Span = Annotated[timedelta, BeforeValidator(_span)]
Servers = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_servers)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """All settings, checked. A private portal is one without https or inside a private network."""

    # The file may also be for other programs, so unknown lines are ignored; an empty value counts as unset.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    environment: Environment = Environment.DEVELOPMENT
    allow_private_portals: bool = False

    database_url: SecretStr | None = None
    broker_url: SecretStr | None = None
    # Where people and portals reach CRMAP, as they type it.
    public_url: str = "http://127.0.0.1:8000"
    # A comma list: the first key seals, all open.
    secret_keys: SecretStr = SecretStr(DEVELOPMENT_KEY)

    bitrix24_client_id: str | None = None
    bitrix24_client_secret: SecretStr | None = None
    bitrix24_oauth_servers: Servers = ("https://oauth.bitrix.info", "https://oauth.bitrix24.tech")
    # The vendor's script by which a page in a frame speaks with the portal around it.
    bitrix24_script_url: str = "https://api.bitrix24.com/api/v1/"

    sync_every: Span = Field(default=timedelta(hours=6), ge=timedelta(minutes=1), le=timedelta(days=7))
    # How long every past version is kept; of older versions only the last of each month is kept.
    keep_versions: Span = Field(default=timedelta(days=730), ge=timedelta(days=1), le=timedelta(days=36_500))
    worker_slots: int = Field(default=8, ge=2, le=64)
    # How long after a worker's death its reads are taken over by another.
    worker_lease: Span = Field(
        default=timedelta(seconds=60), ge=timedelta(seconds=2), le=timedelta(minutes=10)
    )
    # How long a stopping worker may finish its reads; then they are left to another worker.
    worker_grace: Span = Field(default=timedelta(seconds=20), ge=timedelta(0), le=timedelta(minutes=10))

    # How much room the documents take that the cabinet keeps.
    documents_mb: int = Field(default=128, ge=16, le=100_000)
    # Where they are kept; several cabinets may share it. In a temporary folder of each process if it is empty.
    documents_dir: Path | None = None
    # What one cabinet may have and ask for, so that it leaves something for the others.
    accounts_per_cabinet: int = Field(default=1000, ge=1, le=100_000)
    refreshes_per_minute: int = Field(default=120, ge=1, le=100_000)

    gateway_listen: str = "127.0.0.1:8001"
    cabinet_listen: str = "127.0.0.1:8002"
    standalone_listen: str = "127.0.0.1:8000"
    # Where a worker or beat serves its metrics; not at all if it is empty.
    metrics_listen: str | None = None
    # What the services are called besides the host of the public address.
    allowed_hosts: Listed = ()
    connections_per_address: int = Field(default=100, ge=1)
    # Opens the metrics of every process; without it they are for this machine only.
    metrics_token: SecretStr | None = None
    # The proxies that are believed about the visitor's address and scheme.
    trusted_proxies: Listed = ("127.0.0.1",)
    flower_listen: str = "127.0.0.1:5555"
    flower_password: SecretStr | None = None
    # Secrets may be given as the paths of files instead.
    database_url_file: Path | None = None
    broker_url_file: Path | None = None
    secret_keys_file: Path | None = None
    bitrix24_client_secret_file: Path | None = None
    flower_password_file: Path | None = None
    metrics_token_file: Path | None = None
    data_dir: Path = Path("data")

    @property
    def service_database_url(self) -> str:
        """The database's address. Raises WrongSetting if there is none."""
        return _needed("DATABASE_URL", self.database_url)

    @property
    def service_broker_url(self) -> str:
        """The broker's address. Raises WrongSetting if there is none."""
        return _needed("BROKER_URL", self.broker_url)

    @property
    def keys(self) -> tuple[str, ...]:
        """The secret keys, in order."""
        return tuple(part.strip() for part in self.secret_keys.get_secret_value().split(",") if part.strip())

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names web services answer to."""
        return (urlsplit(self.public_url).netloc, *self.allowed_hosts)

    @property
    def is_served_securely(self) -> bool:
        """True when people reach CRMAP by https, which decides how cookies are set."""
        return urlsplit(self.public_url).scheme == "https"

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: Any) -> Any:
        """A secret may be given as the path of a file that holds it: ``CRMAP_SECRET_KEYS_FILE``."""
        if not isinstance(values, dict):
            return values
        for name in (
            "database_url",
            "broker_url",
            "secret_keys",
            "bitrix24_client_secret",
            "flower_password",
            "metrics_token",
        ):
            path = values.get(f"{name}_file")
            if path:
                try:
                    values[name] = Path(str(path)).read_text(encoding="utf-8").strip()
                except OSError as error:
                    raise ValueError(
                        f"{PREFIX}{name.upper()}_FILE names a file that cannot be read"
                    ) from error
        return values

    @model_validator(mode="after")
    def _production_stays_public(self) -> Self:
        if self.allow_private_portals and self.environment is Environment.PRODUCTION:
            raise ValueError(f"{PREFIX}ALLOW_PRIVATE_PORTALS is refused while {PREFIX}ENVIRONMENT=production")
        return self

    @model_validator(mode="after")
    def _proxies_are_named(self) -> Self:
        """Trusting every address is refused: each visitor could then choose his own address."""
        for network in self.trusted_proxies:
            if not _is_network(network):
                raise ValueError(
                    f"{PREFIX}TRUSTED_PROXIES is a comma list of addresses and networks like 172.30.80.0/28"
                )
        return self


def load_settings() -> Settings:
    """The settings of this process; its environment outranks the file in the current folder, if there is one.

    Raises WrongSetting.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        raise WrongSetting("; ".join(map(_in_words, error.errors()))) from None
    except (OSError, UnicodeDecodeError):
        raise WrongSetting(f"the file {ENV_FILE} cannot be read as UTF-8 text") from None
    faults = [f"{PREFIX}{name} {fault}" for name, fault in _address_faults(settings) if fault]
    if faults:
        raise WrongSetting("; ".join(faults))
    return settings


def load_service_settings() -> Settings:
    """The settings of a process that serves or works: with a database, a broker and, in production, its own keys.

    Raises WrongSetting.
    """
    settings = load_settings()
    _needed("DATABASE_URL", settings.database_url)
    _needed("BROKER_URL", settings.broker_url)
    if settings.environment is Environment.PRODUCTION and DEVELOPMENT_KEY in settings.keys:
        raise WrongSetting(f"{PREFIX}SECRET_KEYS has to be set to keys of your own in production")
    return settings


def _address_faults(settings: Settings) -> Iterator[tuple[str, str | None]]:
    if settings.database_url is not None:
        yield "DATABASE_URL", fault_of_database(settings.database_url.get_secret_value())
    if settings.broker_url is not None:
        yield "BROKER_URL", fault_of_broker(settings.broker_url.get_secret_value())
    yield "PUBLIC_URL", fault_of_public(settings.public_url)
    yield "ALLOWED_HOSTS", fault_of_names(settings.allowed_hosts)
    for name in ("gateway_listen", "cabinet_listen", "standalone_listen", "flower_listen", "metrics_listen"):
        listen = getattr(settings, name)
        if listen is not None:
            yield name.upper(), fault_of_listen(listen)


def _is_network(text: str) -> bool:
    try:
        return ip_network(text).prefixlen > 0
    except ValueError:
        return False


def _needed(name: str, value: SecretStr | None) -> str:
    if value is None:
        raise WrongSetting(f"{PREFIX}{name} has to be set")
    return value.get_secret_value()


def _in_words(error: ErrorDetails) -> str:
    if not error["loc"]:
        return str(error["ctx"]["error"])
    name = "_".join(str(step) for step in error["loc"]).upper()
    return f"{PREFIX}{name}: {error['msg'][:1].lower()}{error['msg'][1:]}"
