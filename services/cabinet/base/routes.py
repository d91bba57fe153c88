"""The routers of a capability: each has a ``routes.py`` with one ``Routes`` value, which ``app.py`` includes."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter


@dataclass(frozen=True, slots=True)
class Routes:
    """The routers of a capability, in the order in which addresses are matched."""

    pages: tuple[APIRouter, ...] = ()
    api: tuple[APIRouter, ...] = ()
