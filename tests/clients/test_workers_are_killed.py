"""Workers are killed and frozen in the middle of steps: nothing is lost or seen twice."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from builder.settings import LEASE_S
from tests.support.clients.unstable_reader import UnstableReader
from tests.support.fakes import tools
from tests.support.faults.kept_waiting import Record
from tests.support.faults.workers import (
    Fault,
    Freezer,
    after_fault,
    held_by,
    kill,
    print_times,
    rows,
    worker_lives,
)
from tests.support.server import Site, finished, start
from tests.support.waiting import WAIT_S, Late, wait_for

SEED = 20_26
RUNS = 20
WORKERS = 3
KILLS, FREEZES = 8, 3
FROZEN_S = LEASE_S + 2
# After each further one the supervisor waits twice as long.
KILLS_PER_PLACE = 3
# Of time in which the machine let the supervisor work.
HANDED_BACK_S = 2.0
# A reader reads while all faults fall.
READ_S = 300
PATH = "/v1/creative-agent/workflows"


def test_nothing_is_lost_and_nothing_is_seen_twice(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Twenty runs under a hail of kill -9 and SIGSTOP, watched over lines that keep breaking."""
    chance = random.Random(SEED)
    plans = [plan(chance, place) for place in range(RUNS)]
    home = tmp_path_factory.mktemp("site")
    with Site(home, workers=WORKERS) as site, site.client(site.key("alice")) as client:
        key = client.headers["authorization"].removeprefix("Bearer ")
        runs = {start(client, {"input": {"steps": steps}})["id"]: steps for steps in plans}
        readers = [
            UnstableReader(site.url, key, run_id, seed=SEED + place, within_s=READ_S)
            for place, run_id in enumerate(runs)
        ]
        for reader in readers:
            reader.start()
        with Record(site) as record:
            faults = hail(site, chance, lambda: unfinished(client, runs))
            done = {run_id: finished(client, run_id) for run_id in runs}
        for reader in readers:
            reader.join(WAIT_S)
            if reader.is_alive():
                raise Late(f"{reader.name} reads on, {len(reader.events)} events so far")

        logs = {run_id: log_of(client, run_id) for run_id in runs}
        for run_id, steps in runs.items():
            check_run(site, done[run_id], steps, logs[run_id])
        for reader in readers:
            check_reader(reader, logs[reader.run_id])
        check_ledger(site)
        check_keys(site, runs)
        check_faults(site, faults, logs, record)
        print(f"{sum(reader.cuts for reader in readers)} connections for {RUNS} streams")


