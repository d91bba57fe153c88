"""Who may read the metrics of a process."""

from __future__ import annotations

import hmac

from pydantic import SecretStr

from shared.http_server.hosts import is_this_machine


def may_watch(token: SecretStr | None, *, authorization: str, sender: str, host: str) -> bool:
    """True for who has the token. Where there is none, for who is on this machine and called it by such a name.

    The name counts because a proxy on this machine that does not say for whom it asks keeps what its visitor called.
    """
    if token is None:
        return is_this_machine(sender) and is_this_machine(host)
    return hmac.compare_digest(authorization.encode(), f"Bearer {token.get_secret_value()}".encode())
