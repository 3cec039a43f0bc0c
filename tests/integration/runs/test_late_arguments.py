"""Arguments that are known only when their step starts: filled in, read again, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from core.errors import ProviderError
from media import blobs
from runs.engine import transforms
from runs.models import Artifact, Run, Step
from runs.planning.resolved_plan import file_marker
from runs.web import serializers
from templates_app.graph.types import Binding, DeferredArgument, DeferredRef, StepKey, Transform
from tests.support.builders.plans import late, question, run_plan, step
from tests.support.builders.running import status_after_work, status_of, statuses, work_off

pytestmark = pytest.mark.django_db(transaction=True)

CUES = [{"start": 0, "end": 1.5, "text": "Hello"}, {"start": 1.5, "end": 3, "text": "there"}]


def shown(run: Run) -> dict[str, dict[str, Any]]:
    record = serializers.record(Run.objects.get(id=run.id), base_url="http://testserver")
    return {one["id"]: one for one in record["steps"]}


def test_arguments_take_what_earlier_steps_answered(alice: User) -> None:
    whole = DeferredArgument(
        "values",
        {"id": None, "list": [None, "x"]},
        (
            DeferredRef(("id",), "$run.id"),
            DeferredRef(("list", 0), "$artifacts.a.words[1]", StepKey("a")),
        ),
    )
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": {"prompt": "a cat", "words": ["p", "q"]}}),
        step("b", "note", "a", late=(late("text", "$artifacts.a.content", "a"),)),
        step("c", "say", "a", late=(whole,)),
        question("ask", "a", arguments={}, late=(late("question", "$artifacts.a.prompt", "a"),)),
    )
    assert status_after_work(run) == "waiting_for_user"
    steps = shown(run)
    assert steps["b"]["resolvedArguments"]["text"] == "a cat"
    assert steps["c"]["result"]["id"] == run.public_id
    assert steps["c"]["result"]["list"] == ["q", "x"]
    record = serializers.record(run, base_url="http://testserver")
    assert record["waiting"]["message"] == "a cat"


def test_media_that_are_chosen_late_are_worked_on(alice: User) -> None:
    ref = "$artifacts.sheet.items[1].selectedVersion.url"
    run = run_plan(
        alice,
        step("sheet", "note", arguments={"copies": 3}),
        step("use", "note", "sheet", late=(late("sourceImageIndex", ref, "sheet"),)),
    )
    assert status_after_work(run) == "completed", run.error
    second = Artifact.objects.get(run=run, step__key="sheet", position=1)
    assert Artifact.objects.get(run=run, step__key="use").meta["saw"] == [second.blob_id]
    assert shown(run)["use"]["resolvedArguments"]["sourceImageIndex"] == 1


@pytest.mark.parametrize(
    ("argument", "value", "says"),
    [
        ("copies", 9, "copies"),
        ("text", None, "text takes"),
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
    assert status_after_work(run) == "failed"
    error = Step.objects.get(run=run, key="b").error
    assert error["error_type"] == "PARAMETER_INVALID"
    assert says in error["message"]


def test_what_may_be_missing_is_left_out(alice: User) -> None:
    run = run_plan(
        alice,
        step("a", "say"),
        step("b", "note", "a", late=(late("text", "$artifacts.a.it", "a", required=False),)),
    )
    assert status_after_work(run) == "completed"
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
    assert (status_of(run), statuses(run)["c"]) == ("failed", "failed")
    assert Step.objects.get(run=run, key="c").error["error_type"] == "ASSET_NOT_FOUND"


def test_media_in_parameters_are_written_out_for_the_provider_alone(alice: User) -> None:
    run = run_plan(
        alice,
        step("a", "note"),
        step("b", "say", Binding(StepKey("a"), "found", "artifact_data_uri")),
        step("c", "say", "a", late=(late("values", "$artifacts.a", "a"),), on_error="continue"),
        step("d", "say", Binding(StepKey("a"), "found", "asset_ref")),
        step("e", "note", "a", late=(late("text", "$artifacts.a.url", "a"),)),
        # What a caller writes so is theirs to see, and no more.
        step("f", "say", arguments={"values": {"it": {"$medium": "input:99", "as": "url"}}}),
        step("g", "say", arguments={"values": {"it": {"$medium": "artifact:x/../y"}}}),
    )
    work_off()
    artifact = Artifact.objects.get(run=run, step__key="a")
    steps = shown(run)
    assert steps["b"]["status"] == "completed", run.error
    assert f"/media/{artifact.public_id}/" in steps["b"]["resolvedArguments"]["found"]
    assert "?e=" not in json.dumps(list(run.steps.values_list("resolved", "result")))
    assert steps["c"]["error"]["errorType"] == "PARAMETER_INVALID"
    assert steps["d"]["resolvedArguments"]["found"] == artifact.public_id
    told = Artifact.objects.get(run=run, step__key="e")
    assert f"/media/{artifact.public_id}/".encode() in blobs.path_of(told.blob_id).read_bytes()


def test_small_media_are_handed_over_as_text_and_large_ones_by_address(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_plan(alice, step("a", "note"))
    work_off()
    artifact = Artifact.objects.get(run=run)
    given = {"it": [file_marker(f"artifact:{artifact.public_id}", "data")]}
    text = transforms.Results(run.id).write_out(given)["it"][0]
    assert text.startswith("data:image/png;base64,iVBOR")
    monkeypatch.setattr(transforms, "INLINE_BYTES", 10)
    text = transforms.Results(run.id).write_out(given)["it"][0]
    assert f"/media/{artifact.public_id}/image-1" in text
    with pytest.raises(ProviderError, match="no longer"):
        transforms.Results(run.id).write_out(file_marker("artifact:art_unknown"))
