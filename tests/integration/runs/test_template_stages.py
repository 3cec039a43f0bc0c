"""Stages that are templates: one run, one log, and media that stay where they belong."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Artifact, Event, Run, Step
from templates_app import uses
from templates_app.models import Template
from tests.integration.runs.test_groups import answer, failing, plain
from tests.support.builders.drafts import Desk, note, reused
from tests.support.builders.running import start_template, statuses, work_off
from tests.support.builders.templates import make_template

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = "/v1/creative-agent/workflows"
Stage = dict[str, Any]
LOOK = {"name": "look", "type": "image"}
WORDS = {"name": "words", "type": "text", "default": "plain"}


def newest(key: str, **fields: Any) -> Stage:
    """A stage that names no picture and takes the newest there is."""
    return {"id": key, "type": "fixed", "tool": "note", "args": {"text": key}, **fields}


def shot(person: User, *stages: Stage, id: str = "shot", **fields: Any) -> Template:
    return make_template(
        person, **{"id": id, "name": id.title(), "inputs": [], **fields, "stages": [*stages]}
    )


def use(key: str, name: str = "shot", **args: Any) -> Stage:
    reference = f"template:{name}@0.0.1"
    return {
        "id": key,
        "label": key.title(),
        "type": "fixed",
        "tool": reference,
        "args": args,
        "produces": [key],
    }


def worked_off(person: User, *stages: Stage, inputs: Any = (), **values: Any) -> Run:
    film = make_template(person, stages=list(stages), inputs=list(inputs), name="Film")
    run = start_template(person, film, **values)
    work_off()
    run.refresh_from_db()
    return run


def saw(run: Run) -> dict[str, list[str]]:
    """Step key → the keys of the steps whose pictures it worked on."""
    rows = list(Artifact.objects.filter(run=run).select_related("step"))
    maker = {row.blob_id: row.step.key for row in rows}
    return {row.step.key: [maker.get(blob, "sent") for blob in row.meta["saw"]] for row in rows}


def test_a_template_runs_inside_another(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), note("better", "b", "still"), inputs=[WORDS])
    run = worked_off(alice, use("a", words="fox"), use("b"), note("film", "film", "a"))
    assert run.status == "completed", run.error
    assert set(statuses(run).values()) == {"completed"}
    keys = run.steps.order_by("sequence").values_list("key", flat=True)
    assert [*keys] == ["a", "a.still", "a.better", "b", "b.still", "b.better", "film"]
    assert saw(run)["film"] == ["a.better"]
    assert saw(run)["b.better"] == ["b.still"]
    texts = dict(Step.objects.filter(run=run).values_list("key", "arguments__text"))
    assert (texts["a.still"], texts["b.still"]) == ("fox", "plain")
    log = list(Event.objects.filter(run=run).order_by("seq").values_list("name", "step__key"))
    assert [name for name, key in log if key == "a"] == ["step_expanded", "step_completed"]


@pytest.mark.parametrize("is_skipped", [True, False])
def test_what_is_skipped_inside_leaves_what_the_template_was_given(
    alice: User, is_skipped: bool
) -> None:
    # Which is the newest shows when it starts; outside there is a newer one all the time.
    condition = {"type": "expr", "expression": "inputs.words == 'fox'"}
    shot(
        alice,
        note("still", condition=condition),
        newest("better"),
        inputs=[LOOK, WORDS],
    )
    run = worked_off(
        alice,
        note("first"),
        note("second"),
        use("a", look="$artifacts.first", words="owl" if is_skipped else "fox"),
    )
    assert run.status == "completed", run.error
    assert saw(run)["a.better"] == ["first" if is_skipped else "a.still"]


def test_templates_inside_templates_stay_apart(alice: User) -> None:
    shot(alice, note("still"), newest("better"))
    shot(alice, note("base"), use("x"), newest("end"), id="scene")
    run = worked_off(alice, note("first"), use("s", "scene"), newest("film"))
    assert run.status == "completed", run.error
    assert saw(run) == {
        "first": [],
        "s.base": [],
        "s.x.still": [],
        "s.x.better": ["s.x.still"],
        "s.end": ["s.x.better"],
        "film": ["s.end"],
    }


def test_a_failure_inside_is_the_stages(alice: User) -> None:
    shot(alice, failing("bad", produces=["bad"]), plain("after", requiredArtifactsIn=["bad"]))
    bad = {**use("a"), "onError": "continue"}
    run = worked_off(alice, bad, plain("end"))
    assert run.status == "partial_failure"
    assert statuses(run)["a"] == "failed"
    assert statuses(run)["end"] == "completed"
    [error] = [step.error for step in Step.objects.filter(run=run, key="a")]
    assert error is not None
    assert error["message"].startswith("a.bad: ")


def test_a_retry_does_what_failed_inside_again(alice: User) -> None:
    shot(alice, note("still"), failing("bad"))
    run = worked_off(alice, use("a"))
    assert run.status == "failed"
    assert run.error is not None
    assert run.error["message"].startswith("In A: ")
    answer(run, alice)
    run.refresh_from_db()
    assert statuses(run)["a.still"] == "completed"
    tries = dict(Step.objects.filter(run=run).values_list("key", "attempt"))
    assert (tries["a.still"], tries["a.bad"] > 1) == (1, True)


def test_a_second_run_takes_over_what_is_inside_also_unpacked(alice: User) -> None:
    shot(alice, note("still", "$inputs.words"), note("better", "b", "still"), inputs=[WORDS])
    desk = Desk(alice, [use("a", words="fox")])
    uses.add_use(actor=alice, holder=desk.template, public_id="shot")
    first = desk.run()
    assert first.status == "completed", first.error
    again = desk.run()
    assert reused(again) == {"a.still", "a.better"}
    assert reused(desk.run(fresh=["a"])) == set()
    # The same stages beside each other bill nothing either.
    desk.seeds |= {"other": desk.seeds["a.still"], "better": desk.seeds["a.better"]}
    desk.stages = [note("other", "fox"), note("better", "b", "other")]
    unpacked = desk.run()
    assert reused(unpacked) == {"other", "better"}
