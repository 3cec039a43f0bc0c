"""Facts about services for final media, as pages show them: sums quoted and booked in the last
days, the handling of a lost answer, the age of their prices; and test images made by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.shared.page_requests import by_session, check_form, person_of
from builder.staff.operator.services import check_operator
from builder.staff.operator.views import staff_only
from core import clock, errors
from moderation import audit_log
from runs import access, selectors, states
from runs.admission.start import start_run
from runs.billing.units import credits_text
from runs.engine.automatic_pauses import balance_of
from runs.engine.cooldowns import refusals
from runs.models import Attempt, Run, Wait
from runs.web.artifacts import signer
from tools import registry
from tools.models import Service
from tools.provider_trials import proofs
from tools.providers import service_types
from tools.providers.base import Provider
from tools.providers.form import STALE_DAYS, ModelChoice

DAYS = 30
TEST = "service.test"
TOOL = "generate_image"
PROMPT = "A red ceramic teapot on a wooden table, morning light"


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of the last DAYS days, in thousandths of a credit. booked: with `failures`, which is
    what services charged for them, or may have, and people didn't pay. above: steps that were
    booked above their quote. questions: to people, whether to send a request again."""

    quoted: int = 0
    booked: int = 0
    failures: int = 0
    above: int = 0
    questions: int = 0

    @property
    def quoted_text(self) -> str:
        return credits_text(self.quoted)

    @property
    def booked_text(self) -> str:
        return credits_text(self.booked)

    @property
    def failures_text(self) -> str:
        return credits_text(self.failures)

    @property
    def difference(self) -> str:
        """`+1.5`, in credits."""
        return f"{(self.booked - self.quoted) / 1000:+,.10g}"


def figures_of(names: Sequence[str]) -> dict[str, Figures]:
    """Return the figures of these services. Steps that took over an earlier result don't count."""
    since = clock.now() - timedelta(days=DAYS)
    attempts = Attempt.objects.filter(provider__in=names, ended_at__gte=since).order_by()
    is_done = Q(outcome="done", step__reused_from=None)
    failures = Coalesce(Sum("unbilled_milli"), 0)
    rows = attempts.values("provider").annotate(
        quoted=Coalesce(Sum("step__estimated_milli", filter=is_done), 0),
        booked=Coalesce(Sum("actual_milli", filter=is_done), 0) + failures,
        failures=failures,
        above=Count("id", filter=is_done & Q(actual_milli__gt=F("step__estimated_milli"))),
    )
    waits = Wait.objects.filter(
        reason=states.PERMISSION, created_at__gte=since, step__assigned_provider__in=names
    )
    counts = waits.order_by().values_list("step__assigned_provider").annotate(Count("id"))
    questions: dict[str, int] = dict(counts)
    figures = {name: Figures(questions=questions.get(name, 0)) for name in names}
    for row in rows:
        sums = {name: int(row[name]) for name in ("quoted", "booked", "failures", "above")}
        figures[row["provider"]] = replace(figures[row["provider"]], **sums)
    return figures


def certainty(provider: Provider) -> str:
    """Return what becomes of a paid request whose answer is lost."""
    if provider.submit == "idempotent":
        hours = provider.key_lifetime_s and round(provider.key_lifetime_s / 3600)
        return f"Repeated requests are recognized{f' for {hours} h' if hours else ''}"
    if provider.submit == "findable":
        return "Lost requests are found by webhook or history"
    return "Can't recognize a repeated request: you are asked"


def stale(catalog: Sequence[ModelChoice]) -> str:
    """Return a sentence about models whose prices were compared long ago; "" for none."""
    old = [one for one in catalog if (clock.now().date() - one.read).days > STALE_DAYS]
    if not old:
        return ""
    last = min(one.read for one in old)
    return (
        f"{len(old)} price{'' if len(old) == 1 else 's'} last compared on {last:%-d %b %Y}. Update"
        " Reelgraph, or write rows of your own into models.d in the data folder."
    )


