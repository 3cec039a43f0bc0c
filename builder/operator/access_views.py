"""`/admin/providers/<name>/people`: who may use a provider."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from builder.http.page_requests import check_form, person_of
from builder.operator import provider_services
from builder.operator.service_views import LOGGED
from builder.operator.views import frame, staff_only
from core import errors
from tools import registry, services
from tools.models import ProviderAccess, ProviderPerson
from tools.providers.base import Provider

SHOWN = 200


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, name: str) -> HttpResponse:
    """Everyone, or the people on the list. A form each for the choice, an addition, a removal."""
    provider = registry.provider_named(name)
    if provider is None or not services.can_be_chosen_for(provider):
        raise errors.NotFound(f"No provider is called {name}.")
    if request.method != "POST":
        return _page(request, provider)
    try:
        done = _act(request, name)
    except errors.InvalidInput as problem:
        return _page(request, provider, problem=problem)
    if done:
        messages.success(request, f"{done} {LOGGED}")
    else:
        messages.info(request, "Nothing to change.")
    return redirect("operator-people-of", name=name)


def _act(request: HttpRequest, name: str) -> str:
    """Do what a form asks. Returns what it did; "" where there was nothing to do."""
    check_form(request)
    actor, asked = person_of(request), request.POST
    if "access" in asked:
        chosen = asked["access"] == "chosen"
        is_new = provider_services.set_access(actor=actor, provider=name, only_chosen=chosen)
        return "Saved." if is_new else ""
    if "drop" in asked:
        username = asked["drop"]
        is_new = provider_services.drop(actor=actor, provider=name, username=username)
        return f"{username} removed." if is_new else ""
    username = asked.get("username", "")
    is_new = provider_services.choose(actor=actor, provider=name, username=username)
    return f"{username.strip()} added." if is_new else ""


def _page(
    request: HttpRequest, provider: Provider, *, problem: errors.AppError | None = None
) -> HttpResponse:
    chosen = ProviderPerson.objects.filter(provider=provider.name)
    access = ProviderAccess.objects.filter(provider=provider.name).first()
    context = {
        **frame(request, "providers"),
        "provider": provider.name,
        "title": provider.title or provider.name,
        "only_chosen": access is not None and access.only_chosen,
        "people": User.objects.filter(id__in=chosen.values("person")).order_by("username")[:SHOWN],
        "count": chosen.count(),
        "shown": SHOWN,
        "problem": problem.message if problem is not None else "",
        "typed": request.POST.get("username", ""),
    }
    status = problem.status if problem is not None else 200
    return render(request, "operator/people_of.html", context, status=status)
