"""Whether an address can be listened at, and whether a web service at it is ready."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

from shared.addresses import listen_parts
from tools.standalone.serving import ServerFailed

_PATIENCE_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked at, not listened at


def check_free(listen: str, setting: str) -> None:
    """Nobody listens at ``HOST:PORT``. Raises ServerFailed with what to change, which is ``setting``."""
    host, port = _parts(listen, setting)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: an address with connections that have just ended counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise ServerFailed(
                f"{listen} cannot be listened at ({error.strerror}), change {setting}"
            ) from None


def is_ready(listen: str) -> bool:
    """True when the web service at ``HOST:PORT`` says so."""
    host, _, port = listen.rpartition(":")
    host = _EVERYWHERE.get(host.strip("[]"), host.strip("[]"))
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/readyz"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=_PATIENCE_S):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _parts(listen: str, setting: str) -> tuple[str, int]:
    _, _, port = listen.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ServerFailed(f"{listen!r} is no address to listen at, write HOST:PORT in {setting}")
    return listen_parts(listen)
