"""Templates to start from: which are nearest to a brief, and the form of one with the brief in it.

A brief is in bodies alone, so that no address and no log has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from typing_extensions import TypedDict

from accounts.models import User
from builder.shared.page_requests import check_brief_length, check_form, viewer_of
from builder.web.editor.answers import answer, text_in
from builder.web.gallery.cards import card_of
from builder.web.template_pages import drafts
from builder.web.template_pages.forms import fields_of
from builder.web.template_pages.responses import spec_out
from builder.web.template_pages.viewer import worked_on
from core import errors, jsonsafe
from runs.admission.template_quotes import quote_template
from runs.billing.units import units
from templates_app.models import Template
from templates_app.nearest import nearest
from templates_app.search import FoundTemplate


class NearTemplate(TypedDict):
    """A template to start from. units: what a run of it is estimated to cost, in credits; null
    while it can't run. textInput: the input that the brief goes into."""

    id: str
    name: str
    href: str
    previewUrl: str
    units: float | None
    textInput: str | None


@never_cache
@require_POST
def near_templates(request: HttpRequest) -> HttpResponse:
    """Answer `{brief}` with the public templates nearest to it, the nearest first."""
    body = jsonsafe.loads_object(request.body)
    if "brief" not in body:
        raise errors.InvalidBody("Send the words as `brief`.")
    brief = text_in(body, "brief")
    check_brief_length(brief)
    viewer, hosts = viewer_of(request), [request.get_host()]
    rows = [_row(one, viewer, hosts) for one in nearest(brief, viewer)]
    return answer({"templates": rows})


@require_POST
def use(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go to a template's form with the field `brief` in its first text; what was there is gone."""
    check_form(request)
    brief = request.POST.get("brief", "").strip()
    check_brief_length(brief)
    template_view = worked_on(request, public_id)
    fields = fields_of(spec_out(request, template_view))
    name = next((field.name for field in fields if field.type == "text"), None)
    public_id = template_view.template.public_id
    if brief and name is not None:
        drafts.keep(request, public_id, {name: [brief]})
    return redirect(reverse("template", args=[public_id]) + "#run")


def _row(row: FoundTemplate, viewer: User | None, own_hosts: Sequence[str]) -> NearTemplate:
    card = card_of(row)
    return {
        "id": card["id"],
        "name": card["name"],
        "href": reverse("template", args=[card["id"]]),
        "previewUrl": card["poster_url"],
        "units": _units(row.template, viewer, own_hosts),
        "textInput": _text_input(row.card),
    }


def _units(template: Template, viewer: User | None, own_hosts: Sequence[str]) -> float | None:
    if template.published is None:
        return None
    person = viewer.pk if viewer else None
    quote = quote_template(template.published, {}, person=person, own_hosts=own_hosts)
    return None if quote.steps is None else units(quote.milli)


def _text_input(card: Mapping[str, Any]) -> str | None:
    return next((one["name"] for one in card["inputs"] if one["type"] == "text"), None)
