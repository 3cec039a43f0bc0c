"""A service that takes minutes and money, the provider that asks it, and the tool it does.

The service counts what it is asked by the key of the job: who submits twice is seen. It is served
by a test's own process; workers find it by MAKER_URL.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from tests.support.fakes.http_server import ApiServer, Asked, Reply
from tests.support.fakes.tools import PIXEL
from tools.declaration.ports import Form, Ports, Tool, field, port, tool
from tools.providers.base import Forged, Job, JobContext, Outcome, OutputFile, Parked, Provider

URL = "MAKER_URL"
# How old the jobs of the looks in this process were, as their provider was told.
AGES: list[float] = []


@dataclass
class MadeJob:
    """A job of the service. ends_at: by the monotonic clock; None: when `finish` is called."""

    id: str
    key: str
    ends_at: float | None
    is_cancelled: bool = False
    has_failed: bool = False
    fraction: float = 0.0
    note: str = ""

    def state(self) -> str:
        if self.is_cancelled:
            return "cancelled"
        if self.has_failed:
            return "failed"
        is_over = self.ends_at is not None and time.monotonic() >= self.ends_at
        return "done" if is_over else "working"


class Maker(ApiServer):
    """`with Maker() as maker:` serves it at `maker.url`.

    submitted, looked, cancelled: how often each key was. finished: when each was, Unix seconds.
    """

    ROUTES = (
        ("GET", "/jobs", "_find"),
        ("POST", "/jobs", "_submit"),
        ("GET", "/jobs/(?P<job_id>.+)", "_look"),
        ("DELETE", "/jobs/(?P<job_id>.+)", "_cancel"),
    )

    def __init__(self) -> None:
        self.jobs: dict[str, MadeJob] = {}
        self.submitted: Counter[str] = Counter()
        self.looked: Counter[str] = Counter()
        self.cancelled: Counter[str] = Counter()
        self.finished: dict[str, float] = {}
        # While clear, every look waits: a worker can be stopped in the middle of one.
        self.answers = threading.Event()
        self.answers.set()
        # Looks that wait now.
        self.waiting = 0
        # While set, a submit is taken without an answer, and no job is found by its key.
        self.is_mute = False
        # Where the newest job's webhooks go.
        self.webhook = ""
        # Every look is answered with this status while it is set; 0: not at all.
        self.status: int | None = None
        super().__init__()

    def __exit__(self, *problem: Any) -> None:
        self.answers.set()
        super().__exit__(*problem)

    def job_of(self, run: str) -> MadeJob:
        """The one job of a run, by the run's public id."""
        (found,) = [job for job in list(self.jobs.values()) if job.key.startswith(f"{run}:")]
        return found

    def finish(self, job: MadeJob) -> None:
        self.finished[job.key] = time.time()
        job.ends_at = time.monotonic()

    def submit(self, key: str, seconds: float) -> MadeJob:
        with self.lock:
            self.submitted[key] += 1
            ends_at = None if seconds < 0 else time.monotonic() + seconds
            job = MadeJob(f"job-{len(self.jobs) + 1}", key, ends_at)
            self.jobs[job.id] = job
            return job

    def look(self, job_id: str) -> MadeJob | None:
        with self.lock:
            self.waiting += 1
        self.answers.wait(60)
        with self.lock:
            self.waiting -= 1
            job = self.jobs.get(job_id)
            if job is not None:
                self.looked[job.key] += 1
            return job

    def find(self, key: str) -> MadeJob | None:
        if self.is_mute:
            return None
        with self.lock:
            known = (job for job in self.jobs.values() if job.key == key)
            return next((job for job in known if not job.has_failed), None)

    def cancel(self, job_id: str) -> MadeJob | None:
        with self.lock:
            job = self.jobs.get(job_id)
            if job is not None:
                self.cancelled[job.key] += 1
                job.is_cancelled = True
            return job

    # -- its requests -----------------------------------------------------------------------------

    def _find(self, asked: Asked) -> Reply:
        return _shown(self.find(asked.query["key"]))

    def _submit(self, asked: Asked) -> Reply:
        self.webhook = asked.body.get("webhook", "")
        reply = _shown(self.submit(asked.body["key"], asked.body["seconds"]))
        reply.drop = self.is_mute
        return reply

    def _look(self, asked: Asked, job_id: str) -> Reply:
        if self.status == 0:
            return Reply(drop=True)
        return _shown(self.look(job_id), self.status)

    def _cancel(self, asked: Asked, job_id: str) -> Reply:
        return _shown(self.cancel(job_id))


