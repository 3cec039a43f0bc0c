"""Tools and a provider that exist only in tests and benches: instant, slow, failing, paid.

The provider keeps a ledger of its own in files, as a remote service would: what it was asked, with
which key, so that tests see double submits.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import ProviderError, ProviderHolds, ProviderRefused
from media.sandbox import run_in_sandbox
from tools.declaration.ports import Form, Ports, Tool, field, port, tool
from tools.providers.base import Job, JobContext, Outcome, OutputFile, Provider


@tool("noop", title="Nothing", group="Test", cost="free", output=None)
class Noop(Tool):
    """Do nothing at once."""


@tool("sleep", title="Sleep", group="Test", cost="free", output=None)
class Sleep(Tool):
    """Take some time, with progress, or as long as it takes others to look."""

    class Params(Form):
        seconds: float = field(1.0, "How long")
        until: str = field("", "File that ends it earlier, once it is there")


@tool("fail", title="Fail", group="Test", cost="video.standard", output=None)
class Fail(Tool):
    """Fail, `times` times or for ever."""

    class Params(Form):
        times: int = field(1_000_000, "How often before it works")
        retryable: bool = field(True, "Whether trying again may help")


@tool(
    "note",
    title="Note",
    group="Test",
    cost="image.standard",
    output="image",
    count="copies",
    seeded=True,
)
class Note(Tool):
    """Make a tiny picture file that holds what it was given."""

    class Inputs(Ports):
        source = port(
            "image",
            "Earlier notes",
            index="sourceImageIndex",
            url="source_image_url",
            fallback="none",
            implied="latest",
        )

    class Params(Form):
        text: str = field("", "What to write")
        seconds: float = field(0.0, "How long it takes")
        copies: int = field(1, "How many", ge=1, le=4)


@tool("stray", title="Stray", group="Test", cost="free", output="video")
class Stray(Tool):
    """Announce a film, make a picture."""


@tool("paid", title="Paid", group="Test", cost="video.premium", output=None)
class Paid(Tool):
    """Submit a job to a service that takes money, then wait for it."""

    class Params(Form):
        seconds: float = field(1.0, "How long the job takes")
        pause: str = field("", "File it makes before it sends, and waits for the end of")


@tool("hang", title="Hang", group="Test", cost="free", output=None)
class Hang(Tool):
    """Work in a sandbox child for ever."""

    class Params(Form):
        pids: str = field("", "File to write the process ids to")
        alone: bool = field(True, "Whether it starts no program of its own")


@tool("metered", title="Metered", group="Test", cost="image.premium", output=None, count="copies")
class Metered(Tool):
    """Use another amount than was quoted, or fail while its name is in REFUSED."""

    class Params(Form):
        name: str = field("", "What REFUSED may hold")
        used: float = field(0.0, "Units it really takes")
        copies: int = field(1, "How many", ge=1, le=9)


# What happens to the paid service's caller after `submitting` and before it sends, in a test's own
# process.
BEFORE_SENDING: list[Callable[[], object]] = []
# Names of metered calls that fail at the moment, in a test's own process.
REFUSED: set[str] = set()


@tool("say", title="Say", group="Test", cost="image.standard", output=None)
class Say(Tool):
    """Answer with the values it is given."""

    class Params(Form):
        values: dict[str, Any] = field({}, "What to answer")


@tool("held", title="Held", group="Test", cost="image.standard", output=None)
class Held(Tool):
    """Wait for a person's decision when it is first asked, then work."""

    class Params(Form):
        reason: str = field("safety_review_required", "What it waits for")


@tool("unheard_of", title="Unheard of", group="Test", cost="free", output=None)
class UnheardOf(Tool):
    """No one does it."""

    class Params(Form):
        prompt: str = field("", "In vain")


TOOLS: list[type[Tool]] = [
    *(Noop, Sleep, Fail, Note, Stray, Paid, Hang, Metered, Say, Held, UnheardOf),
]
# The smallest PNG there is: one transparent pixel. Notes append their text, which readers ignore.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6300010000050001000d0a2db40000000049454e44ae426082"
)


def asked(home: Path | None = None) -> list[dict[str, Any]]:
    """Every call the test provider got, in order, across processes. home: whose; else our own."""
    path = _book() if home is None else home / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _book() -> Path:
    return Path(settings.HOME) / "asked.jsonl"


