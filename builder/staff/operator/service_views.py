"""`/admin/providers/…`: set services up, try them, turn them off and delete them; and who may use
a provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from builder.shared.page_requests import check_form, person_of
from builder.staff.operator import final_media, provider_services, service_form
from builder.staff.operator.views import frame, staff_only
from core import errors
from runs.engine import active_step_counts
from tools import registry, services
from tools.models import ProviderAccess, ProviderPerson, Service
from tools.providers.base import Provider
from tools.services import Draft

# Of the people who may use a provider.
SHOWN = 200
LOGGED = "It's in the audit log with your name."


@staff_only
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form of a new service. `?kind=` chooses what it asks."""
    kinds = dict(service_form.all_kinds())
    kind = request.POST.get("kind") or request.GET.get("kind") or ""
    kind = kind if kind in kinds else next(iter(kinds))
    if request.method != "POST":
        return _form(request, None, kind, {})
    try:
        draft = _draft(request, None, kind)
        service_form.check_complete(draft)
        provider_services.add(actor=person_of(request), draft=draft)
    except (errors.InvalidInput, errors.Conflict) as problem:
        return _form(request, None, kind, _texts_of(request, kind), problem=problem)
    messages.success(request, f"{draft.name} added. {LOGGED}")
    if service_form.form_of(kind).catalog is not None:
        # Where it can be tried with an image, and its limits and people are.
        return redirect("operator-service", name=draft.name)
    return redirect("operator-providers")


@staff_only
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    """The form of a service that was set up here."""
    row = _row(name)
    if request.method != "POST":
        return _form(request, row, row.kind, service_form.typed_of(row))
    try:
        draft = _draft(request, row, row.kind)
        service_form.check_complete(draft)
        is_new = provider_services.change(actor=person_of(request), draft=draft)
    except errors.InvalidInput as problem:
        return _form(request, row, row.kind, _texts_of(request, row.kind), problem=problem)
    if is_new:
        messages.success(request, f"{name} saved. {LOGGED}")
    else:
        messages.info(request, "Nothing to change.")
    return redirect("operator-providers")


@staff_only
@sensitive_post_parameters()
@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """Ask the service how it is, by what is typed. htmx gets what it said alone."""
    row = Service.objects.filter(name=request.POST.get("known", "")).first()
    kind = row.kind if row is not None else request.POST.get("kind", "")
    # Where the models have switches, the service's own names of them are of no use.
    trial: dict[str, Any] = {"lists_models": service_form.form_of(kind).catalog is None}
    try:
        draft = _draft(request, row, kind)
        visits = provider_services.try_out(actor=person_of(request), draft=draft)
        # Several servers of one service may say the same.
        trial["visits"] = tuple(dict.fromkeys(visits))
        trial["ticks"] = service_form.ticks(
            draft, [name for visit in visits for name in visit.models]
        )
    except errors.InvalidInput as problem:
        trial["problem"] = service_form.on_page(kind, problem.message)
    if request.headers.get("HX-Request"):
        return render(request, "operator/parts/service_tried.html", {"tried": trial})
    return _form(request, row, kind, _texts_of(request, kind), tried=trial)


@staff_only
@require_POST
def turn(request: HttpRequest, name: str) -> HttpResponse:
    """Have a service take work, or no new work."""
    on = request.POST.get("on") == "1"
    if provider_services.turn(actor=person_of(request), name=name, on=on):
        sentence = f"{name} is on." if on else f"{name} is off. Jobs that are there go on."
        messages.success(request, f"{sentence} {LOGGED}")
    else:
        messages.info(request, "Nothing to change.")
    return redirect("operator-providers")


