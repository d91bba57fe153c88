"""Local applications."""

from __future__ import annotations

from services.cabinet.applications import pages
from services.cabinet.base.routes import Routes

ROUTES = Routes(pages=(pages.router,))
