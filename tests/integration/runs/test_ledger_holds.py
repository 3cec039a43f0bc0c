"""Whatever happens to runs, in whatever order and however often: the ledger says what they took."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from accounts import ledger, services
from accounts.auth import Principal
from accounts.models import LedgerEntry
from core import clock, errors
from runs import states
from runs.admission.run_again import run_again
from runs.admission.start import start_run
from runs.engine import cancelling, claims, reclaiming
from runs.engine.claims import Claim
from runs.interaction import approval, retry
from runs.models import Allowance, Attempt, Run, Step
from templates_app.graph.types import DeferredRef, StepKey
from tests.support.builders import plans
from tests.support.builders.factories import make_user
from tests.support.builders.running import finish, status_of
from tests.support.fakes import tools

pytestmark = [pytest.mark.django_db]
UNIT = 2_000  # a metered call's quote for each of its copies
ALLOWED = 60_000
DAY = timedelta(days=1)
names = (f"p{number}" for number in itertools.count())
picks = st.integers(0, 1_000)


@dataclass
class Work:
    """One step as the model knows it."""

    quote: int
    used: int
    state: str = "open"  # open, claimed, done, failed, skipped


@dataclass
class Model:
    """One run as the model knows it: a dozen lines of arithmetic instead of an engine."""

    id: int
    steps: dict[str, Work]
    chained: bool
    state: str  # asking, going, stopping, failed, done, cancelled
    limit: int | None = None
    reserved: int = 0
    actual: int = 0
    claims: list[Claim] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(step.quote for step in self.steps.values())

    @property
    def takeable(self) -> list[str]:
        if self.state != "going":
            return []
        found = []
        for key, step in self.steps.items():
            if step.state == "open":
                found.append(key)
            if self.chained and step.state != "done":
                return found
        return found

    def end(self, state: str) -> None:
        self.state, self.reserved = state, 0

    def settle(self, key: str, *, works: bool) -> None:
        step = self.steps[key]
        step.state = "done" if works else "failed"
        if works:
            self.reserved -= min(step.quote, self.reserved)
            self.actual += step.used
        else:
            self.state = "stopping"
            for other in self.steps.values():
                if other.state == "open":
                    other.state = "skipped"
        left = {step.state for step in self.steps.values()} & {"open", "claimed"}
        if not left:
            self.end("failed" if self.state == "stopping" else "done")


class Ledger(RuleBasedStateMachine):
    """People's verbs, workers' verbs and repeated requests, in any order, on real rows."""

    def __init__(self) -> None:
        super().__init__()
        person = make_user(next(names))
        key, _ = services.create_api_key(user=person, name="model")
        self.actor = Principal(user=person, api_key=key, via="key")
        self.runs: list[Model] = []
        self.allowance = Allowance.objects.create(
            owner=person, most_runs=1_000, most_milli=ALLOWED, ends_at=clock.now() + DAY
        )
        self.granted = 0
        self.keys = itertools.count()
        self.touched: list[Model] = []
        self.batches: dict[int, int] = {}  # run → what it takes when all of it is done
        tools.REFUSED.clear()
        self.grant(40)

    @property
    def balance(self) -> int:
        rows = Run.objects.filter(id__in=self.batches)
        held = sum(a + r for a, r in rows.values_list("actual_milli", "reserved_milli"))
        return self.granted - held - sum(run.actual + run.reserved for run in self.runs)

    def one(self, pick: int, *wanted: str) -> Model | None:
        found = [run for run in self.runs if run.state in wanted]
        return found[pick % len(found)] if found else None

    def has(self, *wanted: str) -> bool:
        return self.one(0, *wanted) is not None

    def row(self, run: Model) -> Run:
        return Run.objects.get(id=run.id)

    # -- people ----------------------------------------------------------------------------------

    @rule(units=st.integers(1, 30))
    def grant(self, units: int) -> None:
        ref = f"grant:{self.actor.user.pk}:{self.granted}"
        for _ in range(2):
            ledger.grant(user=self.actor.user, milli=1000 * units, ref=ref)
        self.granted += 1000 * units

    @rule(
        copies=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=4),
        chained=st.booleans(),
        asks=st.sampled_from([False, False, True]),
        ceiling=st.sampled_from([None, None, 6, 100]),
        is_allowed=st.booleans(),
    )
    def start(
        self,
        copies: list[tuple[int, int]],
        chained: bool,
        asks: bool,
        ceiling: int | None,
        is_allowed: bool,
    ) -> None:
        steps = {
            f"s{place}": Work(UNIT * count, 1000 * used)
            for place, (count, used) in enumerate(copies)
        }
        number = next(self.keys)
        body: dict[str, Any] = {
            "input": {
                "steps": [
                    {
                        "id": key,
                        "toolName": "metered",
                        "arguments": {
                            "copies": step.quote // UNIT,
                            "used": step.used / 1000,
                            "name": f"{number}.{key}",
                        },
                        "dependsOn": [f"s{place - 1}"] if chained and place else [],
                    }
                    for place, (key, step) in enumerate(steps.items())
                ]
            },
            "confirm_cost": not asks,
            "max_estimated_capacity_units": ceiling,
        }
        limit = None if ceiling is None else 1000 * ceiling
        model = Model(0, steps, chained, "asking" if asks else "going", limit)
        key = f"start-{number}"
        allowance = self.allowance.pk if is_allowed else None
        try:
            started = start_run(actor=self.actor, body=body, key=key, allowance=allowance)
        except errors.InvalidInput:
            assert limit is not None
            assert model.total > limit
            return
        except errors.AllowanceSpent:
            assert is_allowed
            assert self.given() + (0 if asks else model.total) > ALLOWED
            return
        except errors.InsufficientCredit:
            assert not asks
            assert self.balance < model.total
            return
        assert limit is None or model.total <= limit
        assert asks or self.balance >= model.total
        again = start_run(actor=self.actor, body=body, key=key, allowance=allowance)
        assert again.replayed
        assert again.run.id == started.run.id
        model.id = started.run.id
        if not asks:
            model.reserved = model.total
        self.keep(model)

    @precondition(lambda self: self.has("asking"))
    @rule(pick=picks, decision=st.sampled_from(["confirm", "confirm", "cancel", "requote"]))
    def decide(self, pick: int, decision: str) -> None:
        run = self.one(pick, "asking")
        if run is None:
            return
        key = f"decide-{next(self.keys)}"
        body = {"decision": decision}

        def send() -> bool:
            return approval.decide_cost(run=self.row(run), actor=self.actor, body=body, key=key)

        if decision == "confirm" and self.balance < run.total:
            with pytest.raises(errors.InsufficientCredit):
                send()
            return
        assert send() is True
        assert send() is False
        if decision == "confirm":
            run.state, run.reserved, run.limit = "going", run.total, run.total
        elif decision == "cancel":
            run.end("cancelled")
        self.touched.append(run)

    @precondition(lambda self: self.runs)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        run = self.one(pick, "asking", "going", "stopping", "failed", "done", "cancelled")
        if run is None:
            return
        over = run.state in ("failed", "done", "cancelled")
        assert cancelling.cancel_run(run=self.row(run)) is not over
        if not over:
            run.end("cancelled")
        self.touched.append(run)

    @precondition(lambda self: self.has("failed", "done"))
    @rule(pick=picks)
    def resume(self, pick: int) -> None:
        run = self.one(pick, "failed", "failed", "done", "cancelled")
        if run is None:
            return
        left = [step for step in run.steps.values() if step.state in ("failed", "skipped")]
        quote = sum(step.quote for step in left)

        def send() -> bool:
            return retry.retry_or_answer(run=self.row(run), actor=self.actor, body={})

        if run.state != "failed":
            assert send() is False
            return
        if run.limit is not None and run.actual + quote > run.limit:
            with pytest.raises(errors.Conflict):
                send()
        elif self.balance < quote:
            with pytest.raises(errors.InsufficientCredit):
                send()
        else:
            assert send() is True
            assert send() is False
            for step in left:
                step.state = "open"
            run.state, run.reserved = "going", quote
        self.touched.append(run)

    @precondition(lambda self: self.has("failed", "done", "cancelled"))
    @rule(pick=picks, new_seeds=st.booleans())
    def run_again(self, pick: int, new_seeds: bool) -> None:
        run = self.one(pick, "failed", "done", "cancelled")
        if run is None:
            return
        key = f"again-{next(self.keys)}"
        steps = {name: Work(step.quote, step.used) for name, step in run.steps.items()}
        limit = self.row(run).ceiling_milli
        model = Model(0, steps, run.chained, "going", limit)
        try:
            made = [
                run_again(run=self.row(run), actor=self.actor, new_seeds=new_seeds, key=key)
                for _ in range(2)
            ]
        except errors.InsufficientCredit:
            assert self.balance < model.total
            return
        assert made[0].run.id == made[1].run.id
        model.id, model.reserved = made[0].run.id, model.total
        self.keep(model)

    @rule(count=st.integers(1, 4), used=st.integers(0, 3), ceiling=st.sampled_from([None, None, 7]))
    def start_batch(self, count: int, used: int, ceiling: int | None) -> None:
        """No one knows before how many there will be: one is quoted, for two units and a note."""
        item = plans.step("each", "metered", arguments={"used": used})
        over = DeferredRef((), "$artifacts.sheet", StepKey("sheet"))
        sheet = plans.step("sheet", "note", arguments={"copies": count})
        repeated = plans.batch("each", item, "sheet", over=over)
        limit = None if ceiling is None else 1000 * ceiling
        if self.balance < 1000 * count + UNIT:
            return
        if self.given() + 1000 * count + UNIT > ALLOWED:
            return
        run = plans.run_plan(
            self.actor.user, sheet, repeated, ceiling=limit, allowance=self.allowance.pk
        )
        assert run.reserved_milli == 1000 * count + UNIT
        self.batches[run.id] = 1000 * count * (1 + used)

    # -- workers ---------------------------------------------------------------------------------

    @precondition(lambda self: self.has("going"))
    @rule(pick=picks)
    def claim(self, pick: int) -> None:
        found = [run for run in self.runs if run.takeable]
        if not found:
            return
        run = found[pick % len(found)]
        self.take(run, run.takeable[pick % len(run.takeable)])

    @precondition(lambda self: self.has("going", "stopping", "cancelled"))
    @rule(pick=picks, works=st.booleans(), late=st.booleans())
    def work(self, pick: int, works: bool, late: bool) -> None:
        """Finish a claim. late: its worker was taken for dead, and another did it meanwhile."""
        found = [run for run in self.runs if run.claims]
        if not found:
            self.claim(pick)
            found = [run for run in self.runs if run.claims]
        if not found:
            return
        run = found[pick % len(found)]
        claim = run.claims.pop(pick % len(run.claims))
        key = claim.step.key
        held = run.state in ("going", "stopping") and run.steps[key].state == "claimed"
        name = claim.step.arguments["name"]
        (tools.REFUSED.discard if works else tools.REFUSED.add)(name)
        if late and held and run.state == "going":
            assert reclaiming.reclaim(claim.step.id, run.id, lost_by=claim.worker, handed_back=True)
            other = claims.claim(claim.step.id, run.id, "another")
            assert other is not None
            finish(other)
        finish(claim)
        if held:
            run.settle(key, works=works)
        self.touched.append(run)

    @precondition(lambda self: self.has("going"))
    @rule(pick=picks, fails=st.integers(0, 6))
    def work_through(self, pick: int, fails: int) -> None:
        """Work a run off to its end; its fails-th step from now fails, if there is one."""
        run = self.one(pick, "going")
        if run is None or run.claims:
            return
        for turn in itertools.count():
            if not run.takeable:
                return
            self.take(run, run.takeable[0])
            self.work(self.place_of(run), works=turn != fails, late=False)

    @precondition(lambda self: self.batches)
    @rule(pick=picks, turns=st.integers(2, 8), confirms=st.booleans())
    def work_on_a_batch(self, pick: int, turns: int, confirms: bool) -> None:
        """Its steps one after the other; where it asks, it is answered."""
        rows = Run.objects.filter(id__in=self.batches, finished_at=None).order_by("id")
        if not rows:
            return
        run = rows[pick % len(rows)]
        for _ in range(turns):
            run.refresh_from_db()
            if run.status == states.WAITING_FOR_USER:
                self.answer(run, confirms=confirms)
                return
            ready = run.steps.filter(status=states.READY).first()
            if ready is None:
                assert run.status in states.RUN_TERMINAL
                return
            claim = claims.claim(ready.id, run.id, "batcher")
            assert claim is not None
            finish(claim)
            self.check_batches(run.id)

    def answer(self, run: Run, *, confirms: bool) -> None:
        if run.waiting_reason == states.INSUFFICIENT_CREDIT:
            needed = run.waits.get(answered_at=None).prompt["milli"]
            went_on = retry.retry_or_answer(run=run, actor=self.actor, body={})
            assert went_on is (self.balance >= needed)
            return
        assert run.waiting_reason == states.COST_REAUTHORIZATION
        with pytest.raises(errors.Conflict):
            retry.retry_or_answer(run=run, actor=self.actor, body={})
        body = {"decision": "confirm" if confirms else "cancel"}
        assert approval.decide_cost(run=run, actor=self.actor, body=body)
        assert status_of(run) == (states.RUNNING if confirms else states.CANCELLED)
        self.check_batches(run.id)

    def place_of(self, run: Model) -> int:
        return [one for one in self.runs if one.claims].index(run)

    def take(self, run: Model, key: str) -> None:
        step = Step.objects.get(run_id=run.id, key=key)
        claim = claims.claim(step.id, run.id, f"worker-{next(self.keys)}")
        assert claim is not None, (key, step.status)
        # Of two workers that were told of it, one has it.
        assert claims.claim(step.id, run.id, "too late") is None
        run.steps[key].state = "claimed"
        run.claims.append(claim)
        self.touched.append(run)

    def keep(self, run: Model) -> None:
        self.runs.append(run)
        self.touched.append(run)

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def sums_hold(self) -> None:
        for run in self.touched:
            self.check(run)
        self.touched.clear()
        assert ledger.balance(self.actor.user) == self.balance
        row = Allowance.objects.get(pk=self.allowance.pk)
        assert row.milli == self.given()
        assert row.runs == Run.objects.filter(allowance=row).count()

    def given(self) -> int:
        """Sum what runs of the allowance have used and reserved, in thousandths."""
        rows = Run.objects.filter(allowance=self.allowance)
        return sum(a + r for a, r in rows.values_list("actual_milli", "reserved_milli"))

    def check_batches(self, *ids: int) -> None:
        for row in Run.objects.filter(id__in=ids):
            self.check_row(row)
            if row.status == states.COMPLETED:
                assert row.actual_milli == self.batches[row.id]

    def check(self, run: Model) -> None:
        row = self.row(run)
        assert (row.reserved_milli, row.actual_milli) == (run.reserved, run.actual), run
        self.check_row(row)
        expected = {"asking": states.WAITING_FOR_USER, "done": states.COMPLETED}
        if run.state in (*expected, "failed", "cancelled"):
            assert row.status == expected.get(run.state, run.state)

    def check_row(self, row: Run) -> None:
        attempts = Attempt.objects.filter(step__run=row)
        settles = [f"step:{step}:{n}" for step, n in attempts.values_list("step_id", "number")]
        entries = LedgerEntry.objects.filter(
            Q(ref=f"run:{row.id}") | Q(ref__startswith=f"run:{row.id}:") | Q(ref__in=settles)
        )
        total = entries.aggregate(total=Sum("milli"))["total"] or 0
        assert total == -row.reserved_milli - row.actual_milli
        # Settled once for each time that a step was really done; a batch itself takes nothing.
        done = attempts.filter(outcome="done").exclude(step__kind="expand").count()
        assert entries.filter(kind="settle").count() <= done
        if row.status in states.RUN_TERMINAL:
            assert row.reserved_milli == 0

    def teardown(self) -> None:
        for run in self.runs:
            if run.state not in ("failed", "done", "cancelled"):
                cancelling.cancel_run(run=self.row(run))
                run.end("cancelled")
            self.check(run)
        for row in Run.objects.filter(id__in=self.batches):
            cancelling.cancel_run(run=row)
        self.check_batches(*self.batches)
        rows = Run.objects.filter(id__in=self.batches)
        used = sum(run.actual for run in self.runs) + sum(row.actual_milli for row in rows)
        assert ledger.balance(self.actor.user) == self.granted - used
        tools.REFUSED.clear()


@pytest.mark.slow
def test_sums_hold_after_any_mixture(settings: Settings) -> None:
    settings.LIMIT_CREDIT = True
    settings.ACTIVE_RUNS_PER_USER = 1000
    run_state_machine_as_test(Ledger, settings=PROFILE)


PROFILE = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
