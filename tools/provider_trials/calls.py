"""Calls that a trial makes: the smallest one for each model, done as a worker would."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.errors import ProviderError
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.providers.base import Facts, Job, MediaFile, Outcome, Parked
from tools.providers.makers import job_state
from tools.providers.makers.body import Missing, build
from tools.providers.makers.exchange import JobHandle, JobStatus, Later, Payload
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
SIDE = 512
# So often an equal request is sent while the service asks to wait.
SENT_AGAIN = 5


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
    """A `JobContext` that keeps what a worker would store. on_job: called when there is a job.
    outcome: of a job that is over."""

    on_job: Callable[[TrialContext], None] = lambda context: None
    request: dict[str, Any] | None = None
    job_ref: dict[str, Any] | None = None
    outcome: Outcome | None = None

    def progress(self, fraction: float, message: str = "") -> None:
        """No one watches."""

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
    """Does calls of one provider. folder: for results. webhook_url: see `Job.webhook_url`."""

    maker: Maker
    folder: Path
    webhook_url: str = ""
    _count: int = field(default=0)

    def cheapest_call(self, offer: Offered) -> Call | None:
        """Return the smallest call of a model; None where it needs a video or a sound."""
        for tool in TOOLS:
            if tool not in offer.own_tools:
                continue
            for needs_image in (False, True):
                call = self._call(offer, tool, needs_image)
                if call is not None:
                    return call
        return None

    def _call(self, offer: Offered, tool: str, needs_image: bool) -> Call | None:
        tool_class = registry.table().get(tool)
        if tool_class is None or (needs_image and "image" not in PORTS[tool]):
            return None
        arguments: dict[str, Any] = {"prompt": PROMPT, "numberOfVariations": 1}
        if offer.place.seconds and "duration" in tool_class.Params.model_fields:
            arguments["duration"] = offer.place.seconds[0]
        params = fill_defaults(tool_class, arguments) | {"model": offer.row.name}
        media = {"image": (Facts(SIDE, SIDE),)} if needs_image else {}
        slots = offer.place.slots
        try:
            requests = requests_of(tool, params, media, slots)
            for one in requests:
                build(offer.place, offer.row.title, one, lambda file, slot, encoding: "")
        except Missing:
            return None
        price = self.maker.quote(tool, params, media) if requests else None
        if price is None:
            return None
        rate = Decimal(str(self.maker.options.credits_per_usd))
        return Call(offer, tool, params, needs_image, Decimal(price.milli) / 1000 / rate)

    def job(self, call: Call, *, prompt: str = "") -> Job:
        """Return a new job of a call: another key, so another paid request."""
        self._count += 1
        out = self.folder / f"job-{self._count}"
        out.mkdir()
        key = uuid4().hex
        # Each has its own words, also those of another trial: a history tells jobs apart by them.
        params = {**call.params, "prompt": prompt or f"{PROMPT}, take {key[:6]}"}
        media = {"image": (self.image(),)} if call.needs_image else {}
        return Job(
            call.tool,
            params,
            media,
            1 + self._count,
            f"try:{key}",
            out,
            webhook_url=self.webhook_url,
        )

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
            context.outcome = self.maker.run(job, context)
        except Parked:
            return None
        return context.outcome

    def rest(self, job: Job, context: TrialContext) -> Outcome:
        """Follow a job that was submitted to its end."""
        while True:
            try:
                return self.maker.run(replace(job, job_ref=context.job_ref), context)
            except Parked as pause:
                time.sleep(pause.after_s)

    def sent_again(self, call: Call, request: Mapping[str, Any]) -> JobHandle:
        """Send a request without files again, byte for byte, and return its answer."""
        if call.needs_image:
            raise ProviderError(f"{call.title} needs a file. Name another model.")
        payload = Payload(request, str(request["body"]).encode(), call.offered.place)
        out = self.folder / "sent-again"
        out.mkdir(exist_ok=True)
        for _ in range(SENT_AGAIN):
            try:
                return self.maker.dialect.submit(self.maker.client(), payload, out)
            except Later as later:
                time.sleep(later.after_s)
        raise ProviderError(f"{self.maker.title} asked to wait each time.")

    def look(self, call: Call, context: TrialContext) -> JobStatus:
        """Ask the service how a call's first job is."""
        handle = job_state.handle(context.jobs[0])
        return self.maker.dialect.look(self.maker.client(), handle, call.offered.place)

    def cancel(self, context: TrialContext) -> None:
        """Ask the service to stop a call's first job."""
        self.maker.dialect.cancel(self.maker.client(), job_state.handle(context.jobs[0]))

    @property
    def look_s(self) -> float:
        """The shortest time between two looks."""
        return self.maker.options.poll_s or self.maker.dialect.look_s

    def repeat(self, job: Job, request: Mapping[str, Any]) -> TrialContext:
        """Do a job as a worker would that knows only that its request was sent. Raises
        ProviderUnsure where a person would be asked."""
        context = TrialContext()
        out = job.out / "again"
        out.mkdir(exist_ok=True)
        self.submit(replace(job, paid_request=request, out=out), context)
        return context


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
