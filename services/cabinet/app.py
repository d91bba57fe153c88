"""The cabinet process, wired."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.cabinet.accounts.routes import ROUTES as ACCOUNTS
from services.cabinet.applications.routes import ROUTES as APPLICATIONS
from services.cabinet.base import static_files
from services.cabinet.base.failing import error_page
from services.cabinet.cabinet import Cabinet
from services.cabinet.changes.routes import ROUTES as CHANGES
from services.cabinet.compare.routes import ROUTES as COMPARE
from services.cabinet.documents.routes import ROUTES as DOCUMENTS
from services.cabinet.files.documents import Documents
from services.cabinet.files.making import Contents, Version
from services.cabinet.files.store import Store
from services.cabinet.groups.routes import ROUTES as GROUPS
from services.cabinet.in_portal import pages as in_portal
from services.cabinet.people.routes import ROUTES as PEOPLE
from services.cabinet.search.routes import ROUTES as SEARCH
from services.cabinet.tokens.routes import ROUTES as TOKENS
from shared.db import snapshots
from shared.db.limits import Limit
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.domain.refusals import NotFound
from shared.queue import Bell, celery_app
from shared.settings import Settings
from shared.web import prepare, routes_of

CAPABILITIES = (
    PEOPLE,
    TOKENS,
    ACCOUNTS,
    GROUPS,
    DOCUMENTS,
    CHANGES,
    COMPARE,
    SEARCH,
    APPLICATIONS,
)
PAGE_ROUTERS = (static_files.router, *(router for capability in CAPABILITIES for router in capability.pages))
API_ROUTERS = tuple(router for capability in CAPABILITIES for router in capability.api)
_ALL_ROUTES = routes_of(*API_ROUTERS, in_portal.router, *PAGE_ROUTERS)
_API_PATH = "/api/"


def create_app(settings: Settings) -> FastAPI:
    """The cabinet's web application; nothing is connected yet."""
    db = Database(settings.service_database_url, Role.CABINET, Keyring(settings.keys))
    service = Cabinet(
        db=db,
        bell=Bell(celery_app(settings.service_broker_url)),
        documents=_documents(settings, db),
        sync_every=settings.sync_every,
        allow_private=settings.allow_private_portals,
        secure_cookies=settings.is_served_securely,
        origin=settings.public_url.rstrip("/"),
        script_url=settings.bitrix24_script_url,
        most_accounts=settings.accounts_per_cabinet,
        refreshes=Limit(settings.refreshes_per_minute, timedelta(minutes=1)),
    )

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        async with service.documents.kept():
            yield

    app = FastAPI(
        title="CRMAP",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=living,
    )
    app.state.cabinet = service
    prepare(app, service.db, metrics_token=settings.metrics_token)
    app.router.routes.extend(_ALL_ROUTES)
    _show_what_is_missing(app)
    return app


def _documents(settings: Settings, db: Database) -> Documents:
    folder = settings.documents_dir
    # Nobody can guess the name of our own folder and make it before us.
    own = Path(tempfile.gettempdir(), f"crmap-documents-{secrets.token_hex(8)}")
    store = Store((folder or own).absolute(), settings.documents_mb * 2**20)
    return Documents(store, part_reader(db), lasting=folder is not None)


def part_reader(db: Database) -> Callable[[Version], Contents]:
    """What documents are made of, read from the database."""

    def read(version: Version) -> Contents:
        """The items of the version. Raises NotFound if it has been erased meanwhile."""
        number = version.outline.number or 0
        with db.session(portal=version.portal_id) as session:
            contents = snapshots.part_bodies(session, version.portal_id, number)
            # Whoever erases a version erases its parts too, so those of one that is still there were all there.
            if snapshots.outline(session, version.portal_id, number) is None:
                raise NotFound
        return contents

    return read


def _show_what_is_missing(app: FastAPI) -> None:
    """For an unknown address a browser gets a page and a program gets problem details."""
    refuse = app.exception_handlers[HTTPException]

    @app.exception_handler(HTTPException)
    def refuse_in_their_way(request: Request, error: HTTPException) -> Response:
        if request.url.path.startswith(_API_PATH) or error.status_code != 404:
            refused: Response = refuse(request, error)  # type: ignore[assignment]
            return refused
        return error_page(request, NotFound())
