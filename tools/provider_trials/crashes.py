"""A process that dies between sending a paid request and remembering its job, and the one after
it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import ProviderError, ProviderUnsure
from tools.provider_trials.calls import Caller, TrialContext
from tools.providers.base import Job

# The argument of the command that is the dying process.
ARGUMENT = "--die-at"
WITHIN_S = 900


@dataclass(frozen=True, slots=True)
class Remains:
    """request: as it was stored before it was sent. job_id: of the job that was lost; the other
    process isn't told of it."""

    request: Mapping[str, Any]
    job_id: str


def crash(name: str, job: Job) -> Remains | None:
    """Have another process send a job's request and kill itself; None where it sent none."""
    note = job.out / "crash.json"
    note.write_text(_to_json(job))
    command = [sys.executable, "manage.py", "providers", "try", name, ARGUMENT, str(note)]
    process = subprocess.run(  # noqa: S603  our own command
        command, cwd=settings.BASE_DIR, capture_output=True, timeout=WITHIN_S, check=False
    )
    remains_path = note.with_suffix(".left")
    if process.returncode != -signal.SIGKILL or not remains_path.exists():
        return None
    document = json.loads(remains_path.read_text())
    return Remains(document["request"], document["job_id"])


def die(caller: Caller, note: Path) -> None:
    """Be that process: its answer is read, and its job isn't remembered."""

    def kill(context: TrialContext) -> None:
        document = {"request": context.request, "job_id": context.job_id}
        remains_path = note.with_suffix(".left")
        remains_path.write_text(json.dumps(document))
        os.kill(os.getpid(), signal.SIGKILL)

    caller.submit(_from_json(note.read_text()), TrialContext(kill))


def outcome_of(caller: Caller, job: Job, remains: Remains) -> tuple[bool | None, str]:
    """Go on after a crash as a second process. Returns whether nothing was paid twice, None where
    that isn't known, and what happened."""
    try:
        context = caller.repeat(job, remains.request)
    except ProviderUnsure:
        return True, "A person would be asked; nothing was sent again."
    except ProviderError as problem:
        return None, problem.message
    if not remains.job_id or not context.job_id:
        return None, "Its jobs have no ids to compare."
    if context.job_id == remains.job_id:
        return True, f"The second process has the same job, {context.job_id}."
    return False, f"Two jobs: {remains.job_id} and {context.job_id}."


def _to_json(job: Job) -> str:
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


def _from_json(text: str) -> Job:
    document = json.loads(text)
    out = Path(document.pop("out"))
    return Job(**document, media={}, out=out)
