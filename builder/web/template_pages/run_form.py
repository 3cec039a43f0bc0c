"""The form that runs a template: its fields, what a run costs, and what is wrong with a start."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts import credit, ledger, person_limits
from accounts.models import User
from builder.shared.page_requests import viewer_of
from builder.web.template_pages import drafts
from builder.web.template_pages.forms import (
    MEDIA,
    FormField,
    fields_of,
    read_inputs,
    with_undrawn,
    without_unneeded,
)
from core import errors, server_settings
from runs.admission.template_quotes import quote_template
from runs.billing.units import units
from templates_app.graph.rules.issue_texts import TemplateRefused, for_person
from templates_app.graph.titles import TemplateTitles
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_of
from tools import registry
from tools.declaration.ports import ToolTable


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """The values that a form sent, to be shown again. problems: by input name; others: what else is
    wrong. drafts_by: who is to draw drafts, "": no one."""

    texts: Mapping[str, Sequence[str]]
    problems: Mapping[str, str]
    others: tuple[str, ...] = ()
    drafts_by: registry.DraftBy = ""


def run_form(
    request: HttpRequest,
    template_view: VisibleTemplate,
    spec: Mapping[str, Any],
    form: SubmittedForm | None = None,
) -> dict[str, Any]:
    """Everything `template_pages/run_form.html` needs, as `form`."""
    texts = form.texts if form else drafts.kept(request, template_view.template.public_id)
    fields = without_unneeded(
        fields_of(spec, texts, form.problems if form else None), template_view.version
    )
    draft = form.drafts_by if form else ""
    return {
        "rows_url": reverse("template-form", args=[template_view.template.public_id]),
        # One key per form shown: a double click starts one run.
        "key": secrets.token_urlsafe(16),
        "can_be_tried": any(field.can_be_tried for field in fields),
        "problems": form.others if form else (),
        **quote(request, template_view, spec, read_inputs(spec, texts or {}), fields, draft),
        "is_signed_in": viewer_of(request) is not None,
        "credits": credits_of(viewer_of(request)),
        "upload_mb": settings.UPLOAD_LIMIT_BYTES // 1_000_000,
        "label": "Run with this text" if kinds_of(fields) == "text" else "Run",
    }


def drafts_by(form: Mapping[str, Any]) -> registry.DraftBy:
    """Return who is to draw the drafts that a form asks for; "": it asks for none."""
    if form.get("quality") != "draft":
        return ""
    return "model" if form.get("drafts_by") == "model" else "studio"


def kinds_of(fields: Iterable[FormField]) -> str:
    """Return "media" where the form asks for any, else "text" where it does for any, else ""."""
    kinds = {field.type for field in fields}
    return "media" if kinds & {*MEDIA} else "text" if "text" in kinds else ""


def credits_of(viewer: User | None) -> str:
    """Say what the credits of a quote are, and how many this viewer has, where there is a limit."""
    what = "Credits measure the work of a run."
    if server_settings.value("LIMIT_CREDIT"):
        if viewer is None:
            return what
        return f"{what} You have {units(max(0, ledger.balance(viewer)))} left."
    limits = person_limits.usual_limits() if viewer is None else person_limits.limits_of(viewer)
    if limits.daily_milli is not None:
        if viewer is None:
            return f"{what} You can use {units(limits.daily_milli)} a day."
        used_today = ledger.used_since(credit.day_began(), user_id=viewer.pk)
        return f"{what} You've used {units(used_today)} of {units(limits.daily_milli)} today (UTC)."
    return f"{what} No limit is set on this server."


def quote(
    request: HttpRequest,
    template_view: VisibleTemplate,
    spec: Mapping[str, Any],
    inputs: Mapping[str, Any],
    fields: Iterable[FormField],
    draft: registry.DraftBy,
) -> dict[str, Any]:
    """Build the context of `template_pages/quote.html`: the quote, what is wrong in a person's
    words, and the fields with what would be left out of them."""
    viewer = viewer_of(request)
    person = viewer.pk if viewer else None
    hosts = [request.get_host()]
    quotation = quote_template(
        template_view.version, inputs, person=person, own_hosts=hosts, draft=draft
    )
    tools = table_of(template_view.version, person=person, draft=draft)
    titles = TemplateTitles(spec, tools)
    sentences = (for_person(issue, titles) for issue in quotation.issues)
    return {
        "template": template_view.template.public_id,
        "quote": quotation,
        "is_draft_quality": bool(draft),
        "is_drawn_by_model": draft == "model",
        "refusals": [text for text in sentences if text][:3],
        "fields": with_undrawn(fields, template_view.version, inputs, tools),
    }


def problems_of(
    refusal: errors.AppError, spec: Mapping[str, Any], tools: ToolTable
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what a refused start says of single fields, by their names, and what else it says."""
    fields = {field.name: field for field in fields_of(spec)}
    by_input: dict[str, str] = {}
    others: list[str] = []
    titles = TemplateTitles(spec, tools)
    sentences = refusal.sentences(titles) if isinstance(refusal, TemplateRefused) else ()
    for issue, text in sentences:
        root, _, name = issue.at.path.partition("/")
        field = fields.get(name.partition("/")[0])
        if root == "inputs" and field is not None:
            is_missing = issue.code == "missing_input"
            by_input.setdefault(field.name, field.missing if is_missing else text)
        else:
            others.append(text)
    if not by_input and not others:
        others.append(refusal.person)
    return by_input, tuple(others[:10])
