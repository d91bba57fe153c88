"""What changed in the accounts."""

from __future__ import annotations

from services.cabinet.base.routes import Routes
from services.cabinet.changes import api, pages

ROUTES = Routes(pages=(pages.router,), api=(api.router,))
