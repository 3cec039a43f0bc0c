"""One run in the browser: shown live, stopped, repeated, shown on its template (session, CSRF)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rate_limits import check_start_rate
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import by_session, check_sent, is_json, json_success
from builder.web.comment_pages.views import run_context
from builder.web.editor.answers import answer, person_of
from builder.web.runs_pages import run_page, run_previews
from builder.web.runs_pages.page_state import page_state
from core import canonical, durable, errors, jsonsafe
from core.public_url import base_url
from runs import access
from runs.admission import final_quotes, final_run
from runs.admission.run_again import run_again
from runs.engine import cancelling
from runs.web import serializers
from templates_app.lifecycle import previews

# Of a request that makes a run final, in characters.
MAX_KEY = 100


@never_cache
@login_required
@require_safe
def watch(request: HttpRequest, run_id: str) -> HttpResponse:
    """The run as it is now; `frontend/src/pages/run.ts` keeps it true."""
    person = person_of(request)
    run = access.visible_run(person, run_id)
    origin = base_url(request)
    context = run_page.context(person, run, base_url=origin)
    context["state"] = page_state(person, run, context, base_url=origin)
    medium = context["film"] or context["live"].get("artifact") or {}
    context |= run_context(person, run, request.GET, artifact=medium.get("id", ""))
    return render(request, "runs_pages/run.html", context)


@never_cache
@require_safe
def state(request: HttpRequest, run_id: str) -> HttpResponse:
    """Return what the page shows, for scripts, which read it again when the log lacks something."""
    person = person_of(request)
    run = access.visible_run(person, run_id)
    origin = base_url(request)
    context = run_page.context(person, run, base_url=origin)
    body = page_state(person, run, context, base_url=origin)
    return answer(durable.flushed(body))


@login_required
@require_POST
@allowed_while_suspended("POST")
def cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Stop a run and show what was kept."""
    run = access.stoppable_run(person_of(request), run_id)
    cancelling.cancel_run(run=run, reason="Stopped on the run page")
    return json_success({}) if is_json(request) else redirect("run", run_id=run.public_id)


@login_required
@require_POST
def again(request: HttpRequest, run_id: str) -> HttpResponse:
    """Run the same plan once more, with the same or with new seeds, and go and watch."""
    check_sent(request.POST)
    seeds = request.POST.get("seeds")
    if seeds not in ("same", "new"):
        raise errors.InvalidBody("The form needs seeds: same or new.")
    person = person_of(request)
    run = access.own_run(person, run_id)
    principal = by_session(person)
    check_start_rate(principal)
    form_key = request.POST.get("key", "")[:64]
    try:
        new_run = run_again(
            run=run,
            actor=principal,
            new_seeds=seeds == "new",
            # Both buttons are in one form; each starts a run of its own.
            key=f"{form_key}.{seeds}" if form_key else None,
        )
    except (errors.InvalidInput, errors.Conflict, errors.InsufficientCredit) as problem:
        messages.error(request, problem.person)
        return redirect("run", run_id=run.public_id)
    return redirect("run", run_id=new_run.run.public_id)


@never_cache
@require_POST
def quote_final(request: HttpRequest, run_id: str) -> HttpResponse:
    """Say what making the chosen stages final would take."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    body = jsonsafe.loads_object(request.body)
    quote = final_quotes.quote_final(run=run, actor=by_session(person), body=body)
    return answer(serializers.final_quote(quote))


@never_cache
@require_POST
def make_final(request: HttpRequest, run_id: str) -> HttpResponse:
    """Make the chosen stages final. `key`: of the page that was shown, so that two clicks start
    one run, and other stages on it start another."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    body = dict(jsonsafe.loads_object(request.body))
    key = body.pop("key", None)
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise errors.InvalidBody("`key` must be text of your choice, new for every run.")
    principal = by_session(person)
    check_start_rate(principal)
    key = f"page.{key}.{canonical.sha256_hex(body)}"
    new_run = final_run.make_final(run=run, actor=principal, body=body, key=key)
    return answer({"id": new_run.run.public_id}, status=201)


@login_required
@require_POST
def preview(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show what this run made on the person's own template it came from."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    if run.template_version is None or not run_previews.is_own_template(person, run):
        raise errors.NotFound(code="template.not_found")
    record = serializers.record(run, base_url=base_url(request))
    preview_options = run_previews.previews_of(record, run)
    if preview_options and not run_previews.draw_stills(run, preview_options):
        preview_options = []
    try:
        if not preview_options:
            raise errors.Conflict("This run has no image or video to use as a preview.")
        version = previews.use_as_preview(
            actor=person,
            public_id=run.template_version.template.public_id,
            previews=preview_options,
            own_hosts=[request.get_host()],
        )
    except (errors.InvalidInput, errors.Conflict) as problem:
        if is_json(request):
            raise
        messages.error(request, f"Couldn't change the preview. {problem.message}")
        return redirect("run", run_id=run.public_id)
    if is_json(request):
        return json_success({})
    is_public = version.template.visibility == "public"
    rest = " Publish the template to show it to others." if is_public else ""
    messages.success(request, f"Preview updated.{rest}")
    return redirect("run", run_id=run.public_id)