def facts(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what pages say of the services for final media among these, by their names."""
    own = Service.objects.filter(name__in=names).values_list("name", "kind", "options")
    tables = {name: (kind, options) for name, kind, options in own}
    tables |= {
        name: (str(table.get("kind", "")), table)
        for name, table in settings.PROVIDERS.items()
        if name in names
    }
    notes: dict[str, dict[str, Any]] = {}
    for name, (kind, options) in tables.items():
        catalog, provider = service_types.form_of(kind).catalog, registry.provider_named(name)
        if catalog is not None and provider is not None:
            notes[name] = {
                "certainty": certainty(provider),
                "stale": stale(catalog(options)),
                **_proof_facts(provider),
            }
    figures = figures_of([*notes]) if notes else {}
    refusals = _refusals([*notes]) if notes else {}
    return {
        name: {
            **one,
            "figures": figures[name],
            "refusals": refusals.get(name, ()),
            "balance": balance_of(name),
        }
        for name, one in notes.items()
    }


def _refusals(names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return by service how much of whose content it refused in the last day, the most first. Never
    what it was."""
    rows = refusals(timedelta(days=1)).filter(provider__in=names).order_by()
    counts = rows.values("provider", "owner__username").annotate(count=Count("id"))
    by_service: dict[str, list[dict[str, Any]]] = {}
    for row in counts.order_by("-count", "owner__username"):
        by_service.setdefault(row["provider"], []).append(dict(row))
    return by_service


def _proof_facts(provider: Provider) -> dict[str, Any]:
    """Return what pages say of the facts that `manage.py providers try` proves."""
    price_proofs = proofs.proofs_of(provider)
    prices = price_proofs.named(proofs.PRICE)
    count = len({model.name for tool in provider.tools() for model in provider.details(tool)})
    submit = price_proofs.of(proofs.SUBMIT)
    # Being asked needs no proof: nothing is claimed of the service.
    submit_words = proofs.words(submit) if provider.submit != "blind" else ""
    if submit is not None and provider.key_lifetime_s:
        # No trial waits so long.
        submit_words += f", but for the {provider.key_lifetime_s / 3600:g} h"
    return {
        "submit_proof": submit_words,
        "price_proof": proofs.price_words(prices, count),
        "price_proofs": {proof.model: proofs.words(proof) for proof in prices},
    }


# -- test images -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TestChoice:
    """A model that a test image can be made by. milli: what it costs, at most."""

    name: str
    title: str
    milli: int
    at_most: bool


def section(request: HttpRequest, name: str) -> dict[str, Any] | None:
    """Return what the service's own page has; None for other kinds, and one that can't be used."""
    notes = facts([name]).get(name)
    provider = registry.provider_named(name)
    if notes is None or provider is None:
        return None
    actor = person_of(request)
    choices = test_choices(provider, actor)
    run_id = request.GET.get("test", "")
    return {
        **notes,
        "choices": choices,
        "why_none": "" if choices else _why_no_test(provider),
        "test": _test_page(actor, run_id, name) if run_id else None,
    }


def test_choices(provider: Provider, actor: User) -> list[TestChoice]:
    """Return the models that this person's runs make images by here, the cheapest first."""
    choices = []
    for model in provider.details(TOOL):
        arguments = _arguments(model.name)
        route = registry.provider_for(TOOL, arguments, person=actor.pk)
        price = provider.quote(TOOL, arguments, {}) if route is provider else None
        if price is not None:
            choices.append(TestChoice(model.name, model.title, price.milli, price.at_most))
    return sorted(choices, key=lambda one: one.milli)


def _arguments(model: str) -> dict[str, Any]:
    return {"prompt": PROMPT, "model": model, "width": 1024, "height": 1024}


def _why_no_test(provider: Provider) -> str:
    title = provider.title or provider.name
    if TOOL not in provider.tools():
        return f"{title} has no model for images turned on."
    return (
        f"{title} makes no images for you now: it's off, isn't open to you, or another service has"
        " the same models and comes first."
    )


@staff_only
@require_POST
def make_test_image(request: HttpRequest, name: str) -> HttpResponse:
    """Make one real image by a service, as a run of the operator."""
    actor = person_of(request)
    try:
        check_form(request)
        run = start_test(actor=actor, name=name, model=request.POST.get("model", ""))
    except errors.AppError as problem:
        if isinstance(problem, errors.NotFound):
            raise
        messages.error(request, problem.message)
        return redirect("operator-service", name=name)
    page = reverse("operator-service", kwargs={"name": name})
    return redirect(f"{page}?test={run.public_id}#test-image")


def start_test(*, actor: User, name: str, model: str) -> Run:
    """Start the run of a test image. Raises Forbidden, NotFound, InvalidInput, and what a start
    raises."""
    check_operator(actor)
    provider = registry.provider_named(name)
    if provider is None or not Service.objects.filter(name=name).exists():
        raise errors.NotFound(f"No service is called {name}.")
    choice = next((one for one in test_choices(provider, actor) if one.name == model), None)
    if choice is None:
        raise errors.InvalidInput("Test image: choose a model of the list.")
    step = {"id": "test", "toolName": TOOL, "arguments": _arguments(model)}
    body = {"title": f"Test image of {provider.title or name}", "input": {"steps": [step]}}
    run = start_run(actor=by_session(actor), body=body).run
    audit_log.enter(
        actor=actor,
        action=TEST,
        subject_kind="provider",
        subject_id=name,
        data={"note": f"{choice.title}, {run.public_id}"},
    )
    return run


@staff_only
@require_safe
def test_image(request: HttpRequest, name: str, run_id: str) -> HttpResponse:
    """Show the state of a test image: htmx asks until it's there."""
    test = _test_page(person_of(request), run_id, name)
    context = {"test": test, "final": facts([name]).get(name)}
    return render(request, "operator/parts/test_image_live.html", context)


def _test_page(actor: User, run_id: str, name: str) -> Mapping[str, Any]:
    """Return a test's run as the page has it. Raises NotFound for what isn't the actor's."""
    run = access.own_run(actor, run_id)
    artifacts = selectors.artifacts_of([run])
    errors_of = [step.error for step in selectors.steps_of(run) if step.error]
    took = (run.finished_at - run.created_at).total_seconds() if run.finished_at else None
    return {
        "run": run,
        "name": name,
        "is_over": run.finished_at is not None,
        "waits": [wait.message for wait in selectors.open_waits(run)],
        "url": signer("")(artifacts[0].public_id, artifacts[0].filename) if artifacts else "",
        "took_s": took,
        "booked": run.actual_milli,
        "quoted": run.estimated_milli,
        "problem": errors_of[0].get("message", "") if errors_of else "",
    }
