"""The front page: published templates, each with a plain form that runs it."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builder.gallery.forms import fields_of
from templates_app import selectors

SHOWN = 24


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everybody may look; running one needs sign-in."""
    cards = [
        {
            "id": template.public_id,
            "spec": template.published.spec,
            "author": template.owner.shown_name,
            "fields": fields_of(template.published.spec),
            # One key per form shown: a double click starts one run.
            "key": secrets.token_urlsafe(16),
        }
        for template in selectors.public_templates()[:SHOWN]
        if template.published is not None
    ]
    return render(request, "gallery/index.html", {"cards": cards})
