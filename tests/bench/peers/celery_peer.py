"""Celery on the steps of our benches. It runs in `.peers`, so it imports nothing of ours.

`celery -A celery_peer worker` works. `python celery_peer.py` reads commands, one a line, and
answers each with one JSON object. `chains N`: chains of 100 steps. `all N`: one-step runs, from the
first start to the last end. `start N`: only started; `ended N`: their end. `slow FILE`: a chain of
5 long steps. PEERS_URL is the Redis server.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from celery import Celery, chain
from celery.result import AsyncResult
from celery.signals import worker_ready

STEPS = 100
LONG_STEPS = 5
LONG_S = 2
DEADLINE_S = 300

app = Celery("celery_peer", broker=os.environ["PEERS_URL"], backend=os.environ["PEERS_URL"])
app.conf.update(
    # Without these two a step is lost when its process is killed.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    # A worker holds no step that the other one could do.
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


@worker_ready.connect
def say_so(**_: object) -> None:
    print("celery is ready", flush=True)


@app.task
def noop() -> float:
    return time.time()


@app.task
def slow(number: int, log: str) -> None:
    with Path(log).open("a") as file:
        file.write(f"{number} {os.getpid()} {time.time()}\n")
    time.sleep(LONG_S)


def chains(count: int) -> dict[str, object]:
    """Milliseconds a step of each, from the first one's start until the last one's result."""
    took = []
    for _ in range(count):
        last: AsyncResult = chain(noop.si() for _ in range(STEPS)).apply_async()
        last.get(timeout=120)
        ended_at, first = time.time(), last
        while first.parent is not None:
            first = first.parent
        took.append(1000 * (ended_at - first.get()) / STEPS)
    return {"step_ms": took}


def start(count: int) -> dict[str, object]:
    began_at = time.time()
    for number in range(count):
        noop.apply_async(task_id=f"run-{number}")
    return {"began_at": began_at, "started_s": time.time() - began_at}


def ended(count: int) -> dict[str, object]:
    """When the last one ended. The results are asked for all at once, so that waiting is cheap."""
    backend = app.backend
    keys = [backend.get_key_for_task(f"run-{number}") for number in range(count)]
    while backend.client.exists(*keys) < count:
        time.sleep(0.02)
    found = [backend.decode_result(text) for text in backend.client.mget(keys)]
    backend.client.delete(*keys)
    assert {one["status"] for one in found} == {"SUCCESS"}
    return {"ended_at": max(one["result"] for one in found)}


def everything(count: int) -> dict[str, object]:
    began = start(count)
    return {**began, **ended(count)}


def start_slow(log: str) -> dict[str, object]:
    chain(slow.si(number, log) for number in range(LONG_STEPS)).apply_async()
    return {}


if __name__ == "__main__":
    commands = {"chains": chains, "start": start, "ended": ended, "all": everything}
    for line in sys.stdin:
        command, argument = line.split()
        # Ends this process where a command never ends.
        signal.alarm(DEADLINE_S)
        answer = start_slow(argument) if command == "slow" else commands[command](int(argument))
        signal.alarm(0)
        print(json.dumps(answer), flush=True)
