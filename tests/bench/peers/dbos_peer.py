"""DBOS on the steps of our benches. It runs in `.peers`, so it imports nothing of ours.

`python dbos_peer.py work NAME` works. `python dbos_peer.py` reads commands, one a line, and answers
each with one JSON object. `chains N`: workflows of 100 steps. `all N`: one-step runs, from the
first start to the last end. `start N`: only started; `ended N`: their end. `inside N`: as `all`,
executed by the process that starts them. `slow FILE`: a workflow of 5 long steps. PEERS_URL is the
database.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from functools import cache
from pathlib import Path

import psycopg
from dbos import DBOS, DBOSClient

STEPS = 100
LONG_STEPS = 5
LONG_S = 2
DEADLINE_S = 300
QUEUE = "steps"
# DBOS looks once a second unless it is told otherwise.
POLL_S = 0.1
URL = os.environ["PEERS_URL"]
ENDS = (
    "SELECT COUNT(*) FILTER (WHERE status = 'SUCCESS'), MAX(completed_at) / 1000.0"
    " FROM dbos.workflow_status WHERE workflow_uuid LIKE %s"
)
CHAIN_TOOK_MS = (
    "SELECT MAX(status.completed_at) - MIN(step.started_at_epoch_ms)"
    " FROM dbos.workflow_status AS status JOIN dbos.operation_outputs AS step USING (workflow_uuid)"
    " WHERE workflow_uuid = %s"
)


@DBOS.step()
def noop() -> None:
    pass


@DBOS.step()
def slow(number: int, log: str) -> None:
    with Path(log).open("a") as file:
        file.write(f"{number} {os.getpid()} {time.time()}\n")
    time.sleep(LONG_S)


@DBOS.workflow()
def one_step() -> None:
    noop()


@DBOS.workflow()
def long_chain() -> None:
    for _ in range(STEPS):
        noop()


@DBOS.workflow()
def slow_chain(log: str) -> None:
    for number in range(LONG_STEPS):
        slow(number, log)


def launch(name: str) -> None:
    DBOS(
        config={
            "name": "peers",
            "system_database_url": URL,
            "executor_id": name,
            "application_version": "1",
            "log_level": "WARNING",
        }
    )
    DBOS.launch()


def work(name: str) -> None:
    launch(name)
    DBOS.register_queue(QUEUE, polling_interval_sec=POLL_S)
    print(f"{name} is ready", flush=True)
    signal.pause()


@cache
def client() -> DBOSClient:
    return DBOSClient(system_database_url=URL)


def enqueue(name: str, workflow_id: str, *arguments: object) -> None:
    client().enqueue(
        {"queue_name": QUEUE, "workflow_name": name, "workflow_id": workflow_id}, *arguments
    )


def finished(database: psycopg.Connection, like: str, count: int) -> float:
    """When the last of these workflows ended, once all have."""
    while True:
        done, ended_at = database.execute(ENDS, (like,)).fetchone()
        if done == count:
            return float(ended_at)
        time.sleep(0.02)


def chains(count: int) -> dict[str, object]:
    """Milliseconds a step of each, from the first one's start to the end of the workflow."""
    took = []
    with psycopg.connect(URL, autocommit=True) as database:
        for _ in range(count):
            workflow_id = f"chain-{uuid.uuid4()}"
            enqueue("long_chain", workflow_id)
            finished(database, workflow_id, 1)
            took.append(float(database.execute(CHAIN_TOOK_MS, (workflow_id,)).fetchone()[0]))
    return {"step_ms": [one / STEPS for one in took]}


def start(count: int, batch: str = "run") -> dict[str, object]:
    began_at = time.time()
    for number in range(count):
        enqueue("one_step", f"{batch}-{number}")
    return {"began_at": began_at, "started_s": time.time() - began_at}


def ended(count: int, batch: str = "run") -> dict[str, object]:
    with psycopg.connect(URL, autocommit=True) as database:
        return {"ended_at": finished(database, f"{batch}-%", count)}


def everything(count: int) -> dict[str, object]:
    began = start(count, "all")
    return {**began, **ended(count, "all")}


def inside(count: int) -> dict[str, object]:
    launch("inside")
    began_at = time.time()
    handles = [DBOS.start_workflow(one_step) for _ in range(count)]
    started_s = time.time() - began_at
    for handle in handles:
        handle.get_result()
    return {"began_at": began_at, "started_s": started_s, "ended_at": time.time()}


def start_slow(log: str) -> dict[str, object]:
    enqueue("slow_chain", "slow-chain", log)
    return {}


def serve() -> None:
    commands = {
        "chains": chains,
        "start": start,
        "ended": ended,
        "all": everything,
        "inside": inside,
    }
    for line in sys.stdin:
        command, argument = line.split()
        # Ends this process where a command never ends.
        signal.alarm(DEADLINE_S)
        answer = start_slow(argument) if command == "slow" else commands[command](int(argument))
        signal.alarm(0)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2])
    serve()
