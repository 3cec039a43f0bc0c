"""Jobs by JSON: one request in, progress messages and one answer out.

The media sandbox's child and `python -m studio` both run a job through `perform`, so an answer is
the same in either. `studio/README.md` describes the fields of requests and answers.
Nothing here imports a media library: a process that only lists the tools stays small.
"""

from __future__ import annotations

import errno
import importlib
import json
import pkgutil
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from mediakit import file_type
from mediakit.errors import Refused

# A share from 0 to 1, and what is being done in a word or two.
Report = Callable[[float, str], None]
Message = dict[str, Any]
Job = Callable[[dict[str, Any], Report], dict[str, Any]]

# By name: what the server and the studio share imports neither.
JOBS = "studio.jobs"
TOOLS = tuple(info.name for info in pkgutil.iter_modules(importlib.import_module(JOBS).__path__))
# In a clip's meta, for stitch_video: it begins with the last picture of the clip before it.
CONTINUES = "continues"
# A chatty job must not fill the pipe: its reader does other things in between.
REPORT_EVERY_S = 0.1
LONGEST_MESSAGE = 200
LONGEST_TRACEBACK = 8000


class Settings(TypedDict, total=False):
    """The defaults of a request that names no size. width, height: pixels; fps: frames a second;
    max_duration_s, duration_s: the longest film in seconds, and a fixed length (for tests)."""

    width: int
    height: int
    fps: float
    max_duration_s: float
    duration_s: float


USUAL: Settings = {"width": 1024, "height": 576, "fps": 24, "max_duration_s": 60.0}


class MediaFile(TypedDict):
    """A file that a job works on. path: absolute. kind: image, video or audio. width, height:
    pixels. meta: what its maker noted about it."""

    path: str
    kind: str
    mime: str
    width: int | None
    height: int | None
    duration_s: float | None
    meta: Mapping[str, Any]


class Request(TypedDict):
    """One job. media: files by the name of the port. seed: None for a tool without chance.
    draft: whether files say that they are of draft quality."""

    tool: str
    params: Mapping[str, Any]
    media: Mapping[str, list[MediaFile]]
    seed: int | None
    studio: Settings
    draft: bool


def job_of(tool: str) -> Job:
    """The function of a tool. Raises Refused for a tool that the studio does not have."""
    if tool not in TOOLS:
        raise Refused(f"There is no tool “{tool}”. The tools are: {', '.join(TOOLS)}.")
    run: Job = importlib.import_module(f"{JOBS}.{tool}").run
    return run


def perform(
    function: Job, arguments: Mapping[str, Any], send: Callable[[Message], None]
) -> Message:
    """Run a job; its result or its failure as one message. Progress is sent meanwhile.

    One of `result`, `refused` with `error_type`, `exhausted` (memory, file or disk), or `failed`
    with a traceback. A program that is told to stop still stops.
    """
    try:
        result = function(dict(arguments), _reporter(send))
        # Encoded here, so that a result that is no JSON fails as part of its job.
        return {"result": json.loads(json.dumps(result, allow_nan=False))}
    except Refused as refusal:
        return _refusal(refusal)
    except MemoryError:
        return {"exhausted": "memory"}
    except Exception as error:
        if getattr(error, "errno", None) == errno.EFBIG:  # past RLIMIT_FSIZE
            return {"exhausted": "file"}
        if getattr(error, "errno", None) == errno.ENOSPC:
            return {"exhausted": "disk"}
        if "insufficient memory" in str(error).lower():  # how OpenCV says MemoryError
            return {"exhausted": "memory"}
        return failure()


def _refusal(refusal: Refused) -> Message:
    return {"refused": refusal.message, "error_type": refusal.error_type}


def failure() -> Message:
    """The message for the exception that is being handled."""
    return {"failed": traceback.format_exc()[-LONGEST_TRACEBACK:]}


def encoded(message: Message) -> bytes:
    """A message as a line."""
    return json.dumps(message).encode() + b"\n"


def serve(requests: Iterable[bytes], send: Callable[[Message], None]) -> None:
    """Do the job of each line, one after the other.

    Every message for a request has its `id`, if it gave one.
    """
    for line in requests:
        if not line.strip():
            continue
        tag: Message = {}

        def tell(message: Message, tag: Message = tag) -> None:
            send({**tag, **message})

        try:
            request = json.loads(line)
            if isinstance(request, dict) and "id" in request:
                tag["id"] = request["id"]
            arguments = completed(request)
            function = job_of(arguments["tool"])
        except ValueError as problem:
            tell(
                {"refused": f"This line is not JSON: {problem}.", "error_type": "PARAMETER_INVALID"}
            )
        except Refused as refusal:
            tell({"refused": refusal.message, "error_type": refusal.error_type})
        else:
            answer = perform(function, arguments, tell)
            _after(function)
            tell(answer)


def _after(function: Job) -> None:
    """Let a job's module end what it started: the next job begins as in a process of its own."""
    end: Callable[[], None] | None = getattr(sys.modules[function.__module__], "after_job", None)
    if end is not None:
        end()


def completed(request: Any) -> dict[str, Any]:
    """A job's arguments from a request: what it left out is filled in, its folder is made.

    Raises Refused for a request without a tool or a folder, or with fields of another shape.
    """
    if not isinstance(request, dict) or not isinstance(request.get("tool"), str):
        raise Refused("Name the job's “tool”.")
    if not isinstance(request.get("out"), str):
        raise Refused("Name the folder for the results in “out”.")
    parts = {name: request.get(name) or {} for name in ("params", "media", "studio")}
    for name, value in parts.items():
        if not isinstance(value, dict):
            raise Refused(f"“{name}” must be an object.")
    out = Path(request["out"]).absolute()
    try:
        out.mkdir(parents=True, exist_ok=True)
        media = {port: [_file(one) for one in files] for port, files in parts["media"].items()}
    except (OSError, KeyError, TypeError) as problem:
        raise Refused(f"The job's files can't be used: {problem}.") from problem
    return {
        "tool": request["tool"],
        "params": parts["params"],
        "media": media,
        "seed": request.get("seed"),
        "studio": {**USUAL, **parts["studio"]},
        "out": str(out),
    }


def _file(entry: Mapping[str, Any]) -> MediaFile:
    """A file with what its request left out. The type is told from its first bytes."""
    path = Path(entry["path"]).absolute()
    mime = entry.get("mime") or _mime_of(path)
    return {
        "path": str(path),
        "kind": entry.get("kind") or mime.partition("/")[0],
        "mime": mime,
        "width": entry.get("width"),
        "height": entry.get("height"),
        "duration_s": entry.get("duration_s"),
        "meta": entry.get("meta") or {},
    }


def _mime_of(path: Path) -> str:
    with path.open("rb") as file:
        content = file_type.sniff(file.read(file_type.HEAD_BYTES))
    if not content.mime:
        raise Refused(f"{path.name}: {content.refusal}")
    return content.mime


def _reporter(send: Callable[[Message], None]) -> Report:
    last = 0.0

    def report(fraction: float, message: str = "") -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_EVERY_S or fraction >= 1:
            last = time.monotonic()
            send({"progress": [round(float(fraction), 4), str(message)[:LONGEST_MESSAGE]]})

    return report
