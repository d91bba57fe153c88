"""Forms the portal posts to an application, as a browser or as the platform's own queue."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Posted:
    """What came back: ``status`` is None and ``error`` says why when nothing did."""

    url: str
    form: Mapping[str, str]
    status: int | None = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    error: str | None = None


def post(url: str, form: Mapping[str, str], *, timeout_s: float, agent: str) -> Posted:
    """The form was posted once; redirects are not followed, nothing is tried again."""
    parts = urlsplit(url)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": agent}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = (
        http.client.HTTPSConnection(parts.netloc, timeout=timeout_s, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    )
    try:
        connection.request("POST", target, urlencode(form).encode(), headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return Posted(url, form, error=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
    shown = {name.lower(): value for name, value in answer.getheaders()}
    return Posted(url, form, answer.status, text, shown)
