"""Paid steps of a running product whose processes, and whose providers, keep being killed."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from tests.support.fakes.makers.programs import KINDS, TOOL, ProviderPrograms, spoil_answer
from tests.support.faults.workers import rows, worker_lives
from tests.support.server import Site
from tests.support.waiting import wait_for

PATH = "/v1/creative-agent/workflows"
# Runs that are open at a time.
OPEN = 4
# Some kills come while a provider has accepted a request and not answered it.
WEIGHTS = {
    "worker": 3,
    "web": 1,
    "provider": 1,
    "worker in a request": 3,
    "provider in a request": 3,
}
SPOILED, DOUBLE, NO = 0.3, 0.2, 0.1
_QUESTIONS = (
    "SELECT r.public_id, s.key FROM runs_wait w JOIN runs_run r ON r.id = w.run_id"
    " JOIN runs_step s ON s.id = w.step_id WHERE w.answered_at IS NULL"
)
_UNFINISHED = "SELECT count(*) AS number FROM runs_run WHERE finished_at IS NULL"
_HOLDER = (
    "SELECT s.lease_owner FROM runs_step s JOIN runs_run r ON r.id = s.run_id"
    " WHERE r.public_id = ? AND s.status = 'running'"
)


class MediaStorm:
    """kills: how often each was killed."""

    def __init__(self, site: Site, providers: ProviderPrograms, key: str, seed: int) -> None:
        self.site, self.providers, self._key = site, providers, key
        self._chance = random.Random(seed)
        self._prompts = 0
        self.kills: Counter[str] = Counter()

    def blow(self, kills: int, within_s: float) -> None:
        while self.kills.total() < kills:
            while self.unfinished() < OPEN:
                self._begin(self._chance.choice(list(KINDS)))
            (what,) = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            if what.endswith("in a request"):
                self._kill_in_a_request(what.partition(" ")[0])
            elif what == "provider":
                self._kill_provider(self._chance.choice(list(self.providers.ports)))
            else:
                self._kill_process(what)
            self._answer()
        wait_for(self.is_over, "the end of all runs", within_s)

    def begin_of_each(self, times: int) -> None:
        """Start so many runs of each kind of submit, of two steps one after the other."""
        for kind in times * tuple(KINDS):
            self._begin(kind, steps=2)

    def is_over(self) -> bool:
        """Answer what is asked; whether no run is open."""
        self._answer()
        return not self.unfinished()

    def unfinished(self) -> int:
        """Count the runs that are open."""
        return int(rows(self.site, _UNFINISHED)[0]["number"])

    # -- people -----------------------------------------------------------------------------------

    def _begin(self, kind: str, steps: int = 1) -> tuple[str, str]:
        """Start a run; its id and the prompt of its first step."""
        self._prompts += 1
        prompt = f"{kind} {self._prompts}"
        chosen = KINDS[kind]
        if self._chance.random() < SPOILED:
            spoil_answer(self.providers.url(chosen.server), chosen, self._chance)
        # Of a chain one each: a yes is to all results of a step.
        results = 2 if self._chance.random() < DOUBLE and steps == 1 else 1
        wanted: list[dict[str, Any]] = []
        for number in range(steps):
            words = f"{prompt}, then {number}" if number else prompt
            before = [step["id"] for step in wanted[-1:]]
            arguments = chosen.arguments(words, results)
            step = {"id": f"s{number}", "toolName": TOOL, "arguments": arguments}
            wanted.append({**step, "dependsOn": before} if before else step)
        body = {"input": {"steps": wanted}}
        said = self._asked(lambda client: client.post(
            PATH, json=body, headers={"Idempotency-Key": prompt}
        ))  # fmt: skip
        return said["data"]["workflow"]["id"], prompt

    def _answer(self) -> None:
        for question in rows(self.site, _QUESTIONS):
            kind = "cancel" if self._chance.random() < NO else "approve_checkpoint"
            given = {"resume_input": {"type": kind, "stepId": question["key"]}}
            if kind == "cancel":
                given["resume_input"].pop("stepId")
            path = f"{PATH}/{question['public_id']}/resume"
            self._asked(lambda client, path=path, given=given: client.post(path, json=given))

    def _asked(self, ask: Callable[[httpx.Client], httpx.Response]) -> Any:
        """Ask until a web process answers, as a client does that was cut off."""

        def answer() -> Any:
            with suppress(httpx.HTTPError), self.site.client(self._key) as client:
                said = ask(client)
                # 409: it is answered already, or the cut request is still at work.
                if said.status_code < 300 or said.status_code == 409:
                    return said.json()
                assert said.status_code >= 500, said.text
            return None

        return wait_for(answer, "an answer", 60)

    # -- kills ------------------------------------------------------------------------------------

    def _kill_process(self, kind: str) -> None:
        living = self.site.workers if kind == "worker" else self.site.webs
        pid = self._chance.choice(wait_for(living, f"a {kind} process", 60))
        self._kill(kind, pid)

    def _kill(self, kind: str, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[kind] += 1

    def _kill_provider(self, name: str) -> None:
        self.providers.kill(name)
        self.kills["provider"] += 1

    def _kill_in_a_request(self, what: str) -> None:
        kind = self._chance.choice(list(KINDS))
        server = KINDS[kind].server
        hold = self.providers.hold(server)
        hold.touch()
        try:
            run, prompt = self._begin(kind)
            wait_for(lambda: self._is_accepted(prompt), f"{kind} to be sent", 60)
            if what == "provider":
                self.providers.kill(server)
                self.kills["provider in a request"] += 1
            else:
                self._kill_holder(run)
        finally:
            hold.unlink()

    def _is_accepted(self, prompt: str) -> bool:
        bodies = (entry.get("body") or {} for entry in self.providers.entries())
        return any(prompt in (body.get("prompt"), body.get("promptText")) for body in bodies)

    def _kill_holder(self, run: str) -> None:
        """Kill the worker that waits for the answer, if it hasn't given up."""
        owners = {row["lease_owner"] for row in rows(self.site, _HOLDER, run)}
        for pid, life in worker_lives(self.site).values():
            if life in owners:
                self._kill("worker in a request", pid)
