"""Addresses that people type: they lead to the page that is meant, or say where to go."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def lead_on(request: HttpRequest, page: str, for_visitors: str = "") -> HttpResponse:
    """Redirect to a page by its name; visitors, where they have none of these, to another."""
    if for_visitors and not request.user.is_authenticated:
        page = for_visitors
    return redirect(reverse(page, query=request.GET))


@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    """Show where to go on this server."""
    return render(request, "builder/help.html")
