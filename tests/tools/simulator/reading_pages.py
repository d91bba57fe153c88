"""A portal's page as a test reads it: the hidden form, the frame, the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.tools.simulator.client import Reply, request


@dataclass
class Form:
    action: str
    target: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.action).query, keep_blank_values=True))


class ReadPage(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.frames: list[dict[str, str | None]] = []
        self.inputs: dict[str, str] = {}  # by id
        self.links: dict[str, str] = {}  # text: address
        self.words = ""
        self._href: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(has.get("action", ""), has.get("target", "")))
        elif tag == "iframe":
            self.frames.append(dict(attrs))
        elif tag == "input" and has.get("type") == "hidden":
            self.forms[-1].fields[has["name"]] = has["value"]
        elif tag == "input" and "id" in has:
            self.inputs[has["id"]] = has.get("value", "")
        elif tag == "a":
            self._href = has["href"]

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data).strip()
        if self._href is not None and text:
            self.links[text] = self._href
            self._href = None
        self.words += f"{text} "


def look(url: str) -> ReadPage:
    """The page at an address that has one."""
    reply = request("GET", url)
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    return ReadPage(reply.body.decode())


def send(url: str, said: dict[str, str] | list[tuple[str, str]]) -> Reply:
    """A form of the portal's own, sent off."""
    return request(
        "POST", url, urlencode(said).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    )
