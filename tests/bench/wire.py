"""A plain client of HTTP: little of its own time in what it measures."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.support.server import TERMINAL
from tests.support.waiting import wait_for

RUNS = "/v1/creative-agent/workflows"


class Line:
    """One connection to a server with one API key."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        parts = urlsplit(url)
        assert parts.hostname
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of a successful answer. Raises RuntimeError with the body of any other."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500].decode()}")
        answered: dict[str, Any] = json.loads(text)["data"]
        return answered

    def start(self, body: Mapping[str, Any]) -> str:
        """Start a run; its id."""
        return str(self.call("POST", RUNS, body)["workflow"]["workflowId"])

    def template(
        self, name: str, stages: list[dict[str, Any]], inputs: Sequence[dict[str, Any]] = ()
    ) -> str:
        """Save a template; its id."""
        body = {"name": name, "description": name, "inputs": list(inputs), "stages": stages}
        return str(self.call("POST", f"{RUNS}/templates", body)["template"]["id"])

    def cancel(self, run_id: str) -> None:
        self.call("POST", f"{RUNS}/{run_id}/cancel", {})

    def snapshot(self, run_id: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.call("GET", f"{RUNS}/{run_id}")["workflow"]
        return shown

    def finished(self, run_id: str, within_s: float = 120) -> dict[str, Any]:
        """The snapshot of a run that is over. Raises RuntimeError unless it completed."""

        def look() -> dict[str, Any] | None:
            shown = self.snapshot(run_id)
            return shown if shown["status"] in TERMINAL else None

        shown = wait_for(look, f"the end of {run_id}", within_s)
        assert shown is not None
        if shown["status"] != "completed":
            raise RuntimeError(f"{run_id} ended as {shown['status']}: {shown.get('error')}")
        return shown


def at(text: str) -> float:
    """An ISO moment of the wire as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


def ms_since(started: float) -> float:
    """Milliseconds since a reading of time.perf_counter()."""
    return (time.perf_counter() - started) * 1000
