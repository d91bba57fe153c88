"""The gateway process, wired."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.gateway.asking import PortalRemoved, SessionExpired
from services.gateway.gateway import Gateway
from services.gateway.linking import LinkTokenUnknown, PreviewRequired, TooManyTries
from services.gateway.routes import events, frame, plain, portal
from services.gateway.wording import is_known, sentence
from shared.db.sealed import Keyring
from shared.db.session import Database, Role
from shared.domain.errors import CrmapError, InsecureAddress, PrivateAddress, Refused
from shared.frame import FrameSessionInvalid
from shared.outbound import Outbound
from shared.queue import Bell, celery_app
from shared.settings import Settings
from shared.web import Problem, language_of, prepare, problem
from shared.wording.errors import error_sentence

# What a refusal of the gateway's amounts to over HTTP; any other is forbidden.
_STATUS: Final[Mapping[type[CrmapError], int]] = {
    FrameSessionInvalid: 401,
    SessionExpired: 401,
    LinkTokenUnknown: 404,
    PreviewRequired: 409,
    PortalRemoved: 409,
    InsecureAddress: 422,
    PrivateAddress: 422,
    TooManyTries: 429,
}


def create_app(settings: Settings) -> FastAPI:
    """The gateway's web application; nothing is connected yet."""
    service = Gateway(
        db=Database(settings.service_database_url, Role.GATEWAY, Keyring(settings.keys)),
        bell=Bell(celery_app(settings.service_broker_url)),
        http=Outbound(allow_private=settings.allow_private_portals),
        oauth_servers=settings.bitrix24_oauth_servers,
        allow_private=settings.allow_private_portals,
        script_url=settings.bitrix24_script_url,
    )
    # A redirect to the address with a slash would cost a portal's POST its body.
    app = FastAPI(title="CRMAP gateway", openapi_url=None, redirect_slashes=False, lifespan=_lifespan)
    app.state.gateway = service
    prepare(app, service.db, language=language_of)
    app.add_exception_handler(Refused, _refuse)
    for part in (events, frame, portal, plain):
        app.include_router(part.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.gateway.close()


def _refuse(request: Request, error: Exception) -> JSONResponse:
    """A refusal with the sentence for it. FrameSessionInvalid and SessionExpired: the page gets a fresh session."""
    if not isinstance(error, Refused):
        raise error
    language = language_of(request)
    said = sentence(error.code, language) if is_known(error.code) else error_sentence(error, language)
    headers = {}
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = error.facts["seconds"]
    return problem(request, Problem(_STATUS.get(type(error), 403), error.code, said, headers=headers))
