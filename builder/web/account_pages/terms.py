"""`/terms`: what people accept who join this server."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.factor_demand import allowed_without_factor
from core import declared_settings, errors, server_settings


def terms_digest() -> str:
    """Return the digest of the terms that a newcomer accepts; empty where the server has none."""
    terms = server_settings.value("TERMS")
    return server_settings.digest(terms) if terms else ""


@require_safe
@allowed_without_factor
def show(request: HttpRequest) -> HttpResponse:
    terms = server_settings.value("TERMS")
    if not terms:
        raise errors.NotFound("This server has no terms.")
    context = {
        "terms": terms,
        "digest": server_settings.digest(terms)[:16],
        "contact": server_settings.value("CONTACT"),
        "contact_link": declared_settings.contact_link(server_settings.value("CONTACT")),
    }
    return render(request, "account_pages/terms.html", context)
