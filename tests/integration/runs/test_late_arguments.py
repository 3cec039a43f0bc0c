"""Arguments that are known only when their step starts: filled in, read again, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs import records
from runs.models import Artifact, Run, Step
from templates_app.graph.types import Binding, Late, LateRef, StepKey, Transform
from tests.support.plans import late, question, run_plan, step
from tests.support.running import statuses, work_off

pytestmark = pytest.mark.django_db(transaction=True)

CUES = [{"start": 0, "end": 1.5, "text": "Hello"}, {"start": 1.5, "end": 3, "text": "there"}]


def shown(run: Run) -> dict[str, dict[str, Any]]:
    record = records.record(Run.objects.get(id=run.id), base_url="http://testserver")
    return {one["id"]: one for one in record["steps"]}


def ended(run: Run) -> str:
    run.refresh_from_db()
    return run.status


def test_arguments_take_what_earlier_steps_answered(alice: User) -> None:
    whole = Late(
        "values",
        {"id": None, "list": [None, "x"]},
        (
            LateRef(("id",), "$run.id"),
            LateRef(("list", 0), "$artifacts.a.words[1]", StepKey("a")),
        ),
    )
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": {"prompt": "a cat", "words": ["p", "q"]}}),
        step("b", "note", "a", late=(late("text", "$artifacts.a.content", "a"),)),
        step("c", "say", "a", late=(whole,)),
        question("ask", "a", arguments={}, late=(late("question", "$artifacts.a.prompt", "a"),)),
    )
    work_off()
    assert ended(run) == "waiting_for_user"
    steps = shown(run)
    assert steps["b"]["resolvedArguments"]["text"] == "a cat"
    assert steps["c"]["result"]["id"] == run.public_id
    assert steps["c"]["result"]["list"] == ["q", "x"]
    record = records.record(run, base_url="http://testserver")
    assert record["waiting"]["message"] == "a cat"


def test_media_that_are_chosen_late_are_worked_on(alice: User) -> None:
    ref = "$artifacts.sheet.items[1].selectedVersion.url"
    run = run_plan(
        alice,
        step("sheet", "note", arguments={"copies": 3}),
        step("use", "note", "sheet", late=(late("sourceImageIndex", ref, "sheet"),)),
    )
    work_off()
    assert ended(run) == "completed", run.error
    second = Artifact.objects.get(run=run, step__key="sheet", position=1)
    assert Artifact.objects.get(run=run, step__key="use").meta["saw"] == [second.blob_id]
    assert shown(run)["use"]["resolvedArguments"]["sourceImageIndex"] == 1


@pytest.mark.parametrize(
    ("argument", "value", "says"),
    [
        ("copies", 9, "copies"),
        ("copies", "many", "copies"),
        ("text", None, "text takes"),
        ("sourceImageIndex", "words", "sourceImageIndex"),
        ("sourceImageIndex", "http://10.0.0.1/x.png", "sourceImageIndex"),
    ],
)
def test_what_does_not_fit_fails_the_step_and_names_the_argument(
    alice: User, argument: str, value: Any, says: str
) -> None:
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": {"it": value}}),
        step("b", "note", "a", late=(late(argument, "$artifacts.a.it", "a"),)),
    )
    work_off()
    assert ended(run) == "failed"
    error = Step.objects.get(run=run, key="b").error
    assert error["errorType"] == "PARAMETER_INVALID"
    assert says in error["message"]


def test_what_may_be_missing_is_left_out(alice: User) -> None:
    run = run_plan(
        alice,
        step("a", "say"),
        step("b", "note", "a", late=(late("text", "$artifacts.a.it", "a", required=False),)),
    )
    work_off()
    assert ended(run) == "completed"
    assert "text" not in shown(run)["b"]["resolvedArguments"]


@pytest.mark.parametrize(
    ("transform", "values", "found"),
    [
        ("subtitle_cues", {"cues": CUES}, CUES),
        (
            "subtitle_srt",
            {"segments": CUES},
            "1\n00:00:00,000 --> 00:00:01,500\nHello\n\n2\n00:00:01,500 --> 00:00:03,000\nthere\n",
        ),
        ("overlay_items", {"text": '[{"text": "Hi", "start": 0}]'}, [{"text": "Hi", "start": 0}]),
    ],
)
def test_bindings_take_cues_and_overlays_from_an_answer(
    alice: User, transform: Transform, values: dict[str, Any], found: Any
) -> None:
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": values}),
        step("b", "say", Binding(StepKey("a"), "found", transform)),
        step("c", "say", Binding(StepKey("b"), "found", transform)),
    )
    work_off()
    assert shown(run)["b"]["resolvedArguments"]["found"] == found
    assert (ended(run), statuses(run)["c"]) == ("failed", "failed")
    assert Step.objects.get(run=run, key="c").error["errorType"] == "ASSET_NOT_FOUND"


def test_bytes_are_handed_over_as_text(alice: User) -> None:
    run = run_plan(
        alice,
        step("a", "note"),
        step("b", "say", Binding(StepKey("a"), "found", "artifact_data_uri")),
        step("c", "say", Binding(StepKey("a"), "found", "artifact_url")),
        step("d", "say", Binding(StepKey("a"), "found", "asset_ref")),
    )
    work_off()
    assert ended(run) == "completed", run.error
    steps = shown(run)
    assert steps["b"]["resolvedArguments"]["found"].startswith("data:image/png;base64,iVBOR")
    artifact = Artifact.objects.get(run=run)
    assert f"/media/{artifact.public_id}/" in steps["c"]["resolvedArguments"]["found"]
    assert steps["d"]["resolvedArguments"]["found"] == artifact.public_id
