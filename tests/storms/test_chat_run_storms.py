"""Workers of chats end at any SQL statement: each round is read once, each call starts one run, and
each is paid once."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import Settings

from accounts import ledger
from accounts.models import LedgerEntry, User
from accounts.selectors import call_entries
from compose import charging
from compose.chat_runs.record import record
from compose.models import ComposedCall
from core import clock
from runs import states
from runs.engine import reclaiming, sweep
from runs.engine.cancelling import cancel_run
from runs.engine.worker import Worker
from runs.models import Event, Run, Step
from tests.support.clients.chat_runs import rounds_read, started
from tests.support.fakes.compose_model_server import ComposeModelServer, Said, configure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS_OF_KILLS = 60
CHATS = 3
LAST_STATEMENT = 160
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (2, 3))]
WORDS = {1: "I begin with two notes.", 2: "Now I write a song.", 3: "All of it is done."}


def answer(asked: Any) -> Said:
    """The n-th answer of a conversation; a song's words are asked for apart."""
    messages = asked.body["messages"]
    if "two notes" not in json.dumps(messages):
        return Said("No.")
    number = 1 + sum(one["role"] == "assistant" for one in messages)
    if number == 1:
        return Said(WORDS[1], calls=[("note", json.dumps({"text": word})) for word in "ab"])
    if number == 2:
        return Said(WORDS[2], calls=[("compose_lyrics", json.dumps({"prompt": "A fox"}))])
    return Said(WORDS[3])


@pytest.fixture
def model(settings: Settings) -> Iterator[ComposeModelServer]:
    with ComposeModelServer(answer) as server:
        configure(settings, server)
        yield server


class CrashPoint:
    """Ends this process at its n-th SQL statement, before or after it is executed."""

    def __init__(self, number: int, *, is_after: bool) -> None:
        self.left, self.is_after = number, is_after

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = execute(*statement)
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def in_child(act: Callable[[], object], crash: CrashPoint | None = None) -> bool:
    """Do this in a process of its own. Whether that was killed on the way."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            if crash is not None:
                connection.execute_wrappers.append(crash)
            act()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(pid, 0)
    assert ended in (0, signal.SIGKILL), ended
    return ended != 0


def work() -> None:
    Worker(f"worker-{os.getpid()}-{secrets.token_hex(4)}").run_until_idle()


def time_passes() -> None:
    """Steps are due, and the killed are known to be dead."""
    running = Step.objects.filter(status=states.RUNNING)
    for name in list(running.values_list("lease_owner", flat=True)):
        reclaiming.release_worker(name)
    past = clock.now() - timedelta(seconds=1)
    Step.objects.filter(status__in=(states.PARKED, states.READY)).update(not_before=past)
    # Five lost leases in a row fail a step on purpose.
    Step.objects.filter(lost_leases__gte=2).update(lost_leases=0)
    sweep.sweep()
    ComposedCall.objects.exclude(held_until=None).update(held_until=past)
    charging.tend()


def opened(key: str) -> list[Run]:
    ids = [
        started(key, f"I want two notes and a song, {place}", sogni_tools="creative-agent")["runId"]
        for place in range(CHATS)
    ]
    return list(Run.objects.filter(public_id__in=ids).order_by("id"))


def check_log(run: Run) -> None:
    numbers = Event.objects.filter(run=run).order_by("seq").values_list("seq", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))


def check_chat(run: Run) -> None:
    shown = record(Run.objects.get(id=run.id), base_url="http://testserver")
    assert shown["status"] == "completed", shown
    assert rounds_read(shown["events"]) == WORDS
    assert len(set(shown["childWorkflowIds"])) == len(shown["childWorkflowIds"]) == 2
    resolved = Counter(
        event["payload"]["toolCallId"]
        for event in shown["events"]
        if event["type"] == "tool_call_resolved"
    )
    assert list(resolved.values()) == [1, 1, 1]
    check_log(run)


@pytest.mark.parametrize("seed", SEEDS)
def test_kills_at_any_statement_double_nothing(
    seed: int, alice: User, alice_key: str, model: ComposeModelServer
) -> None:
    before, chance, kills = ledger.balance(alice.pk), random.Random(seed), 0
    runs = opened(alice_key)
    for _ in range(ROUNDS_OF_KILLS):
        number = chance.randint(1, LAST_STATEMENT)
        kills += in_child(work, CrashPoint(number, is_after=chance.random() < 0.5))
        time_passes()
        if not Run.objects.exclude(status__in=states.RUN_TERMINAL).exists():
            break
    for _ in range(12):
        in_child(work)
        time_passes()
    print(f"seed {seed}: {kills} killed")
    assert kills >= 8
    for run in runs:
        check_chat(run)
    children = Run.objects.exclude(kind="chat")
    assert set(children.values_list("status", flat=True)) == {"completed"}
    assert children.count() == 2 * CHATS
    # Of each chat: three answers, a song and two notes.
    assert ledger.balance(alice.pk) == before - CHATS * 6000
    refs = Counter(LedgerEntry.objects.filter(user=alice).values_list("kind", "ref"))
    assert set(refs.values()) == {1}


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_no_run_of_a_stopped_chat_goes_on(
    seed: int, alice: User, alice_key: str, model: ComposeModelServer
) -> None:
    """Killed between the start of a call's run and its note, too: they are one transaction."""
    chance = random.Random(seed)
    for _ in range(6):
        first = opened(alice_key)[0]
        for _ in range(chance.randint(1, 4)):
            number = chance.randint(20, LAST_STATEMENT)
            in_child(work, CrashPoint(number, is_after=chance.random() < 0.5))
            time_passes()
        number = chance.randint(1, 30)
        in_child(
            lambda run=first: cancel_run(run=run),
            CrashPoint(number, is_after=chance.random() < 0.5),
        )
        for one in Run.objects.filter(kind="chat"):
            cancel_run(run=one)
        work()
        time_passes()
        assert not Run.objects.exclude(status__in=states.RUN_TERMINAL).exists()
    for one in Run.objects.all():
        check_log(one)
    assert not Run.objects.filter(reserved_milli__gt=0).exists()
    used = sum(Run.objects.exclude(kind="chat").values_list("actual_milli", flat=True))
    calls = call_entries(alice)
    entries = LedgerEntry.objects.filter(user=alice).exclude(kind="grant")
    assert -sum(entries.values_list("milli", flat=True)) == used + 1000 * calls.count()
