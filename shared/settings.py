"""What the operator may decide: environment variables ``CRMAP_…``, or the same lines in a file ``.env``."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CRMAP_"
ENV_FILE = ".env"


class WrongSetting(Exception):
    """A setting CRMAP cannot work with. Its text is one line for the operator and repeats no value."""


class Environment(StrEnum):
    """What this installation is for. Production refuses what only helps while developing."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """All settings, checked. A private portal is one without https or inside a private network."""

    # The file may set up other programs too, so foreign lines are passed over; an empty value is no value.
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

    @model_validator(mode="after")
    def _production_stays_public(self) -> Self:
        if self.allow_private_portals and self.environment is Environment.PRODUCTION:
            raise ValueError(f"{PREFIX}ALLOW_PRIVATE_PORTALS is refused while {PREFIX}ENVIRONMENT=production")
        return self


def load_settings() -> Settings:
    """The settings of this process; its environment outranks the file in the current folder, if there is one.

    Raises WrongSetting.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise WrongSetting("; ".join(map(_in_words, error.errors()))) from None
    except (OSError, UnicodeDecodeError):
        raise WrongSetting(f"the file {ENV_FILE} cannot be read as UTF-8 text") from None


def _in_words(error: ErrorDetails) -> str:
    if not error["loc"]:
        return str(error["ctx"]["error"])
    name = "_".join(str(step) for step in error["loc"]).upper()
    return f"{PREFIX}{name}: {error['msg'][:1].lower()}{error['msg'][1:]}"
