"""Runs in the browser: one live, all of mine; stop, repeat and show one (session, CSRF)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError

from accounts.auth import Principal
from accounts.limits import check_start_rate
from accounts.models import User
from builder.runs_pages import batches, comparisons, cost, pending_inputs, view_models
from builder.runs_pages.elapsed import elapsed_of
from builder.template_pages.forms import check_sent
from core import clock, errors
from core.public_url import base_url
from media import posters, signing
from runs import selectors, states
from runs.admission.run_again import run_again
from runs.billing.units import units
from runs.engine import cancelling
from runs.models import Artifact, Run
from runs.web import failures, serializers
from runs.web.file_names import file_names
from runs.web.wire_states import step_status
from templates_app import selectors as templates
from templates_app.documents import selectors as documents
from templates_app.lifecycle import previews
from templates_app.models import Template

SHOWN = 20
# The most rows that one look at what goes on may ask for.
LIVE_ROWS = 60
# What a template's page can show, if only as a still.
SHOWABLE = ("image", "video", "model")
MODEL_VIEWER = "src/model/viewer.ts"
# The filters of my runs: a word in the address, what it is called, the states it lets through.
FILTERS = (
    ("", "All", ()),
    ("turn", "Your turn", (states.WAITING_FOR_USER,)),
    ("running", "Running", (states.QUEUED, states.RUNNING)),
    ("done", "Done", (states.COMPLETED, states.PARTIAL_FAILURE)),
    ("failed", "Failed", (states.FAILED,)),
    ("stopped", "Stopped", (states.CANCELLED,)),
)


@never_cache
@login_required
@require_safe
def watch(request: HttpRequest, run_id: str) -> HttpResponse:
    """The run as it is now; `static/js/run.js` keeps it true."""
    person = _person(request)
    run = selectors.visible_run(person, run_id)
    shown = serializers.record(run, base_url=base_url(request))
    comparisons.put(shown, run, base_url=base_url(request))
    _name_files(shown, run)
    now = clock.now()
    [elapsed] = elapsed_of([run], now).values()
    over = view_models.is_over(run.status)
    usual = (
        {}
        if over
        else selectors.usual_times({view_models.tool_name(step) for step in shown["steps"]})
    )
    stages = view_models.stages(
        shown,
        usual,
        now,
        asks=view_models.asks_of(run.plan),
        specs=view_models.batches_of(run.plan),
    )
    film = view_models.film_of(shown)
    # No one knows how long a person takes.
    is_waiting = run.status == states.WAITING_FOR_USER
    left = None if is_waiting else view_models.time_left(stages)
    asking = [] if over else pending_inputs.turns_of(run, base_url=base_url(request))
    context = {
        "run": shown,
        "stages": stages,
        "has_batches": any(stage.get("is_batch") for stage in stages),
        "blank": batches.blank(view_models.pill("pending", view_models.STEP_WORDS)),
        "strip": len(stages) <= view_models.STRIP,
        "film": film,
        "model_viewer": _model_viewer(),
        "poster": view_models.poster_of(shown) if film and film["type"] == "video" else "",
        "made": shown["artifacts"],
        "is_over": over,
        "turns": asking,
        "live": {} if over else view_models.live_look(shown, asking),
        "waiting": {} if over else cost.card(run, shown),
        "done": view_models.done_count(shown["steps"]),
        "last_event": shown["events"][-1]["sequence"] if shown["events"] else 0,
        "log": shown["events"][::-1],
        "brief": view_models.typed_words(shown),
        "pill": view_models.pill(run.status, view_models.RUN_WORDS),
        "run_pills": view_models.pills(view_models.RUN_WORDS),
        "step_pills": view_models.pills(view_models.STEP_WORDS),
        "has_failed": any(step["status"] == "failed" for step in shown["steps"]),
        "summary": view_models.summary(shown, elapsed.work),
        "left": view_models.about(left) if left is not None else "",
        "took": view_models.lasting(elapsed.work),
        "waited": view_models.lasting(elapsed.waited) if elapsed.waited >= 1 else "",
        "rested_ms": round(1000 * elapsed.rested),
        "resting_ms": round(1000 * elapsed.resting_since.timestamp())
        if elapsed.resting_since
        else "",
        "estimate": view_models.units_text(shown["estimatedCapacityUnits"]),
        "is_seeded": any(step.get("seed") is not None for step in shown["steps"]),
        "template": _readable_template(person, run),
        "is_draft": run.draft_of is not None,
        "version": run.template_version.semver if run.template_version else "",
        "offers_preview": over and bool(_previews(shown, run)) and _is_own_template(person, run),
        "again_key": secrets.token_urlsafe(16),
        "origin": run.cloned_from.public_id if run.cloned_from else "",
        "by_key": run.api_key.name if run.api_key else "",
    }
    return render(request, "runs_pages/run.html", context)


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My runs, newest first. With `rows`, only those rows and what is newer, as htmx asks."""
    person = _person(request)
    if request.GET.get("rows") is not None or request.GET.get("since"):
        return _live_rows(request, person)
    chosen = next((one for one in FILTERS if one[0] == request.GET.get("state", "")), FILTERS[0])
    before = request.GET.get("before", "")[:200]
    runs = selectors.earlier_runs(person, statuses=chosen[2], before=before, limit=SHOWN + 1)
    shown = runs[:SHOWN]
    if not chosen[0]:
        # What waits for an answer comes first, however old it is, and not once more in its place.
        waits = (states.WAITING_FOR_USER,)
        asking = selectors.earlier_runs(person, statuses=waits, limit=SHOWN)
        known = {run.id for run in asking}
        rest = [run for run in shown if run.id not in known]
        shown = rest if before else [*asking, *rest]
    rows = _rows(request, shown)
    unfinished = selectors.count_unfinished(person)
    context = {
        "rows": rows,
        "state": chosen[0],
        "filters": [
            {
                "state": state,
                "label": label,
                "count": sum(unfinished[one] for one in allowed if one not in states.RUN_TERMINAL),
                "chosen": state == chosen[0],
            }
            for state, label, allowed in FILTERS
            # No one needs a filter for what there is none of.
            if state != "turn" or unfinished[states.WAITING_FOR_USER] or state == chosen[0]
        ],
        "next": runs[SHOWN - 1].public_id if len(runs) > SHOWN else "",
        "is_first": not before,
        **_watched(rows, since="" if before or chosen[0] else _newest(rows)),
    }
    return render(request, "runs_pages/mine.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Stop a run and show what was kept."""
    run = selectors.visible_run(_person(request), run_id)
    cancelling.cancel_run(run=run, reason="Stopped on the run page")
    return redirect("run", run_id=run.public_id)


@login_required
@require_POST
def again(request: HttpRequest, run_id: str) -> HttpResponse:
    """Run the same plan once more, with the same or with new seeds, and go and watch."""
    check_sent(request.POST)
    seeds = request.POST.get("seeds")
    if seeds not in ("same", "new"):
        raise errors.InvalidBody("The form needs seeds: same or new.")
    person = _person(request)
    run = selectors.visible_run(person, run_id)
    principal = Principal(user=person, api_key=None, via="session")
    check_start_rate(principal)
    form_key = request.POST.get("key", "")[:64]
    try:
        started = run_again(
            run=run,
            actor=principal,
            new_seeds=seeds == "new",
            # Both buttons are in one form; each starts a run of its own.
            key=f"{form_key}.{seeds}" if form_key else None,
        )
    except (errors.InvalidInput, errors.Conflict, errors.InsufficientCredit) as problem:
        messages.error(request, problem.person)
        return redirect("run", run_id=run.public_id)
    return redirect("run", run_id=started.run.public_id)


@login_required
@require_POST
def preview(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show what this run made on the person's own template it came from."""
    person = _person(request)
    run = selectors.visible_run(person, run_id)
    if run.template_version is None or not _is_own_template(person, run):
        raise errors.NotFound(code="template.not_found")
    shown = serializers.record(run, base_url=base_url(request))
    chosen = _previews(shown, run)
    if chosen and not _draw_stills(run, chosen):
        chosen = []
    if not chosen:
        messages.error(request, "This run has no image or video to use as a preview.")
        return redirect("run", run_id=run.public_id)
    try:
        saved = previews.use_as_preview(
            actor=person,
            public_id=run.template_version.template.public_id,
            previews=chosen,
            own_hosts=[request.get_host()],
        )
    except (errors.InvalidInput, errors.Conflict) as problem:
        messages.error(request, f"Couldn't change the preview. {problem.message}")
        return redirect("run", run_id=run.public_id)
    is_public = saved.template.visibility == "public"
    rest = " Publish the template to show it to others." if is_public else ""
    messages.success(request, f"Preview updated.{rest}")
    return redirect("run", run_id=run.public_id)


def _name_files(shown: Mapping[str, Any], run: Run) -> None:
    """Give each result's address the name that it is saved under; the address stays as valid."""
    rows = selectors.artifacts_of([run])
    names = dict(zip((row.public_id for row in rows), file_names(run.title, rows), strict=True))
    for body in [
        *shown["artifacts"],
        *(one for step in shown["steps"] for one in step["artifacts"]),
    ]:
        if body["id"] in names:
            body["filename"] = names[body["id"]]
            head, _, tail = body["url"].rpartition("/")
            body["url"] = f"{head}/{quote(names[body['id']], safe='')}?{tail.partition('?')[2]}"


def _previews(shown: Mapping[str, Any], run: Run) -> list[previews.Preview]:
    """The film first, then the first picture or film of each other stage, a handful in all."""
    film = view_models.film_of(shown)
    if film is None or film["type"] not in SHOWABLE:
        return []
    stage_of = {step["key"]: step.get("stage_id") or step["key"] for step in run.plan["steps"]}
    title_of = {step["id"]: view_models.title_of(step) for step in shown["steps"]}
    # What an item made stands for its batch.
    batch_of = {step["id"]: step["parentId"] for step in shown["steps"] if "parentId" in step}
    chosen = {batch_of.get(film["stepId"], film["stepId"]): film}
    for artifact in shown["artifacts"]:
        if artifact["type"] in SHOWABLE and len(chosen) < 8:
            chosen.setdefault(batch_of.get(artifact["stepId"], artifact["stepId"]), artifact)
    return [
        previews.Preview(
            stage_id=stage_of.get(step, step),
            label=title_of.get(step, step)[:120],
            # A template shows pictures and films: of a 3D model, its still.
            kind="image" if artifact["type"] == "model" else artifact["type"],
            url=artifact.get("posterUrl") or artifact["url"],
            poster_url=view_models.poster_of(shown) if artifact["type"] == "video" else "",
        )
        for step, artifact in chosen.items()
    ]


def _draw_stills(run: Run, chosen: Sequence[previews.Preview]) -> bool:
    """Draw the stills among these that no one has looked at yet; whether all could be drawn."""
    models = [row for row in selectors.artifacts_of([run]) if row.kind == "model"]
    shown = [
        row
        for row in models
        if any(f"/{posters.still_id(row.public_id)}/" in one.url for one in chosen)
    ]
    return all(posters.is_drawn(row.blob) for row in shown)


def _live_rows(request: HttpRequest, person: User) -> HttpResponse:
    wanted = [one for one in request.GET.get("rows", "").split(",") if one][:LIVE_ROWS]
    since = request.GET.get("since", "")[:200]
    rows = _rows(request, selectors.named_runs(person, wanted))
    fresh = _rows(request, selectors.later_runs(person, after=since, limit=SHOWN)) if since else []
    context = {
        "rows": rows,
        "fresh": fresh,
        **_watched([*fresh, *rows], since=_newest(fresh) or since),
    }
    return render(request, "runs_pages/live_rows.html", context)


def _watched(rows: Sequence[dict[str, Any]], *, since: str) -> dict[str, Any]:
    """What the list goes on asking about: its unfinished rows, and runs newer than its first."""
    going_on = [row["run"].public_id for row in rows if not row["is_over"]]
    return {"watched": ",".join(going_on), "since": since, "every": "3s" if going_on else "10s"}


def _newest(rows: Sequence[dict[str, Any]]) -> str:
    newest = max((row["run"] for row in rows), key=lambda run: run.id, default=None)
    return newest.public_id if newest else ""


def _rows(request: HttpRequest, runs: Sequence[Run]) -> list[dict[str, Any]]:
    steps, looks = selectors.step_states(runs), selectors.newest_looks(runs)
    origin = base_url(request)
    now = clock.now()
    elapsed = elapsed_of(runs, now)
    rows = []
    for run in runs:
        statuses = [step_status(step.status) for step in steps[run.id]]
        look = looks.get(run.id)
        over = view_models.is_over(run.status)
        done = statuses.count("completed")
        running = [
            step for step in steps[run.id] if step.status in (states.RUNNING, states.EXPANDED)
        ]
        whole = done + sum(step.progress for step in running)
        url = look and origin + _look_path(look)
        rows.append(
            {
                "run": run,
                "is_over": over,
                "pill": view_models.pill(run.status, view_models.RUN_WORDS),
                "percent": round(100 * whole / max(1, len(statuses))),
                "segments": view_models.segments(
                    [
                        (status, step.progress)
                        for status, step in zip(statuses, steps[run.id], strict=True)
                    ]
                ),
                "done": done,
                "count": len(statuses),
                "doing": running[0].title or running[0].key if running else "",
                "look": {"url": url, "kind": look.kind} if look else None,
                "used": view_models.units_text(units(run.actual_milli)),
                "estimate": view_models.units_text(units(run.estimated_milli)),
                "lasts": view_models.lasting(elapsed[run.id].work),
                "error": failures.shown(run.error)["headline"] if run.error else "",
                "version": run.template_version.semver if run.template_version else "",
                "is_draft": run.draft_of_id is not None,
            }
        )
    return rows


def _model_viewer() -> str:
    """The address of the module that shows 3D models; empty where the frontend was never built."""
    try:
        return DjangoViteAssetLoader.instance().generate_vite_asset_url(MODEL_VIEWER)
    except DjangoViteAssetNotFoundError:
        return ""


def _look_path(look: Artifact) -> str:
    if look.kind == "model":
        return posters.still_path(look.public_id)
    return signing.signed_path(look.public_id, f"look.{look.kind}")


def _is_own_template(person: User, run: Run) -> bool:
    template = run.template_version.template if run.template_version else None
    return template is not None and template.owner_id == person.pk and template.deleted_at is None


def _readable_template(person: User, run: Run) -> Template | None:
    """The template this run came from, if the person may still see it."""
    if run.draft_of is not None:
        # Run as a draft: readable to those who may still edit it.
        is_there = run.draft_of.deleted_at is None
        return run.draft_of if is_there and documents.may_edit(person, run.draft_of) else None
    if run.template_version is None:
        return None
    try:
        found = templates.resolve(person, run.template_version.template.public_id)
    except errors.NotFound:
        return None
    return found if found.pk == run.template_version.template_id else None


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  login_required has seen to it
    return request.user
