"""Asking a provider for one tool call, as a worker would, and what it said meanwhile."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.providers.base import Job, MediaFile, Outcome, Parked, Provider, Stopped


class Context:
    """A JobContext that writes down what it is told. stop() makes the work unwanted.

    others: whether other steps wait for this worker. parked: each time it was let
    go meanwhile.
    """

    def __init__(self) -> None:
        self.heard: list[float] = []
        self.submitted = 0
        self.others = False
        self.parked: list[Parked] = []
        self.remembered: list[dict[str, Any]] = []
        self._stopped = threading.Event()

    def progress(self, fraction: float, message: str = "") -> None:
        self.heard.append(fraction)

    def check(self) -> None:
        if self._stopped.is_set():
            raise Stopped

    def wait(self, seconds: float) -> None:
        self._stopped.wait(seconds)
        self.check()

    def submitting(self, request: object = None) -> None:
        self.check()
        self.submitted += 1

    def remember(self, job_ref: Mapping[str, Any]) -> None:
        self.remembered.append(dict(job_ref))

    def attach(self, job_id: str, job_ref: Mapping[str, Any], request: object) -> bool:
        self.remember(job_ref)
        return True

    def is_of_other_step(self, job_id: str) -> bool:
        return False

    def others_wait(self) -> bool:
        return self.others

    def stop(self) -> None:
        self._stopped.set()


Ask = Callable[..., Outcome]


def job(
    out: Path,
    tool: str,
    arguments: Mapping[str, Any],
    media: Mapping[str, tuple[MediaFile, ...]] | None = None,
    *,
    seed: int | None = 7,
    key: str = "run:step:1",
    job_ref: Mapping[str, Any] | None = None,
) -> Job:
    """A job with its tool's defaults filled in. out: an empty folder, made if it is not there."""
    declared = registry.table().get(tool)
    assert declared is not None
    out.mkdir(exist_ok=True)
    return Job(
        tool=tool,
        params=fill_defaults(declared, arguments),
        media=media or {},
        seed=seed,
        key=key,
        out=out,
        job_ref=job_ref,
    )


def run(provider: Provider, out: Path, tool: str, arguments: Mapping[str, Any], **more: Any) -> Any:
    """What a provider makes of a call. more: as for `job`, and context.

    As workers do: one that parks is entered again when it is due, with the job it remembered and an
    empty folder.
    """
    context = more.pop("context", None) or Context()
    media = more.pop("media", None)
    asked = job(out, tool, arguments, media, **more)
    while True:
        try:
            return provider.run(asked, context)
        except Parked as parked:
            context.parked.append(parked)
            context.wait(parked.after_s)
            shutil.rmtree(out)
            asked = job(out, tool, arguments, media, **{**more, "job_ref": context.remembered[-1]})


def medium(path: Path, kind: Any = "image", mime: str = "image/png", **facts: Any) -> MediaFile:
    """A local file as a step's input."""
    return MediaFile(path, kind, mime, "0" * 64, **facts)
