"""A draft of an existing template: changed, priced, and refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from compose.drafting import DraftRequest, draft, problems_of
from core.errors import InvalidBody
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db
EXECUTE = "/v1/creative-agent/tools/execute"
LAMP: dict[str, Any] = json.loads(Path("builder/ops/samples/the-last-lamp.json").read_text())


def test_a_changed_template_is_priced_and_saved(alice_key: str) -> None:
    before = draft(DraftRequest("", existing=LAMP))
    found = draft(DraftRequest("add a shot of a whale", existing=LAMP))
    assert found.units > before.units
    assert found.changes
    assert problems_of(found.template) == ()
    body = {key: value for key, value in found.template.items() if key != "id"}
    saved = Api(alice_key).post("/v1/creative-agent/workflows/templates", body)
    assert saved.status_code == 201, saved.content


def test_a_template_as_the_api_answers_it_is_changed_and_patched(alice_key: str) -> None:
    api = Api(alice_key)
    path = "/v1/creative-agent/workflows/templates"
    stored = api.post(path, {**LAMP, "id": "wf_mine"}).json()["data"]["template"]
    found = draft(DraftRequest("make it vertical", existing={"data": {"template": stored}}))
    patched = api.patch(f"{path}/{stored['id']}", found.template)
    assert patched.status_code == 200, patched.content
    after = patched.json()["data"]["template"]
    assert after["stages"][0]["args"]["width"] == 576
    assert after["visibility"] == stored["visibility"]


def test_a_budget_that_is_passed_is_said() -> None:
    found = draft(DraftRequest("add a shot of a whale", existing=LAMP, max_units=3))
    assert found.fits_budget is False
    assert any("credits" in warning for warning in found.warnings)


def test_the_callers_own_arguments_change_an_existing_template() -> None:
    request = DraftRequest(
        "make it night",
        existing=LAMP,
        aspect_ratio="1:1",
        duration_seconds=12,
        models={"image": "flux-3-klein"},
    )
    stages = {stage["id"]: stage["args"] for stage in draft(request).template["stages"]}
    assert stages["dusk"]["width"] == stages["dusk"]["height"]
    assert stages["dusk"]["model"] == "flux-3-klein"
    assert stages["evening_shot"]["duration"] == 6.4


@pytest.mark.parametrize("existing", [{}, {"stages": {}}, {"stages": ["a"]}, {"template": "no"}])
def test_what_is_no_template_is_refused_by_its_field(existing: Any) -> None:
    with pytest.raises(InvalidBody, match="existing_template"):
        draft(DraftRequest("make it vertical", existing=existing))


@pytest.fixture
def lamp(alice_key: str, settings: Settings) -> Callable[..., dict[str, Any]]:
    """Asks for a change of the sample by the rules, as any client does."""
    settings.PROVIDERS = {}

    def ask(brief: str, template: dict[str, Any] = LAMP) -> dict[str, Any]:
        arguments = {"brief": brief, "name": template["name"], "existing_template": template}
        asked = {"tool": "compose_workflow_template", "arguments": arguments}
        answer = Api(alice_key).post(EXECUTE, asked)
        assert answer.status_code == 200, answer.content
        result: dict[str, Any] = answer.json()["data"]["result"]
        assert problems_of(result["template_draft"]) == ()
        return result

    return ask


def stages(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {stage["id"]: stage for stage in result["template_draft"]["stages"]}


def default(result: dict[str, Any], name: str) -> str:
    found = next(one for one in result["template_draft"]["inputs"] if one["name"] == name)
    return str(found["default"])


@pytest.mark.parametrize(
    "brief", ["delete everything except the music", "lösche alles außer der Musik"]
)
def test_what_is_excepted_stays(brief: str, lamp: Callable[..., dict[str, Any]]) -> None:
    assert set(stages(lamp(brief))) == {"score"}


def test_an_exception_that_is_not_found_removes_nothing(
    lamp: Callable[..., dict[str, Any]],
) -> None:
    result = lamp("delete everything except the whale")
    assert result["template_draft"]["stages"] == LAMP["stages"]
    assert "everything except the whale” wasn't understood" in result["warnings"][0]


def test_a_place_is_found_by_what_the_shot_shows(lamp: Callable[..., dict[str, Any]]) -> None:
    film = stages(lamp("add a shot of a whale before the night"))["film"]
    shots = [text.split(".")[1] for text in film["args"]["reference_video_urls"]]
    assert shots == ["evening_shot", "shot_3", "night_shot"]


def test_a_title_needs_no_quotation_marks(lamp: Callable[..., dict[str, Any]]) -> None:
    result = lamp("put the title Summer Days over it")
    overlay = stages(result)["titled"]["args"]["overlays"][0]
    assert overlay["text"] == "Summer Days"
    assert "“Summer Days”" in result["message"]
    red = lamp("put the title in red", result["template_draft"])
    assert stages(red)["titled"]["args"]["overlays"][0] == {**overlay, "color": "#E53935"}


def test_a_title_that_is_not_there_gets_no_color(lamp: Callable[..., dict[str, Any]]) -> None:
    result = lamp("put the title in red")
    assert result["template_draft"]["stages"] == LAMP["stages"]
    assert "title" in result["warnings"][0]


@pytest.mark.parametrize("words", ["scarier", "schwarzweiß"])
def test_words_that_go_into_prompts_are_said_to(
    words: str, lamp: Callable[..., dict[str, Any]]
) -> None:
    assert f"Added “{words}” to the prompts of Evening and Night." in lamp(words)["message"]


def test_what_a_look_rules_out_is_replaced(lamp: Callable[..., dict[str, Any]]) -> None:
    sunny = lamp("make shot 1 show a sunny beach")["template_draft"]
    result = lamp("make it rainier", sunny)
    assert default(result, "evening") == "A rainy beach"
    assert "“sunny” is now “rainy” in the prompt of Evening." in result["message"]


@pytest.mark.parametrize(
    ("brief", "warning"),
    [
        ("fade out", "no tool here fades a film in or out"),
        ("translate it to Spanish", "no tool here translates"),
        ("publish it", "can't publish"),
        ("set the seed to 42", "“set the seed to 42” wasn't understood"),
        ("the music should stop at the end", "wasn't understood"),
        ("remove the music if it is long", "wasn't understood"),
        ("in three languages", "wasn't understood"),
    ],
)
def test_what_no_change_can_do_is_said_and_goes_into_no_prompt(
    brief: str, warning: str, lamp: Callable[..., dict[str, Any]]
) -> None:
    result = lamp(brief)
    assert result["template_draft"]["stages"] == LAMP["stages"]
    assert result["template_draft"]["inputs"] == LAMP["inputs"]
    assert warning in result["warnings"][0]


def test_what_is_left_of_a_sentence_is_listed(lamp: Callable[..., dict[str, Any]]) -> None:
    result = lamp("add subtitles in German and skip the music when a person sleeps")
    assert "Not changed: “in German”." in result["warnings"]
    assert "Not changed: “when a person sleeps”." in result["warnings"]
