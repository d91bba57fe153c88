"""An event as Bitrix24 posts it: untrusted fields become a well-formed value. Its content is not verified here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from services.gateway.form_refusals import BadDomain, BadEndpoint, BadValue, MissingField
from services.gateway.php_form import Tree, map_at, text_at
from shared.bitrix24.oauth import is_allowed

# The fields of an event's data that are kept: ids. Others may be personal, and are read from the portal anyway.
_KEPT = ("ID", "ENTITY_ID", "FIELD_NAME")
_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_MEMBER_ID = re.compile(r"[0-9a-f]{32}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}(?:\.{_LABEL})*)(?::([0-9]{{1,5}}))?")
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}
_CLEAN = {"": False, "0": False, "1": True}


@dataclass(frozen=True, slots=True)
class EventForm:
    """A well-formed event. ``ts`` is the portal's clock in seconds, empty if the portal sends none."""

    name: str
    ts: str
    handler: str
    member_id: str
    data: Tree
    clean: bool
    application_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    language: str
    version: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """The part of the event that is stored: no token and nothing about people."""
        fields = self.data.get("FIELDS")
        kept_fields = {
            name: value[:100]
            for name, value in (fields.items() if isinstance(fields, dict) else ())
            if name in _KEPT and isinstance(value, str)
        }
        facts = {"ts": self.ts, "handler": self.handler, "fields": kept_fields}
        return {name: value for name, value in facts.items() if value}

    @property
    def has_known_member_form(self) -> bool:
        """True when ``member_id`` has the form of a portal's."""
        return _MEMBER_ID.fullmatch(self.member_id) is not None

    def digest(self, proof: str) -> bytes:
        """The digest of the event, equal for copies of it. ``proof``: what identifies the sender.

        Because of ``proof`` nobody can send a forgery first that makes a real event look like its copy.
        """
        identity = [self.member_id, self.name, self.ts, self.handler, self.data, proof]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).digest()


def parse_event(tree: Tree, servers: Sequence[str]) -> EventForm:
    """The event in these fields.

    Raises MissingField, BadShape, BadValue, BadDomain, BadEndpoint.
    """
    name, member_id = text_at(tree, "event"), text_at(tree, "auth", "member_id")
    if not name or not member_id:
        raise MissingField
    auth = map_at(tree, "auth")
    _check_addresses(auth, servers)
    ts, handler = text_at(tree, "ts"), text_at(tree, "event_handler_id")
    expires_in = text_at(auth, "expires_in")
    data = tree if tree.get("data") else {}
    clean = text_at(data, "data", "CLEAN")
    language, version = text_at(data, "data", "LANGUAGE_ID"), text_at(data, "data", "VERSION")
    if not (
        _EVENT.fullmatch(name)
        and all(len(text) <= 20 for text in (handler, language, version))
        and all(_SECONDS.fullmatch(number) for number in (ts, expires_in) if number)
        and (clean in _CLEAN or name.upper() != "ONAPPUNINSTALL")
    ):
        raise BadValue
    return EventForm(
        name=name.upper(),
        ts=ts,
        handler=handler,
        member_id=member_id,
        data=map_at(tree, "data"),
        clean=_CLEAN.get(clean, False),
        application_token=text_at(auth, "application_token"),
        access_token=text_at(auth, "access_token"),
        refresh_token=text_at(auth, "refresh_token"),
        expires_in=int(expires_in or 3600),
        language=language.lower(),
        version=version,
    )


def host_in(text: str, *, scheme: str = "https") -> str:
    """The text as a host in ASCII, with the port if it is not the default. Raises BadDomain."""
    text = text.lower()
    shape = _HOST.fullmatch(text) if len(text) <= 260 else None
    if shape is None or len(shape[1]) > 253 or int(shape[2] or 1) not in range(1, 2**16):
        raise BadDomain
    if "xn--" in text:
        try:
            shape[1].encode().decode("idna")
        except UnicodeError:
            raise BadDomain from None
    return text.removesuffix(_DEFAULT_PORTS[scheme])


def _check_addresses(auth: Tree, servers: Sequence[str]) -> None:
    """The event names no hosts but its portal's and one of our authorization servers. Raises BadDomain, BadEndpoint."""
    server = text_at(auth, "server_endpoint")
    if server and not is_allowed(servers, server):
        raise BadEndpoint
    domain, endpoint = text_at(auth, "domain"), text_at(auth, "client_endpoint")
    scheme = "https"
    host = None
    if endpoint:
        try:
            target = urlsplit(endpoint)
        except ValueError:
            raise BadDomain from None
        if target.scheme not in _DEFAULT_PORTS or re.search(r"[\s\\\x00-\x20]", endpoint):
            raise BadDomain
        scheme = target.scheme
        host = host_in(target.netloc, scheme=scheme)
    if domain and host_in(domain, scheme=scheme) != (host or host_in(domain, scheme=scheme)):
        raise BadDomain
