"""Specifications and what has changed since one, as files."""

from __future__ import annotations

from services.cabinet.base.routes import Routes
from services.cabinet.documents import api, pages

ROUTES = Routes(pages=(pages.router,), api=(api.router,))