def log_of(client: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    return client.get(f"{PATH}/{run_id}/events").json()["data"]["events"]


def plan(chance: random.Random, place: int) -> list[dict[str, Any]]:
    """A chain or a diamond of tools that take a moment, some of which fail once."""

    def step(name: str, needs: list[str]) -> dict[str, Any]:
        tool = chance.choice(["note", "note", "note", "sleep", "sleep", "fail"])
        arguments: dict[str, Any] = {"seconds": round(chance.uniform(0.2, 0.8), 2)}
        if tool == "note":
            arguments |= {"text": f"{place}/{name}", "copies": chance.randint(1, 3)}
        elif tool == "fail":
            arguments = {"times": 1}
        return {"id": name, "toolName": tool, "arguments": arguments, "dependsOn": needs}

    if chance.random() < 0.5:
        names = [f"c{number}" for number in range(chance.randint(3, 5))]
        return [
            step(name, names[number - 1 : number] if number else [])
            for number, name in enumerate(names)
        ]
    sides = [f"side{number}" for number in range(chance.randint(2, 3))]
    return [step("top", []), *(step(name, ["top"]) for name in sides), step("bottom", sides)]


def unfinished(client: httpx.Client, runs: dict[str, Any]) -> bool:
    listed = client.get(PATH, params={"status": "queued,running", "limit": "100"}).json()["data"]
    return bool({run["id"] for run in listed["workflows"]} & runs.keys())


def hail(site: Site, chance: random.Random, goes_on: Callable[[], bool]) -> list[Fault]:
    """Strike workers that are in the middle of a step, one after the other, each by surprise."""
    hows = ["kill"] * KILLS + ["freeze"] * FREEZES
    chance.shuffle(hows)
    faults: list[Fault] = []
    killed: Counter[str] = Counter()
    with Freezer(site) as freezer:
        for how in hows:
            # After some more steps were done, wherever the others are by then.
            target = completed(site) + chance.randint(1, 3)
            wait_for(lambda target=target: completed(site) >= target or not goes_on(), "work")
            order = chance.sample(range(1, WORKERS + 1), WORKERS)

            def strike(how: str = how, order: list[int] = order) -> bool:
                alive = worker_lives(site)
                for place in (f"worker-{number}" for number in order):
                    pid, life = alive.get(place, (0, ""))
                    spared = how == "kill" and killed[place] >= KILLS_PER_PLACE
                    if not pid or spared or freezer.is_frozen(pid):
                        continue
                    held = held_by(site, life)
                    if held is None:
                        continue
                    if how == "kill":
                        faults.append(kill(held, pid))
                        killed[place] += 1
                    else:
                        faults.append(freezer.freeze(held, pid, FROZEN_S))
                    return True
                return not goes_on()

            wait_for(strike, f"a worker to {how}")
        # The frozen ones wake while the rest goes on.
        wait_for(lambda: not any(freezer.is_frozen(pid) for pid in list(freezer._timers)), "a thaw")
    return faults


def completed(site: Site) -> int:
    (row,) = rows(site, "SELECT count(*) AS steps FROM runs_step WHERE status = 'completed'")
    return int(row["steps"])


def check_run(
    site: Site, run: dict[str, Any], steps: list[dict[str, Any]], log: list[dict[str, Any]]
) -> None:
    """Every step once, every result there, every byte as it was stored."""
    assert run["status"] == "completed", run.get("error")
    assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
    assert log[-1]["event"] == "workflow_completed"
    ends = Counter(event["stepId"] for event in log if event["event"] == "step_completed")
    assert ends == {step["id"]: 1 for step in steps}
    for step in steps:
        tries = [
            event["data"]["attempt"]
            for event in log
            if event["event"] == "step_started" and event["stepId"] == step["id"]
        ]
        assert tries == list(range(1, len(tries) + 1))
    for asked, step in zip(steps, run["steps"], strict=True):
        assert (step["status"], step["result"]["status"]) == ("completed", "completed")
        wanted = asked["arguments"].get("copies", 1) if asked["toolName"] == "note" else 0
        assert len(step["artifacts"]) == wanted
        for copy, artifact in enumerate(step["artifacts"]):
            check_bytes(site, artifact, asked["arguments"]["text"], copy)
    assert run["actualCapacityUnits"] == run["estimatedCapacityUnits"]


def check_bytes(site: Site, artifact: dict[str, Any], text: str, copy: int) -> None:
    answer = httpx.get(artifact["url"])
    assert answer.status_code == 200
    assert answer.content.startswith(tools.PIXEL)
    words = json.loads(answer.content.removeprefix(tools.PIXEL))
    assert (words["text"], words["copy"]) == (text, copy)
    (blob,) = rows(
        site,
        "SELECT b.sha256, b.size FROM runs_artifact a"
        " JOIN media_blob b ON b.sha256 = a.blob_id WHERE a.public_id = ?",
        artifact["id"],
    )
    assert hashlib.sha256(answer.content).hexdigest() == blob["sha256"]
    assert len(answer.content) == blob["size"]


def check_reader(reader: UnstableReader, log: list[dict[str, Any]]) -> None:
    assert not reader.problem, f"{reader.name}: {reader.problem}"
    assert reader.closing == {"workflowId": reader.run_id, "status": "completed"}
    assert reader.events == log


def check_ledger(site: Site) -> None:
    (booked,) = rows(site, "SELECT sum(milli) AS total FROM accounts_ledgerentry")
    (used,) = rows(site, "SELECT sum(actual_milli) AS total FROM runs_run")
    assert booked["total"] == -used["total"] != 0


def check_keys(site: Site, runs: dict[str, Any]) -> None:
    """However often a step was tried, its service heard one and the same key."""
    heard = {entry["key"] for entry in tools.asked(site.home) if "key" in entry}
    wanted = {f"{run_id}:{step['id']}:1" for run_id, steps in runs.items() for step in steps}
    assert heard == wanted


def check_faults(
    site: Site, faults: list[Fault], logs: dict[str, list[dict[str, Any]]], record: Record
) -> None:
    """Most faults met a step in work, and it was handed on in time. Raises Late otherwise: a test
    that is slow to strike meets fewer steps."""
    times: dict[str, list[tuple[float, float]]] = {"kill": [], "freeze": []}
    handed_back: list[float] = []
    for fault in faults:
        held = fault.held
        (attempt,) = rows(
            site,
            "SELECT outcome FROM runs_attempt WHERE step_id = ? AND number = ?",
            held.step_id,
            held.attempt,
        )
        # The step may have ended between the look and the fault, or all stood still with SQLite.
        if attempt["outcome"] != "lost" or fault.froze_database:
            continue
        back, again = after_fault(logs[held.run], held)
        times[fault.how].append((back - fault.at, again - fault.at))
        if fault.how == "kill":
            handed_back.append(back - fault.at - record.between(fault.at, back))
    for how, taken in times.items():
        print_times(f"{how} in the hail", taken)
    print(f"stopped inside a transaction: {sum(fault.froze_database for fault in faults)}")
    if len(handed_back) < KILLS // 2 or not (
        times["freeze"] or any(fault.froze_database for fault in faults)
    ):
        raise Late(f"{len(handed_back)} kills and {len(times['freeze'])} freezes met a step")
    if max(handed_back) > HANDED_BACK_S:
        raise Late(f"handed back {max(handed_back):.2f} s after a kill, less what was waited for")
