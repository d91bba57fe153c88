"""The gateway's metrics, for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter

EVENTS = Counter("crmap_gateway_events", "Events stored, by verdict.", ["verdict"])
COPIES = Counter("crmap_gateway_event_copies", "Events that were stored already.")
REFUSALS = Counter("crmap_gateway_refusals", "Events and openings refused, by code.", ["code"])
OPENINGS = Counter(
    "crmap_gateway_openings", "Openings of the application that were verified, by page.", ["page"]
)
LINKS = Counter("crmap_gateway_links", "Portals linked to cabinets.")
WRONG_LINK_TOKENS = Counter("crmap_gateway_wrong_link_tokens", "Connection tokens that opened nothing.")
