"""Files of a composed call: excerpts that requests are sent with, and what results make together.

The built-in studio does the cutting and joining, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from typing import Any

from media.origin import KEY
from media.sandbox import run_in_sandbox
from mediakit.job_protocol import CONTINUES
from tools.providers.base import Job, JobContext, MediaFile, Outcome, OutputFile
from tools.providers.makers.composition import Dance, Excerpt, dances
from tools.providers.makers.slots import Slots
from tools.providers.studio import StudioProvider
from tools.providers.time_limits import time_limit_s

SHORTEST_MUSIC_S = 10.0


def make_excerpts(
    call: Slots[Any],
    excerpts: dict[Excerpt[Any], MediaFile],
    result: Callable[[int], MediaFile],
    out: Path,
    context: JobContext,
) -> None:
    """Add the excerpts of a request to those that are made. result: gives that of an earlier one,
    or raises. Raises ProviderError."""
    for file in [one for files in call.media.values() for one in files]:
        if isinstance(file, Excerpt) and file not in excerpts:
            source: Any = file.source if file.after is None else result(file.after)
            excerpts[file] = _excerpt_file(file, source, out, context)


def _excerpt_file(
    excerpt: Excerpt[Any], source: MediaFile, out: Path, context: JobContext
) -> MediaFile:
    """Write an excerpt of a video: the same bytes for the same file. Raises ProviderError."""
    start, end = excerpt.start_s, excerpt.end_s
    kind = excerpt.kind
    name = f"{source.sha256[:16]}-{start}-{end}".replace(".", "_")
    target = out / f"excerpt-{name}.{'png' if kind == 'image' else 'mp4'}"
    function = "frame" if kind == "image" else "stretch"
    facts = run_in_sandbox(
        f"studio.clip_ends.{function}",
        {"path": str(source.path), "target": str(target), "start": start, "end": end},
        reads=[source.path],
        out=out,
        timeout_s=time_limit_s([source]),
        context=context,
    )
    return MediaFile(
        path=target,
        kind=kind,
        mime=facts["mime"],
        sha256=_hash(target),
        width=facts["width"],
        height=facts["height"],
        duration_s=facts.get("duration_s"),
    )


def as_media(file: OutputFile) -> MediaFile:
    """Return a result as a file that is worked on."""
    return MediaFile(
        path=file.path,
        kind=file.kind,
        mime=file.mime,
        sha256=_hash(file.path),
        width=file.width,
        height=file.height,
        duration_s=file.duration_s,
        meta=file.meta,
    )


def assemble(
    job: Job, parts: Sequence[OutputFile], context: JobContext, continuations: Collection[int] = ()
) -> Outcome:
    """Put the results of a call together: one video, with what is known of who made its parts.

    continuations: numbers of parts that begin with the last frame of what is before them in the
    film, which is shown once. Raises ProviderError.
    """
    files = tuple(_as_part(part, n in continuations) for n, part in enumerate(parts))
    tool = job.tool.removeprefix("sogni_")
    warnings: tuple[str, ...] = ()
    if tool == "replace_video_segment":
        outcome = _replace_segment(job, files, context)
    elif tool == "dance_montage":
        dance = dances()[str(job.params["dance"])]
        music = _music(job, dance, sum(file.duration_s or 0.0 for file in files), context)
        outcome = _join(job, files, context, music)
        warnings = ("The built-in studio made the music, which is of draft quality.",)
    else:
        source = job.media["video"][:1] if tool == "extend_video" else ()
        outcome = _join(job, (*source, *files), context)
    (film,) = outcome.files
    return replace(
        outcome,
        files=(replace(film, meta={**_studio_facts(film.meta), **_makers(job, parts)}),),
        warnings=(*outcome.warnings, *warnings),
    )


def _as_part(part: OutputFile, continues: bool) -> MediaFile:
    file = as_media(part)
    return replace(file, meta={**file.meta, CONTINUES: True}) if continues else file


def _replace_segment(job: Job, files: Sequence[MediaFile], context: JobContext) -> Outcome:
    media = dict(job.media)
    if len(files) > 1:
        (film,) = _join(job, files, context).files
        files = (as_media(film),)
    if files:
        media["replacement"] = tuple(files)
    # The prompt is in what was made.
    params = {**job.params, "prompt": None} if files else job.params
    return StudioProvider().run(replace(job, params=params, media=media), context)


def _join(
    job: Job, files: Sequence[MediaFile], context: JobContext, music: MediaFile | None = None
) -> Outcome:
    media = {"video": tuple(files), "audio": () if music is None else (music,)}
    joining = replace(job, tool="stitch_video", params={}, media=media)
    return StudioProvider().run(joining, context)


def _music(job: Job, dance: Dance, seconds: float, context: JobContext) -> MediaFile:
    words = {"prompt": dance.music, "bpm": dance.bpm, "keyscale": dance.key, "timesig": 4}
    # The join ends it with the film.
    params = {**words, "duration": max(SHORTEST_MUSIC_S, seconds), "numberOfVariations": 1}
    composing = replace(job, tool="generate_music", params=params, media={})
    music = as_media(StudioProvider().run(composing, context).files[0])
    # A warning says what it is; the film is none for that.
    return replace(music, meta=_studio_facts(music.meta))


def _studio_facts(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the studio notes of a film, without that it was a draft."""
    return {name: value for name, value in meta.items() if name not in ("draft", "provider", KEY)}


def _makers(job: Job, parts: Sequence[OutputFile]) -> dict[str, Any]:
    if not parts:
        return {"provider": "studio", KEY: "unknown"}
    first = parts[0].meta
    jobs = [part.meta["job"] for part in parts if "job" in part.meta]
    origin = "edited_ai" if job.media.get("video") else "ai"
    return {"provider": first["provider"], "model": first["model"], "jobs": jobs, KEY: origin}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
