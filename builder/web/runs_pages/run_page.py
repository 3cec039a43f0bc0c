"""All that the page of a run shows, for those who may see it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from builder.shared import run_display
from builder.web.runs_pages import comparisons, cost, view_models
from builder.web.runs_pages.durations import elapsed_of
from builder.web.runs_pages.page_state import named_address
from builder.web.runs_pages.pending_inputs import pending_inputs_of
from builder.web.runs_pages.run_previews import is_own_template, previews_of
from builder.web.runs_pages.stage_rows import (
    asks_of,
    batches_of,
    done_count,
    stage_rows,
    templates_of,
    time_left,
    tool_name,
)
from core import clock, errors
from creations import selectors as creations
from creations import sharing
from creations.models import PUBLIC
from media import signing
from media.origin import line_of, origin_of
from runs import access, selectors, states
from runs.models import Artifact, Run
from runs.web import serializers
from runs.web.file_names import file_names
from simple_apps.models import SimpleApp
from templates_app import selectors as templates
from templates_app.documents import selectors as documents
from templates_app.models import Template


def context(person: User, run: Run, *, base_url: str) -> dict[str, Any]:
    """Everything `runs_pages/run.html` needs. base_url: where media are read."""
    record = serializers.record(run, base_url=base_url, why_steps_wait=True)
    comparisons.add_comparisons(record, run, base_url=base_url)
    rows = selectors.artifacts_of([run])
    file_names = _name_files(record, run, rows)
    now = clock.now()
    [duration] = elapsed_of([run], now).values()
    over = run_display.is_over(run.status)
    usual = {} if over else selectors.usual_times({tool_name(step) for step in record["steps"]})
    stages = stage_rows(
        record,
        usual,
        asks=asks_of(run.plan),
        specs=batches_of(run.plan),
        templates=templates_of(run.plan),
    )
    film = view_models.main_result(record)
    # No one knows how long a person takes.
    is_waiting = run.status == states.WAITING_FOR_USER
    remaining = None if is_waiting else time_left(stages)
    # It is the starter's credit: no one else answers, retries or shares it.
    is_mine = run.owner_id == person.pk
    asking = pending_inputs_of(run, base_url=base_url) if is_mine and not over else []
    return {
        "run": record,
        "file_names": file_names,
        "is_mine": is_mine,
        "may_stop": access.may_stop(person, run),
        "starter": run.owner.shown_name,
        "stages": stages,
        "is_named": len(stages) <= view_models.STRIP,
        "table": view_models.stage_table(stages),
        "film": film,
        "download": signing.download_address(film["url"]) if film else "",
        "film_origin": _origin_line(film, rows),
        "poster": view_models.poster_of(record) if film and film["type"] == "video" else "",
        "made": record["artifacts"],
        "is_over": over,
        "turns": asking,
        "live": {} if over else view_models.featured(record, asking),
        "waiting": cost.card(run, record) if is_mine and not over else {},
        "done": done_count(record["steps"]),
        "inputs": _input_words(run, record),
        "pill": run_display.pill(run.status, run_display.RUN_WORDS),
        "summary": view_models.summary(record, duration.work),
        "left": run_display.about(remaining) if remaining is not None else "",
        "took": run_display.lasting(duration.work),
        "waited": run_display.lasting(duration.waited) if duration.waited >= 1 else "",
        "rested_ms": round(1000 * duration.rested),
        "resting_since": duration.resting_since,
        "template": _readable_template(person, run),
        "is_draft": run.draft_of is not None,
        "version": run.template_version.semver if run.template_version else "",
        "offers_preview": (
            over and is_mine and bool(previews_of(record, run)) and is_own_template(person, run)
        ),
        "again_key": secrets.token_urlsafe(16),
        "origin": run.cloned_from.public_id if run.cloned_from else "",
        **_sharing_of(person, run),
        "by_key": run.api_key.name if run.api_key else "",
        "guest_of": SimpleApp.objects.filter(runs__run=run).first() if is_mine else None,
    }


def _input_words(run: Run, record: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    spec = run.template_version.spec if run.template_version else run.request.get("draft")
    return view_models.words_of_inputs(spec or {}, record["input"].get("inputs") or {})


def _sharing_of(person: User, run: Run) -> dict[str, Any]:
    """Return what a run is shared as, and whether this person may share it: it is its starter's."""
    share = creations.lasting_share(run)
    return {
        "share": share,
        "share_icon": "globe" if share and share.visibility == PUBLIC else "link",
        "can_share": run.owner_id == person.pk and sharing.refusal_of(run) is None,
    }


def _name_files(snapshot: Mapping[str, Any], run: Run, rows: Sequence[Artifact]) -> dict[str, str]:
    """Give each result's address the name that it is saved under. The names, by result.

    What a moderator has blocked is of the type "blocked" and has none.
    """
    blocked_ids = {row.public_id for row in rows if row.blob.blocked_at is not None}
    names = dict(zip((row.public_id for row in rows), file_names(run.title, rows), strict=True))
    for body in [
        *snapshot["artifacts"],
        *(one for step in snapshot["steps"] for one in step["artifacts"]),
    ]:
        if body["id"] in blocked_ids:
            body |= {"type": "blocked", "url": "", "downloadUrl": "", "posterUrl": ""}
        elif body["id"] in names:
            body["filename"] = names[body["id"]]
            body["url"] = named_address(body["url"], names[body["id"]])
    return names


def _origin_line(film: Mapping[str, Any] | None, rows: Sequence[Artifact]) -> str:
    """Return what people read of the origin of the main result."""
    row = next((one for one in rows if film and one.public_id == film["id"]), None)
    return line_of(origin_of(row)) if row and row.blob.blocked_at is None else ""


def _readable_template(person: User, run: Run) -> Template | None:
    """The template this run came from, if the person may still see it."""
    if run.draft_of is not None:
        # Run as a draft: readable to those who still work on it.
        is_there = run.draft_of.deleted_at is None
        return run.draft_of if is_there and documents.role_of(person, run.draft_of) else None
    if run.template_version is None:
        return None
    try:
        template = templates.resolve(person, run.template_version.template.public_id)
    except errors.NotFound:
        return None
    return template if template.pk == run.template_version.template_id else None
