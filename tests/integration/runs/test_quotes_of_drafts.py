"""draft_quotes: what a run of a draft would take, said before it is started."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from media import blobs
from runs.billing import estimates
from runs.engine import cancelling
from runs.models import Artifact, Run, Step
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.drafts import Desk, note, ran, reused
from tests.support.builders.running import start_template, work_off
from tests.support.builders.stage_bodies import batch_stage
from tests.support.builders.templates import make_template
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_history() -> None:
    estimates.forget_history()


@pytest.fixture
def desk(alice: User) -> Desk:
    return Desk(
        alice,
        [
            note("a", label="Script"),
            note("b", "b", "a", label="Shots"),
            note("c", "c", "b", label="Final cut"),
            note("d", "d", "a", label="Poster"),
        ],
    )


def test_before_the_first_run_everything_runs(desk: Desk) -> None:
    found = desk.quote()
    assert [(step.key, step.will) for step in found.steps] == [
        (key, "run") for key in ("a", "b", "c", "d")
    ]
    assert found.steps[0].why == "Not run yet"
    assert found.steps[1].why == "Because Script runs"
    assert (found.milli, found.full_milli, found.reused_from) == (4000, 4000, None)
    assert found.seconds is None
    assert found.is_complete
    assert not Run.objects.exists()


def test_after_a_run_nothing_needs_to_run(desk: Desk) -> None:
    run = desk.run()
    found = desk.quote()
    assert {step.will for step in found.steps} == {"reuse"}
    assert {step.why for step in found.steps} == {"Same inputs as an earlier run"}
    assert (found.milli, found.full_milli, found.seconds) == (0, 4000, 0.0)
    assert found.reused_from == run.public_id
    assert {step.milli for step in found.steps} == {0}


def test_the_change_is_named_and_what_follows_from_it(desk: Desk) -> None:
    desk.run()
    desk.stage("b")["args"]["text"] = "another"
    assert desk.why() == {"b": "Text changed", "c": "Because Shots runs"}
    desk.stage("b")["args"]["copies"] = 2
    assert desk.why()["b"] == "Text and Copies changed"
    desk.stage("b")["args"]["seconds"] = 0.01
    assert desk.why()["b"] == "Text and 2 more changed"
    found = desk.quote()
    assert (found.milli, found.full_milli) == (3000, 5000)


def test_a_default_that_goes_is_no_change(desk: Desk) -> None:
    desk.stage("b")["args"]["copies"] = 1
    desk.run()
    del desk.stage("b")["args"]["copies"]
    assert desk.why() == {}


def test_a_stage_that_takes_another_stages_medium_says_which_input_changed(desk: Desk) -> None:
    desk.run()
    desk.stage("c")["args"] = note("c", "c", "a")["args"]
    assert desk.why() == {"c": "Earlier notes changed"}


def test_another_medium_of_the_persons_own_is_named(alice: User) -> None:
    inputs = [{"name": "photo", "type": "image", "required": True}]
    desk = Desk(alice, [note("a", args={"source_image_url": "$inputs.photo"})], inputs=inputs)
    for data in (jpeg_with_place(), b"\xff\xd8 other"):
        upload = make_upload(alice, make_blob(data), filename="tide.jpg")
        desk.values = {"photo": f"reelgraph:object/{upload.public_id}/tide.jpg"}
        found = desk.quote()
        desk.run()
    assert [step.why for step in found.steps] == ["Earlier notes changed"]


def test_a_medium_that_must_be_fetched_counts_as_what_it_was_last_time(alice: User) -> None:
    inputs = [{"name": "photo", "type": "image", "required": True}]
    desk = Desk(alice, [note("a", args={"source_image_url": "$inputs.photo"})], inputs=inputs)
    desk.values = {"photo": "https://pictures.example/tide.jpg"}
    assert desk.why() == {"a": "Not run yet"}
    run = desk.start()
    blob = make_blob(jpeg_with_place())
    Run.objects.filter(pk=run.pk).update(media=[{**run.media[0], "asset": f"blob:{blob.sha256}"}])
    work_off()
    # What it was taken for is what it will be looked up by, once it has been fetched.
    assert desk.why() == {}


def test_new_seeds_are_said(desk: Desk) -> None:
    desk.run()
    desk.seeds["b"] += 1
    assert desk.why() == {"b": "New seed", "c": "Because Shots runs"}
    desk.seeds["b"] -= 1
    assert desk.why(fresh=["d"]) == {"d": "New seed"}
    del desk.seeds["a"]
    assert desk.why()["a"] == "New seed"


def test_a_stage_without_a_seed_of_its_own_can_be_asked_for_again(desk: Desk) -> None:
    desk.stage("b")["args"]["seed"] = 7
    desk.run()
    assert desk.why(fresh=["b"])["b"] == "You asked for a new result"


def test_what_failed_or_was_stopped_is_said(alice: User) -> None:
    failing = {"id": "f", "label": "Score", "type": "fixed", "tool": "fail", "args": {}}
    failing["args"] = {"retryable": False}
    desk = Desk(alice, [failing, note("a")])
    desk.run()
    assert desk.why()["f"] == "Failed last time"
    desk = Desk(alice, [note("a")])
    cancelling.cancel_run(run=desk.start())
    assert desk.why() == {"a": "Didn't finish last time"}


def test_results_that_are_gone_are_said(desk: Desk) -> None:
    run = desk.run()
    made = Artifact.objects.get(run=run, step__key="d")
    blobs.path_of(made.blob_id).unlink()
    assert desk.why() == {"d": "Earlier result was deleted"}
    Artifact.objects.filter(run=run, step__key="b").update(hidden_at=clock.now())
    assert desk.why()["b"] == "Earlier result was deleted"


def test_what_is_not_pure_is_said(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools.Note, "pure", False)
    desk = Desk(alice, [note("a")])
    desk.run()
    assert desk.why() == {"a": "New result every time"}


def test_a_newer_tool_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.run()
    monkeypatch.setattr(tools.TestProvider, "version", "2")
    assert desk.why()["a"] == "Note was updated"
    monkeypatch.undo()
    desk.stages[3] = {**desk.stages[3], "tool": "stray", "args": {}}
    assert desk.why() == {"d": "Tool changed"}


def test_a_stage_run_long_before_is_remembered(desk: Desk) -> None:
    desk.run()
    for _ in range(3):
        desk.run(to="a", fresh=["a"])
    # The stage before it has a new picture by now, and so has nothing to do.
    assert desk.why()["d"] == "Earlier notes changed"
    desk.stage("a")["args"]["text"] = "x"
    assert desk.why()["a"] == "Text changed"


def test_missing_inputs_are_made_up_for_the_figures(alice: User) -> None:
    inputs = [
        {"name": "say", "type": "text", "required": True},
        {"name": "photo", "type": "image", "required": True},
    ]
    args = {"text": "$inputs.say", "source_image_url": "$inputs.photo"}
    desk = Desk(alice, [note("a", args=args), note("b", "b", "a")], inputs=inputs)
    found = desk.quote()
    assert not found.is_complete
    assert found.milli == 2000
    assert found.issues == ()
    assert {step.will for step in found.steps} == {"run"}


def test_runs_of_versions_count_as_earlier_runs(alice: User) -> None:
    stages = [note("a", args={"seed": 3}), note("b", "b", "a", args={"seed": 4})]
    template = make_template(alice, stages=stages, inputs=[], name="Birds")
    start_template(alice, template)
    work_off()
    desk = Desk(alice, stages, template=template)
    assert desk.why() == {}
    assert reused(desk.run()) == {"a", "b"}


def test_another_persons_runs_tell_nothing(desk: Desk, bob: User) -> None:
    desk.run()
    theirs = Desk(bob, desk.stages, seeds=desk.seeds, template=desk.template)
    assert theirs.why()["a"] == "Not run yet"


def test_times_are_those_of_what_will_run(desk: Desk) -> None:
    desk.run()
    estimates.forget_history()
    desk.stage("d")["args"]["text"] = "x"
    found = desk.quote()
    seconds = {step.key: step.seconds for step in found.steps}
    assert seconds["a"] == 0.0
    assert found.seconds == seconds["d"]
    assert (found.seconds or 0) > 0


# -- the quote is what happens ---------------------------------------------------------------------


def _graph(dice: random.Random, size: int) -> list[dict[str, Any]]:
    """A random tree of notes, some of which also wait for others or count positions."""
    stages = [note("s0")]
    for number in range(1, size):
        source = f"s{dice.randrange(number)}"
        stage = note(f"s{number}", f"s{number}", source)
        if dice.random() < 0.2:
            stage["args"] = {"text": f"s{number}", "sourceImageIndex": dice.randrange(number)}
        if dice.random() < 0.3:
            stage["requiredArtifactsIn"] = [f"s{dice.randrange(number)}"]
        stages.append(stage)
    return stages


def _takes_from(stage: dict[str, Any]) -> str | None:
    """The stage whose result a stage of `_graph` takes in: all make one picture each."""
    args = stage["args"]
    if "sourceImageIndex" in args:
        return f"s{args['sourceImageIndex']}"
    link = args.get("source_image_url")
    return link.split(".")[1] if link else None


def _dependants(stages: list[dict[str, Any]], changed: str) -> set[str]:
    found = {changed}
    for stage in stages:
        if _takes_from(stage) in found:
            found.add(stage["id"])
    return found


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 12))]
)
def test_exactly_the_dependants_of_a_change_run_and_the_quote_said_so(
    alice: User, seed: int
) -> None:
    dice = random.Random(seed)
    desk = Desk(alice, _graph(dice, dice.randrange(2, 9)))
    desk.run()
    for edit in range(4):
        chosen = dice.choice(desk.stages)
        key = chosen["id"]
        fresh: list[str] = []
        match dice.randrange(4):
            case 0:
                desk.seeds[key] += 1
            case 1:
                fresh = [key]
            case 2:
                chosen["label"] = f"Only a name {edit}"
                key = ""
            case _:
                chosen["args"]["text"] += f" {edit}"
        expected = _dependants(desk.stages, key) if key else set()
        said = desk.quote(fresh=fresh)
        run = desk.run(fresh=fresh)
        assert run.status == "completed", run.error
        assert {step.key for step in said.steps if step.will == "run"} == expected
        assert ran(run) == expected
        assert reused(run) == {stage["id"] for stage in desk.stages} - expected
        assert said.milli == run.actual_milli


# -- what no one can tell before -------------------------------------------------------------------


def test_questions_and_batches_are_quoted_by_what_is_known(alice: User) -> None:
    looks = note("looks", args={"copies": 3}, checkpointRequired=True)
    pick = {
        "id": "pick",
        "type": "interactive",
        "label": "Choose",
        "produces": ["pick"],
        "select": {"from": "$artifacts.looks", "min": 2, "max": 2},
    }
    each = batch_stage("each", "$artifacts.pick", "note", {"text": "x", "seed": 5})
    stages = [
        looks,
        pick,
        each,
        note("last", "last", "each"),
        note("named", "$run.title", args={"source_image_url": "https://pictures.example/a.png"}),
        note("maybe", condition={"type": "expr", "expression": "$artifacts.each"}),
    ]
    desk = Desk(alice, stages)
    found = desk.quote()
    said = {step.key: (step.why, step.milli) for step in found.steps}
    assert said == {
        "looks": ("Not run yet", 3000),
        "looks__gate": ("Asks you a question", 0),
        "pick": ("Asks you a question", 0),
        "each": ("Runs once per item", 2000),
        "last": ("Because Note runs", 1000),
        "named": ("Uses the run's own details", 1000),
        "maybe": ("Because Named runs", 1000),
    }
    assert found.milli == 8000
    run = desk.start(to="each")
    assert list(run.steps.order_by("sequence").values_list("key", flat=True)) == [
        "looks",
        "looks__gate",
        "pick",
        "each",
    ]
    assert "each" not in desk.seeds
    assert run.steps.get(key="each").batch["item"]["sequence"] == 3


# -- how fast --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_chain", [True, False])
def test_it_takes_few_queries_however_many_stages(alice: User, is_chain: bool) -> None:
    counts = []
    for size in (5, 15):
        stages = [note("s0")]
        stages += [
            note(f"s{n}", f"s{n}", f"s{n - 1}" if is_chain else "s0") for n in range(1, size)
        ]
        desk = Desk(alice, stages)
        assert desk.run().status == "completed"
        desk.stage(f"s{size - 2}")["args"]["text"] = "another"
        estimates.forget_history()
        with CaptureQueriesContext(connection) as asked:
            found = desk.quote()
        assert sum(step.will == "run" for step in found.steps) == (2 if is_chain else 1)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


def test_a_thousand_stages_are_quoted_in_a_moment(alice: User, settings: Any) -> None:
    stages = [note("s0"), *(note(f"s{n}", f"s{n}", f"s{n - 1}") for n in range(1, 1000))]
    desk = Desk(alice, stages, seeds={f"s{n}": n for n in range(1000)})
    began = time.thread_time()
    found = desk.quote()
    took_s = time.thread_time() - began
    assert len(found.steps) == 1000
    assert took_s < 2, "far above what it takes: 0.1 s of processor time, and once what it loads"
    assert not Step.objects.exists()
