"""Two accounts side by side."""

from __future__ import annotations

from services.cabinet.base.routes import Routes
from services.cabinet.compare import pages

ROUTES = Routes(pages=(pages.router,))
