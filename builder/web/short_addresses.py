"""Addresses that people type: they lead to the page that is meant."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts import roles
from core import errors


@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Redirect to one's own runs; visitors have none, and get the gallery."""
    return redirect("my-runs" if request.user.is_authenticated else "gallery")


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Redirect to one's own templates; visitors have none, and get the gallery."""
    return redirect("my-templates" if request.user.is_authenticated else "gallery")


@require_safe
def moderation(request: HttpRequest) -> HttpResponse:
    """Redirect to the console. Only moderators see that it is there."""
    if not roles.is_moderator(request.user):
        raise errors.NotFound
    return redirect("moderation")
