"""Many files looked at in one child process: a child for each would cost half a second of CPU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import ProviderError
from media import probing
from media.blobs import FileFacts
from media.sandbox import Unwatched, parent, run_in_sandbox

JOB = "tests.support.fakes.sandbox_jobs.probe_all"


def outcomes_of(files: Mapping[str, bytes], folder: Path) -> dict[str, FileFacts | ProviderError]:
    """Write files below a folder by numbers; name → what `probe_file` returns or raises for it."""
    paths = [folder / f"{place}-{Path(name).name}" for place, name in enumerate(files)]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data)
    arguments = {"paths": [str(path) for path in paths]}
    answer = run_in_sandbox(JOB, arguments, reads=paths, timeout_s=60, context=Unwatched())
    return {name: _outcome(reply) for name, reply in zip(files, answer["replies"], strict=True)}


def _outcome(reply: dict[str, object]) -> FileFacts | ProviderError:
    try:
        return probing.facts_of(parent._result_of(JOB, reply))
    except ProviderError as error:
        return error
