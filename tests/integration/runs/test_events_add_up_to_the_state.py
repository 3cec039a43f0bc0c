"""What a page knows of a run plus the events since is what it would be shown if it asked again.

Every move of the engine is made once. Before and after each the run's state is fetched; the page's
own reducer (`frontend/src/run/shared/reduce.ts`) applies the events in between to the older state,
and what comes out is compared with the newer one, from each state to each later one.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from runs.engine.worker_registry import Registration
from runs.log.events import EVENTS
from tests.support.builders.run_scenes import PATH, SCENES
from tests.support.clients.api import Api
from tests.support.program import ROOT

# The reducer is started as a program of its own, which takes seconds.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
# After these a page fetches the state: what is asked is in no event.
FETCHED_AFTER = {
    "step_waiting_for_user",
    "step_resumed",
    "item_version_selected",
    "workflow_waiting_for_user",
    "workflow_resumed",
    "billing_preview_updated",
    "cost_confirmation_resolved",
}


def cases_of(name: str, alice: User, key: str) -> list[dict[str, Any]]:
    """Each state of a scene's run beside each later one, and the events between the two."""
    rest, page = Api(key), Client()
    page.force_login(alice)
    states: list[dict[str, Any]] = []
    run_id = ""
    # Else each ready step would say that no worker is online, which is in no event.
    online = Registration("worker-1")
    for run in SCENES[name](alice, rest):
        online.refresh()
        run_id = run.public_id
        answer = page.get(f"/app/runs/{run_id}/state")
        assert answer.status_code == 200, answer.content
        states.append(answer.json())
    answer = rest.get(f"{PATH}/{run_id}/events", {"limit": 200})
    assert answer.status_code == 200, answer.content
    events = answer.json()["data"]["events"]
    assert events[-1]["sequence"] == states[-1]["lastSeq"]
    return [
        {
            "name": f"{name}, {before['lastSeq']} to {after['lastSeq']}",
            "before": before,
            "after": after,
            "events": [e for e in events if before["lastSeq"] < e["sequence"] <= after["lastSeq"]],
        }
        for before, after in itertools.combinations(states, 2)
    ]


@pytest.fixture
def reduce(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """What the page's reducer makes of cases: `name`, `inDoubt` and what it has `otherwise`."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    node = importlib.import_module("frontend").ensure_packages()
    command = node.command("run", "test", "--", "tests/runs.test.ts")

    def reduced(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        given, found = tmp_path / "cases.json", tmp_path / "found.json"
        given.write_text(json.dumps(cases))
        places = {"REELGRAPH_RUNS": str(given), "REELGRAPH_REDUCED": str(found)}
        done = subprocess.run(
            command,
            env={**os.environ, **node.environment(), **places},
            capture_output=True,
            text=True,
            timeout=150,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(found.read_text())

    return reduced


def test_events_applied_to_a_state_come_to_the_state_fetched_later(
    alice: User, alice_key: str, reduce: Callable[..., list[dict[str, Any]]]
) -> None:
    cases = [case for name in SCENES for case in cases_of(name, alice, alice_key)]
    seen = {event["event"] for case in cases for event in case["events"]}
    # A chat's: tests/integration/compose/test_chat_runs.py. A cost: test_prices_by_media.py.
    elsewhere = {"workflow_created", "workflow_queued", "step_reported", "cost_above_quote"}
    assert seen | elsewhere == set(EVENTS)
    found = reduce(cases)
    assert [one for one in found if one["otherwise"]] == []
    # The state is fetched once more where it must be, and nowhere else.
    for case, one in zip(cases, found, strict=True):
        names = {event["event"] for event in case["events"]}
        assert one["inDoubt"] == bool(names & FETCHED_AFTER), case["name"]
