"""Publishing and unpublishing a template, with its choice of a preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import check_sent, viewer_of
from builder.web import licensing
from builder.web.template_pages.forms import fields_of
from builder.web.template_pages.responses import (
    dialog_or_page,
    messages_of,
    own_template,
    sign_in_first,
    spec_out,
)
from builder.web.template_pages.run_outcomes import results_of
from core import errors
from core.public_url import base_url
from media import posters, signing
from templates_app import selectors
from templates_app.graph.rules.issue_texts import for_person
from templates_app.graph.titles import TemplateTitles
from templates_app.lifecycle import publishing, services
from templates_app.lifecycle.public_uses import issues_of, private_uses
from templates_app.schemas import PUBLIC
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_of

KEEP, NONE = "keep", "none"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose a preview, see what everyone will see, publish; again for a new version."""
    person = viewer_of(request)
    if person is None:
        return sign_in_first(request, public_id)
    version = own_template(person, public_id)
    if version.template.visibility == PUBLIC:
        # The draft of a published one is published from the editor, when its owner means to.
        version = selectors.shown_to(person, version.template)
    if request.method != "POST":
        return _publish_page(request, person, version)
    check_sent(request.POST)
    try:
        if version.draft_rev is not None:
            services.save_version(actor=person, public_id=public_id)
        changes = {
            "visibility": "public",
            **_preview(request, person, version),
            **licensing.chosen(version.version.spec, request.POST.get("license")),
            "showsStagesOf": request.POST.getlist("shows"),
            **({} if "brief" in request.POST else {"brief": None}),
        }
        outcome = services.patch_template(
            actor=person, public_id=public_id, changes=changes, own_hosts=[request.get_host()]
        )
    except (errors.InvalidInput, errors.InvalidBody, errors.Conflict) as refusal:
        sentences = messages_of(refusal, version.version)
        return _publish_page(request, person, version, sentences, refusal.status)
    if outcome.template.visibility != PUBLIC:
        # The page that follows says why.
        messages.warning(request, "Not published yet. A moderator will review it first.")
    else:
        messages.success(request, "Published. Anyone can now see, run and remix it.")
    return redirect("template", public_id=public_id)


@require_POST
@allowed_while_suspended("POST")
def unpublish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Mine alone again. Remixes stay with those who made them."""
    person = viewer_of(request)
    if person is None:
        return sign_in_first(request, public_id)
    check_sent(request.POST)
    own_template(person, public_id)
    services.patch_template(
        actor=person,
        public_id=public_id,
        changes={"visibility": "private"},
        own_hosts=[request.get_host()],
    )
    messages.success(request, "Unpublished. Only you can see it now.")
    return redirect("template", public_id=public_id)


def _preview(request: HttpRequest, person: User, template_view: VisibleTemplate) -> dict[str, Any]:
    """The choice as a change of the template. Raises InvalidBody for what is not on offer."""
    chosen = request.POST.get("preview", KEEP)[:64]
    if chosen == KEEP:
        return {}
    if chosen == NONE:
        return {"previewArtifacts": []}
    results = results_of(person, template_view.template)
    result = next((one for one in results if one["id"] == chosen), None)
    if result is None:
        raise errors.InvalidBody("That result was deleted. Choose another.")
    origin, row = base_url(request), result["artifact"]

    def link(artifact: Any) -> str:
        if artifact.kind == "model":
            return origin + posters.still_path(artifact.public_id)
        ending = artifact.blob.mime.rpartition("/")[2]
        return origin + signing.signed_path(artifact.public_id, f"{artifact.kind}.{ending}")

    if row.kind == "model" and not posters.is_drawn(row.blob):
        raise errors.InvalidBody("We can't make a preview of this 3D model. Choose another result.")
    preview = {
        "stageId": row.step.key,
        "label": result["label"],
        # A template shows pictures and films: of a 3D model, its still.
        "mediaType": "image" if row.kind == "model" else row.kind,
        "url": link(row),
    }
    still = next(
        (one["artifact"] for one in results if one["kind"] == "image" and _same_run(one, result)),
        None,
    )
    if row.kind == "video" and still is not None:
        preview["posterUrl"] = link(still)
    return {"previewArtifacts": [preview]}


def _same_run(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["artifact"].run_id == other["artifact"].run_id)


def _publish_page(
    request: HttpRequest,
    person: User,
    template_view: VisibleTemplate,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    spec = spec_out(request, template_view)
    titles = TemplateTitles(spec, table_of(template_view.version))
    stored_spec, template = template_view.version.spec, template_view.template
    inside = private_uses(person, stored_spec, template)
    titles_by_name = {use.name: use.title for use in inside if use.is_own}
    checks = (
        *issues_of(inside, titles_by_name),
        *publishing.Publication(person, [request.get_host()]).problems(stored_spec),
    )
    origin = base_url(request)
    results = results_of(person, template_view.template)
    for one in results:
        row = one["artifact"]
        ending = row.blob.mime.rpartition("/")[2]
        one["url"] = origin + (
            posters.still_path(row.public_id)
            if row.kind == "model"
            else signing.signed_path(row.public_id, f"{row.kind}.{ending}")
        )
    defaults = [field.label for field in fields_of(spec) if field.is_media and field.value]
    context = {
        "id": template_view.template.public_id,
        "name": spec["name"],
        "spec": spec,
        "is_public": template_view.template.visibility == "public",
        "author": person.shown_name,
        "version": template_view.version,
        "has_preview": bool(spec.get("previewArtifacts")),
        "results": results,
        "checks": list(dict.fromkeys(for_person(problem, titles) for problem in checks)),
        "problems": problems or [],
        "media_defaults": defaults,
        "stage_count": len(spec["stages"]),
        "bypassed_count": sum(bool(stage.get("bypass")) for stage in spec["stages"]),
        "input_count": len(spec["inputs"]),
        "shows_brief": "brief" in request.POST,
        "chosen": request.POST.get("preview", "")[:64],
        "licenses": licensing.choices(spec),
        "private_templates": titles_by_name,
    }
    return render(request, dialog_or_page(request, "publish"), context, status=status)
