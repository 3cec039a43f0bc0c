"""Values that a tool promises beyond its media, made here when its provider did not give them.

Services return a sound without the times of its words, and a clip without its last frame. Both can
be measured, so that a stage that builds on them works with every provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import ProviderError
from media.sandbox import run_in_sandbox
from tools.declaration.ports import Tool
from tools.declaration.subtitle_timing import cues_of
from tools.providers.base import Job, JobContext, Outcome, OutputFile

TIMEOUT_S = 60.0
# By tool: the values that every result has, from any provider.
VALUES: Mapping[str, frozenset[str]] = {"generate_speech": frozenset({"text", "cues"})}


def complete(tool: type[Tool], job: Job, outcome: Outcome, context: JobContext) -> Outcome:
    """The outcome with what the tool promises and its provider did not give.

    Never raises on media: what could not be measured is a warning. Raises Stopped.
    """
    if tool.name == "generate_speech" and not outcome.values.get("cues"):
        outcome = _with_cues(job, outcome, context)
    kinds = {file.kind for file in outcome.files}
    if job.params.get("returnLastFrame") is True and "video" in kinds and "image" not in kinds:
        outcome = _with_last_frames(job, outcome, context)
    return outcome


def _with_cues(job: Job, outcome: Outcome, context: JobContext) -> Outcome:
    text = str(outcome.values.get("text") or job.params.get("prompt") or "")
    files, warnings = [], list(outcome.warnings)
    for file in outcome.files:
        cues = file.meta.get("cues")
        if file.kind == "audio" and not cues:
            cues, why = _cues(text, file, context)
            if why:
                warnings.append(why)
            file = replace(file, meta={**file.meta, "text": text, "cues": cues})
        files.append(file)
    first: Any = next((file.meta["cues"] for file in files if file.meta.get("cues")), [])
    return replace(
        outcome,
        files=tuple(files),
        values={**outcome.values, "text": text, "cues": first},
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _cues(text: str, file: OutputFile, context: JobContext) -> tuple[list[dict[str, Any]], str]:
    try:
        speech = _run("speech", file.path, context)
    except ProviderError as problem:
        why = f"The times of the words are a guess: {problem.message}"
        return cues_of(text, (), file.duration_s or 0.0), why
    stretches = [(float(start), float(end)) for start, end in speech["spoken"]]
    return cues_of(text, stretches, float(speech["seconds"])), ""


def _with_last_frames(job: Job, outcome: Outcome, context: JobContext) -> Outcome:
    files: list[OutputFile] = []
    warnings = list(outcome.warnings)
    for file in outcome.files:
        files.append(file)
        if file.kind != "video":
            continue
        target = job.out / f"last-frame-{len(files)}.png"
        try:
            facts = _run("frame", file.path, context, target)
        except ProviderError as problem:
            warnings.append(f"The last frame could not be read: {problem.message}")
            continue
        files.append(_frame(target, facts, file))
    return replace(outcome, files=tuple(files), warnings=tuple(warnings))


def _frame(path: Path, facts: Mapping[str, Any], clip: OutputFile) -> OutputFile:
    return OutputFile(
        path=path,
        kind="image",
        mime="image/png",
        width=int(facts["width"]),
        height=int(facts["height"]),
        meta={**clip.meta, "role": "last_frame"},
    )


def _run(
    function: str, path: Path, context: JobContext, target: Path | None = None
) -> dict[str, Any]:
    return run_in_sandbox(
        f"studio.clip_ends.{function}",
        {"path": str(path), "target": str(target)},
        reads=[path],
        out=target.parent if target is not None else None,
        timeout_s=TIMEOUT_S,
        context=context,
    )
