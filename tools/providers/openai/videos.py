"""Clips by jobs: `/videos`, asked for, parked, fetched. A job is found again by its id.

Only for services whose settings list videos: compatible servers mostly have none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import quote

from core.errors import ProviderError, ProviderRefused, ProviderUnsure
from tools.providers.base import MediaFile, Outcome, OutputFile, Parked
from tools.providers.http import TooLarge
from tools.providers.openai import dialects, failures
from tools.providers.openai.call import ServiceCall, extras, warn_ignored
from tools.providers.openai.client import FilePart, OpenAIClient
from tools.providers.openai.jobs import VideoJobs, is_id, job_ids

# What proxies answer with in place of a file.
_PAGES = frozenset({"text/html", "text/plain", "application/json"})
DONE, FAILED = "completed", frozenset({"failed", "cancelled", "canceled", "expired"})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shot:
    """One clip to ask for."""

    prompt: str
    picture: MediaFile | None


def film(call: ServiceCall) -> Outcome:
    """Do a generate_video or an animate_photo. Raises Parked until all of its jobs are over."""
    jobs = VideoJobs.from_ref(call.job.job_ref or {})
    if jobs.is_asking:
        # The worker that asked ended without an answer. The videos that are there are kept.
        jobs.is_asking = False
        jobs.missing = f"{call.who} didn't answer a request. It may already have been charged."
    if not jobs.are_all:
        _submit_rest(call, jobs)
    call.warn(*jobs.warnings)
    if jobs.missing:
        call.warn(f"Some results are missing: {jobs.missing}")
    files = _look(call, jobs)
    call.context.progress(1.0)
    got = (files[0].width, files[0].height)
    if got[0] and got[1]:
        wish, _ = dialects.wish_of(call.params)
        call.warn(*dialects.said_of_size(call.model, wish, (got[0], got[1])))
    return Outcome(
        files=tuple(files),
        warnings=tuple(call.warnings),
        actual_milli=call.cost_milli(len(files)),
        missing=jobs.wanted - len(files),
    )


def stop(client: OpenAIClient, job_ref: Mapping[str, Any]) -> None:
    """Ask the service to forget each of the jobs. OpenAI itself does so only once they are over."""
    for job in job_ids(job_ref):
        try:
            client.delete(_path(job))
        except ProviderError as error:
            logger.info("%s did not stop a job: %s", client.name, error.code)


def _submit_rest(call: ServiceCall, jobs: VideoJobs) -> None:
    """Submit what is not submitted yet; each job is remembered before the next is paid."""
    pictures = _pictures(call)
    body, size = _body(call)
    jobs.pictures = len(pictures)
    jobs.wanted = len(pictures) * int(call.params.get("numberOfVariations") or 1)
    jobs.warnings = [*call.warnings]
    for place in range(len(jobs.videos), jobs.wanted):
        shot = Shot(_text(call, jobs, place), pictures[place % len(pictures)])
        try:
            jobs.videos.append(_submit(call, jobs, shot, body, size))
        except ProviderError as error:
            if not jobs.videos:
                raise
            jobs.missing = error.message
        jobs.is_asking = False
        jobs.look()
        call.context.remember(jobs.as_ref())
        if jobs.missing:
            return


def _pictures(call: ServiceCall) -> tuple[MediaFile | None, ...]:
    """Return what each clip begins with, once."""
    pictures: tuple[MediaFile | None, ...] = call.job.media.get("image", ())
    if len(pictures) > 1 and not _is_animation(call):
        call.warn(f"{call.model} supports 1 starting image. The first was used.")
        pictures = pictures[:1]
    return pictures or (None,)


def _text(call: ServiceCall, jobs: VideoJobs, place: int) -> str:
    """The prompt of one clip. Photos have one each, where they are given."""
    prompts = (call.params.get("prompts") or []) if _is_animation(call) else []
    own = place % max(1, jobs.pictures)
    return str(prompts[own] if own < len(prompts) else call.params.get("prompt") or "")


def _is_animation(call: ServiceCall) -> bool:
    return call.job.tool.endswith("animate_photo")


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
    warn_ignored(
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
    call: ServiceCall,
    jobs: VideoJobs,
    shot: Shot,
    body: Mapping[str, str],
    size: dialects.Size | None,
) -> str:
    """Submit the next one; its id."""
    place = len(jobs.videos)
    fields = {**body, "prompt": _prompt(call, shot.prompt)}
    files: list[FilePart] = []
    if shot.picture is not None:
        # The service refuses a picture of another size than the clip's.
        frame_size = {"width": size[0], "height": size[1]} if size else {"longest": 2048}
        path, _, _ = call.reframe(shot.picture, place, **frame_size)
        files.append(("input_reference", (path.name, path.read_bytes(), "image/png")))
    call.context.submitting({"model": call.model, "place": place})
    if place and not call.endpoint.idempotency_key:
        # The engine asks a person before the first is repeated. It doesn't know of the others. Not
        # before `submitting`: a worker that has lost the step writes no reference.
        jobs.is_asking = True
        call.context.remember(jobs.as_ref())
    answer = call.client.post_form("/videos", fields, files, key=call.key(place))
    job = answer.get("id")
    if not is_id(job):
        raise failures.nothing_made(call.name, call.endpoint, "job id")
    return str(job)


def _prompt(call: ServiceCall, text: str) -> str:
    negative = str(call.params.get("negativePrompt") or "").strip()
    if negative and "negative_prompt" not in call.endpoint.extra_parameters:
        return f"{text}\n\nIt must not show: {negative}"
    return text


@dataclass(slots=True)
class _Found:
    """Results of one look. errors: of the jobs that ended badly, by id. done: those with a clip.
    shares: how far the others are. problem: why one of them couldn't be asked; of several, the one
    with the longest rest."""

    errors: dict[str, ProviderError] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    shares: float = 0.0
    problem: ProviderError | None = None

    def note(self, job: str, error: ProviderError) -> None:
        """A look costs nothing, and the job is paid for: only what is said of the job itself ends
        it. A wrong key, a redirect or a proxy's answer may pass."""
        if error.ends_job or isinstance(error, ProviderRefused | TooLarge):
            self.errors[job] = error
            return
        error.retryable = True
        if self.problem is None or _rest_s(error) > _rest_s(self.problem):
            self.problem = error