@staff_only
@require_POST
def delete(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a service and its key."""
    provider_services.delete(actor=person_of(request), name=name)
    messages.success(request, f"{name} deleted. {LOGGED}")
    return redirect("operator-providers")


def _row(name: str) -> Service:
    row = Service.objects.filter(name=name.replace("\x00", "")).first()
    if row is None:
        raise errors.NotFound(f"No service is called {name}.")
    return row


def _draft(request: HttpRequest, row: Service | None, kind: str) -> Draft:
    check_form(request)
    name = row.name if row is not None else request.POST.get("name", "").strip()
    return service_form.read(service_form.typed(request.POST, kind), name=name, kind=kind)


def _texts_of(request: HttpRequest, kind: str) -> dict[str, str]:
    """Return the texts that the form shows again: all but the secrets."""
    secrets = services.SECRET_OPTIONS | service_form.secrets_of(kind).keys()
    fields = service_form.typed(request.POST, kind)
    texts = {name: text for name, text in fields.items() if name not in secrets}
    values = filter(None, (request.POST.get(name, "").strip() for name in secrets))
    if any(text in texts.get("more", "") for text in (*secrets, *values)):
        texts["more"] = ""
    return texts


def _form(
    request: HttpRequest,
    row: Service | None,
    kind: str,
    texts: Mapping[str, str],
    *,
    problem: errors.AppError | None = None,
    tried: Mapping[str, Any] | None = None,
) -> HttpResponse:
    kinds = service_form.all_kinds()
    form = service_form.form_of(kind)
    secret_fields = services.fields_with_secrets(row) if row is not None else frozenset()
    fields, models = (
        [
            {
                "field": field,
                "value": texts.get(field.name, ""),
                "is_kept": field.name in secret_fields,
                "hint": row.key_hint if row is not None and field.name == "key" else "",
                "is_dropped": bool(texts.get(f"drops_{field.name}")),
            }
            for field in part
        ]
        for part in service_form.parts_of(kind)
    )
    final = final_media.section(request, row.name) if row is not None else None
    price_proofs = final["price_proofs"] if final is not None else {}
    context = {
        **frame(request, "providers"),
        "row": row,
        "kind": kind,
        "kind_title": dict(kinds).get(kind, kind),
        "kinds": kinds,
        "summary": form.summary,
        "switches": service_form.switches(kind, texts, price_proofs),
        "fields": fields,
        "models": models,
        "typed": texts,
        "problem": service_form.on_page(kind, problem.message) if problem is not None else "",
        "tried": tried,
        "why": registry.configuration().page_problems.get(row.name, "") if row is not None else "",
        "at_work": _at_work(row.name) if row is not None else 0,
        "final": final,
    }
    status = problem.status if problem is not None else 200
    return render(request, "operator/service.html", context, status=status)


def _at_work(name: str) -> int:
    """Count the steps at work there, which a deletion would fail."""
    return active_step_counts.by_provider(active_step_counts.left_at_providers()).get(name, 0)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, name: str) -> HttpResponse:
    """Everyone, or the people on the list. A form each for the choice, an addition, a removal."""
    provider = registry.provider_named(name)
    if provider is None or not services.can_be_chosen_for(provider):
        raise errors.NotFound(f"No provider is called {name}.")
    if request.method != "POST":
        return _people_page(request, provider)
    try:
        sentence = _act_on_people(request, name)
    except errors.InvalidInput as problem:
        return _people_page(request, provider, problem=problem)
    if sentence:
        messages.success(request, f"{sentence} {LOGGED}")
    else:
        messages.info(request, "Nothing to change.")
    return redirect("operator-people-of", name=name)


def _act_on_people(request: HttpRequest, name: str) -> str:
    """Do what a form asks. Returns what it did; "" where there was nothing to do."""
    check_form(request)
    actor, form = person_of(request), request.POST
    if "access" in form:
        chosen = form["access"] == "chosen"
        is_new = provider_services.set_access(actor=actor, provider=name, only_chosen=chosen)
        return "Saved." if is_new else ""
    if "drop" in form:
        person = provider_services.drop(actor=actor, provider=name, username=form["drop"])
        return f"{person} removed." if person else ""
    username = form.get("username", "")
    person = provider_services.choose(actor=actor, provider=name, username=username)
    return f"{person} added." if person else ""


def _people_page(
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
