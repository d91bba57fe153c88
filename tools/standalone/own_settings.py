"""The settings that one machine chooses itself when its operator has not set them."""

from __future__ import annotations

from pathlib import Path

from shared.settings import PREFIX, Settings
from tools.standalone.secret_files import kept_secret

KEY_FILE = "secret-keys"
# With this grace everything ends within 15 s after a request to stop.
_WORKER_GRACE_S = 8


def own_settings(settings: Settings, data_dir: Path, *, database: str, broker: str) -> dict[str, str]:
    """The settings of every process here, by their names in the environment, as far as they are not given already.

    Keys and passwords made here are kept in ``data_dir`` and found there the next time.
    """
    chosen = settings.model_fields_set
    own = {"DATABASE_URL": database, "BROKER_URL": broker}
    own["SECRET_KEYS"] = (
        settings.secret_keys.get_secret_value()
        if "secret_keys" in chosen
        else kept_secret(data_dir / KEY_FILE)
    )
    own["FLOWER_PASSWORD"] = (
        settings.flower_password.get_secret_value()
        if settings.flower_password
        else kept_secret(data_dir / "flower-password")
    )
    own["PUBLIC_URL"] = (
        settings.public_url if "public_url" in chosen else f"http://{settings.standalone_listen}"
    )
    if "documents_dir" not in chosen:
        own["DOCUMENTS_DIR"] = str(data_dir / "documents")
    if "worker_grace" not in chosen:
        own["WORKER_GRACE"] = f"{_WORKER_GRACE_S}s"
    return {f"{PREFIX}{name}": value for name, value in own.items()}


def grace_s(settings: Settings) -> float:
    """How long a worker here may take to finish its reads once it is asked to stop."""
    if "worker_grace" in settings.model_fields_set:
        return settings.worker_grace.total_seconds()
    return _WORKER_GRACE_S
