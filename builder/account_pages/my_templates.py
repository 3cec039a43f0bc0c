"""`/me/templates`: a person's own templates, public or not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from builder.account_pages.forms import NewTemplateForm, show_refusal
from builder.compose_pages import kept_brief
from builder.compose_pages.opening import UNTITLED
from builder.http.page_requests import person_of
from builder.runs_pages.display import RUN_WORDS
from core import errors
from core.public_url import base_url
from moderation.notices import notices_for
from runs import selectors as runs
from templates_app import media_links, selectors
from templates_app.documents import invitations
from templates_app.documents.selectors import shared_with
from templates_app.graph.rules.messages import for_person
from templates_app.graph.titles import TemplateTitles
from templates_app.lifecycle import services
from templates_app.models import Template
from tools import registry

PATH = "/me/templates"
SHOWN = 24
FILTERS = {"": "Mine", "remixes": "Remixes", "public": "Public"}
# Where the list goes on: microseconds since 1970 and the primary key of the last row shown.
_PLACE = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_templates(request: HttpRequest) -> HttpResponse:
    """The list and the form for a new template, which opens in the editor."""
    if request.method != "POST":
        return _page(request, NewTemplateForm())
    form = NewTemplateForm(request.POST)
    if form.is_valid():
        try:
            saved = services.create_template(
                actor=person_of(request),
                body={"name": form.cleaned_data["name"] or UNTITLED},
                own_hosts=[request.get_host()],
            )
        except (errors.InvalidInput, errors.Conflict) as refusal:
            show_refusal(form, refusal)
        else:
            editor = reverse("editor", args=[saved.template.public_id])
            return redirect(f"{editor}#import" if "import" in request.POST else editor)
    return _page(request, form, status=422)


@login_required
@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Delete an own template. What others made of it stays theirs."""
    template = selectors.resolve_own(person_of(request), public_id)
    services.delete_template(actor=person_of(request), public_id=public_id)
    messages.success(request, f"Deleted {template.name}.")
    return redirect(PATH)


@login_required
@require_POST
def answer_invitation(request: HttpRequest, invitation_id: int, decision: str) -> HttpResponse:
    """Accept or decline to edit another person's template."""
    person = person_of(request)
    try:
        if decision == "accept":
            template = invitations.accept(actor=person, invitation_id=invitation_id)
            messages.success(request, f"You can now edit {template.name}.")
        elif decision == "decline":
            template = invitations.decline(actor=person, invitation_id=invitation_id)
            messages.success(request, f"Declined {template.name}.")
        else:
            raise errors.NotFound
    except errors.NotFound as gone:
        if decision not in ("accept", "decline"):
            raise
        messages.error(request, gone.person)
    return redirect(PATH)


def _page(request: HttpRequest, form: NewTemplateForm, *, status: int = 200) -> HttpResponse:
    person = person_of(request)
    kind = request.GET.get("show", "")
    kind = kind if kind in FILTERS else ""
    found = selectors.own_templates(
        person, kind=kind, before=_place(request.GET.get("after", "")), limit=SHOWN + 1
    )
    shown = found[:SHOWN]
    last = runs.last_runs(person, [template.pk for template in shown])
    origin = base_url(request)
    further = ""
    if len(found) > SHOWN:
        query = {"show": kind, "after": _place_of(shown[-1])}
        further = "?" + urlencode({name: value for name, value in query.items() if value})
    context = {
        "form": form,
        "rows": [_row(template, last.get(template.pk), origin) for template in shown],
        "filters": [(name, label, name == kind) for name, label in FILTERS.items()],
        "kind": kind,
        "is_first": "after" not in request.GET,
        "notices": notices_for(person) if "after" not in request.GET else [],
        "untitled": UNTITLED,
        "brief": kept_brief.of(request),
        "further": further,
        "shared": shared_with(person) if not kind and "after" not in request.GET else [],
        "invited": invitations.sent_to(person) if "after" not in request.GET else [],
        "start_from": None if shown or kind else selectors.public_templates().first(),
    }
    return render(request, "account_pages/my_templates.html", context, status=status)


def _row(template: Template, run: Any, origin: str) -> dict[str, Any]:
    head = template.head
    assert head is not None  # noqa: S101  what is not deleted has one
    found = selectors.issues_of(head)
    titles = TemplateTitles(head.spec, registry.table())
    latest = selectors.original_moved_on(template)
    original = template.source.template if template.source else None
    return {
        "id": template.public_id,
        "name": template.name,
        "version": head.semver,
        "is_public": template.visibility == "public",
        "moderation": template.moderation,
        "changed_at": template.changed_at,  # type: ignore[attr-defined]
        "picture": _picture(template, origin),
        "errors": sum(issue.severity == "error" for issue in found),
        "warnings": sum(issue.severity != "error" for issue in found),
        "first_issue": for_person(found[0], titles) if found else "",
        "moved_on": latest is not None,
        "original": original,
        "latest": latest,
        "is_remix": bool(template.cloned_from_public_id),
        "run": run,
        "run_state": RUN_WORDS.get(run.status, run.status) if run else "",
    }


def _picture(template: Template, origin: str) -> str:
    """The poster of its first preview, or the preview where that is a picture; else empty."""
    head = template.head
    assert head is not None  # noqa: S101  what is not deleted has one
    is_open = selectors.shown_to(template.owner, template).is_open
    spec = media_links.show(head.spec, version_id=head.pk, base_url=origin, is_open=is_open)
    for preview in spec.get("previewArtifacts") or ():
        if not isinstance(preview, dict):
            continue
        poster = preview.get("posterUrl")
        is_picture = preview.get("mediaType") == "image"
        address = poster if isinstance(poster, str) else preview.get("url") if is_picture else ""
        # The page's policy shows nothing of other sites.
        if isinstance(address, str) and address.startswith(f"{origin}/"):
            return address
    return ""


def _place(text: str) -> tuple[datetime, int] | None:
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    seconds, micros = divmod(int(match[1]), 1_000_000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros), int(match[2])
    except (ValueError, OverflowError, OSError):
        return None


def _place_of(template: Template) -> str:
    moment = template.changed_at  # type: ignore[attr-defined]
    return f"{int(moment.timestamp()) * 1_000_000 + moment.microsecond}.{template.pk}"
