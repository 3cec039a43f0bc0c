"""A run as the canvas shows it, `schemas.RunRecord`. Every step, its media, what it asks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from accounts.models import User
from builder.web.editor import schemas
from builder.web.editor.made_by import artifact_line
from builder.web.editor.schemas import RunRecord, StepAttempt, StepFailure, StepMedium
from core import clock
from media import posters, signing
from media.origin import line_of, origin_of
from runs import access, states
from runs import selectors as runs
from runs.billing.units import units
from runs.engine import queue_reasons
from runs.engine.queue_reasons import Reason
from runs.interaction import wait_kinds
from runs.models import Artifact, Attempt, Run, Step, Wait
from runs.options import RunOptions
from runs.planning.places import own_place
from runs.stage_tree import is_element, makers_in, outermost, place_of, shown_in
from runs.web import failures
from templates_app.documents.rendering import face
from templates_app.graph.result_paths import message_of
from templates_app.graph.types import StepKind
from tools import registry
from tools.declaration.ports import MediaKind

# No one picks from more than these at once.
MOST_CANDIDATES: Final = 200
MOST_WORDS: Final = 4_000
# How the canvas asks each kind of question.
_ASKING: Final = {
    wait_kinds.QUESTION: "question",
    wait_kinds.STAGE: "question",
    wait_kinds.SELECTION: "pick",
    wait_kinds.GATE: "checkpoint",
    wait_kinds.HOLD: "go-on",
    wait_kinds.COST: "cost",
    wait_kinds.CREDIT: "credit",
}


def state_of(run: Run, viewer: User, origin: str) -> RunRecord:
    """Everything of a run that this person may see. origin: scheme and host that media addresses
    begin with."""
    is_mine = run.owner_id == viewer.pk
    steps = runs.steps_of(run)
    keys = {step.id: step.key for step in steps}
    tops = outermost((step.id, step.parent_id) for step in steps)
    nodes = {step: keys[top] for step, top in tops.items()}
    holders = shown_in((step.id, step.parent_id, is_element(step)) for step in steps)
    places = _places(steps, holders)
    origins = runs.origins_of(steps)
    messages = runs.last_words(run, steps)
    reasons = queue_reasons.reasons(steps)
    artifacts = runs.artifacts_of([run])
    tries: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in runs.attempts_of(run):
        tries[attempt.step_id].append(attempt)
    media_of_steps: dict[int, list[StepMedium]] = defaultdict(list)
    for row in artifacts:
        milli = runs.actual_of(row.step, tries[row.step_id])
        media_of_steps[row.step_id].append(_medium(row, artifacts, origin, milli))
    makers = makers_in(steps)
    for step in steps:
        if is_element(step):
            media = [medium for one in makers(step) for medium in media_of_steps[one.id]]
            media_of_steps[step.id] = media
    asking = {holders.get(step.id) for step in steps if step.status == states.WAITING}
    return {
        "id": run.public_id,
        "by": cast(schemas.Starter, face(run.owner)),
        "isMine": is_mine,
        "mayStop": access.may_stop(viewer, run),
        "status": run.status,
        "createdAt": clock.iso(run.created_at),
        "finishedAt": clock.iso_or_none(run.finished_at),
        "lastSeq": run.last_seq,
        "units": units(run.actual_milli),
        "documentRev": RunOptions.read(run.options).document_rev,
        # Whose credit it is answers.
        "waits": _waits(run, steps, nodes, media_of_steps) if is_mine else [],
        "steps": [
            {
                "key": step.key,
                "kind": cast(StepKind, step.kind),
                "parent": keys.get(holders.get(step.id, 0)),
                "group": _group(step, keys, holders),
                "index": max(own_place(step.item_index), 0)
                if step.is_item
                else places.get(step.id, 0),
                "label": "" if step.parent_id is None else step.item_label,
                "title": _title(step),
                "tool": step.tool,
                "provider": step.provider,
                # An element asks as long as a stage of it does.
                "status": "waiting"
                if is_element(step) and step.id in asking
                else schemas.SHOWN_AS.get(step.status, step.status),
                "progress": step.progress,
                "message": _message(step, messages, reasons.get(step.id)),
                "startedAt": clock.iso_or_none(step.started_at),
                "finishedAt": clock.iso_or_none(step.finished_at),
                "attempts": [_attempt(attempt) for attempt in tries[step.id]],
                "reusedFrom": origins.get(step.id),
                "error": _error(step),
                "seed": step.seed,
                "artifacts": media_of_steps[step.id],
                "answer": _words(step),
                "warnings": [str(text) for text in (step.result or {}).get("warnings", ())],
            }
            for step in steps
        ],
    }


def _title(step: Step) -> str:
    """Return a step's title; of what is inside a group, its tool's where it has none."""
    tool = registry.table().get(step.tool) if step.parent_id and not step.title else None
    return step.title or (tool.title if tool else step.key)


def _group(step: Step, keys: Mapping[int, str], holders: Mapping[int, int]) -> str:
    """Return the group or batch right around a step; "" where it is shown in that, or in none."""
    holder = step.parent_id or 0
    return "" if holder == holders.get(step.id) else keys.get(holder, "")


def _places(steps: Sequence[Step], holders: Mapping[int, int]) -> dict[int, int]:
    """Return the places of what groups hold, each counted within what it is shown in."""
    groups = {step.id for step in steps if step.kind == "group"}
    counts: Counter[int] = Counter()
    places: dict[int, int] = {}
    for step in steps:
        holder = holders.get(step.id)
        if holder in groups:
            places[step.id] = counts[holder]
            counts[holder] += 1
    return places


# -- what is asked ---------------------------------------------------------------------------------


def _waits(
    run: Run,
    steps: Sequence[Step],
    nodes: Mapping[int, str],
    media_by_step: Mapping[int, list[StepMedium]],
) -> list[schemas.Wait]:
    """nodes: what each step inside another is shown under, by its id."""
    if run.status in states.RUN_TERMINAL:
        return []
    by_id = {medium["id"]: medium for media in media_by_step.values() for medium in media}
    steps_by_id = {step.id: step for step in steps}
    return [
        _wait(wait, run, nodes, by_id, place_of(wait.step, steps_by_id) if wait.step else "")
        for wait in runs.open_waits(run)
    ]


def _wait(
    wait: Wait, run: Run, nodes: Mapping[int, str], by_id: Mapping[str, StepMedium], place: str
) -> schemas.Wait:
    """A question. Its candidates are shown as the media of the steps that made them. place: where
    its step is inside others."""
    kind = wait_kinds.kind_of(wait)
    details = wait.prompt.get("details") or {}
    candidate_ids = [row.public_id for row in wait_kinds.candidates_of(wait)][:MOST_CANDIDATES]
    candidates = [by_id[public_id] for public_id in candidate_ids if public_id in by_id]
    step = wait.step
    stage = None
    choices = failures.choices_of(wait)
    if step is not None:
        # An item belongs to the node of its batch, a member to that of its group.
        stage = nodes.get(step.id) or details.get("stageId") or step.key
    return {
        "id": str(wait.pk),
        "type": _ASKING[kind],
        "step": None if step is None else step.key,
        "stage": stage,
        "place": place,
        "reason": wait.reason,
        "message": wait.message[:MOST_WORDS],
        "candidates": candidates,
        "min": _count(details.get("min"), 1),
        "max": _count(details.get("max"), len(candidates)),
        "units": units(run.estimated_milli) if kind == wait_kinds.COST else None,
        "approve": choices.approve if kind == wait_kinds.HOLD else "",
        "decline": choices.decline if kind == wait_kinds.HOLD else "",
        "job": wait_kinds.nameable_job(wait),
    }


def _count(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _words(step: Step) -> str:
    """Return what a person answered, or what a tool that makes no media said."""
    if step.status != states.COMPLETED or step.result is None:
        return ""
    return message_of(step.answered)


# -- shapes ----------------------------------------------------------------------------------------


def _attempt(attempt: Attempt) -> StepAttempt:
    return {
        "startedAt": clock.iso(attempt.started_at),
        "endedAt": clock.iso_or_none(attempt.ended_at),
        "outcome": attempt.outcome,
    }


def _message(step: Step, last_messages: Mapping[int, str], reason: Reason | None) -> str:
    """Return the latest message about a step, of its latest event, or why it waits, of which no
    event tells."""
    if step.status == states.FAILED and step.error is not None:
        return str(step.error.get("message", ""))
    last = last_messages.get(step.id, "")
    if reason is None or (reason.code == "retry_at" and last):
        return last
    return reason.owners_text or last


def _error(step: Step) -> StepFailure | None:
    if step.error is None:
        return None
    failure = failures.shown(step.error)
    return {
        "code": failure.get("code", ""),
        "message": failure["message"],
        "headline": failure["headline"],
        "cause": failure.get("cause", ""),
        "retryable": bool(failure.get("retryable")),
    }


def _medium(
    row: Artifact, beside: Sequence[Artifact], origin: str, booked_milli: int | None
) -> StepMedium:
    is_blocked = row.blob.blocked_at is not None
    poster = None if is_blocked else poster_of(row, beside)
    return {
        "id": row.public_id,
        "kind": cast(MediaKind, row.kind),
        "url": origin + signing.signed_path(row.public_id, row.filename),
        "posterUrl": origin + posters.still_path(row.public_id)
        if row.kind == "model" and not is_blocked
        else origin + signing.signed_path(poster.public_id, poster.filename)
        if poster
        else None,
        "width": row.blob.width,
        "height": row.blob.height,
        "duration": row.blob.duration_s,
        "filename": row.filename,
        "isDraft": bool(row.meta.get("draft")),
        "madeBy": artifact_line(row, booked_milli),
        "origin": line_of(origin_of(row)),
        "isBlocked": is_blocked,
    }


def poster_of(film: Artifact, artifacts: Sequence[Artifact]) -> Artifact | None:
    """A picture that stands for a film: the one it was made from, else one made along with it.

    A film that was cut from others has the poster of its first. made: what its run made.
    """
    if film.kind != "video":
        return None
    media = (film.step.resolved or {}).get("media", {})
    references_used = [reference for references in media.values() for reference in references]
    by_reference = {f"artifact:{row.public_id}": row for row in artifacts}
    sources = [
        by_reference[reference] for reference in references_used if reference in by_reference
    ]
    beside = [row for row in artifacts if row.step_id == film.step_id]
    pictures = [row for row in (*sources, *beside) if row.kind == "image"]
    if pictures:
        return pictures[0]
    # What a step was given was made before it, so this comes to an end.
    posters = (poster_of(row, artifacts) for row in sources)
    return next((poster for poster in posters if poster), None)
