"""A model changes a template by a list of changes, and only those are applied.

What it is told it can do is what the applier does, and what the tools take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pytest_django import Settings

from compose.changes.change import ChangeType
from compose.drafting import DraftRequest, draft, problems_of
from compose.model.editor import edit_of
from compose.model.instructions import CHANGE
from compose.plan import Transition
from tests.support.clients.api import Api
from tests.support.fakes.compose_answers import MODEL, RULES
from tests.support.fakes.compose_model_server import ComposeModelServer as Server
from tests.support.fakes.compose_model_server import Said, configure, unvisited
from tools import registry
from tools.declaration.schema import parameter_schemas

pytestmark = pytest.mark.django_db
Body = dict[str, Any]
EXECUTE = "/v1/creative-agent/tools/execute"


@pytest.fixture
def template(settings: Settings) -> dict[str, Any]:
    """Two shots with music, drafted without a model."""
    settings.PROVIDERS = {}
    brief = "1. A candle is lit.\n2. Wax is poured.\nsoft piano music, 16:9"
    made = draft(DraftRequest(brief, "Wax", include_audio=True)).template
    assert [*stages(made)] == STAGES
    return made


@pytest.fixture
def server(settings: Settings, template: object) -> Iterator[Server]:
    with Server(takes_turns=True) as server:
        configure(settings, server)
        yield server


CLIP = "shot_1"
STAGES = ["image_1", CLIP, "image_2", "shot_2", "music", "film"]


def one(type: str, target: str = "", field: str = "", value: str = "") -> dict[str, str]:
    return {"type": type, "target": target, "field": field, "value": value}


def answers(*changes: Mapping[str, Any], cannot: str = "", **more: Any) -> Said:
    return Said(json.dumps({"changes": changes, "cannot": cannot, **more}))


def changed(
    key: str, template: Mapping[str, Any], brief: str, **arguments: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    given = {"brief": brief, "name": "Wax", "existing_template": template, **arguments}
    answer = Api(key).post(EXECUTE, {"tool": "compose_workflow_template", "arguments": given})
    assert answer.status_code == 200, answer.content[:500]
    result = dict(answer.json()["data"]["result"])
    body = result["template_draft"]
    assert problems_of(body) == ()
    assert body["visibility"] == "private"
    return result, body


def stages(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {stage["id"]: stage for stage in body["stages"]}


def test_a_listed_change_is_done_and_nothing_else(
    server: Server, template: Body, alice_key: str
) -> None:
    server.usual = lambda asked: answers(one("set", CLIP, "prompt", "Slow pan to the left"))
    result, body = changed(alice_key, template, "Lass die Kamera nach links schwenken")
    assert result["metadata"]["planner"] == MODEL
    assert stages(body)[CLIP]["args"]["prompt"] == "Slow pan to the left"
    for key, stage in stages(template).items():
        if key != CLIP:
            assert stages(body)[key] == stage
    assert body["inputs"] == template["inputs"]
    assert "Slow pan to the left" in result["message"]


def test_what_cannot_be_done_is_said(server: Server, template: Body, alice_key: str) -> None:
    server.usual = lambda asked: answers(cannot="Smells can't be made.")
    result, body = changed(alice_key, template, "Lass es nach Wachs riechen")
    assert body["stages"] == template["stages"]
    assert result["warnings"] == ["Not changed: Smells can't be made."]


def test_problems_of_changes_go_back_to_the_model(
    server: Server, template: Body, alice_key: str
) -> None:
    server.script.append(answers(one("set", "shot_99", "prompt", "Pan")))
    server.usual = lambda asked: answers(one("set", CLIP, "prompt", "Pan"))
    result, _ = changed(alice_key, template, "Schwenken")
    assert result["metadata"]["planner"] == MODEL
    assert CLIP in server.chats[1].body["messages"][-1]["content"]


# The origin of a server that nothing may ask.
EVIL = "{evil}"
BAD: dict[str, list[dict[str, str]]] = {
    "a stage of another template": [one("set", "tpl_0000/stage", "prompt", "Hi")],
    "an unknown argument": [one("set", CLIP, "callback", "Hi")],
    "an address as a file": [one("set", CLIP, "reference_image_url", f"{EVIL}/a.png")],
    "a billion seconds": [one("set", CLIP, "duration", "1000000000")],
    "a tool for other media": [one("insert_after", "image_1", "upscale_video")],
    "an unknown kind of change": [one("publish", CLIP)],
    "everything gone": [one("remove", key) for key in STAGES],
    "a thousand changes": [one("label", CLIP, value=str(n)) for n in range(1000)],
    "an unknown input": [one("input", "password", value="x")],
    "over the budget": [one("shot", value=f"A street {n}") for n in range(3)],
    "no change": [],
}


@pytest.mark.parametrize("name", BAD)
def test_bad_changes_are_not_done(
    name: str, server: Server, template: Body, alice_key: str
) -> None:
    units = template["estimatedCapacityUnits"]["max"]
    with unvisited() as evil:
        listed = json.loads(json.dumps(BAD[name]).replace(EVIL, evil))
        server.usual = lambda asked: answers(*listed, visibility="public", publish=True)
        result, body = changed(
            alice_key, template, "make it brighter", max_estimated_capacity_units=units
        )
        assert evil.removeprefix("http://") not in json.dumps(result)
    assert result["metadata"]["planner"] == RULES
    assert result["changes"] == []
    assert any("Nothing was changed." in warning for warning in result["warnings"])
    assert body["stages"] == template["stages"]
    assert len(server.chats) == 2


def test_addresses_of_the_person_stay_and_a_binding_of_a_model_is_only_words(
    server: Server, template: Body, alice_key: str
) -> None:
    own = "https://candles.example/window.png"
    server.script += [
        answers(one("set", CLIP, "prompt", f"As on {own}, slow")),
        answers(one("set", CLIP, "prompt", "$artifacts.film.items[0].selectedVersion.url")),
    ]
    _, body = changed(alice_key, template, f"Wie auf {own}")
    assert stages(body)[CLIP]["args"]["prompt"] == f"As on {own}, slow"
    _, body = changed(alice_key, template, "Schwenken")
    assert not stages(body)[CLIP]["args"]["prompt"].startswith("$")


def test_addresses_of_a_template_stay_here(server: Server, template: Body, alice_key: str) -> None:
    clip = stages(template)[CLIP]
    clip["args"]["reference_image_end_url"] = "https://files.example/a.png?token=s3cr3t"
    server.usual = lambda asked: answers(one("label", CLIP, value="Opening"))
    _, body = changed(alice_key, template, "Nenn sie Opening")
    assert stages(body)[CLIP]["args"] == clip["args"]
    assert stages(body)[CLIP]["label"] == "Opening"
    assert "s3cr3t" not in json.dumps(server.chats[0].body)


TYPES = get_args(ChangeType)
# One change of each type, of a film of three shots with music; targets are stages by their places.
EXAMPLES: dict[str, dict[str, Any]] = {
    "set": {"target": "shot_1", "field": "prompt", "value": "Slow pan"},
    "input": {"target": "place", "value": "A harbor"},
    "list": {"target": "shots", "value": "A harbor"},
    "remove": {"target": "shot_2"},
    "insert_after": {"target": "image_1", "field": "upscale_image"},
    "label": {"target": "shot_1", "value": "Dawn"},
    "name": {"value": "Dawn"},
    "shot": {"value": "A street", "field": "start"},
    "move": {"target": "shot_1,shot_2", "field": "swap"},
    "duplicate": {"target": "shot_1", "value": "at night"},
    "show": {"target": "shot_1", "value": "A street"},
    "look": {"value": "watercolor"},
    "without": {"value": "people"},
    "replace_words": {"field": "candle", "value": "lamp"},
    "camera": {"value": "slow orbit"},
    "format": {"value": "9:16"},
    "length": {"value": "x2"},
    "transition": {"value": "dissolve"},
    "sound": {"field": "music", "value": "Soft piano"},
    "subtitles": {"value": "Light is work"},
    "title": {"value": "Light is work", "field": "card end red"},
    "logo": {"field": "top-left"},
    "model": {"value": "flux-3-klein"},
    "variations": {"value": "3"},
    "choice": {"target": "image_1", "field": "1", "value": "4"},
    "checkpoint": {"target": "shot_1"},
    "ask": {"value": "candle"},
}


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_of_change_is_explained_and_done(kind: str, settings: Settings) -> None:
    settings.PROVIDERS = {}
    brief = "1. A candle is lit.\n2. Wax is poured.\n3. A window glows.\n16:9"
    request = DraftRequest(brief, "Wax", include_audio=kind != "sound", scene_count=3)
    body = draft(request).template
    inputs = [{"name": "place", "type": "text", "required": False, "default": "A beach"}]
    listed = {"multiple": {"min": 1, "max": 5}, "default": ["A beach"]}
    body["inputs"] = [*body["inputs"], *inputs, {**inputs[0], "name": "shots", **listed}]
    ids = [stage["id"] for stage in body["stages"]]
    change = {"target": "", "field": "", "value": "", **EXAMPLES[kind], "type": kind}
    assert all(name in ids for name in change["target"].split(",") if name[:5] == "image"), ids
    edited = edit_of({"changes": [change], "cannot": ""}, body, (), registry.table(), frozenset())
    assert getattr(edited, "changes", None), edited
    assert re.search(rf"^(?:.*\. )?{kind}:", CHANGE, re.MULTILINE), f"{kind} isn't explained"


def test_transitions_are_those_of_the_tool() -> None:
    stitch = registry.table().get("stitch_video")
    assert stitch is not None
    declared = parameter_schemas(stitch)["transition"]["properties"]["type"]["enum"]
    assert {*Transition.__args__} - {""} == {*declared}
