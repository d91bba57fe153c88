"""The connection token and personal API tokens."""

from __future__ import annotations

from services.cabinet.base.routes import Routes
from services.cabinet.tokens import api, api_tokens, link_token

ROUTES = Routes(pages=(link_token.router, api_tokens.router), api=(api.router,))
