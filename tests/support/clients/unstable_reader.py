"""A reader of a run's event stream whose connection keeps breaking."""

from __future__ import annotations

import json
import random
import threading
import time
from typing import Any

import httpx


class UnstableReader(threading.Thread):
    """Reads a run's stream to its end, cutting the line at random and resuming by its cursor.

    events: every event, once each and in order, or `problem` says what was wrong.
    """

    def __init__(self, url: str, key: str, run_id: str, *, seed: int, within_s: float = 90) -> None:
        super().__init__(name=f"witness of {run_id}", daemon=True)
        self.run_id = run_id
        self.events: list[dict[str, Any]] = []
        self.closing: dict[str, Any] | None = None
        self.cuts = 0
        self.problem = ""
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        self._chance = random.Random(seed)
        self._deadline = time.monotonic() + within_s

    def run(self) -> None:
        with self._client:
            while self.closing is None and not self.problem:
                if time.monotonic() > self._deadline:
                    self.problem = f"no end after {len(self.events)} events"
                    return
                try:
                    self._read_until_cut()
                except httpx.TransportError:
                    continue
                finally:
                    self.cuts += 1

    def _read_until_cut(self) -> None:
        """One connection. The cut may fall between two lines of a frame."""
        lines_left = self._chance.randint(1, 24)
        seen = len(self.events)
        by_header = self._chance.random() < 0.5
        path = f"/v1/creative-agent/workflows/{self.run_id}/events/stream"
        headers = {"Last-Event-ID": str(seen)} if by_header else {}
        params = {} if by_header else {"after": str(seen)}
        frame: dict[str, str] = {}
        with self._client.stream("GET", path, params=params, headers=headers) as answer:
            if answer.status_code != 200:
                self.problem = f"the stream answered {answer.status_code}"
                return
            for line in answer.iter_lines():
                if not line:
                    self._take(frame)
                    frame = {}
                elif not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    frame[name] = value
                lines_left -= 1
                if self.closing is not None or self.problem or lines_left <= 0:
                    return

    def _take(self, frame: dict[str, str]) -> None:
        data = json.loads(frame["data"])
        if frame["event"] == "workflow_status":
            self.closing = data
            return
        expected = len(self.events) + 1
        if int(frame["id"]) != data["sequence"] or data["sequence"] != expected:
            self.problem = f"expected event {expected}, got {frame['id']}: {data}"
            return
        self.events.append(data)
