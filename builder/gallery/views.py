"""The front page: published templates, each with a plain form that runs it."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builder.gallery.forms import fields_of
from templates_app import selectors
from templates_app.models import Template

SHOWN = 24


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everybody may look; running one needs sign-in."""
    host = request.get_host()
    cards = [_card(template, host) for template in selectors.public_templates()[:SHOWN]]
    return render(request, "gallery/index.html", {"cards": cards})


def _card(template: Template, host: str) -> dict[str, Any]:
    version = selectors.runnable_version(None, template)
    spec = selectors.runnable_spec(version, own_hosts=[host])
    return {
        "id": template.public_id,
        "spec": spec,
        "author": template.owner.shown_name,
        "fields": fields_of(spec),
        # One key per form shown: a double click starts one run.
        "key": secrets.token_urlsafe(16),
    }