def write_down(**entry: Any) -> None:
    """Add a call to the book that `asked` reads."""
    line = (json.dumps({**entry, "pid": os.getpid(), "at": time.time()}) + "\n").encode()
    descriptor = os.open(_book(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line)
    os.close(descriptor)


class TestProvider(Provider):
    """Does the test tools' work in the worker's own process."""

    __test__ = False
    name = "test"
    version = "1"
    submit = "idempotent"
    is_local = True

    def tools(self) -> frozenset[str]:
        return frozenset(
            {"noop", "say", "held", "sleep", "fail", "note", "stray", "hang", "metered"}
        )

    def run(self, job: Job, context: JobContext) -> Outcome:
        if job.tool == "noop":
            return Outcome()
        write_down(tool=job.tool, key=job.key)
        return getattr(self, f"_{job.tool}")(job, context)

    def cancel(self, job_ref: Mapping[str, Any]) -> None:
        write_down(cancelled=job_ref)

    def _sleep(self, job: Job, context: JobContext) -> Outcome:
        _rest(job.params["seconds"], context, job.params["until"])
        return Outcome()

    def _metered(self, job: Job, context: JobContext) -> Outcome:
        if job.params["name"] in REFUSED:
            raise ProviderRefused("The test provider refuses.")
        return Outcome(actual_milli=round(1000 * job.params["used"]))

    def _fail(self, job: Job, context: JobContext) -> Outcome:
        tries = sum(1 for entry in asked() if entry.get("key") == job.key)
        if tries > job.params["times"]:
            return Outcome()
        if job.params["retryable"]:
            raise ProviderError("The test provider is full.", error_type="GPU_WORKER_FAILED")
        raise ProviderRefused("The test provider refuses.")

    def _hang(self, job: Job, context: JobContext) -> Outcome:
        pids = Path(job.params["pids"])
        name = "sandbox_jobs.hang_alone" if job.params["alone"] else "sandbox_programs.hang"
        run_in_sandbox(
            f"tests.support.fakes.{name}",
            {"pids": str(pids)},
            out=pids.parent,
            timeout_s=120,
            context=context,
        )
        return Outcome()

    def _say(self, job: Job, context: JobContext) -> Outcome:
        return Outcome(values=dict(job.params["values"]))

    def _held(self, job: Job, context: JobContext) -> Outcome:
        if sum(1 for entry in asked() if entry.get("key") == job.key) > 1:
            return Outcome()
        raise ProviderHolds(
            "Someone must look at this first.",
            waiting_reason=job.params["reason"],
            details={"score": 0.7},
        )

    def _stray(self, job: Job, context: JobContext) -> Outcome:
        path = job.out / "stray.png"
        path.write_bytes(PIXEL)
        return Outcome(files=(OutputFile(path, "image", "image/png", width=1, height=1),))

    def _note(self, job: Job, context: JobContext) -> Outcome:
        _rest(job.params["seconds"], context)
        seen = [medium.sha256 for medium in job.media.get("source", ())]
        files = []
        for copy in range(job.params["copies"]):
            path = job.out / f"{copy}.png"
            words = {"text": job.params["text"], "seed": job.seed, "copy": copy, "saw": seen}
            path.write_bytes(PIXEL + json.dumps(words).encode())
            files.append(
                OutputFile(path, "image", "image/png", width=1, height=1, meta={"saw": seen})
            )
        return Outcome(files=tuple(files))


class PaidProvider(Provider):
    """A service without idempotency or lookup: a crash after submit cannot be told from none."""

    __test__ = False
    name = "paid-service"
    version = "1"
    submit = "blind"

    def tools(self) -> frozenset[str]:
        return frozenset({"paid"})

    def run(self, job: Job, context: JobContext) -> Outcome:
        if job.job_ref is None:
            context.submitting()
            for happen in BEFORE_SENDING:
                happen()
            _rest_until_seen(job.params.get("pause", ""))
            context.check()
            write_down(tool="paid", key=job.key)
            if job.params["seconds"] < 0:
                # A crash between submit and the answer.
                os.kill(os.getpid(), 9)
            context.remember({"job": f"job-{job.key}"})
        _rest(job.params["seconds"], context)
        return Outcome()

    def cancel(self, job_ref: Mapping[str, Any]) -> None:
        write_down(cancelled=dict(job_ref))


def _rest(seconds: float, context: JobContext, until: str = "") -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not (until and os.path.exists(until)):
        context.progress(1 - left / seconds)
        context.wait(min(left, 0.05))


def _rest_until_seen(path: str) -> None:
    """Make a file and stand still until it is taken away: here a test stops the process."""
    if path:
        Path(path).touch()
        while os.path.exists(path):
            time.sleep(0.01)


PROVIDERS = [TestProvider(), PaidProvider()]
