"""Clips by jobs: `/videos`, asked for, waited for, fetched. A job is found again by its id.

Only for services whose settings list videos: compatible servers mostly have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from core.errors import ProviderError, ProviderRefused
from tools.providers.base import MediaFile, Outcome, OutputFile
from tools.providers.http import poll
from tools.providers.openai import dialects, failures
from tools.providers.openai.call import ServiceCall, extras, ignored
from tools.providers.openai.client import FilePart, OpenAIClient

# In what `remember` is told: the ids of the jobs, in the order of the results.
JOBS = "videos"
DONE, FAILED = "completed", frozenset({"failed", "cancelled", "canceled", "expired"})


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip to ask for."""

    prompt: str
    picture: MediaFile | None


def film(call: ServiceCall) -> Outcome:
    """Do a generate_video or an animate_photo."""
    shots = _shots(call)
    jobs = [str(one) for one in (call.job.job_ref or {}).get(JOBS, ())]
    body, size = _body(call)
    for place in range(len(jobs), len(shots)):
        try:
            jobs.append(_submit(call, shots[place], body, size, place))
        except ProviderError as error:
            if not jobs:
                raise
            call.warn(f"Some results are missing: {error.message}")
            break
        call.context.remember({JOBS: [*jobs]})
    files = _wait(call, jobs, shots)
    got = (files[0].width, files[0].height)
    if got[0] and got[1]:
        wish, _ = dialects.wish_of(call.params)
        call.warn(*dialects.said_of_size(call.model, wish, (got[0], got[1])))
    return Outcome(
        files=tuple(files),
        warnings=tuple(call.warnings),
        actual_milli=call.cost_milli(len(files)),
        missing=len(shots) - len(files),
    )


def stop(client: OpenAIClient, job_ref: Mapping[str, Any]) -> None:
    """Ask the service to forget the jobs. OpenAI itself does so only once they are over."""
    for job in job_ref.get(JOBS) or ():
        client.delete(_path(str(job)))


def _shots(call: ServiceCall) -> list[Shot]:
    pictures: tuple[MediaFile | None, ...] = call.job.media.get("image", ())
    prompt = str(call.params.get("prompt") or "")
    if call.job.tool.endswith("animate_photo"):
        prompts = call.params.get("prompts") or []
    else:
        if len(pictures) > 1:
            call.warn(f"{call.model} supports 1 starting image. The first was used.")
        prompts, pictures = [], pictures[:1]
    once = [
        Shot(str(prompts[place]) if place < len(prompts) else prompt, picture)
        for place, picture in enumerate(pictures or (None,))
    ]
    return once * int(call.params.get("numberOfVariations") or 1)


def _body(call: ServiceCall) -> tuple[dict[str, str], dialects.Size | None]:
    wish, words = dialects.wish_of(call.params)
    call.warn(*words)
    first = next(iter(call.job.media.get("image", ())), None)
    if wish.shape is None and first is not None and first.width and first.height:
        wish = dialects.Wish(shape=first.width / first.height)
    target = call.params.get("targetResolution")
    size = dialects.film_size(call.model, wish, int(target) if target else None)
    seconds, words = dialects.seconds_of(call.model, float(call.params.get("duration") or 5))
    call.warn(*words)
    body = {"model": call.model, "seconds": seconds}
    if size is not None:
        body["size"] = f"{size[0]}x{size[1]}"
    for port, what in (
        ("end", "a last frame"),
        ("video", "reference videos"),
        ("audio", "reference audio"),
        ("voice", "a voice"),
    ):
        if call.job.media.get(port):
            call.warn(f"{call.model} doesn't support {what}. Ignored.")
    ignored(
        call,
        ("loras", "LoRAs"),
        ("voicePersonaName", "a voice persona"),
        ("referenceFileUrl", "a reference document"),
        ("referenceLinkUrl", "a reference page"),
    )
    if call.params.get("generateAudio") is False:
        call.warn(f"{call.model} may add sound. It can't be turned off.")
    if call.params.get("outputFormat") == "mov":
        call.warn("Saved as MP4. MOV isn't supported.")
    body |= {name: str(value) for name, value in extras(call).items()}
    return body, size


