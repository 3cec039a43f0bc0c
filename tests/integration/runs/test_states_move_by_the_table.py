"""Every edge of the tables in `runs.states` can be taken, every other move is refused, and nothing
that the engine does leaves the tables.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.db import connection

from accounts.models import User
from core import clock
from core.errors import ProviderHolds
from runs import states
from runs.engine import claims, failure_handling, reclaiming, remote_job_waits, transitions
from runs.engine.attempt_context import AttemptContext
from runs.engine.claims import Claim
from runs.log.changes import changing
from runs.log.events import RunResumed
from runs.models import Run, Step
from tests.support.builders.plans import batch, gate, late, question, run_plan, step
from tests.support.builders.run_scenes import PATH, SCENES, expire, fix
from tests.support.builders.running import chain, finish, start
from tests.support.clients.api import Api
from tools.providers.base import Parked, Stopped

pytestmark = pytest.mark.django_db(transaction=True)

STEP_PAIRS = list(itertools.product(states.STEP_STATES, repeat=2))
RUN_PAIRS = list(itertools.product(states.RUN_STATES, repeat=2))
Seen = Callable[[], set[tuple[str, str]]]


def put(run: Run, status: str) -> Step:
    """The run's first step, in this state by hand."""
    lease_until = clock.now() if status == states.RUNNING else None
    Step.objects.filter(run=run).update(status=status, lease_until=lease_until)
    return Step.objects.filter(run=run).get()


def test_a_step_moves_along_the_table_and_nowhere_else(alice: User) -> None:
    run, wrong = start(alice, chain("noop", 1)), []
    for before, to in STEP_PAIRS:
        moved = put(run, before)
        leased = {"lease_until": clock.now()} if to == states.RUNNING else {}
        with changing(run.id) as change:
            try:
                result = "moved" if transitions.move(change, moved, to, **leased) else "not there"
            except transitions.IllegalMove:
                result = "refused"
        is_legal = to in states.STEP_MOVES[before]
        status = Step.objects.get(id=moved.id).status
        if (result, status) != (("moved", to) if is_legal else ("refused", before)):
            wrong.append(f"{before} to {to}: {result}, {status}")
    assert not wrong, "\n".join(wrong)


def test_a_run_moves_along_the_table_and_nowhere_else(alice: User) -> None:
    run, wrong = start(alice, chain("noop", 1)), []
    for before, to in RUN_PAIRS:
        Run.objects.filter(id=run.id).update(status=before, finished_at=None)
        is_legal = to in states.RUN_MOVES[before]
        with changing(run.id) as change:
            try:
                transitions.move_run(change, to, RunResumed())
                is_moved = True
            except transitions.IllegalMove:
                is_moved = False
        kept = Run.objects.get(id=run.id)
        row = (is_moved, kept.status, kept.finished_at is not None)
        if row != (is_legal, to if is_legal else before, is_legal and to in states.RUN_TERMINAL):
            wrong.append(f"{before} to {to}: {row}")
    assert not wrong, "\n".join(wrong)


def test_a_row_in_another_state_is_not_moved_and_nothing_is_told(alice: User) -> None:
    run = start(alice, chain("noop", 1))
    found = put(run, states.WAITING)
    put(run, states.COMPLETED)
    with changing(run.id) as change:
        assert not transitions.move(change, found, states.READY, RunResumed())
        with pytest.raises(transitions.IllegalMove):
            transitions.move_all(change, [found], states.CANCELLED, lambda _: RunResumed())
    assert Step.objects.get(id=found.id).status == states.COMPLETED
    assert Run.objects.get(id=run.id).last_seq == run.last_seq


