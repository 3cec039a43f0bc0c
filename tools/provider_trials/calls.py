"""Calls that a trial makes: the smallest one for each model, done as a worker would; and a process
that dies between sending one and remembering its job."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from core.errors import ProviderError, ProviderUnsure
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.providers.base import Facts, Job, MediaFile, Outcome, Parked
from tools.providers.makers.body import Missing, build
from tools.providers.makers.provider import Maker
from tools.providers.makers.slot_tables import PORTS
from tools.providers.makers.slots import requests_of
from tools.providers.makers.table import Offered

PROMPT = "A red ceramic teapot on a wooden table, morning light"
# In this order a model's tool is chosen. None of them needs a video or a sound.
TOOLS = (
    "generate_image",
    "generate_video",
    "animate_photo",
    "edit_image",
    "upscale_image",
    "remove_background",
    "image_to_3d",
    "generate_speech",
    "generate_music",
)
# The argument of the command that is the dying process.
ARGUMENT = "--die-at"
WITHIN_S = 900
SIDE = 512


@dataclass(frozen=True, slots=True)
class Call:
    """One request. usd: the most it costs."""

    offered: Offered
    tool: str
    params: Mapping[str, Any]
    needs_image: bool
    usd: Decimal

    @property
    def title(self) -> str:
        return self.offered.row.title


@dataclass(slots=True)
class TrialContext:
    """A `JobContext` that keeps what a worker would store. on_job: called when there is a job."""

    on_job: Callable[[TrialContext], None] = lambda context: None
    request: dict[str, Any] | None = None
    job_ref: dict[str, Any] | None = None

    def progress(self, fraction: float, message: str = "") -> None:
        """Nobody watches."""

    def check(self) -> None:
        """It is always wanted."""

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def attach(self, job_id: str, job_ref: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
        self.remember(job_ref)
        return True

    def is_of_other_step(self, job_id: str) -> bool:
        return False

    def submitting(self, request: Mapping[str, Any] | None = None) -> None:
        self.request = dict(request or {})

    def remember(self, job_ref: Mapping[str, Any]) -> None:
        self.job_ref = dict(job_ref)
        if self.jobs:
            self.on_job(self)

    def others_wait(self) -> bool:
        return False

    @property
    def jobs(self) -> list[dict[str, Any]]:
        return list((self.job_ref or {}).get("jobs") or ())

    @property
    def job_id(self) -> str:
        return str(self.jobs[0]["id"]) if self.jobs else ""


@dataclass(slots=True)
class Caller:
    """Does calls of one provider. folder: for results."""

    maker: Maker
    folder: Path
    _count: int = field(default=0)

    def cheapest_call(self, offered: Offered) -> Call | None:
        """Return the smallest call of a model; None where it needs a video or a sound."""
        for tool in TOOLS:
            if tool not in offered.tools:
                continue
            for needs_image in (False, True):
                call = self._call(offered, tool, needs_image)
                if call is not None:
                    return call
        return None

    def _call(self, offered: Offered, tool: str, needs_image: bool) -> Call | None:
        declared = registry.table().get(tool)
        if declared is None or (needs_image and "image" not in PORTS[tool]):
            return None
        wanted: dict[str, Any] = {"prompt": PROMPT, "numberOfVariations": 1}
        if offered.place.seconds and "duration" in declared.Params.model_fields:
            wanted["duration"] = offered.place.seconds[0]
        params = fill_defaults(declared, wanted) | {"model": offered.row.name}
        media = {"image": (Facts(SIDE, SIDE),)} if needs_image else {}
        slots = offered.place.slots
        try:
            requests = requests_of(tool, params, media, slots)
            for one in requests:
                build(offered.place, offered.row.title, one, lambda file, slot, encoding: "")
        except Missing:
            return None
        price = self.maker.quote(tool, params, media) if requests else None
        if price is None:
            return None
        rate = Decimal(str(self.maker.options.credits_per_usd))
        return Call(offered, tool, params, needs_image, Decimal(price.milli) / 1000 / rate)

    def job(self, call: Call, *, prompt: str = "") -> Job:
        """Return a new job of a call: another key, so another paid request."""
        self._count += 1
        out = self.folder / f"job-{self._count}"
        out.mkdir()
        # Each has its own words: a history tells jobs apart by their input.
        params = {**call.params, "prompt": prompt or f"{PROMPT}, take {self._count}"}
        media = {"image": (self.image(),)} if call.needs_image else {}
        return Job(call.tool, params, media, 1 + self._count, f"try:{uuid4().hex}", out)

    def image(self) -> MediaFile:
        """Return the image that calls are about."""
        path = self.folder / "image.png"
        if not path.exists():
            path.write_bytes(_gradient(SIDE))
        digest = sha256(path.read_bytes()).hexdigest()
        return MediaFile(path, "image", "image/png", digest, SIDE, SIDE)

    def submit(self, job: Job, context: TrialContext) -> Outcome | None:
        """Do a job's first part. None: it is at the service now."""
        try:
            return self.maker.run(job, context)
        except Parked:
            return None

    def rest(self, job: Job, context: TrialContext) -> Outcome:
        """Follow a job that was submitted to its end."""
        while True:
            try:
                return self.maker.run(replace(job, job_ref=context.job_ref), context)
            except Parked as parked:
                time.sleep(parked.after_s)

    def repeated(self, job: Job, request: Mapping[str, Any]) -> TrialContext:
        """Do a job as a worker would that knows only that its request was sent. Raises
        ProviderUnsure where a person would be asked."""
        context = TrialContext()
        out = job.out / "again"
        out.mkdir(exist_ok=True)
        self.submit(replace(job, paid_request=request, out=out), context)
        return context


