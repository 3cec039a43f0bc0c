"""A run of a template with a bypassed stage: left out, and what came in is passed on."""

from __future__ import annotations

import pytest

from accounts.models import User
from core import errors
from runs.models import Artifact, Run
from tests.support.builders.drafts import Desk, note, ran, reused
from tests.support.builders.running import work_off
from tests.support.builders.templates import TEMPLATES
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = "/v1/creative-agent/workflows"


@pytest.fixture
def desk(alice: User) -> Desk:
    return Desk(alice, [note("a"), note("b", "b", "a"), note("c", "c", "b"), note("d", "d", "a")])


def saw(run: Run, key: str) -> list[str]:
    """What a stage was handed, by content."""
    made = Artifact.objects.get(run=run, step__key=key)
    seen: list[str] = made.meta["saw"]
    return seen


def made_by(run: Run, key: str) -> str:
    return str(Artifact.objects.get(run=run, step__key=key).blob_id)


def test_a_toggled_bypass_reruns_only_what_reads_it(desk: Desk) -> None:
    first = desk.run()
    assert saw(first, "c") == [made_by(first, "b")]

    desk.stage("b")["bypass"] = True
    assert desk.why() == {"c": "Earlier notes changed"}
    assert {step.key for step in desk.quote().steps} == {"a", "c", "d"}
    second = desk.run()
    assert second.status == "completed"
    assert (ran(second), reused(second)) == ({"c"}, {"a", "d"})
    assert saw(second, "c") == [made_by(second, "a")]

    del desk.stage("b")["bypass"]
    assert (ran(third := desk.run()), reused(third)) == (set(), {"a", "b", "c", "d"})


def test_a_run_to_a_bypassed_stage_is_refused(desk: Desk) -> None:
    desk.stage("b")["bypass"] = True
    with pytest.raises(errors.InvalidBody, match="bypassed"):
        desk.start(to="b")
    with pytest.raises(errors.InvalidBody, match="bypassed"):
        desk.quote(to="b")
    assert ran(desk.run(to="c")) == {"a", "c"}


def test_over_the_api_it_is_kept_and_run(mine: Api) -> None:
    stages = [note("a"), note("b", "b", "a"), note("c", "c", "b")]
    body = {"name": "Birds", "inputs": [], "stages": stages}
    made = mine.post(TEMPLATES, body)
    path = f"{TEMPLATES}/{made.json()['data']['template']['id']}"
    stages[1]["bypass"] = True
    assert mine.patch(path, {"stages": stages}).status_code == 200
    kept = mine.get(path).json()["data"]["template"]
    fork = mine.post(f"{path}/fork", {"name": "Other birds"}).json()["data"]["template"]
    assert kept["stages"] == fork["stages"] == stages

    started = mine.post(RUNS, {"workflow_id": fork["id"], "inputs": {}})
    assert started.status_code == 201, started.content
    work_off()
    run = Run.objects.get(public_id=started.json()["data"]["workflow"]["id"])
    assert (run.status, ran(run)) == ("completed", {"a", "c"})
    assert saw(run, "c") == [made_by(run, "a")]
    shown = mine.get(f"{RUNS}/{run.public_id}").json()["data"]["workflow"]
    assert [(step["id"], step["status"]) for step in shown["steps"]] == [
        ("a", "completed"),
        ("c", "completed"),
    ]
