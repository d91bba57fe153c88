"""A separate metrics server for processes that serve no web requests."""

from __future__ import annotations

from prometheus_client import start_http_server

from shared.settings import WrongSetting


def serve_metrics(listen: str | None) -> None:
    """The metrics of this process are served at ``listen``; not at all when it is ``None``.

    Raises WrongSetting when the process cannot listen at the address.
    """
    if listen is None:
        return
    host, _, port = listen.rpartition(":")
    try:
        start_http_server(int(port), addr=host.strip("[]") or "127.0.0.1")
    except (OSError, OverflowError, ValueError) as error:
        raise WrongSetting(
            "CRMAP_METRICS_LISTEN: nobody can listen there, or somebody does already"
        ) from error
