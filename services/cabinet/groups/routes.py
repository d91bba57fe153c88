"""Groups of accounts."""

from __future__ import annotations

from services.cabinet.base.routes import Routes
from services.cabinet.groups import api, downloads, pages, refreshing, tables

ROUTES = Routes(pages=(pages.router, refreshing.router, downloads.router, tables.router), api=(api.router,))
