"""Charges of services for failures: people pay nothing of them, and they count for the limits of a
day and the operator's sums."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db.models import Sum

from accounts.models import LedgerEntry, User
from builder.staff.operator.final_media import Figures, figures_of
from core import errors
from runs.interaction import answers
from runs.models import Run
from tests.support.builders.paid_images import begin, over
from tests.support.fakes.makers.base import Fault, ProviderServer
from tests.support.fakes.makers.configured import SERVERS, SUBMITS
from tests.support.fakes.makers.jobs import Script
from tools import registry
from tools.providers.makers.options import CREDITS_PER_USD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# By kind: words of failures that each service charges, or may; and of one that it doesn't.
CHARGED = {
    "comfy-router": ("content_policy_violation", "provider_error"),
    "fal": ("content_policy_violation", "value_error"),
    "runway": ("SAFETY.INPUT.TEXT", "INPUT_PREPROCESSING.SAFETY"),
}
FREE = {"fal": "internal_error", "runway": "THIRD_PARTY.UNAVAILABLE"}
Serve = Callable[..., ProviderServer]


def quote_of(kind: str) -> int:
    provider = registry.provider_named(kind)
    assert provider is not None
    price = provider.quote("generate_image", {"prompt": "a fox"}, {})
    assert price is not None
    return price.milli


def settled_milli(user: User) -> int:
    entries = LedgerEntry.objects.filter(user=user, kind="settle")
    return int(entries.aggregate(sum=Sum("milli"))["sum"] or 0)


def sums(kind: str) -> Figures:
    return figures_of([kind])[kind]


@pytest.mark.parametrize(
    ("kind", "error"), [(kind, error) for kind in SERVERS for error in CHARGED[kind]]
)
def test_of_twelve_failures_a_limit_for_four_lets_five_be_sent_at_most(
    alice: User, serve: Serve, settings: Any, kind: str, error: str
) -> None:
    server = serve(kind)
    # Prices are known after it.
    assert over(begin(alice)).status == "completed"
    paid, settled = sums(kind).booked, settled_milli(alice)
    usd = (paid + 4 * quote_of(kind)) / 1000 / CREDITS_PER_USD
    settings.PROVIDERS = {kind: {**settings.PROVIDERS[kind], "usd_per_day": usd}}
    registry.rebuild()
    server.script = Script(looks=1, error=error)
    runs: list[Run] = []
    with suppress(errors.InsufficientCredit):
        runs.extend(over(begin(alice)) for _ in range(12))
    assert 4 <= len(server.submissions()) - 1 <= 5
    unbilled = sums(kind).failures
    assert unbilled == sums(kind).booked - paid
    assert unbilled >= 3 * quote_of(kind)
    assert sum(run.actual_milli for run in runs) == 0
    assert settled_milli(alice) == settled


def test_runway_says_what_it_charged_for_a_failure(alice: User, serve: Serve) -> None:
    server = serve("runway")
    server.script = Script(looks=1, error="SAFETY.INPUT.TEXT", cost=3)
    assert over(begin(alice)).status == "failed"
    assert sums("runway").failures == 3_000


@pytest.mark.parametrize("kind", FREE)
def test_a_failure_that_is_not_charged_counts_for_nothing(
    alice: User, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    server.script = Script(looks=1, error=FREE[kind])
    assert over(begin(alice)).status == "failed"
    assert sums(kind) == Figures()


def test_a_request_that_may_have_been_charged_counts_beside_the_one_sent_after_it(
    alice: User, serve: Serve
) -> None:
    server = serve("runway")
    server.replies[SUBMITS["runway"]].append(Fault(accepts=True, drop=True))
    run = over(begin(alice))
    quote = run.steps.get().estimated_milli
    assert sums("runway") == Figures(booked=quote, failures=quote, questions=1)
    answers.answer(run=run, actor=alice, resume_input={"type": "approve_checkpoint"})
    run = over(run)
    assert len(server.submissions()) == 2
    assert sums("runway").booked == quote + run.actual_milli


def test_a_job_that_its_person_named_counts_once(alice: User, serve: Serve) -> None:
    server = serve("runway")
    server.replies[SUBMITS["runway"]].append(Fault(accepts=True, drop=True))
    run = over(begin(alice))
    [job_id] = server.jobs
    answers.answer(run=run, actor=alice, resume_input={"type": "attach_job", "jobId": job_id})
    run = over(run)
    assert run.status == "completed", run.error
    assert sums("runway").failures == 0
    assert sums("runway").booked == run.actual_milli


@pytest.mark.parametrize("kind", SERVERS)
def test_of_two_results_the_one_that_failed_is_not_paid_by_its_person(
    alice: User, serve: Serve, kind: str
) -> None:
    server = serve(kind)
    server.scripts.extend([Script(looks=1), Script(looks=1, error=CHARGED[kind][0])])
    run = over(begin(alice, numberOfVariations=2))
    assert run.status == "completed", run.error
    assert len(server.submissions()) == 2
    assert 0 < run.actual_milli <= run.steps.get().estimated_milli // 2
    unbilled = sums(kind).failures
    assert unbilled == server.submissions()[1]["quote"] * 1000 if kind == "runway" else unbilled > 0


def test_a_job_that_failed_and_a_request_that_was_refused_after_it_both_count(
    alice: User, serve: Serve
) -> None:
    server = serve("fal")
    server.scripts.append(Script(looks=1, error="content_policy_violation"))
    refusal = server.failure(422, "No.", "content_policy_violation")
    server.replies[SUBMITS["fal"]].extend([Fault(accepts=True), refusal])
    assert over(begin(alice, numberOfVariations=2)).status == "failed"
    assert len(server.submissions()) == 1
    assert sums("fal").failures == 2 * quote_of("fal")
