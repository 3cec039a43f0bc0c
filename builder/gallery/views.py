"""The front page: published templates, each with a plain form that runs it."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builder.gallery.forms import fields_of
from core.public_url import base_url
from templates_app import selectors
from templates_app.models import Template
from templates_app.rendering import template_out
from tools import registry

SHOWN = 24


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everybody may look; running one needs sign-in."""
    origin = base_url(request)
    cards = [_card(template, origin) for template in selectors.public_templates()[:SHOWN]]
    return render(request, "gallery/index.html", {"cards": cards})


def _card(template: Template, origin: str) -> dict[str, Any]:
    # As the public record shows it: its media by links that end with the publication.
    spec = template_out(selectors.shown_to(None, template), base_url=origin)
    return {
        "id": template.public_id,
        "spec": spec,
        "author": template.owner.shown_name,
        "stages": [_stage_title(stage) for stage in spec["stages"]],
        "fields": fields_of(spec),
        # One key per form shown: a double click starts one run.
        "key": secrets.token_urlsafe(16),
    }


def _stage_title(stage: dict[str, Any]) -> str:
    """What its author called it, else what its tool is called."""
    tool = registry.table().get(str(stage.get("tool") or ""))
    return str(stage.get("label") or (tool.title if tool else stage["id"]))
