"""`/t/<id>`: a template's page, and what its viewers and its owner do there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.auth import Principal
from accounts.models import User
from accounts.rate_limits import check_start_rate
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import by_session, check_sent, viewer_of
from builder.web.editor import running
from builder.web.template_pages import drafts, page, run_form, run_inputs_prefill
from builder.web.template_pages.forms import (
    fields_of,
    read_inputs,
    texts_of,
    with_examples,
)
from builder.web.template_pages.responses import (
    dialog_or_page,
    messages_of,
    own_template,
    sign_in_first,
    spec_out,
)
from builder.web.template_pages.run_form import SubmittedForm, drafts_by, problems_of
from builder.web.template_pages.viewer import shown_to, worked_on
from core import canonical, errors
from core.compression import has_current
from media import blobs
from runs.access import own_run
from runs.admission.start import start_run
from runs.admission.start_draft import start_draft
from runs.models import Run
from runs.options import drafting
from templates_app import posters as graph_posters
from templates_app import sharing
from templates_app.documents import hints
from templates_app.graph.spec import CATEGORIES
from templates_app.lifecycle import forking, services
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_of

TAGS = 12
TAG_LENGTH = 40


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page; its form starts a run. Owners see their draft, others what is published.

    With `run`, the form holds what that run of the viewer was started with.
    """
    if request.method == "POST":
        return _start(request, public_id)
    template_view = worked_on(request, public_id)
    return _page(request, template_view, run_inputs_prefill.sent_by(request, template_view))


