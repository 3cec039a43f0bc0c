"""`/app/documents/<id>/…`: run the document as it is, and say beforehand what that takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rate_limits import check_start_rate
from builder.shared.page_requests import by_session
from builder.web.editor import schemas
from builder.web.editor.answers import answer, person_of
from builder.web.editor.run_state import poster_of, state_of
from core import clock, durable, errors, jsonsafe
from core.public_url import base_url
from media import posters
from runs import access
from runs import selectors as runs
from runs.admission.draft_quotes import StepQuote, quote_draft, refusals_of
from runs.admission.drafts import DraftStart
from runs.admission.start_draft import start_draft
from runs.billing.units import units
from runs.models import Artifact, Run
from runs.planning.seeds import drawn_seeds
from templates_app.document_ops.convert import to_spec
from templates_app.documents import hints, selectors, services
from templates_app.documents.rendering import face
from templates_app.documents.seeds import keep_seeds
from templates_app.graph.kept_seeds import seeds_by_step
from templates_app.graph.rules.issue_texts import TemplateRefused, issue_to_person
from templates_app.graph.titles import TemplateTitles
from templates_app.media_links import StoredReference
from templates_app.models import Document
from templates_app.uses import table_for

SHOWN = 20
MAX_STAGES = 1_000
MAX_KEY = 200


@never_cache
@require_safe
def issues(request: HttpRequest, public_id: str) -> HttpResponse:
    """The problems of the draft as it is now, with fixes. What stops a run is among them."""
    person = person_of(request)
    document = selectors.read_document(person, public_id)
    draft = _draft(document, {})
    refusals = refusals_of(draft, person=person.pk, own_hosts=[request.get_host()])
    rows = selectors.issues_of(document.state, draft.template, refusals)
    titles = _titles(draft)
    return answer(
        {
            "rev": document.rev,
            "savedRev": document.saved_rev,
            "issues": [issue_to_person(issue, titles) for issue in rows],
        }
    )


@never_cache
@require_POST
def quote(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return which stages a run would make again and why, what that takes, and what is reused."""
    person = person_of(request)
    document = selectors.document_of(person, public_id)
    draft = _draft(document, jsonsafe.loads_object(request.body))
    quotation = quote_draft(draft, owner=person, own_hosts=[request.get_host()])
    titles = _titles(draft)
    return answer(
        {
            "rev": document.rev,
            "steps": [_step_quote(step) for step in quotation.steps],
            "units": units(quotation.milli),
            "fullUnits": units(quotation.full_milli),
            "seconds": quotation.seconds,
            "reusedFrom": quotation.reused_from,
            "isComplete": quotation.is_complete,
            "unfiltered": quotation.unfiltered,
            "offersDraft": quotation.offers_draft,
            "issues": [issue_to_person(issue, titles) for issue in quotation.issues],
        }
    )


