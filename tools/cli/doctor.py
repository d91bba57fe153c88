"""``crmap doctor``: checks everything the machine room needs, and says what to do about what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from tools.cli.console import Console
from tools.cli.failing import one_sentence
from tools.cli.sentences import WRONG_SETTING, Complaint

if TYPE_CHECKING:
    from shared.settings import Settings

FAILED = 1


class Ailment(Exception):
    """Something is wrong. Its text says what to do."""


def doctor() -> None:
    """Every check has said its line; the exit code is 1 if any of them failed."""
    console = Console("en")
    with one_sentence(console, exit_code=FAILED):
        from shared.settings import WrongSetting, load_service_settings  # noqa: PLC0415

        try:
            settings = load_service_settings()
        except WrongSetting as error:
            raise Complaint(WRONG_SETTING, what=str(error)) from None
        healthy = [_passes(name, check, settings) for name, check in CHECKS.items()]
    if not all(healthy):
        raise typer.Exit(FAILED)


def _passes(name: str, check: Callable[[Settings], None], settings: Settings) -> bool:
    try:
        check(settings)
    except Ailment as ailment:
        typer.echo(f"{name}: {ailment}")
        return False
    typer.echo(f"{name}: OK")
    return True


def _keys(settings: Settings) -> None:
    from shared.db.sealed import Keyring, WeakKeys  # noqa: PLC0415

    try:
        Keyring(settings.keys)
    except WeakKeys as error:
        raise Ailment(f"CRMAP_SECRET_KEYS: {error}") from None


def _database(settings: Settings) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from shared.db import clock  # noqa: PLC0415
    from shared.db.session import driver_url  # noqa: PLC0415

    moment = text("select clock_timestamp()")
    engine = create_engine(driver_url(settings.service_database_url), connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            version = connection.execute(
                text("select current_setting('server_version_num')::int")
            ).scalar_one()
            _, ahead = clock.compared(lambda: connection.execute(moment).scalar_one())
    except SQLAlchemyError:
        raise Ailment("it does not answer; look at CRMAP_DATABASE_URL, and whether it runs") from None
    finally:
        engine.dispose()
    if version < 150_000:
        raise Ailment("PostgreSQL 15 or newer is needed")
    if abs(ahead) > clock.TOLERANCE:
        side = "ahead of" if ahead > timedelta(0) else "behind"
        raise Ailment(
            f"this machine's clock is {abs(ahead).total_seconds():.0f} seconds {side} that of the database, which"
            " decides; set both right"
        )


def _schema(settings: Settings) -> None:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from shared.db.migrate import is_current  # noqa: PLC0415

    try:
        current = is_current(settings.service_database_url)
    except SQLAlchemyError:
        raise Ailment("it cannot be looked at while the database does not answer") from None
    if not current:
        raise Ailment("it is not the one of this version; run crmap migrate")


def _broker(settings: Settings) -> None:
    from kombu import Connection  # noqa: PLC0415
    from kombu.exceptions import OperationalError  # noqa: PLC0415

    try:
        with Connection(settings.service_broker_url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OperationalError, OSError):
        raise Ailment("it does not answer; look at CRMAP_BROKER_URL, and whether it runs") from None


def _address(settings: Settings) -> None:
    from shared.settings import Environment  # noqa: PLC0415

    if settings.environment is Environment.PRODUCTION and not settings.is_served_securely:
        raise Ailment(
            "CRMAP_PUBLIC_URL is no https address; portals open the application and send events by https only"
        )


def _applications(settings: Settings) -> None:
    """Raises Ailment for applications refused in all their portals: the secret is wrong. A removal affects one."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from shared.db import applications  # noqa: PLC0415
    from shared.db.sealed import Keyring, WeakKeys  # noqa: PLC0415
    from shared.db.session import Database, Role  # noqa: PLC0415

    try:
        db = Database(settings.service_database_url, Role.OPERATOR, Keyring(settings.keys))
    except WeakKeys:
        raise Ailment("they cannot be looked at without secret keys") from None
    try:
        with db.session() as session:
            refused = applications.refused(session)
    except SQLAlchemyError:
        raise Ailment("they cannot be looked at while the database does not answer as it should") from None
    finally:
        db.close()
    if refused:
        names = ", ".join(
            f"{application.client_id} ({application.portals} portals)" for application in refused
        )
        raise Ailment(
            f"Bitrix24 refuses {names}; look at the secret in its card there, and give it to crmap app add, or to"
            " CRMAP_BITRIX24_CLIENT_SECRET and crmap migrate"
        )


CHECKS: dict[str, Callable[[Settings], None]] = {
    "secret keys": _keys,
    "database": _database,
    "schema": _schema,
    "broker": _broker,
    "public address": _address,
    "applications": _applications,
}
