"""What a capability answers: each has a ``routes.py`` with one of these, and ``app.py`` names it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter


@dataclass(frozen=True, slots=True)
class Routes:
    """The routers of a capability in the order in which their addresses are tried."""

    pages: tuple[APIRouter, ...] = ()
    api: tuple[APIRouter, ...] = ()
