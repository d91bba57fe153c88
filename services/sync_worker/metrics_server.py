"""Metrics on a listener of their own, for processes that answer no web requests."""

from __future__ import annotations

from prometheus_client import start_http_server

from shared.settings import WrongSetting


def serve_metrics(listen: str | None) -> None:
    """Prometheus finds the metrics of this process at ``listen``; nowhere when there is none.

    Raises WrongSetting when the address cannot be listened at.
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