def _shown(job: MadeJob | None, status: int | None = None) -> Reply:
    if job is None:
        return Reply(status or 404, {})
    facts = {"id": job.id, "state": job.state(), "at": job.fraction, "note": job.note}
    return Reply(status or 200, facts)


@tool("made", title="Made", group="Test", cost="video.premium", output="image")
class Made(Tool):
    """Have a picture made by a service that takes its time."""

    class Inputs(Ports):
        source = port(
            "image",
            "What to begin from",
            index="sourceImageIndex",
            url="source_image_url",
            fallback="none",
            implied="latest",
        )

    class Params(Form):
        prompt: str = field("", "What to make")
        seconds: float = field(-1.0, "How long it takes; less than 0: until it is finished")
        every: float = field(5.0, "After how long to look again")
        forgetful: bool = field(False, "Whether it parks without having stored its job")


class MakerProvider(Provider):
    """Parks at every look at a job that is not done. A lost submit is found by its key."""

    name = "maker"
    title = "Maker"
    version = "1"
    submit = "findable"
    takes_webhooks = True

    def tools(self) -> frozenset[str]:
        return frozenset({"made"})

    def run(self, job: Job, context: JobContext) -> Outcome:
        if job.params["forgetful"]:
            context.submitting()
            # It cannot be stored, and this provider does not care.
            with suppress(TypeError):
                context.remember({"id": object()})
            raise Parked(1)
        AGES.append(job.age_s)
        known = job.job_ref or self._submitted(job, context)
        found = _asked("GET", f"/jobs/{known['id']}")
        if found is None or found["state"] == "cancelled":
            raise ProviderRefused("Maker cancelled the job.")
        if found["state"] == "failed":
            raise ProviderError("Maker's oven broke.", ends_job=True)
        if found["state"] == "working":
            raise Parked(job.params["every"], fraction=found["at"], note=found["note"])
        path = job.out / "made.png"
        path.write_bytes(PIXEL + known["id"].encode())
        return Outcome(files=(OutputFile(path, "image", "image/png", width=1, height=1),))

    def _submitted(self, job: Job, context: JobContext) -> Mapping[str, Any]:
        if job.webhook_job_id:
            found: dict[str, Any] | None = {"id": job.webhook_job_id}
        else:
            found = _asked("GET", f"/jobs?key={quote(job.key)}")
        if found is None:
            token = secrets.token_hex(10)
            context.submitting({"token": token} if job.webhook_url else None)
            asked = {"key": job.key, "seconds": job.params["seconds"]}
            if job.webhook_url:
                asked["webhook"] = f"{job.webhook_url}/{token}"
            found = _asked("POST", "/jobs", asked)
        assert found is not None
        known = {"id": found["id"]}
        context.remember(known)
        return known

    def cancel(self, job_ref: Mapping[str, Any]) -> None:
        if "id" in job_ref:
            _asked("DELETE", f"/jobs/{job_ref['id']}")

    def job_keys(self, job_ref: Mapping[str, Any]) -> tuple[str, ...]:
        return (job_ref["id"],)

    def heard(self, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        if headers.get("x-maker") != "signed":
            raise Forged("not from Maker")
        return (json.loads(body)["id"],)


def _asked(method: str, path: str, body: Any = None) -> dict[str, Any] | None:
    """What the service answers; None for what it does not know."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(os.environ[URL] + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as problem:
        problem.close()
        if problem.code == 404:
            return None
        raise ProviderError(f"Maker returned {problem.code}.") from problem
    except (OSError, HTTPException) as problem:
        if method == "POST":
            raise ProviderUnsure("Maker does not answer.") from problem
        raise ProviderError("Maker does not answer.") from problem


TOOLS: list[type[Tool]] = [Made]
PROVIDERS = [MakerProvider()]
