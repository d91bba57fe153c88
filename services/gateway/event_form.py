"""An event as Bitrix24 posts it: untrusted fields become a well-formed value. Its content is not verified here."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import idna

from services.gateway.form_refusals import BadDomain, BadEndpoint, BadValue, MissingField
from services.gateway.php_form import Tree, map_at, text_at
from shared.bitrix24.oauth import is_allowed
from shared.outbound import is_public

# The fields of an event's data that are kept: ids. Others may be personal, and are read from the portal anyway.
_KEPT = ("ID", "ENTITY_ID", "FIELD_NAME")
_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_MEMBER_ID = re.compile(r"[0-9a-f]{32}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}(?:\.{_LABEL})*)(?::([0-9]{{1,5}}))?")
_DEFAULT_PORTS = {"https": ":443", "http": ":80"}
# Ports below this one belong to services that are no portal: SSH, mail, name servers (RFC 6335, system ports).
_LOWEST_FREE_PORT = 1024
# A name that ends like this is read as an IPv4 address by whoever resolves it: 127.1, 2130706433, 0x7f.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SCHEMES = {True: ("https", "http"), False: ("https",)}
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


def parse_event(tree: Tree, servers: Sequence[str], *, allow_private: bool = False) -> EventForm:
    """The event in these fields. ``allow_private``: portals may be in private networks and speak http.

    Raises MissingField, BadShape, BadValue, BadDomain, BadEndpoint.
    """
    name, member_id = text_at(tree, "event"), text_at(tree, "auth", "member_id")
    if not name or not member_id:
        raise MissingField
    auth = map_at(tree, "auth")
    _check_addresses(auth, servers, allow_private=allow_private)
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


def host_in(text: str, *, scheme: str = "https", allow_private: bool = False) -> str:
    """The text as a host in ASCII, with the port if it is not the default. Raises BadDomain for no portal's."""
    text = text.lower()
    shape = _HOST.fullmatch(text) if len(text) <= 260 else None
    if shape is None or len(shape[1]) > 253 or int(shape[2] or 1) not in range(1, 2**16):
        raise BadDomain
    _check_name(shape[1], allow_private=allow_private)
    host = text.removesuffix(_DEFAULT_PORTS[scheme])
    if host != shape[1] and int(shape[2]) < _LOWEST_FREE_PORT:
        raise BadDomain
    return host


def _check_name(name: str, *, allow_private: bool) -> None:
    """Raises BadDomain for an address in another spelling than its usual one, a private one, or broken IDNA."""
    last = name.rpartition(".")[2]
    try:
        if _NUMBER.fullmatch(last):
            if not (is_public(ipaddress.ip_address(name)) or allow_private):
                raise BadDomain
        elif last == name and not allow_private:
            raise BadDomain
        if "xn--" in name:
            idna.decode(name)
    except (ValueError, idna.IDNAError):
        raise BadDomain from None


def _check_addresses(auth: Tree, servers: Sequence[str], *, allow_private: bool) -> None:
    """The event names no hosts but its portal's and one of our authorization servers. Raises BadDomain, BadEndpoint."""
    server = text_at(auth, "server_endpoint")
    if server and not is_allowed(servers, server):
        raise BadEndpoint
    domain, endpoint = text_at(auth, "domain"), text_at(auth, "client_endpoint")
    scheme = "https"
    hosts = set()
    if endpoint:
        try:
            target = urlsplit(endpoint)
        except ValueError:
            raise BadDomain from None
        if target.scheme not in _SCHEMES[allow_private] or re.search(r"[\s\\\x00-\x20]", endpoint):
            raise BadDomain
        scheme = target.scheme
        hosts.add(host_in(target.netloc, scheme=scheme, allow_private=allow_private))
    if domain:
        hosts.add(host_in(domain, scheme=scheme, allow_private=allow_private))
    if len(hosts) > 1:
        raise BadDomain
