"""The address of a portal's REST interface and the secret that opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shared.domain.errors import InsecureAddress, NotAWebhookUrl
from shared.domain.tokens import TokenFacts

# https://{portal}/rest/{user id}/{code}/ with an optional method behind it, as the portal's own page shows it.
_WEBHOOK_PATH = re.compile(r"/rest/([0-9]{1,10})/([A-Za-z0-9]{1,64})(?:/[A-Za-z0-9._]*)?/?")


# A host name, an optional port and the path: an address that was copied without its scheme.
_WITHOUT_SCHEME = re.compile(r"[^\s/:@\\?#]+\.[^\s/:@\\?#]+(?::[0-9]+)?/rest/")


@dataclass(frozen=True, slots=True)
class Access:
    """How to call a portal: ``endpoint`` plus a method name. A webhook's address is a secret, so ``repr`` hides it."""

    endpoint: str = field(repr=False)
    host: str
    user_id: int | None = None
    # The access token of an application. A webhook has none: its address is enough.
    token: str | None = field(default=None, repr=False)

    @property
    def secret(self) -> str:
        """The token, or the code in a webhook's address. No message may contain it."""
        return self.token or self.endpoint.rstrip("/").rpartition("/")[2]


def parse_webhook(url: str, *, allow_private: bool = False) -> Access:
    """The access in the URL of an incoming webhook. The URL may end in a method name and may lack ``https://``.

    ``allow_private`` also allows http, which only a portal on this machine may use. The address of the host is not
    checked here but at each call, because a name can resolve to another address by then.
    Raises NotAWebhookUrl, InsecureAddress.
    """
    text = url.strip()
    if _WITHOUT_SCHEME.match(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise NotAWebhookUrl from error
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise NotAWebhookUrl
    path = _WEBHOOK_PATH.fullmatch(parts.path)
    if path is None or parts.username is not None or re.search(r"[\s\\\x00-\x1f]", text):
        raise NotAWebhookUrl
    if parts.scheme.lower() == "http" and not allow_private:
        raise InsecureAddress
    name = parts.hostname.rstrip(".")
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError as error:
        raise NotAWebhookUrl from error
    host = f"[{name}]" if ":" in name else name
    if port is not None:
        host = f"{host}:{port}"
    user_id, code = path.groups()
    endpoint = f"{parts.scheme.lower()}://{host}/rest/{user_id}/{code}/"
    return Access(endpoint=endpoint, host=host, user_id=int(user_id))


def access_by_token(facts: TokenFacts, access_token: str, *, allow_private: bool = False) -> Access:
    """The access by this token, at the endpoint the authorization server names. Raises InsecureAddress."""
    target = urlsplit(facts.endpoint)
    if target.scheme != "https" and not (allow_private and target.scheme == "http"):
        raise InsecureAddress
    return Access(endpoint=facts.endpoint, host=target.netloc, user_id=facts.user_id, token=access_token)