@never_cache
@require_http_methods(["GET", "POST"])
def document_runs(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET: the runs of this template that I may see, newest first. POST: run the draft as it is."""
    person = person_of(request)
    if request.method == "GET":
        return _list(request, person, public_id)
    document = selectors.document_of(person, public_id)
    body = jsonsafe.loads_object(request.body)
    draft = _draft(document, body)
    key = body.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise errors.InvalidBody("`key` must be text of your choice, new for every run.")
    principal = by_session(person)
    check_start_rate(principal)
    try:
        start = start_draft(
            actor=principal,
            template=draft.template,
            spec=draft.spec,
            values=draft.values,
            seeds=draft.seeds,
            document_rev=document.rev,
            to=draft.to,
            fresh=draft.fresh,
            drafts_by=draft.drafts_by,
            key=f"editor.{key}",
            own_hosts=[request.get_host()],
        )
    except TemplateRefused as refusal:
        raise refusal.for_person(_titles(draft)) from None
    rev = keep_seeds(person, document, start.seeds, of=start.run.public_id)
    hints.run_started(draft.template, start.run.public_id)
    return answer({"id": start.run.public_id, "rev": rev, "seeds": start.seeds}, status=201)


@never_cache
@require_safe
def run_state(request: HttpRequest, run_id: str) -> HttpResponse:
    """A run as the canvas shows it: every stage's state, tries and media."""
    person = person_of(request)
    run = access.visible_run(person, run_id)
    return answer(durable.flushed(state_of(run, person, base_url(request))))


@require_POST
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return what the document must hold to show something I made on the template's page.

    Nothing is written: the editor makes a change of it, which can be undone.
    """
    person = person_of(request)
    document = selectors.document_of(person, public_id)
    artifact_id = jsonsafe.loads_object(request.body).get("artifact")
    if not isinstance(artifact_id, str):
        raise errors.InvalidBody("`artifact` must be the id of something a run of yours made.")
    artifact = runs.owned_artifact(artifact_id, person)
    if artifact is None or artifact.kind not in ("image", "video", "model"):
        raise errors.NotFound("You have no image or video with this id.")
    stage = document.state["stages"]["rows"].get(_key_of(document, artifact.step.key))
    if stage is None:
        raise errors.InvalidInput(
            f"The stage {artifact.step.title or artifact.step.key!r} that made it was deleted"
            " from this template. Choose a result of one of its stages.",
            code="document.unknown_stage",
        )
    label = stage.get("label") if isinstance(stage, dict) else None
    body: dict[str, Any] = {
        "stageId": artifact.step.key,
        "label": str(label or artifact.step.title or artifact.step.key)[:120],
        # A template shows pictures and films: of a 3D model, its still.
        "mediaType": "image" if artifact.kind == "model" else artifact.kind,
        "url": _reference(artifact),
    }
    poster = poster_of(artifact, runs.artifacts_of([artifact.run]))
    if poster is not None:
        body["posterUrl"] = _reference(poster)
    return answer({"reference": body["url"], "previewArtifact": body})


def keep_seeds_of(person: User, public_id: str, run: Run) -> None:
    """Give a person's new remix the seeds of the run that it was made from.

    Then a change of one stage makes that stage again, and the results of the others are reused.
    """
    document = services.open_document(viewer=person, public_id=public_id).document
    assert document is not None  # noqa: S101  the person owns the template
    keep_seeds(person, document, drawn_seeds(run.plan), of=run.public_id)


# -- the document as a draft -----------------------------------------------------------------------


def _titles(draft: DraftStart) -> TemplateTitles:
    return TemplateTitles(draft.spec, table_for(draft.template, specs=[draft.spec]))


def _draft(document: Document, body: Mapping[str, Any]) -> DraftStart:
    """The document, and which part of it is asked for."""
    to, fresh, quality = body.get("to"), body.get("fresh"), body.get("quality")
    if to is not None and not isinstance(to, str):
        raise errors.InvalidBody("`to` must be the key of a stage.")
    if fresh is not None and (
        not isinstance(fresh, list)
        or len(fresh) > MAX_STAGES
        or not all(isinstance(key, str) for key in fresh)
    ):
        raise errors.InvalidBody(f"`fresh` must be a list of at most {MAX_STAGES} stage keys.")
    if quality not in (None, "draft"):
        raise errors.InvalidBody("`quality` must be `draft`, or be left out.")
    again: list[str] = fresh or []
    state = document.state
    names = _names(state, "inputs", "name")
    ids = _names(state, "stages", "id")
    return DraftStart(
        template=document.template,
        spec=to_spec(state),
        values={
            names[key]: record["value"]
            for key, record in state["values"]["rows"].items()
            if key in names and isinstance(record, dict) and "value" in record
        },
        seeds=seeds_by_step(state),
        to=None if to is None else ids.get(to, to),
        fresh=frozenset(ids.get(key, key) for key in again),
        drafts_by="studio" if quality else "",
    )


def _names(state: Mapping[str, Any], table: str, field: str) -> dict[str, str]:
    """Key → the name a record has now: an input keeps its key when it is renamed."""
    rows = state[table]["rows"].items()
    return {
        key: name
        for key, record in rows
        if isinstance(record, dict) and isinstance(name := record.get(field), str)
    }


def _key_of(document: Document, stage_id: str) -> str:
    ids = _names(document.state, "stages", "id")
    return next((key for key, name in ids.items() if name == stage_id), stage_id)


# -- shapes ----------------------------------------------------------------------------------------


def _step_quote(step: StepQuote) -> schemas.StepQuote:
    return {
        "key": step.key,
        "will": step.will,
        "why": step.why,
        "units": units(step.milli),
        "seconds": step.seconds,
        "items": step.items,
    }


def _list(request: HttpRequest, person: User, public_id: str) -> HttpResponse:
    template = selectors.readable(person, public_id)
    before = request.GET.get("before", "")[:200]
    last = access.followed_run(person, before) if before else None
    rows = runs.runs_of_template(person, template.pk, before=last, limit=SHOWN + 1)
    page = rows[:SHOWN]
    counts = runs.step_counts(page)
    return answer(
        {
            "runs": [_run_row(run, person, *counts.get(run.id, (0, 0))) for run in page],
            "next": page[-1].public_id if len(rows) > SHOWN else None,
        }
    )


def _run_row(run: Run, viewer: User, steps: int, reuse_count: int) -> schemas.RunRow:
    return {
        "id": run.public_id,
        "by": cast(schemas.Starter, face(run.owner)),
        "isMine": run.owner_id == viewer.pk,
        "title": run.title,
        "status": run.status,
        "createdAt": clock.iso(run.created_at),
        "finishedAt": clock.iso_or_none(run.finished_at),
        "units": units(run.actual_milli),
        "steps": steps,
        "reused": reuse_count,
    }


def _reference(row: Artifact) -> str:
    if row.kind == "model":
        if not posters.is_drawn(row.blob):
            raise errors.NotFound(
                "We can't make a preview of this 3D model. Choose another result."
            )
        return str(StoredReference("object", posters.still_id(row.public_id), posters.FILENAME))
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", row.filename)[-80:]
    return str(StoredReference("object", row.public_id, name))
