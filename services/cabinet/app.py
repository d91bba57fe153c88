"""The cabinet process, wired."""

from __future__ import annotations

from fastapi import FastAPI

from services.cabinet.api import accounts, cabinet, specifications
from services.cabinet.cabinet import Cabinet
from services.cabinet.portal import pages as portal
from services.cabinet.web.site import add_pages
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.queue import Bell, celery_app
from shared.settings import Settings
from shared.web import language_of, prepare


def create_app(settings: Settings) -> FastAPI:
    """The cabinet's web application; nothing is connected yet."""
    service = Cabinet(
        db=Database(settings.service_database_url, Role.CABINET, Keyring(settings.keys)),
        bell=Bell(celery_app(settings.service_broker_url)),
        sync_every=settings.sync_every,
        allow_private=settings.allow_private_portals,
        secure_cookies=settings.is_served_securely,
        origin=settings.public_url.rstrip("/"),
        script_url=settings.bitrix24_script_url,
    )
    app = FastAPI(
        title="CRMAP", version="1", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
    )
    app.state.cabinet = service
    prepare(app, service.db, language=language_of)
    for part in (accounts, cabinet, specifications, portal):
        app.include_router(part.router)
    add_pages(app)
    return app