def to_json(job: Job) -> str:
    """Return what another process needs to do a job without media."""
    return json.dumps(
        {
            "tool": job.tool,
            "params": dict(job.params),
            "seed": job.seed,
            "key": job.key,
            "out": str(job.out),
        }
    )


def from_json(text: str) -> Job:
    stored = json.loads(text)
    out = Path(stored.pop("out"))
    return Job(**stored, media={}, out=out)


def _gradient(side: int) -> bytes:
    """Return a PNG from black to white: images of people's own aren't for a trial."""
    row = b"\0" + bytes(255 * place // side for place in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * side)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# -- crashes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remains:
    """request: as it was stored before it was sent. job_id: of the job that was lost; the other
    process isn't told of it."""

    request: Mapping[str, Any]
    job_id: str


def crashed(name: str, job: Job) -> Remains | None:
    """Have another process send a job's request and kill itself; None where it sent none."""
    note = job.out / "crash.json"
    note.write_text(to_json(job))
    command = [sys.executable, "manage.py", "providers", "try", name, ARGUMENT, str(note)]
    ended = subprocess.run(  # noqa: S603  our own command
        command, cwd=settings.BASE_DIR, capture_output=True, timeout=WITHIN_S, check=False
    )
    left = note.with_suffix(".left")
    if ended.returncode != -signal.SIGKILL or not left.exists():
        return None
    stored = json.loads(left.read_text())
    return Remains(stored["request"], stored["job_id"])


def die(maker: Maker, note: Path) -> None:
    """Be that process: its answer is read, and its job isn't remembered."""

    def kill(context: TrialContext) -> None:
        stored = {"request": context.request, "job_id": context.job_id}
        left = note.with_suffix(".left")
        left.write_text(json.dumps(stored))
        os.kill(os.getpid(), signal.SIGKILL)

    Caller(maker, note.parent).submit(from_json(note.read_text()), TrialContext(kill))


def outcome_of(caller: Caller, job: Job, remains: Remains) -> tuple[bool | None, str]:
    """Go on after a crash as a second process. Returns whether nothing was paid twice, None where
    that isn't known, and what happened."""
    try:
        context = caller.repeated(job, remains.request)
    except ProviderUnsure:
        return True, "A person would be asked; nothing was sent again."
    except ProviderError as problem:
        return None, problem.message
    if not remains.job_id or not context.job_id:
        return None, "Its jobs have no ids to compare."
    if context.job_id == remains.job_id:
        return True, f"The second process has the same job, {context.job_id}."
    return False, f"Two jobs: {remains.job_id} and {context.job_id}."
