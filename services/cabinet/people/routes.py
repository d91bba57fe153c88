"""Signing in, up and out, and the person's own settings."""

from __future__ import annotations

from services.cabinet.base.routes import Routes
from services.cabinet.people import entering, profile

ROUTES = Routes(pages=(entering.router, profile.router))
