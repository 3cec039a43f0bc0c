"""A service that is paid for each job, on a machine of its own: it counts what the product orders.

`POST /jobs` begins one and charges for it. With `"once": true` the same key gives the same job
again and is charged once. `GET /jobs?key=` finds one by its key, `GET /jobs/<id>` tells how far it
is. Every request names the machine that asks.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.fakes.http_server import Handler, HttpServer
from tests.support.faults.hosts.namespaces import inside

HOST_HEADER = "X-From-Host"


class PaidService(HttpServer):
    """namespace: of its machine; "" for this one's own.

    charged: how often each key was paid for. hosts: who asked, by kind of job. peak: of each
    kind, how many were at work at once."""

    def __init__(self, namespace: str = "", address: str = "127.0.0.1") -> None:
        self.charged: Counter[str] = Counter()
        self.hosts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.peak: Counter[str] = Counter()
        self.asked = 0
        self._jobs: dict[str, dict[str, Any]] = {}
        self._by_key: dict[str, str] = {}
        self._lock = threading.Lock()
        with inside(namespace) if namespace else nullcontext():
            super().__init__(_Jobs, host=address, service=self)

    def begin(self, wanted: dict[str, Any], host: str) -> dict[str, Any]:
        key, kind = str(wanted["key"]), str(wanted["kind"])
        with self._lock:
            self.asked += 1
            self.hosts[kind][host] += 1
            if wanted.get("once") and key in self._by_key:
                return self._jobs[self._by_key[key]]
            self.charged[key] += 1
            job_id = f"job-{len(self._jobs) + 1}"
            until = time.monotonic() + float(wanted.get("seconds", 0))
            job = {"id": job_id, "key": key, "kind": kind, "until": until}
            self._jobs[job_id] = job
            self._by_key[key] = job_id
            now = time.monotonic()
            at_work = sum(one["kind"] == kind and one["until"] > now for one in self._jobs.values())
            self.peak[kind] = max(self.peak[kind], at_work)
            return job

    def look(self, job_id: str, host: str) -> dict[str, Any] | None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None:
                self.hosts[job["kind"]][host] += 1
            return job

    def find(self, key: str) -> dict[str, Any] | None:
        with self._lock:
            return self._jobs.get(self._by_key.get(key, ""))


class _Jobs(Handler):
    service: PaidService

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._say(self.service.begin(body, self._host))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        keys = parse_qs(parts.query).get("key")
        if keys:
            self._say(self.service.find(keys[0]))
        else:
            self._say(self.service.look(parts.path.rpartition("/")[2], self._host))

    @property
    def _host(self) -> str:
        return self.headers.get(HOST_HEADER, "")

    def _say(self, job: dict[str, Any] | None) -> None:
        found = job or {}
        left_s = max(0.0, found.get("until", 0.0) - time.monotonic())
        body = json.dumps({"id": found.get("id"), "left_s": left_s}).encode()
        self.send_response(200 if job else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
