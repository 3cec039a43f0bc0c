"""A model changes a template by a list of changes; whatever it lists, only those are done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pytest_django import Settings

from compose.drafting import DraftRequest, draft, problems_of
from tests.support.clients.api import Api
from tests.support.fakes.compose_answers import MODEL, RULES
from tests.support.fakes.compose_model_server import ComposeModelServer, Said, configure, unvisited

pytestmark = pytest.mark.django_db
EXECUTE = "/v1/creative-agent/tools/execute"


@pytest.fixture
def template(settings: Settings) -> dict[str, Any]:
    """Two shots with music, as the rules draft them."""
    settings.PROVIDERS = {}
    brief = "1. A candle is lit. 2. Wax is poured. Soft piano. 16:9"
    return draft(DraftRequest(brief, "Wax", include_audio=True)).template


@pytest.fixture
def server(settings: Settings, template: object) -> Iterator[ComposeModelServer]:
    with ComposeModelServer(takes_turns=True) as server:
        configure(settings, server)
        yield server


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


def stage_with(body: Mapping[str, Any], tool: str) -> dict[str, Any]:
    return next(stage for stage in body["stages"] if stage.get("tool") == tool)


def test_a_listed_change_is_done_and_nothing_else(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    clip = stage_with(template, "animate_photo")
    server.usual = lambda asked: answers(one("set", clip["id"], "prompt", "Slow pan to the left"))
    result, body = changed(alice_key, template, "Lass die Kamera nach links schwenken")
    assert result["metadata"]["planner"] == MODEL
    assert stages(body)[clip["id"]]["args"]["prompt"] == "Slow pan to the left"
    for key, stage in stages(template).items():
        if key != clip["id"]:
            assert stages(body)[key] == stage
    assert body["inputs"] == template["inputs"]
    assert "Slow pan to the left" in result["message"]


def test_a_format_of_a_model_holds_for_all_images(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    server.usual = lambda asked: answers(one("format", value="9:16"))
    result, body = changed(alice_key, template, "für das Handy im Hochformat, bitte")
    assert result["metadata"]["planner"] == MODEL
    images = [stage for stage in body["stages"] if stage.get("tool") == "generate_image"]
    assert all(stage["args"]["height"] > stage["args"]["width"] for stage in images)


def test_a_stage_is_inserted_and_another_removed(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    image, music = stage_with(template, "generate_image"), stage_with(template, "generate_music")
    server.usual = lambda asked: answers(
        one("insert_after", image["id"], "upscale_image"), one("remove", music["id"])
    )
    _, body = changed(alice_key, template, "Schärfer, und ohne Musik")
    added = stage_with(body, "upscale_image")
    assert image["id"] in json.dumps(added["args"])
    assert added["id"] in json.dumps(stage_with(body, "animate_photo")["args"])
    assert music["id"] not in stages(body)


def test_what_cannot_be_done_is_said(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    server.usual = lambda asked: answers(cannot="Smells can't be made.")
    result, body = changed(alice_key, template, "Lass es nach Wachs riechen")
    assert body["stages"] == template["stages"]
    assert result["warnings"] == ["Not changed: Smells can't be made."]


def test_problems_of_changes_go_back_to_the_model(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    clip = stage_with(template, "animate_photo")
    server.script.append(answers(one("set", "shot_99", "prompt", "Pan")))
    server.usual = lambda asked: answers(one("set", clip["id"], "prompt", "Pan"))
    result, _ = changed(alice_key, template, "Schwenken")
    assert result["metadata"]["planner"] == MODEL
    assert clip["id"] in server.chats[1].body["messages"][-1]["content"]


def bad_changes(evil: str, template: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    clip = str(stage_with(template, "animate_photo")["id"])
    film = str(stage_with(template, "stitch_video")["id"])
    image = str(stage_with(template, "generate_image")["id"])
    return {
        "a stage of another template": [one("set", "tpl_0000/stage", "prompt", "Hi")],
        "an unknown argument": [one("set", clip, "callback", "Hi")],
        "an address as a file": [one("set", clip, "reference_image_url", f"{evil}/a.png")],
        "an address as a prompt": [one("set", clip, "prompt", f"{evil}/a.png")],
        "a number that is none": [one("set", clip, "duration", "NaN")],
        "a billion seconds": [one("set", clip, "duration", "1000000000")],
        "no choice there is": [one("set", clip, "frameRole", "sideways")],
        "an unknown tool": [one("insert_after", clip, "send_mail")],
        "a tool for other media": [one("insert_after", image, "upscale_video")],
        "an unknown kind of change": [one("publish", clip)],
        "everything gone": [one("remove", key) for key in stages(template)],
        "a thousand changes": [one("label", clip, value=str(n)) for n in range(1000)],
        "an unknown input": [one("input", "password", value="x")],
        "words for the rules": [one("words", value="make it vertical")],
        "a length that is none": [one("length", clip, value="a while")],
        "over the budget": [one("shot", value=f"A street {n}") for n in range(3)],
        "no change": [],
        "a change of the film that is gone": [one("remove", film), one("set", film, "fps", "24")],
    }


CHANGES = tuple(bad_changes("http://127.0.0.1", {"stages": [
    {"id": tool, "tool": tool}
    for tool in ("animate_photo", "stitch_video", "generate_image")
]}))  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_bad_changes_are_not_done(
    name: str, server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    units = template["estimatedCapacityUnits"]["max"]
    with unvisited() as evil:
        listed = bad_changes(evil, template)[name]
        server.usual = lambda asked: answers(*listed, visibility="public", publish=True)
        result, body = changed(
            alice_key, template, "make it vertical", max_estimated_capacity_units=units
        )
        assert evil.removeprefix("http://") not in json.dumps(result)
    assert result["metadata"]["planner"] == RULES
    assert any("Rules made this change." in warning for warning in result["warnings"])
    # The rules understood it.
    images = [stage for stage in body["stages"] if stage.get("tool") == "generate_image"]
    assert all(stage["args"]["height"] > stage["args"]["width"] for stage in images)
    assert set(stages(body)) == set(stages(template))
    assert len(server.chats) == 2


def test_addresses_of_the_person_stay(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    clip = stage_with(template, "animate_photo")
    own = "https://candles.example/window.png"
    server.usual = lambda asked: answers(one("set", clip["id"], "prompt", f"As on {own}, slow"))
    _, body = changed(alice_key, template, f"Wie auf {own}")
    assert stages(body)[clip["id"]]["args"]["prompt"] == f"As on {own}, slow"


def test_a_binding_of_a_model_is_only_words(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    clip = stage_with(template, "animate_photo")
    server.usual = lambda asked: answers(
        one("set", clip["id"], "prompt", "$artifacts.film.items[0].selectedVersion.url")
    )
    _, body = changed(alice_key, template, "Schwenken")
    assert not stages(body)[clip["id"]]["args"]["prompt"].startswith("$")


def test_addresses_of_a_template_stay_here(
    server: ComposeModelServer, template: dict[str, Any], alice_key: str
) -> None:
    clip = stage_with(template, "animate_photo")
    clip["args"]["reference_image_end_url"] = "https://files.example/a.png?token=s3cr3t"
    server.usual = lambda asked: answers(one("label", clip["id"], value="Opening"))
    _, body = changed(alice_key, template, "Nenn sie Opening")
    assert stages(body)[clip["id"]]["args"] == clip["args"]
    assert stages(body)[clip["id"]]["label"] == "Opening"
    assert "s3cr3t" not in json.dumps(server.chats[0].body)
