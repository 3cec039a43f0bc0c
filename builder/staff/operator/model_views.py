"""`/admin/providers/models…`: language models on this machine, looked for and taken."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from builder.shared.page_requests import check_form, person_of
from builder.staff.operator import limit_views, provider_services
from builder.staff.operator.views import staff_only
from core import errors


@staff_only
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Ask the ports of this machine. htmx gets what was seen alone."""
    ports = provider_services.look_for_models(actor=person_of(request))
    context = {"programs": [one for one in ports if one.state != "away"], "ports": ports}
    if request.headers.get("HX-Request"):
        return render(request, "operator/parts/local_models.html", context)
    return limit_views.page(request, more=context)


@staff_only
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Have one of its models make the drafts."""
    check_form(request)
    model = request.POST.get("model", "")
    try:
        title = provider_services.take_model(
            actor=person_of(request), program=request.POST.get("program", ""), model=model
        )
    except (errors.InvalidInput, errors.Conflict) as problem:
        return limit_views.page(
            request, more={"model_problem": problem.message}, status=problem.status
        )
    messages.success(
        request, f"{model} of {title} makes the drafts. It's in the audit log with your name."
    )
    return redirect("operator-providers")