def _submit(
    call: ServiceCall, shot: Shot, body: Mapping[str, str], size: dialects.Size | None, place: int
) -> str:
    fields = {**body, "prompt": _prompt(call, shot.prompt)}
    files: list[FilePart] = []
    if shot.picture is not None:
        # The service refuses a picture of another size than the clip's.
        wanted = {"width": size[0], "height": size[1]} if size else {"longest": 2048}
        path, _, _ = call.reframed(shot.picture, place, **wanted)
        files.append(("input_reference", (path.name, path.read_bytes(), "image/png")))
    call.context.submitting()
    answer = call.client.post_form("/videos", fields, files, key=call.key(place))
    job = answer.get("id")
    if not isinstance(job, str) or not 0 < len(job) <= 200:
        raise failures.nothing_made(call.name, call.endpoint, "job id")
    return job


def _prompt(call: ServiceCall, text: str) -> str:
    unwanted = str(call.params.get("negativePrompt") or "").strip()
    if unwanted and "negative_prompt" not in call.endpoint.extra_parameters:
        return f"{text}\n\nIt must not show: {unwanted}"
    return text


def _wait(call: ServiceCall, jobs: list[str], shots: list[Shot]) -> list[OutputFile]:
    """The clips of all jobs that end well, in their order. Raises when none does."""
    shares = dict.fromkeys(jobs, 0.0)
    done: dict[str, OutputFile] = {}
    errors: list[ProviderError] = []
    waiting = list(jobs)

    def look() -> bool | None:
        for job in list(waiting):
            try:
                shares[job] = _look(call, job, jobs.index(job), shots, done)
            except _JobFailed as failed:
                errors.append(failed.cause)
                shares[job] = 1.0
            except ProviderError as error:
                # Looking costs nothing: what may pass is no reason to give up.
                if error.retryable:
                    continue
                errors.append(error)
                shares[job] = 1.0
            if shares[job] >= 1.0:
                waiting.remove(job)
        call.context.progress(sum(shares.values()) / len(shares))
        return None if waiting else True

    poll(
        look,
        call.context,
        who=call.who,
        every_s=call.endpoint.poll_s,
        limit_s=call.endpoint.video_timeout_s,
    )
    if not done:
        raise errors[0]
    call.warn(*(f"Some results are missing: {error.message}" for error in errors))
    return [done[job] for job in jobs if job in done]


class _JobFailed(ProviderError):
    """The service says that a job ended badly; cause: what that means here."""

    def __init__(self, cause: ProviderError) -> None:
        super().__init__(cause.message, retryable=cause.retryable)
        self.cause = cause


def _look(
    call: ServiceCall, job: str, place: int, shots: list[Shot], done: dict[str, OutputFile]
) -> float:
    """How far a job is, 0 to 1; its clip is fetched when it is done. Raises _JobFailed."""
    found = call.client.get(_path(job))
    status = str(found.get("status"))
    if status in FAILED:
        raise _JobFailed(_failure(call, found))
    if status != DONE:
        share = found.get("progress")
        return min(float(share), 99.0) / 100 if isinstance(share, int | float) else 0.0
    path = call.job.out / f"clip-{place}"
    call.client.download(f"{_path(job)}/content", path)
    meta = {"prompt": shots[place].prompt if place < len(shots) else None, "job": job}
    done[job] = call.output(path, "video", meta)
    return 1.0


def _failure(call: ServiceCall, found: Mapping[str, Any]) -> ProviderError:
    told = found.get("error")
    failure = failures.of_error(
        call.name, call.endpoint, told if isinstance(told, dict) else {}, 500
    )
    if isinstance(failure, ProviderRefused) or not failure.retryable:
        return failure
    return ProviderError(
        f"{call.who} couldn't make the video: {failure.message}", error_type="GPU_WORKER_FAILED"
    )


def _path(job: str) -> str:
    return f"/videos/{quote(job, safe='')}"
