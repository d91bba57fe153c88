"""The least that any client has to do: send CRMAP's own batches with bare httpx and parse the JSON. Nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import orjson

from bench.reading import Found, Portal, Stopwatch


def read(portal: Portal, stopwatch: Stopwatch) -> Found:
    with httpx.Client(timeout=60, trust_env=False) as http, stopwatch:
        url, headers = portal.webhook_url + "batch", {"Content-Type": "application/json"}

        def send(body: str) -> Any:
            return orjson.loads(http.post(url, content=body, headers=headers).content)

        for bodies in portal.rounds:
            if len(bodies) == 1:
                send(bodies[0])
            else:
                with ThreadPoolExecutor(portal.parallel) as threads:
                    list(threads.map(send, bodies))
    return {}
