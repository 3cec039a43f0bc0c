"""Answers of several template pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote as quoted

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from core import errors
from core.public_url import base_url
from templates_app import selectors
from templates_app.documents.selectors import with_drafts
from templates_app.graph.rules.issue_texts import TemplateRefused
from templates_app.graph.titles import TemplateTitles
from templates_app.models import TemplateVersion
from templates_app.selectors import VisibleTemplate
from templates_app.uses import table_for, table_of
from templates_app.web.serializers import template_out


def spec_out(request: HttpRequest, template_view: VisibleTemplate) -> dict[str, Any]:
    return template_out(template_view, base_url=base_url(request))


def own_template(person: User, public_id: str) -> VisibleTemplate:
    """Return what `viewer.worked_on` does, of a person's own alone. Raises NotFound."""
    template_view = selectors.shown_to(person, selectors.resolve_own(person, public_id))
    return with_drafts(person, [template_view])[template_view.template.pk]


def sign_in_first(request: HttpRequest, public_id: str) -> HttpResponse:
    return redirect(f"/sign-in?next={quoted(f'/t/{public_id}', safe='/')}")


def dialog_or_page(request: HttpRequest, name: str) -> str:
    """Inside the page where a script asks for it, else a page of its own."""
    is_partial = request.headers.get("HX-Request") == "true"
    return f"template_pages/{name}{'' if is_partial else '_page'}.html"


def messages_of(refusal: errors.AppError, version: TemplateVersion | None = None) -> list[str]:
    tools = table_for(None) if version is None else table_of(version)
    titles = TemplateTitles({} if version is None else version.spec, tools)
    sentences = refusal.sentences(titles) if isinstance(refusal, TemplateRefused) else ()
    return [text for _, text in sentences][:10] or [refusal.message]
