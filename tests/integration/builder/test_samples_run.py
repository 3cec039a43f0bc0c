"""The samples: valid, found in every category, and each runs to its result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.auth import Principal
from accounts.models import User
from builder.ops.samples import sample_files
from builder.ops.samples.sample_files import SAMPLES
from builder.ops.server.prepare import prepare
from runs import selectors
from runs.admission.start import start_run
from templates_app.graph.rules.validation import validate
from templates_app.graph.spec import CATEGORIES
from templates_app.models import Template, TemplateVersion
from tests.support.builders.running import work_off
from tests.support.builders.samples import answer_questions, start_body
from tests.support.builders.templates import documented, make_public
from tools import registry
from tools.catalog import catalogue

SPECS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(SAMPLES.glob("*.json"))
}
TEASER = "two-shot-product-teaser"
# The kind of result of those that make no film.
RESULTS = {"campaign-images": "image"}
# Clips last a second in tests: what is said about their later seconds is said of their first.
SHORT: dict[str, dict[str, Any]] = {"longer-and-otherwise": {"from": 0.5, "to": 1.5}}
# Models are named for whoever has them: the studio says that it has none, and draws.
NO_MODEL = "The built-in studio has no models, so “{}” was ignored."
FINAL_MODELS = {
    "ad-in-other-languages": {"gpt-image-2", "eleven-v4", "sync-3"},
    "campaign-images": {"nano-banana-pro", "seedvr2"},
    "multi-shot-video": {"nano-banana-pro", "kling-3-pro"},
    "product-ad": {"nano-banana-pro", "kling-3-pro"},
    "product-swap": {"nano-banana-pro", "aleph2"},
    "ugc-clip": {"nano-banana-pro", "eleven-v4", "seedance2-5"},
    # As it is documented.
    TEASER: {"flux2"},
}
# Each is honest about what no one could do with one picture, or about such short clips.
EXPECTED = (
    *(NO_MODEL.format(model) for models in FINAL_MODELS.values() for model in models),
    "shortened to fit a short clip",
    "back repeats the front",
    "the front, mirrored",
    "The back wasn't shown",
    "Depth unknown",
    "the video ends at",
    "to the end of the video",
    "Limited to about 22°",
    "No effect on the drawing: “walks”",
    # A draft of a swap shows its frame, colors and sound, as the sample says.
    "Reference images weren't used",
    "Replacing the subject isn't supported",
    # The swapped clip lasts a second in tests, the one brought five.
    "speed to fill the range",
    # Results are small in tests.
    "set a resolution for a larger one",
)


def test_there_are_thirty_across_the_categories() -> None:
    assert len(SPECS) == 30
    assert {spec["category"] for spec in SPECS.values()} == set(CATEGORIES)


def test_every_tool_is_shown_at_work() -> None:
    stages = [stage for spec in SPECS.values() for stage in spec["stages"]]
    used = {(stage.get("itemStage") or stage).get("tool") for stage in stages}
    assert used - {None} == {tool.name for tool in catalogue() if tool.durable}


def test_one_is_the_documented_example_with_an_example_of_its_input_and_a_second_shot() -> None:
    added = {"visibility", "description"}
    published = {name: SPECS[TEASER][name] for name in documented() if name not in added}
    expected = {name: value for name, value in documented().items() if name not in added}
    (brief,) = published["inputs"]
    assert brief["jsonSchema"].keys() == {"examples"}
    published["inputs"] = [{name: brief[name] for name in brief if name != "jsonSchema"}]
    stages = published["stages"]
    published["stages"] = [
        {name: stage[name] for name in stage if name not in ("label", "produces")}
        for stage in stages[:2]
    ]
    assert published == expected
    shots = [stage["produces"][0] for stage in stages if stage["tool"] == "generate_video"]
    assert len(shots) == 2
    joined = stages[-1]["args"]["reference_video_urls"]
    assert joined == [f"$artifacts.{shot}.items[0].selectedVersion.url" for shot in shots]


def test_inputs_of_every_type_are_used_and_have_a_default_or_an_example() -> None:
    inputs = [one for spec in SPECS.values() for one in spec["inputs"]]
    types = {"text", "select", "number", "boolean", "image", "video", "audio"}
    assert {one["type"] for one in inputs} == types
    assert all(one["description"] for one in inputs)
    assert all("default" in one or one["jsonSchema"]["examples"] for one in inputs)


def test_at_least_six_samples_take_media_of_one_s_own() -> None:
    taken = {
        name: {one["type"] for one in spec["inputs"]} & {"image", "video", "audio"}
        for name, spec in SPECS.items()
    }
    assert len([name for name, types in taken.items() if types]) >= 6
    assert set().union(*taken.values()) == {"image", "video", "audio"}


@pytest.mark.django_db
def test_validation_finds_nothing() -> None:
    found = {name: validate(sample_files.read(name).spec, registry.table()) for name in SPECS}
    assert found == dict.fromkeys(SPECS, ())


def test_every_stage_has_a_label_and_a_place_in_the_graph() -> None:
    for name, spec in SPECS.items():
        assert all(stage["label"] for stage in spec["stages"]), name
        if name == TEASER:
            continue
        stages = [stage["id"] for stage in spec["stages"]]
        assert 2 <= len(stages) <= 10, name
        nodes = spec["graph"]["nodes"]
        assert sorted(node["stageId"] for node in nodes) == sorted(["$inputs", *stages]), name
        assert len({(node["x"], node["y"]) for node in nodes}) == len(nodes), name
        known = {*stages, "$inputs"}
        assert all({edge["from"], edge["to"]} <= known for edge in spec["graph"]["edges"]), name


def test_models_are_named_for_the_final_result_and_the_studio_draws_without_them() -> None:
    named: dict[str, set[str]] = {}
    for name, spec in SPECS.items():
        for stage in spec["stages"]:
            called = stage.get("itemStage") or stage
            arguments = called.get("args", {})
            if model := arguments.get("model", arguments.get("videoModel")):
                named.setdefault(name, set()).add(model)
                provider = registry.provider_for(called["tool"], arguments)
                assert provider is not None
                assert provider.name == "studio", name
    assert named == FINAL_MODELS


# A film and an answer; the others take longer.
QUICK = (TEASER, "clip-check")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.thorough)
        for name in sorted(SPECS)
    ],
)
def test_runs_to_completion_and_follows_every_word(name: str, alice: User) -> None:
    spec = SPECS[name]
    prepare()
    body = start_body(Template.objects.get(public_id=spec["id"]))
    run = start_run(
        actor=Principal(user=alice, api_key=None, via="session"),
        body={**body, "inputs": body["inputs"] | SHORT.get(name, {})},
    ).run
    work_off()
    run.refresh_from_db()
    while answer_questions(run):
        work_off()
        run.refresh_from_db()
    assert run.status == "completed", run.error
    artifacts = selectors.artifacts_of([run])
    assert any(artifact.kind == RESULTS.get(name, "video") for artifact in artifacts)
    said = [
        warning
        for step in selectors.steps_of(run)
        for warning in (step.result or {}).get("warnings", ())
    ]
    assert [words for words in said if not any(word in words for word in EXPECTED)] == []


@pytest.mark.django_db
def test_preparing_twice_writes_nothing_new() -> None:
    prepare()
    before = list(TemplateVersion.objects.order_by("id").values_list("id", flat=True))
    assert len(before) == len(SPECS)
    prepare()
    assert list(TemplateVersion.objects.order_by("id").values_list("id", flat=True)) == before
    assert Template.objects.filter(visibility="public").count() == len(SPECS)


@pytest.mark.django_db
def test_a_taken_id_leaves_one_sample_out_and_the_server_starts(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    make_public(alice, id=SPECS["clip-check"]["id"])
    prepare()
    assert Template.objects.filter(owner__username="system").count() == len(SPECS) - 1
    assert "clip-check.json was left out" in caplog.text