def _rest_s(error: ProviderError) -> float:
    return error.retry_after_s or 0.0


def _look(call: ServiceCall, jobs: VideoJobs) -> list[OutputFile]:
    """The clips of all jobs that ended well, in their order, once all are over. Raises Parked until
    then; why a job couldn't be asked; what the first said when none ended well."""
    findings = _Found()
    ids = list(dict.fromkeys(jobs.videos))
    for job in ids:
        _ask(call, job, findings)
    files: dict[str, OutputFile] = {}
    if len(findings.done) + len(findings.errors) == len(ids):
        # All in this look: a clip that an earlier one fetched would be gone with its worker.
        for job in findings.done:
            try:
                files[job] = _fetch(call, job, jobs)
            except ProviderError as error:
                findings.note(job, error)
    if findings.problem is not None:
        # Not Parked: the engine counts how long the service is away, and that is no time at work.
        raise findings.problem
    if len(files) + len(findings.errors) < len(ids):
        _park(call, jobs, findings)
    errors = [findings.errors[job] for job in ids if job in findings.errors]
    if not files:
        raise errors[0]
    call.warn(*(f"Some results are missing: {error.message}" for error in errors))
    return list(files.values())


def _ask(call: ServiceCall, job: str, look: _Found) -> None:
    """Note how far a job is, or how it ended."""
    try:
        answer = call.client.get(_path(job))
    except ProviderError as error:
        look.note(job, error)
        return
    status, share = str(answer.get("status")), answer.get("progress")
    if status in FAILED:
        # That a job failed is final, even where another one might not.
        look.errors[job] = _failure(call, answer)
    elif status == DONE:
        look.done.append(job)
    elif isinstance(share, int | float):
        look.shares += min(max(float(share), 0.0), 99.0) / 100


def _park(call: ServiceCall, jobs: VideoJobs, look: _Found) -> NoReturn:
    """Let the worker go until the next look. Raises Parked; ProviderUnsure when they take too
    long."""
    jobs.look()
    over = len(look.done) + len(look.errors)
    jobs.fraction = max(jobs.fraction, min(0.99, (over + look.shares) / len(jobs.videos)))
    is_late = jobs.waited_s > call.endpoint.video_timeout_s
    if is_late:
        # Should its owner want to go on with it, the time starts again.
        jobs.waited_s = 0.0
    call.context.remember(jobs.as_ref())
    call.context.progress(jobs.fraction)
    if is_late:
        limit = f"{call.endpoint.video_timeout_s:g} seconds"
        raise ProviderUnsure(f"{call.who} has worked on it for {limit}.")
    raise Parked(jobs.pause_s(call.endpoint.poll_s), fraction=jobs.fraction)


def _fetch(call: ServiceCall, job: str, jobs: VideoJobs) -> OutputFile:
    place = jobs.videos.index(job)
    path = call.job.out / f"clip-{place}"
    mime = call.client.download(f"{_path(job)}/content", path)
    try:
        return call.output(path, "video", {"prompt": _text(call, jobs, place), "job": job})
    except ProviderError as error:
        # A page may pass. A damaged video stays damaged.
        error.ends_job = not error.retryable and mime not in _PAGES
        raise


def _failure(call: ServiceCall, job: Mapping[str, Any]) -> ProviderError:
    error = job.get("error")
    failure = failures.of_error(
        call.name, call.endpoint, error if isinstance(error, dict) else {}, 500
    )
    if isinstance(failure, ProviderRefused) or not failure.retryable:
        return failure
    return ProviderError(
        f"{call.who} couldn't make the video: {failure.message}",
        error_type="GPU_WORKER_FAILED",
        ends_job=True,
    )


def _path(job: str) -> str:
    return f"/videos/{quote(job, safe='')}"
