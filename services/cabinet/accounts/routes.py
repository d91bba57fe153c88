"""The accounts of a cabinet."""

from __future__ import annotations

from services.cabinet.accounts import api, history, overview, pages, tabs
from services.cabinet.base.routes import Routes

ROUTES = Routes(pages=(pages.router, overview.router, tabs.router, history.router), api=(api.router,))
