"""The gateway process, wired."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.gateway.gateway import EVENT_PATIENCE_S, EVENTS_AT_ONCE, Gateway
from services.gateway.refusal_sentences import say
from services.gateway.routes import events, frame, plain, portal
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.outbound import Outbound
from shared.queue import Bell, celery_app
from shared.settings import Settings
from shared.web import prepare, routes_of

_ROUTES = routes_of(events.router, frame.router, portal.router, plain.router)


def create_app(settings: Settings) -> FastAPI:
    """The gateway's web application; nothing is connected yet."""
    url, keyring = settings.service_database_url, Keyring(settings.keys)
    service = Gateway(
        db=Database(url, Role.GATEWAY, keyring),
        event_db=Database(url, Role.GATEWAY, keyring, pool_size=EVENTS_AT_ONCE, patience_s=EVENT_PATIENCE_S),
        bell=Bell(celery_app(settings.service_broker_url)),
        http=Outbound(allow_private=settings.allow_private_portals),
        oauth_servers=settings.bitrix24_oauth_servers,
        allow_private=settings.allow_private_portals,
        script_url=settings.bitrix24_script_url,
        most_accounts=settings.accounts_per_cabinet,
    )
    # A redirect to the address with a slash would lose the body of a portal's POST.
    app = FastAPI(title="CRMAP gateway", openapi_url=None, redirect_slashes=False, lifespan=_lifespan)
    app.state.gateway = service
    prepare(app, service.db, metrics_token=settings.metrics_token, say=say)
    app.router.routes.extend(_ROUTES)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.gateway.close()
