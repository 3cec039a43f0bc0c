"""What the page of a finished run offers to make final, and the two requests that it sends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.limits import check_start_rate
from accounts.models import User
from builder.editor.documents import answer, person_of
from builder.http.page_requests import by_session
from builder.runs_pages.schemas import FinalOffer, FinalStage
from core import canonical, errors, jsonsafe
from runs import access
from runs.admission.final_plan import ENDED_WELL, StagesBefore, final_stages
from runs.admission.final_run import make_final, quote_final
from runs.billing.estimates import step_quotes
from runs.billing.units import units
from runs.models import Run
from runs.web.final import quote_out

_MAX_KEY = 100


def final_offer(person: User, run: Run, shown: Mapping[str, Any]) -> FinalOffer | None:
    """Return the stages with draft results that another provider would make; None: there are none,
    or they aren't this person's to pay for. shown: the run's record."""
    if run.status not in ENDED_WELL or run.owner_id != person.pk:
        return None
    if not any(made["metadata"].get("draft") for made in shown["artifacts"]):
        return None
    before = StagesBefore(run)
    found = final_stages(before, person.pk)
    if not found:
        return None
    prices = step_quotes(before.plan, person=person.pk)
    price_of = dict(zip((str(step.key) for step in before.plan.steps), prices, strict=True))
    stages: list[FinalStage] = [
        {
            "key": stage.key,
            "provider": stage.provider.title or stage.provider.name,
            "model": stage.model,
            "units": units(price_of[stage.key]),
        }
        for stage in found
    ]
    return {"key": secrets.token_urlsafe(16), "stages": stages}


@never_cache
@require_POST
def quote(request: HttpRequest, run_id: str) -> HttpResponse:
    """Say what making the chosen stages final would take."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    body = jsonsafe.loads_object(request.body)
    return answer(quote_out(quote_final(run=run, actor=by_session(person), body=body)))


@never_cache
@require_POST
def start(request: HttpRequest, run_id: str) -> HttpResponse:
    """Make the chosen stages final. `key`: of the page that was shown, so that two clicks start
    one run, and other stages on it start another."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    body = dict(jsonsafe.loads_object(request.body))
    key = body.pop("key", None)
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY:
        raise errors.InvalidBody("`key` must be text of your choice, new for every run.")
    principal = by_session(person)
    check_start_rate(principal)
    key = f"page.{key}.{canonical.sha256_hex(body)}"
    started = make_final(run=run, actor=principal, body=body, key=key)
    return answer({"id": started.run.public_id}, status=201)