@require_safe
def poster(request: HttpRequest, public_id: str) -> HttpResponse:
    """The graph as a picture for cards, until there is a preview."""
    template_view = worked_on(request, public_id, with_specs=False)
    etag = graph_posters.etag_of(template_view)
    if has_current(request, etag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        svg = graph_posters.poster_of(template_view)
        response = HttpResponse(svg, content_type="image/svg+xml")
    response["ETag"] = etag
    # Caches ask each time: what is hidden or withdrawn must be gone at once.
    response["Cache-Control"] = "public, no-cache" if template_view.is_open else "private, no-cache"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def share(request: HttpRequest, public_id: str) -> HttpResponse:
    """The picture other sites show of a link here. Their crawlers are no one in particular."""
    blob = sharing.share_picture(shown_to(request, public_id))
    etag = f'"{blob.sha256}"'
    if has_current(request, etag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        # Small: we painted it.
        response = HttpResponse(blobs.path_of(blob.sha256).read_bytes(), content_type=blob.mime)
    response["Cache-Control"] = "public, no-cache"
    response["ETag"] = etag
    return response


@require_POST
def quote(request: HttpRequest, public_id: str) -> HttpResponse:
    """Quote a run with these words; the form asks after each pause in typing."""
    template_view = worked_on(request, public_id)
    spec = spec_out(request, template_view)
    texts = texts_of(request.POST)
    inputs = read_inputs(spec, texts)
    draft = drafts_by(request.POST)
    form = run_form.quote(request, template_view, spec, inputs, fields_of(spec, texts), draft)
    return render(request, "template_pages/quote.html", {"form": form, "is_update": True})


@require_POST
def form(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page again with one row more or less, or with the examples, where no script does that.

    What was typed stays.
    """
    template_view = worked_on(request, public_id)
    spec, texts = spec_out(request, template_view), texts_of(request.POST)
    _move_rows(spec, texts, request.POST)
    if "example" in request.POST:
        texts = with_examples(spec, texts)
    return _page(
        request, template_view, SubmittedForm(texts, {}, drafts_by=drafts_by(request.POST))
    )


@require_POST
def fork(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make a private copy of mine, open in the editor. With `run`, it has that run's inputs."""
    check_sent(request.POST)
    person = viewer_of(request)
    if person is None:
        return sign_in_first(request, public_id)
    run = request.POST.get("run", "")[:256]
    try:
        _save_own_draft(person, public_id)
    except errors.InvalidInput as refusal:
        # What the page shows can't be copied, and what was saved is something else.
        messages.error(request, f"Not duplicated. {messages_of(refusal)[0]}")
        return redirect("template", public_id=public_id)
    copy = forking.fork_template(
        actor=person,
        public_id=public_id,
        defaults=run_inputs_prefill.inputs_of(request, person, public_id, run) if run else {},
        own_hosts=[request.get_host()],
    )
    if run:
        running.keep_seeds_of(person, copy.template.public_id, own_run(person, run))
    source = copy.template.source
    is_own = source is not None and source.template.owner_id == person.pk
    messages.success(request, "Duplicated." if is_own else "Remixed. It's yours now.")
    return redirect("editor", public_id=copy.template.public_id)


@require_POST
def details(request: HttpRequest, public_id: str) -> HttpResponse:
    """Name, description, tags and category of my own."""
    person = viewer_of(request)
    if person is None:
        return sign_in_first(request, public_id)
    check_sent(request.POST)
    template_view = own_template(person, public_id)
    changes = _changes(request)
    try:
        services.patch_template(
            actor=person, public_id=public_id, changes=changes, own_hosts=[request.get_host()]
        )
    except (errors.InvalidInput, errors.Conflict) as refusal:
        extra = {
            "details_problems": messages_of(refusal, template_view.version),
            "details": {**changes, "tags": ", ".join(changes["tags"])},
        }
        return _page(request, template_view, status=refusal.status, extra=extra)
    messages.success(request, "Saved.")
    return redirect("template", public_id=public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, then delete."""
    person = viewer_of(request)
    if person is None:
        return sign_in_first(request, public_id)
    template_view = own_template(person, public_id)
    if request.method != "POST":
        context = {"id": public_id, "name": template_view.version.spec["name"]}
        return render(request, dialog_or_page(request, "delete"), context)
    check_sent(request.POST)
    if request.POST.get("confirm") != "yes":
        raise errors.InvalidBody("Confirm the deletion first.")
    services.delete_template(actor=person, public_id=public_id)
    messages.success(request, f"Deleted “{template_view.version.spec['name']}”.")
    return redirect("/me/templates")


def _save_own_draft(person: User, public_id: str) -> None:
    """Make a version of an own draft that is ahead of the last one. Raises InvalidInput."""
    try:
        template_view = own_template(person, public_id)
    except errors.NotFound:
        return
    if template_view.draft_rev is not None:
        services.save_version(actor=person, public_id=public_id)


# --- parts ---------------------------------------------------------------------------------------


def _start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Start a run and go to its page. What was typed outlives a refusal and a sign-in."""
    texts = texts_of(request.POST)
    person = viewer_of(request)
    try:
        template_view = worked_on(request, public_id)
    except errors.NotFound:
        if person is None:
            return sign_in_first(request, public_id)
        raise
    template = template_view.template.public_id
    if person is None:
        drafts.keep(request, template, texts)
        return sign_in_first(request, public_id)
    principal = by_session(person)
    spec = spec_out(request, template_view)
    inputs = read_inputs(spec, texts)
    try:
        check_start_rate(principal)
        run = _run(request, principal, template_view, inputs)
    except errors.AppError as refusal:
        drafts.keep(request, template, texts)
        by_input, others = problems_of(refusal, spec, table_of(template_view.version))
        form = SubmittedForm(texts, by_input, others, drafts_by(request.POST))
        return _page(request, template_view, form, status=refusal.status)
    drafts.drop(request, template)
    return redirect("run", run_id=run.public_id)


def _run(
    request: HttpRequest,
    principal: Principal,
    template_view: VisibleTemplate,
    inputs: dict[str, Any],
) -> Run:
    """Start what the page showed: a version, or the draft as it is."""
    draft, own_hosts = drafts_by(request.POST), [request.get_host()]
    key = _key(request.POST.get("key", ""), inputs, draft)
    if template_view.draft_rev is None:
        return start_run(
            actor=principal,
            body={
                "workflow_id": template_view.template.public_id,
                "inputs": inputs,
                **drafting(draft),
            },
            key=key,
            app_source="reelgraph-pages",
            own_hosts=own_hosts,
        ).run
    run = start_draft(
        actor=principal,
        template=template_view.template,
        spec=template_view.version.spec,
        values=inputs,
        seeds={},
        document_rev=template_view.draft_rev,
        drafts_by=draft,
        key=key,
        own_hosts=own_hosts,
    ).run
    hints.run_started(template_view.template, run.public_id)
    return run


def _key(form_key: str, inputs: dict[str, Any], draft: str) -> str | None:
    """A double click starts one run; other words or another quality in the same form, after Back,
    start another."""
    key_parts = [inputs, draft] if draft else inputs
    return f"{form_key[:64]}.{canonical.sha256_hex(key_parts)}" if form_key else None


def _page(
    request: HttpRequest,
    template_view: VisibleTemplate,
    form: SubmittedForm | None = None,
    *,
    status: int = 200,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {**page.context(request, template_view, form), **(extra or {})}
    return render(request, "template_pages/template.html", context, status=status)


def _move_rows(spec: dict[str, Any], texts: dict[str, list[str]], form: Any) -> None:
    by_name = {field.name: field for field in fields_of(spec)}
    new_field = by_name.get(form.get("add", "")[:64])
    if new_field is not None and new_field.multiple:
        rows = texts.setdefault(new_field.name, [])
        if len(rows) < new_field.high:
            rows.append("")
    name, _, place = form.get("remove", "")[:80].rpartition(":")
    old_field = by_name.get(name)
    if old_field is not None and place.isdecimal() and len(place) < 4:
        rows = texts.get(name, [])
        if int(place) < len(rows) and len(rows) > max(old_field.low, 1):
            del rows[int(place)]


def _changes(request: HttpRequest) -> dict[str, Any]:
    form = request.POST
    tags = [tag.strip().lstrip("#")[:TAG_LENGTH] for tag in form.get("tags", "").split(",")]
    changes: dict[str, Any] = {
        "name": form.get("name", "").strip(),
        "description": form.get("description", "").strip(),
        "tags": list(dict.fromkeys(tag for tag in tags if tag))[:TAGS],
    }
    if form.get("category") in CATEGORIES:
        changes["category"] = form["category"]
    return changes
