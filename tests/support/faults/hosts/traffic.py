"""What people do meanwhile: they start runs at both web machines and answer what those ask.

A start is sent again under its key until it is answered, as clients are told to.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.support.faults.hosts.machines import Cluster
from tests.support.waiting import Late

RUNS = "/v1/creative-agent/workflows"
ITEMS = ("red", "green", "blue")
INPUTS = [{"name": "words", "type": "text", "multiple": True, "default": list(ITEMS)}]
# Between two starts of one person, in seconds.
PACE_S = 2.0
# Longer than a web process takes that can work at all; then another one is asked.
PATIENCE_S = 10.0


def template() -> dict[str, Any]:
    """Batches, of which one is bought."""
    stages = [
        _batch("looks", "note", {"text": "$item.value", "seconds": 0.1}),
        _batch("prints", "buy_findable", {"text": "$item.value"}, requiredArtifactsIn=["looks"]),
        {
            "id": "last",
            "type": "fixed",
            "tool": "note",
            "args": {"text": "x"},
            "produces": ["last"],
            "requiredArtifactsIn": ["prints"],
        },
    ]
    inputs = [{"name": "words", "type": "text", "required": True}]
    return {"name": "Batches", "description": "Batches", "inputs": inputs, "stages": stages}


def _batch(name: str, tool: str, args: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "type": "batch",
        "overBinding": "$inputs.words",
        "itemName": "word",
        "concurrency": 2,
        "itemStage": {"tool": tool, "args": args},
        "produces": [name],
        **more,
    }


def steps_of(chance: random.Random) -> list[dict[str, Any]]:
    """A chain or a fan of local, bought and GPU work."""

    def step(name: str, needs: list[str]) -> dict[str, Any]:
        tools = ("noop", "note", "note", "sleep", "buy_once", "buy_findable", "buy_blind")
        tool = chance.choice((*tools, "buy_gpu", "buy_gpu"))
        arguments: dict[str, Any] = {}
        if tool != "noop":
            arguments["seconds"] = chance.choice((0.0, 0.1, 0.4, 1.0))
        return {"id": name, "toolName": tool, "arguments": arguments, "dependsOn": needs}

    if chance.random() < 0.5:
        names = [f"c{number}" for number in range(chance.randint(2, 6))]
        return [step(name, names[place - 1 : place][:1]) for place, name in enumerate(names)]
    sides = [f"side{number}" for number in range(chance.randint(2, 4))]
    return [step("top", []), *(step(name, ["top"]) for name in sides), step("bottom", sides)]


def stages_of(chance: random.Random) -> list[dict[str, Any]]:
    """Stages inside stages to depth 3, with local and bought work and a batch somewhere in them."""
    count = 0

    def part(depth: int) -> dict[str, Any]:
        nonlocal count
        count += 1
        name = f"s{count}"
        if depth < 3 and chance.random() < 0.6:
            inside = [part(depth + 1) for _ in range(chance.randint(1, 3))]
            return {"id": name, "type": "fixed", "subStages": inside, "produces": [name]}
        if chance.random() < 0.25:
            return _batch(name, "note", {"text": "$item.value", "seconds": 0.0})
        tool = chance.choice(("noop", "note", "buy_once", "buy_findable"))
        arguments = {} if tool == "noop" else {"seconds": 0.001}
        return {"id": name, "type": "fixed", "tool": tool, "args": arguments, "produces": [name]}

    whole = {
        "id": "whole",
        "type": "fixed",
        "subStages": [part(1), part(1)],
        "checkpointRequired": chance.random() < 0.5,
        "produces": ["whole"],
    }
    last = {"id": "last", "type": "fixed", "tool": "noop", "requiredArtifactsIn": ["whole"]}
    return [whole, last]


def with_templates(
    stages: list[dict[str, Any]], name: str, chance: random.Random
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return stages of which some groups are templates or are done for each of a list, or both, and
    those templates, inner ones first."""
    templates: list[dict[str, Any]] = []

    def with_uses(part: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Return a stage, and how many batches are in each other in it."""
        inside = part.get("subStages")
        if inside is None:
            return part, int(part["type"] == "batch")
        pairs = [with_uses(one) for one in inside]
        inner, depth = [one for one, _ in pairs], max(depth for _, depth in pairs)
        if chance.random() < 0.5:
            whole = {**part, "subStages": inner}
            if depth == 2 or chance.random() < 0.6:
                return whole, depth
            repeated = {"type": "batch", "itemStage": None}
            return {**_batch(part["id"], "", {}), **whole, **repeated}, depth + 1
        public_id = f"{name}-{part['id']}"
        templates.append({"id": public_id, "name": public_id, "inputs": INPUTS, "stages": inner})
        whole = {key: value for key, value in part.items() if key != "subStages"}
        tool = f"template:{public_id}@0.0.1"
        if depth < 2 and chance.random() < 0.5:
            return {**_batch(part["id"], tool, {}), **whole, "type": "batch"}, depth + 1
        return {**whole, "tool": tool, "args": {}}, depth

    return [with_uses(stage)[0] for stage in stages], templates


@dataclass(frozen=True)
class Started:
    """A run that was admitted. sent: how often the start was sent until it was answered."""

    run: str
    sent: int


class Person(threading.Thread):
    """Starts runs until `stop` is set, `most` at most. started: those that were admitted."""

    def __init__(
        self, cluster: Cluster, number: int, key: str, template_id: str, seed: int, most: int
    ) -> None:
        super().__init__(name=f"person {number}", daemon=True)
        self._cluster = cluster
        self._webs = [cluster.machines[name] for name in cluster.webs]
        self._number, self._key, self._template = number, key, template_id
        self._chance = random.Random(f"{seed} {number}")
        self._most = most
        self.stop = threading.Event()
        self.started: list[Started] = []
        self.problem = ""

    def run(self) -> None:
        try:
            while not self.stop.wait(PACE_S * self._chance.uniform(0.5, 1.5)):
                if len(self.started) == self._most:
                    return
                self.started.append(self._start(f"start-{self._number}-{len(self.started)}"))
        except Exception as problem:
            self.problem = f"{type(problem).__name__}: {problem}"

    def _start(self, name: str) -> Started:
        if self._chance.random() < 0.2:
            body: dict[str, Any] = {
                "workflow_id": self._template,
                "inputs": {"words": "\n".join(ITEMS)},
            }
        else:
            body = {"input": {"title": name, "steps": steps_of(self._chance)}}
        said, sent = until_answered(
            self._cluster, self._number, "POST", RUNS, body, self._key, **{"Idempotency-Key": name}
        )
        return Started(said["data"]["workflow"]["workflowId"], sent)


def until_answered(
    cluster: Cluster,
    first: int,
    method: str,
    path: str,
    body: Any,
    key: str,
    within_s: float = 120.0,
    **headers: str,
) -> tuple[Any, int]:
    """The JSON of the first answer below 300, and how often it was asked for.

    The web machines are asked in turn, beginning with that number. Raises AssertionError for an
    answer that says the request is wrong, Late after within_s.
    """
    webs = [cluster.machines[name] for name in cluster.webs]
    end, last = time.monotonic() + within_s, ""
    for tries in range(1_000):
        machine = webs[(first + tries) % len(webs)]
        try:
            status, said = machine.ask(method, path, body, key=key, within_s=PATIENCE_S, **headers)
            if status < 300:
                return said, tries + 1
            last = f"{machine.name}: {status} {said}"
            if status < 500 and status not in (408, 429):
                raise AssertionError(f"{method} {path}: {last}")
        except (OSError, http.client.HTTPException) as problem:
            last = f"{machine.name}: {problem!r}"
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    raise Late(f"{method} {path}: no answer within {within_s:.0f} s; {last}")


class Answerer(threading.Thread):
    """Says yes to everything that a person's runs ask."""

    def __init__(self, cluster: Cluster, key: str) -> None:
        super().__init__(name="answerer", daemon=True)
        self._cluster, self._key = cluster, key
        self.stop = threading.Event()
        self.problem = ""

    def run(self) -> None:
        while not self.stop.wait(1.0):
            try:
                self._answer()
            except AssertionError as problem:
                # A question that was answered by a request whose own answer was lost.
                self.problem = str(problem)

    def _answer(self) -> None:
        said, _ = until_answered(
            self._cluster, 0, "GET", f"{RUNS}?status=waiting_for_user&limit=50", None, self._key
        )
        for run in said["data"]["workflows"]:
            path = f"{RUNS}/{run['workflowId']}"
            record, _ = until_answered(self._cluster, 1, "GET", path, None, self._key)
            for wait in record["data"]["workflow"].get("waits") or []:
                answer = {"type": "approve_checkpoint", "stepId": wait["details"]["stepId"]}
                body = {"resume_input": answer}
                until_answered(self._cluster, 0, "POST", f"{path}/resume", body, self._key)
