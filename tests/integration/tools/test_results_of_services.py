"""What a chosen service gives beyond media, and what is charged for what did not come."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import LedgerEntry, User
from builder.ops.samples.sample_files import SAMPLES
from core import errors
from runs.models import Event, Run
from templates_app.graph.rules.issue_texts import for_person
from templates_app.graph.rules.validation import validate
from templates_app.graph.titles import TemplateTitles
from templates_app.lifecycle import services as templates
from tests.support.builders.running import start, start_template, work_off_with_looks
from tests.support.checks import only_check
from tests.support.fakes.openai_server import KEY, OpenAIServer, Reply, png
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)

PICTURES = "/images/generations"


@pytest.fixture
def service(settings: Any, server: OpenAIServer) -> Iterator[dict[str, Any]]:
    """A service chosen for all it offers; settings to change before the first call."""
    options: dict[str, Any] = {
        "kind": "openai",
        "base_url": server.url,
        "key": KEY,
        "poll_s": 0.05,
        "images": ["gpt-image-1"],
        "speech": ["tts-1"],
        "chat": ["gpt-4o-mini"],
        "videos": ["sora-2"],
    }
    settings.PROVIDERS = {"openai": options}
    settings.PROVIDER_CHOICE = {"*": "openai"}
    registry.rebuild()
    yield options
    del settings.PROVIDERS
    del settings.PROVIDER_CHOICE
    registry.rebuild()


def ran(run: Run) -> Run:
    work_off_with_looks(run)
    run.refresh_from_db()
    return run


def pictures(**arguments: Any) -> dict[str, Any]:
    said = {"prompt": "a fox", "model": "gpt-image-1", "numberOfVariations": 3, **arguments}
    return {"id": "fox", "toolName": "generate_image", "arguments": said}


def sum_of_ledger(user: User) -> int:
    return sum(LedgerEntry.objects.filter(user=user).values_list("milli", flat=True))


def only(server: OpenAIServer, count: int) -> Reply:
    """An answer with so many pictures, however many were asked for."""
    one = {"b64_json": base64.b64encode(png((64, 64), "fox")).decode()}
    return Reply(body={"created": 1, "data": [one] * count})


# -- F.2: values beyond media ----------------------------------------------------------------------


def test_a_sample_with_subtitles_works_with_a_service_that_speaks(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    """“A story told” reads the cues of a voice, which no speech service returns."""
    spec = json.loads((SAMPLES / "a-story-told.json").read_text())
    kept = [stage for stage in spec["stages"] if stage["id"] == "voice"]
    kept += [
        {
            "id": "scene",
            "type": "fixed",
            "label": "Scene",
            "tool": "generate_video",
            "produces": ["scene"],
            "args": {"prompt": "rain", "duration": 4},
        },
        {
            "id": "film",
            "type": "fixed",
            "label": "Film",
            "tool": "add_subtitles",
            "args": {
                "reference_video_url": "$artifacts.scene.items[0].selectedVersion.url",
                "cues": "$artifacts.voice.cues",
            },
        },
    ]
    body = {**spec, "id": "told", "stages": kept, "graph": None}
    template = templates.create_template(actor=alice, body=body, own_hosts=()).template
    story = "The lamp went out at nine. No one came down the stairs."
    run = ran(start_template(alice, template, story=story))
    assert run.status == "completed", run.error
    steps = {step.key: step for step in run.steps.all()}
    assert steps["voice"].provider == "openai"
    cues = steps["voice"].result["cues"]
    assert " ".join(cue["text"] for cue in cues) == story
    sound = steps["voice"].artifacts.get()
    assert sound.meta["cues"] == cues
    assert cues[-1]["end"] <= (sound.blob.duration_ms or 0) / 1000 + 0.05
    assert all(cue["end"] > cue["start"] for cue in cues)


def test_the_last_frame_of_a_service_s_clip_is_a_picture(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    arguments = {"prompt": "rain", "duration": 4, "returnLastFrame": True}
    run = ran(start(alice, [{"id": "a", "toolName": "generate_video", "arguments": arguments}]))
    assert run.status == "completed", run.error
    kinds = [row.kind for row in run.steps.get().artifacts.order_by("position")]
    assert kinds == ["video", "image"]


READS = [
    {
        "id": "look",
        "type": "fixed",
        "label": "A look",
        "tool": "analyze_image",
        "produces": ["look"],
        "args": {"source_image_url": "https://example.com/a.png", "prompt": "What is it?"},
    },
    {
        "id": "picture",
        "type": "fixed",
        "label": "Picture",
        "tool": "generate_image",
        "args": {"prompt": "$artifacts.look.analysis"},
    },
]


def test_a_value_that_the_chosen_provider_does_not_give_is_an_issue_before_anything_is_paid(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    spec = {"name": "Looked at", "stages": READS}
    (found,) = validate(spec, registry.table())
    assert (found.code, found.severity, found.at.stage_id) == (
        "value_not_given",
        "warning",
        "picture",
    )
    assert found.at.argument == "prompt"
    assert {name: found.params[name] for name in ("name", "source", "provider")} == {
        "name": "analysis",
        "source": "look",
        "provider": "OpenAI",
    }
    titles = TemplateTitles(spec, registry.table())
    assert "needs analysis from A look" in for_person(found, titles)
    template = templates.create_template(actor=alice, body=spec, own_hosts=()).template
    with pytest.raises(errors.InvalidInput) as refused:
        start_template(alice, template)
    (told,) = refused.value.data["compileErrors"]
    assert (told["code"], told["stageId"]) == ("value_not_given", "picture")
    assert not Run.objects.exists()
    assert not server.asked


@pytest.mark.parametrize("chosen", [True, False])
def test_what_only_the_draft_studio_cannot_draw_is_an_issue_where_it_draws(
    request: Any, chosen: bool
) -> None:
    if chosen:
        request.getfixturevalue("service")
    stage = {"id": "shop", "type": "fixed", "tool": "generate_image", "label": "Shop"}
    spec = {"name": "Shop", "stages": [{**stage, "args": {"prompt": "A candle by the sea"}}]}
    found = validate(spec, registry.table())
    assert [(one.code, one.at.argument) for one in found] == (
        [] if chosen else [("not_drawn", "prompt")]
    )


def test_the_doctor_names_public_templates_that_a_provider_breaks(
    alice: User, service: dict[str, Any]
) -> None:
    spec = {"name": "Looked at", "stages": READS, "visibility": "public"}
    templates.create_template(actor=alice, body=spec, own_hosts=())
    found = only_check("template values")
    assert found.level == "warning"
    assert "Looked at" in found.says
    assert "OpenAI doesn't give" in found.says


def test_the_same_value_is_no_issue_where_the_built_in_studio_is_chosen(db: None) -> None:
    assert validate({"name": "Looked at", "stages": READS}, registry.table()) == ()


def test_explicit_steps_that_take_cues_of_a_picture_are_refused(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    steps = [
        pictures(),
        {
            "id": "b",
            "toolName": "add_subtitles",
            "arguments": {"reference_video_url": "https://example.com/a.mp4"},
            "dependsOn": [
                {
                    "sourceStepId": "fox",
                    "targetArgument": "cues",
                    "transform": "subtitle_cues",
                    "required": True,
                }
            ],
        },
    ]
    with pytest.raises(errors.InvalidBody, match='needs "cues" of "fox", which OpenAI doesn'):
        start(alice, steps)
    assert not server.asked


# -- F.3: what did not come ------------------------------------------------------------------------


def test_pictures_that_did_not_come_are_not_charged(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    server.replies[PICTURES].append(only(server, 1))
    run = ran(start(alice, [pictures()]))
    assert run.status == "completed"
    assert (run.estimated_milli, run.actual_milli, run.reserved_milli) == (3000, 1000, 0)
    assert sum_of_ledger(alice) == -1000
    step = run.steps.get()
    assert step.artifacts.count() == 1
    said = "1 of 3 results came. Charged: 1 credit instead of 3 credits."
    assert said in step.result["warnings"]
    event = Event.objects.get(run=run, name="step_completed")
    assert said in event.payload["warnings"]
    # The service is blind: asking again could pay twice.
    assert len(server.calls(PICTURES)) == 1
    # Nor is it taken for the whole when it is run again.
    assert step.reuse_key == ""


def test_a_service_that_recognises_requests_is_asked_for_the_rest(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    service["idempotency_key"] = True
    registry.rebuild()
    server.replies[PICTURES].append(only(server, 1))
    run = ran(start(alice, [pictures()]))
    assert run.actual_milli == 3000
    step = run.steps.get()
    assert step.artifacts.count() == 3
    assert not [said for said in step.result["warnings"] if "results came" in said]
    asked = server.calls(PICTURES)
    assert [one.body["n"] for one in asked] == [3, 2]
    assert len({one.headers["idempotency-key"] for one in asked}) == 2


def test_asking_for_the_rest_ends(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    service["idempotency_key"] = True
    registry.rebuild()
    server.replies[PICTURES].extend(only(server, count) for count in (1, 0, 0, 0, 0))
    run = ran(start(alice, [pictures()]))
    assert run.status == "completed"
    assert run.actual_milli == 1000
    assert len(server.calls(PICTURES)) <= 3


def test_a_clip_that_failed_beside_others_is_not_charged(
    alice: User, service: dict[str, Any], server: OpenAIServer
) -> None:
    refused = {
        "id": "video_x", "object": "video", "status": "failed",
        "error": {"code": "moderation_blocked", "message": "Blocked."},
    }  # fmt: skip
    server.replies["/videos"].append(Reply(body={**refused, "status": "queued"}))
    server.replies["/videos/video_x"].append(Reply(body=refused))
    arguments = {"prompt": "rain", "duration": 4, "numberOfVariations": 2}
    run = ran(start(alice, [{"id": "a", "toolName": "generate_video", "arguments": arguments}]))
    assert run.status == "completed", run.error
    assert run.actual_milli * 2 == run.estimated_milli
    assert sum_of_ledger(alice) == -run.actual_milli


def test_every_tool_of_the_built_in_studio_says_what_it_gives(db: None) -> None:
    provider = registry.provider_named("studio")
    assert provider is not None
    assert all(provider.gives(tool, {}) is not None for tool in provider.tools())