def test_no_run_or_step_begins_in_the_middle(alice: User) -> None:
    for status in sorted(set(states.RUN_STATES) - states.RUN_BEGINS):
        with pytest.raises(transitions.IllegalMove):
            transitions.insert_run(Run(owner=alice, request={}, plan={}), status, [])
        assert not Run.objects.exists(), status
    run = start(alice, chain("noop", 1))
    for status in sorted(set(states.STEP_STATES) - states.STEP_BEGINS):
        new = Step(run=run, key="late", sequence=9, tool="noop", wire_tool="noop")
        with pytest.raises(transitions.IllegalMove):
            transitions.insert_steps([(new, status)])


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Every move of a step's row, as the database saw it: (before, after), "" for a new row."""
    if connection.vendor != "sqlite":
        pytest.skip("the database is watched by a trigger of SQLite")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE moved (before TEXT, after TEXT)")
        cursor.execute(
            "CREATE TEMP TRIGGER step_moved AFTER UPDATE OF status ON runs_step"
            " BEGIN INSERT INTO moved VALUES (OLD.status, NEW.status); END"
        )
        cursor.execute(
            "CREATE TEMP TRIGGER step_new AFTER INSERT ON runs_step"
            " BEGIN INSERT INTO moved VALUES ('', NEW.status); END"
        )

    def moves() -> set[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT before, after FROM moved")
            return set(cursor.fetchall())

    yield moves
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER temp.step_moved")
        cursor.execute("DROP TRIGGER temp.step_new")
        cursor.execute("DROP TABLE temp.moved")


def outside_the_table(moves: set[tuple[str, str]]) -> set[tuple[str, str]]:
    table = {(before, to) for before, ends in states.STEP_MOVES.items() for to in ends}
    return moves - table - {("", first) for first in states.STEP_BEGINS}


@pytest.mark.parametrize("name", list(SCENES))
def test_no_scene_leaves_the_table(name: str, alice: User, alice_key: str, seen: Seen) -> None:
    for _ in SCENES[name](alice, Api(alice_key)):
        pass
    assert outside_the_table(seen()) == set()


class Player:
    """Makes random moves of workers, people and faults on one run."""

    def __init__(self, run: Run, api: Api, chance: random.Random) -> None:
        self.run, self.api, self.chance = run, api, chance
        self.claims: list[Claim] = []

    def play(self) -> None:
        moves = (
            [self.take] * 4 + [self.finish] * 4 + [self.lose, self.hand_back, self.hold, self.park]
        )
        self.chance.choice(
            [*moves, self.answer, self.answer, self.resume, self.mend, self.cancel]
        )()

    def take(self) -> None:
        ready = list(self.run.steps.filter(status__in=(states.READY, states.PARKED)))
        if ready:
            one = self.chance.choice(ready)
            Step.objects.filter(id=one.id).update(not_before=clock.now())
            claim = claims.claim(one.id, self.run.id, self.chance.choice("ab"))
            if claim is not None:
                self.claims.append(claim)

    def _claim(self) -> Claim | None:
        # Also one whose lease was lost: its worker may not know yet.
        return self.claims.pop(self.chance.randrange(len(self.claims))) if self.claims else None

    def finish(self) -> None:
        if (claim := self._claim()) is not None:
            following = finish(claim, take_next=self.chance.random() < 0.5)
            self.claims += [] if following is None else [following]

    def hold(self) -> None:
        if (claim := self._claim()) is not None:
            reason = self.chance.choice((states.SAFETY_REVIEW, states.PERMISSION))
            failure_handling.pause_for_approval(
                claim, ProviderHolds("Look at it", waiting_reason=reason)
            )

    def park(self) -> None:
        if (claim := self._claim()) is not None:
            context = AttemptContext(claim)
            context.provider = "test"
            # A cancelled or lost step's worker learns of it here.
            with suppress(Stopped):
                context.remember({"job": claim.step.key})
            remote_job_waits.park(context, Parked(60, fraction=self.chance.random()))

    def lose(self) -> None:
        expire(self.run)

    def hand_back(self) -> None:
        reclaiming.release_worker(self.chance.choice("ab"), handed_back=True)

    def answer(self) -> None:
        given = self.chance.choice(
            (
                {"type": "answer", "stepId": "ask", "text": "Winter"},
                {"type": "approve_checkpoint"},
                {"type": "reject"},
                {"type": "redo_stage", "stageId": "looks"},
            )
        )
        self.resume({"resume_input": given})

    def resume(self, body: dict[str, object] | None = None) -> None:
        answer = self.api.post(f"{PATH}/{self.run.public_id}/resume", body or {})
        assert answer.status_code < 500, answer.content

    def mend(self) -> None:
        fix(self.run)

    def cancel(self) -> None:
        if self.chance.random() < 0.2:
            self.api.post(f"{PATH}/{self.run.public_id}/cancel")


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 16))]
)
def test_no_sequence_of_moves_leaves_the_table(
    seed: int, alice: User, alice_key: str, seen: Seen
) -> None:
    chance = random.Random(seed)
    bad = {"retryable": chance.random() < 0.5}
    on_error = [chance.choice(("stop", "continue")) for _ in range(2)]
    item = step("", "fail", late=(late("times", "$item.value"),), arguments=bad)
    run = run_plan(
        alice,
        step("first", "note"),
        batch(
            "looks", item, "first", items=(0, 1, 0), on_error=chance.choice(("stop", "continue"))
        ),
        gate("looks"),
        question("ask", "first"),
        step("bad", "fail", "ask", arguments=bad, on_error=on_error[1]),
        step("last", "note", "bad", "looks__gate"),
    )
    player = Player(run, Api(alice_key), chance)
    for _ in range(60):
        player.play()
    assert outside_the_table(seen()) == set()
