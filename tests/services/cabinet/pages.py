"""Pages as a browser without JavaScript sees them: elements, text and forms that can be sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "rect", "path", "polygon"})


@dataclass
class Element:
    """An element with its attributes; its place is the names of the elements around it."""

    tag: str
    attributes: dict[str, str]
    place: tuple[str, ...]
    said: list[str] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        return "".join(self.said)


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """A parsed page. Fails on an element that is closed where it was not open."""

    def __init__(self, response: Response) -> None:
        super().__init__(convert_charrefs=True)
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.text
        self.elements: list[Element] = []
        self.forms: list[Form] = []
        self._open: list[Element] = []
        self._said: list[str] = []
        self.feed(response.text)
        self.close()
        assert self._open == [], f"never closed: {self._open}"
        self.text = "".join(self._said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), f"an attribute twice: {attrs}"
        element = Element(tag, attributes, tuple(outer.tag for outer in self._open))
        self.elements.append(element)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", "")))
        if tag == "input" and self.forms and "name" in attributes and "form" in element.place:
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes {self._open[-1]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._said.append(data)
        for element in self._open:
            element.said.append(data)

    def of(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of this name that have these attributes; ``class_`` is one class of several."""
        return [
            element
            for element in self.elements
            if element.tag == tag
            and all(
                value in element.attributes.get("class", "").split()
                if name == "class_"
                else element.attributes.get(name) == value
                for name, value in attributes.items()
            )
        ]

    @property
    def title(self) -> str:
        return self.of("h1")[0].text.strip()

    def form(self, action: str) -> Form:
        """The form that sends to this address."""
        return next(form for form in self.forms if form.action == action)


class Browser:
    """Somebody's browser: it keeps cookies, follows redirects and sends forms the way pages have them."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def open(self, path: str, **arguments: Any) -> Page:
        return Page(self.client.get(path, **arguments))

    def send(self, page: Page, action: str, **fields: Any) -> Page:
        """What comes of sending the page's form to this address with these fields filled in."""
        return Page(self.client.post(action, data={**page.form(action).fields, **fields}))

    def enter(self, email: str, password: str) -> Page:
        """What somebody sees who signs in."""
        return self.send(self.open("/sign-in"), "/sign-in", email=email, password=password)
