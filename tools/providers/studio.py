"""The studio as a provider: each tool's work is `studio.jobs.<tool>.run`, run in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import ProviderError, ProviderTimeout
from media.origin import KEY
from mediakit.job_protocol import TOOLS, Request
from mediakit.job_protocol import MediaFile as StudioFile
from studio.undrawn import undrawn
from tools.declaration.schema import model_named
from tools.providers.base import (
    ContentFilter,
    Job,
    JobContext,
    MediaFile,
    Outcome,
    OutputFile,
    Provider,
    Submit,
)
from tools.providers.time_limits import time_limit_s

# They put people's files together and invent nothing, so a result is a draft where a file is one.
EDITS = frozenset({"stitch_video", "add_subtitles", "overlay_video"})
# They change files and draw nothing new, so a result's origin is that of its files.
CHANGES = {
    *EDITS,
    "animate_photo",
    "apply_style",
    "change_angle",
    "edit_image",
    "refine_result",
    "remove_background",
    "restore_photo",
    "segment_image",
    "upscale_image",
    "upscale_video",
    "video_to_video",
}
# Version 1 marked some results as drafts regardless of their files, and a reused result would keep
# the mark. The versions before these left out the letters of most scripts.
VERSIONS: Mapping[str, str] = {
    **dict.fromkeys((*EDITS, "replace_video_segment", "edit_image"), "2"),
    **dict.fromkeys(("add_subtitles", "overlay_video"), "3"),
}
# What its results have beyond media, by tool.
VALUES: Mapping[str, frozenset[str]] = {
    "generate_speech": frozenset({"text", "language", "cues"}),
    "add_subtitles": frozenset({"srt", "cues"}),
    "analyze_image": frozenset({"message", "analysis", "question"}),
    "analyze_video": frozenset({"message", "analysis", "question"}),
    "extract_metadata": frozenset({"message", "question"}),
}


class StudioProvider(Provider):
    """Offers the studio's tools. Idempotent: a job cut short leaves nothing and costs nothing."""

    name = "studio"
    title = "Built-in studio"
    version = "1"
    submit: Submit = "idempotent"
    is_local = True
    uses_sandbox = True
    is_draft = True

    def tools(self) -> frozenset[str]:
        return frozenset(TOOLS)

    def version_of(self, tool: str, params: Mapping[str, Any]) -> str:
        return VERSIONS.get(tool, self.version)

    def gives(self, tool: str, params: Mapping[str, Any]) -> frozenset[str] | None:
        return VALUES.get(tool, frozenset())

    def undrawn(self, tool: str, params: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return undrawn(tool, params)

    def content_filter(self, tool: str, params: Mapping[str, Any]) -> ContentFilter:
        # It draws placeholders, and changes what people brought: no model invents anything.
        return "not_needed"

    def run(self, job: Job, context: JobContext) -> Outcome:
        # Here, because a process that only lists tools needs no sandbox.
        from media.sandbox import run_in_sandbox

        media = [file for files in job.media.values() for file in files]
        request = _request(job)
        try:
            answer = run_in_sandbox(
                f"studio.jobs.{job.tool}.run",
                request,
                reads=[file.path for file in media],
                out=job.out,
                timeout_s=time_limit_s(media),
                context=context,
            )
        except ProviderTimeout as problem:
            # The same work takes as long the next time.
            raise ProviderTimeout(
                f"{problem.message} Use a smaller or shorter file.",
                error_type=problem.error_type,
                retryable=False,
            ) from problem
        draws = not (job.tool in CHANGES or job.media.get("replacement"))
        outcome = read_answer(answer, job.out, is_draft=request["draft"], draws=draws)
        model = model_named(job.params)
        if not model:
            return outcome
        warning = f"The built-in studio has no models, so “{model}” was ignored."
        return replace(outcome, warnings=(warning, *outcome.warnings))


def _makes_draft(job: Job) -> bool:
    """Return whether a result is of draft quality."""
    if job.tool in EDITS or job.media.get("replacement"):
        return any(file.meta.get("draft") for files in job.media.values() for file in files)
    return True


def _request(job: Job) -> Request:
    return {
        "tool": job.tool,
        "params": dict(job.params),
        "media": {port: [_file(file) for file in files] for port, files in job.media.items()},
        "seed": job.seed,
        "studio": settings.STUDIO,
        "draft": _makes_draft(job),
    }


def _file(file: MediaFile) -> StudioFile:
    return {
        "path": str(file.path),
        "kind": file.kind,
        "mime": file.mime,
        "width": file.width,
        "height": file.height,
        "duration_s": file.duration_s,
        "meta": dict(file.meta),
    }


def read_answer(
    answer: Mapping[str, Any], out: Path, *, is_draft: bool, draws: bool = True
) -> Outcome:
    """Read a job function's dict. Raises ProviderError for a file outside the job's folder.

    draws: whether files are the studio's own drawing, and no change of others.
    """
    origin: dict[str, Any] = {"provider": "studio", KEY: "drawn" if draws else "unknown"}
    if is_draft:
        origin["draft"] = True
    return Outcome(
        files=tuple(_output(file, out, origin) for file in answer.get("files", ())),
        values=answer.get("values", {}),
        warnings=tuple(answer.get("warnings", ())),
    )


def _output(file: Mapping[str, Any], out: Path, origin: Mapping[str, Any]) -> OutputFile:
    path = Path(file["path"])
    # A child that decoded foreign bytes may lie: only its own folder is taken from it.
    if not path.resolve().is_relative_to(out.resolve()) or path.is_symlink():
        raise ProviderError(
            "The built-in studio named a result outside its folder.", error_type="GPU_WORKER_FAILED"
        )
    meta = {name: value for name, value in file.get("meta", {}).items() if name != "draft"}
    return OutputFile(
        path=path,
        kind=file["kind"],
        mime=file["mime"],
        width=file.get("width"),
        height=file.get("height"),
        duration_s=file.get("duration_s"),
        fps=file.get("fps"),
        meta={**meta, **origin},
    )
