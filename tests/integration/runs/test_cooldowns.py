"""A provider that refused much, asks for a rest or has no credit: steps wait, and nothing fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from core.shared_cache import shared_cache
from notices.models import Notice
from runs.engine import automatic_pauses, queue_reasons
from runs.models import Attempt, Cooldown, QueueLimit, Run, Worker
from tests.support.builders.moderation import forget_the_log
from tests.support.builders.paid_images import begin
from tests.support.builders.running import (
    USUAL,
    pass_time,
    status_after_looks,
    work_off,
)
from tests.support.clients.services_page import staff as staff_client
from tests.support.fakes.http_server import Reply
from tests.support.fakes.makers.configured import SUBMITS
from tests.support.fakes.makers.fal_server import FalServer
from tests.support.fakes.makers.jobs import Account, Script
from tests.support.markup import flat
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
staff = staff_client
REFUSED = "SAFETY.INPUT.TEXT"


@pytest.fixture(autouse=True)
def _one_worker() -> Iterator[None]:
    Worker.objects.create(name="one", host="here", labels=sorted(USUAL))
    yield
    forget_the_log()


def reason(run: Run) -> str:
    return queue_reasons.reasons_of_run(run)["a"].text


def test_after_many_refusals_a_persons_steps_wait_and_no_one_elses(
    alice: User, bob: User, serve: Any
) -> None:
    server = serve("runway", refusals_per_hour=2)
    server.script = Script(looks=1, error=REFUSED)
    assert [status_after_looks(begin(alice)) for _ in range(2)] == ["failed"] * 2
    server.script = Script(looks=1)
    waits = begin(alice)
    assert status_after_looks(waits) == "queued"
    ends = Attempt.objects.order_by("ended_at").values_list("ended_at", flat=True)[0]
    assert ends is not None
    assert reason(waits) == (
        "Runway refused 2 of your requests in the last hour."
        f" Goes on at {ends + timedelta(hours=1):%H:%M} UTC"
    )
    assert status_after_looks(begin(bob)) == "completed"
    assert len(server.submissions()) == 3
    pass_time(1)
    assert status_after_looks(waits) == "completed"
    assert waits.steps.get().attempt == 1
    # The next refusal counts with those of its own hour alone.
    server.script = Script(looks=1, error=REFUSED)
    assert [status_after_looks(begin(alice)) for _ in range(2)] == ["failed"] * 2
    assert status_after_looks(begin(alice)) == "queued"


def test_what_is_at_the_provider_goes_on_while_its_person_waits(alice: User, serve: Any) -> None:
    server = serve("runway", refusals_per_hour=1)
    server.script = Script(looks=-1)
    made = begin(alice)
    work_off()
    server.script = Script(looks=1, error=REFUSED)
    assert status_after_looks(begin(alice)) == "failed"
    for job in server.jobs.values():
        server.end(job)
    assert status_after_looks(made) == "completed"


def test_operators_see_how_much_was_refused_of_whose_and_let_them_go_on(
    alice: User, staff: Client, serve: Any
) -> None:
    server = serve("runway", refusals_per_hour=2)
    server.script = Script(looks=1, error=REFUSED)
    assert [status_after_looks(begin(alice)) for _ in range(2)] == ["failed"] * 2
    server.script = Script(looks=1)
    waits = begin(alice)
    page = flat(staff.get("/admin/providers").content.decode())
    assert "Refused in 24 h: <bdi>alice</bdi> 2" in page
    assert "<bdi>alice</bdi> waits until" in page
    assert "a fox" not in page
    staff.post("/admin/providers/provider:runway/resume")
    assert status_after_looks(waits) == "completed"
    assert "waits until" not in flat(staff.get("/admin/providers").content.decode())


def test_a_service_that_asks_for_a_rest_gets_it_from_everyone(
    alice: User, bob: User, serve: Any
) -> None:
    server = serve("comfy-router")
    limited = Reply(429, {"detail": "Slow down."}, {"Retry-After": "300"})
    server.replies[SUBMITS["comfy-router"]].append(limited)
    first, second = begin(alice), begin(bob)
    assert [status_after_looks(first), status_after_looks(second)] == ["running", "queued"]
    assert "asks to be sent nothing for a while. Goes on at" in reason(second)
    pass_time(0.2)
    assert [status_after_looks(first), status_after_looks(second)] == ["completed", "completed"]
    assert first.steps.get().failures == 0
    assert len(server.submissions()) == 2


def test_beyond_its_limit_of_a_day_runway_is_asked_again_later(alice: User, serve: Any) -> None:
    server = serve("runway")
    server.daily_limit = 0
    run = begin(alice)
    assert status_after_looks(run) == "running"
    assert Cooldown.objects.get().until > clock.now() + timedelta(minutes=9)
    (visit,) = registry.provider_named("runway").visits()
    assert "are used" in " ".join(visit.problems)
    server.daily_limit = None
    pass_time(0.2)
    assert status_after_looks(run) == "completed"


@pytest.mark.parametrize("kind", ["comfy-router", "fal", "runway"])
def test_an_account_without_credit_pauses_its_provider_and_tells_operators_once_a_day(
    alice: User, mo: User, staff: Client, serve: Any, kind: str
) -> None:
    server = serve(kind)
    server.accounts[server.KEY] = Account("operator", balance=0.0)
    run = begin(alice)
    assert status_after_looks(run) == "running"
    assert not server.submissions()
    assert reason(run).startswith("Paused: The ")
    assert "out of credit" in reason(run)
    staff.post(f"/admin/providers/provider:{kind}/resume")
    # The same again, on the same day.
    assert status_after_looks(run) == "running"
    assert QueueLimit.objects.get().is_automatic
    assert Notice.objects.filter(kind="server", person=mo).count() == 1
    assert not Notice.objects.filter(person=alice).exists()
    server.accounts[server.KEY].balance = 100.0
    staff.post(f"/admin/providers/provider:{kind}/resume")
    assert status_after_looks(run) == "completed"
    assert run.steps.get().failures == 0


def test_a_balance_ends_and_begins_such_a_pause_but_none_of_an_operator(
    alice: User, staff: Client, serve: Any
) -> None:
    server = serve("runway")
    server.accounts[server.KEY] = Account("operator", balance=0.0)
    balances = automatic_pauses.Balances()
    assert balances() == 0.0
    run = begin(alice)
    assert status_after_looks(run) == "queued"
    assert "Balance: $0.00" in flat(staff.get("/admin/providers").content.decode())
    server.accounts[server.KEY].balance = 950.0
    assert balances() > 0
    assert status_after_looks(run) == "queued"
    automatic_pauses.Balances()()
    assert "Balance: $9.50" in flat(staff.get("/admin/providers").content.decode())
    assert status_after_looks(run) == "completed"
    staff.post("/admin/providers/provider:runway/pause", {"reason": "On Sundays"})
    automatic_pauses.Balances()()
    assert QueueLimit.objects.get().reason == "On Sundays"
    server.accounts[server.KEY].balance = 0.0
    automatic_pauses.Balances()()
    assert QueueLimit.objects.get().reason == "On Sundays"


class DearerServer(FalServer):
    """Raises its prices once it has taken a job, when this product asks for them again."""

    def accept(self, *args: Any, **options: Any) -> Any:
        job = super().accept(*args, **options)
        self.usual_price *= 10
        shared_cache().clear()
        return job


def test_a_price_that_rises_between_two_results_of_a_step_leaves_none_out(
    alice: User, serve: Any
) -> None:
    server = serve("fal", DearerServer())
    run = begin(alice, model="flux-2-pro", numberOfVariations=2)
    assert status_after_looks(run) == "completed"
    assert len(server.submissions()) == 2
    assert run.artifacts.count() == 2
