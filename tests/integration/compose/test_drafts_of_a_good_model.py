"""A capable model's plan of a loose brief becomes the whole draft."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings

from compose.drafting import Draft, DraftRequest, draft, problems_of
from compose.plan import USUAL_MUSIC
from tests.support.builders.template_facts import Facts
from tests.support.fakes.compose_answers import MODEL, plan, says, scene
from tests.support.fakes.compose_model_server import ComposeModelServer, configure

pytestmark = pytest.mark.django_db


# A brief, a model's plan of it, and what a good draft has: facts that `facts_of` finds.
CASES: list[tuple[str, dict[str, Any], set[str]]] = [
    (
        "We pour candles by hand and want something for Instagram that makes people smell them",
        plan(
            open_texts=[{"name": "scent", "title": "Scent?", "default": "cedar", "options": []}],
            scenes=[
                scene("Steam rises from amber wax as {scent} chips fall into it"),
                scene("Hands pour the wax into a glass jar, {scent} branches beside it"),
                scene("A wick catches fire in the dark, close, smoke curls"),
                scene("A woman closes her eyes and breathes in by the candle"),
            ],
        ),
        {"4 shots", "9:16", "input shots", "generate_music"},
    ),
    (
        "子どもの絵が動き出して家を探検する。ナレーション付きで、最後の前に見たい",
        plan(
            title="絵", language="ja", aspect="16:9", seconds=15,
            sound={"speech": True, "spoken": "絵が歩き出しました。"},
            media=[{"name": "drawing", "kind": "image", "title": "The drawing", "count": 1}],
            scenes=[
                scene("The drawn figure blinks and steps off the paper", uses="drawing"),
                scene("朝の光の中、木の扉が開く小さなカフェ", uses="drawing"),
                scene("The drawn figure hugs a real cat", uses="drawing", ask_before=True),
            ],
        ),
        {"3 shots", "16:9", "input drawing", "asks", "generate_music", "generate_speech"},
    ),
]  # fmt: skip


def facts_of(drafted: Draft) -> set[str]:
    found = Facts(drafted.template)
    facts = {f"{found.scenes()} shots", *(f"input {name}" for name in found.inputs)}
    asks = any(stage.get("checkpointRequired") for stage in found.stages.values())
    return facts | {*found.tools()} | found.shapes() | ({"asks"} if asks else set())


@pytest.mark.parametrize(("brief", "answer", "wanted"), CASES)
def test_a_good_plan_becomes_the_whole_draft(
    brief: str, answer: dict[str, Any], wanted: set[str], settings: Settings
) -> None:
    with ComposeModelServer(lambda asked: says(answer)) as server:
        configure(settings, server)
        drafted = draft(DraftRequest(brief))
    assert drafted.planner == MODEL
    assert problems_of(drafted.template) == ()
    assert wanted <= facts_of(drafted)
    prompts = json.dumps(drafted.template, ensure_ascii=False)
    for shot in answer["scenes"]:
        assert str(shot["text"]).partition("{")[0][:20].strip() in prompts
    assert json.loads(server.chats[0].body["messages"][1]["content"])["brief"] == brief


def test_what_a_model_sets_is_said_to_be_set_and_the_rest_are_presets(settings: Settings) -> None:
    with ComposeModelServer(lambda asked: says(plan(sound={"music_words": ""}))) as server:
        configure(settings, server)
        found = draft(DraftRequest("A candle shop")).settings
    assert found is not None
    assert {"scenes", "seconds", "aspect", "style", "sound.music"} <= {*found.from_words}
    assert found.plan["sound"]["music_words"] == USUAL_MUSIC
    assert not {"shows", "camera", "sound.music_words"} & {*found.from_words}


@pytest.mark.parametrize("brief", ["\ud800 half a character", "猫" * 9000])
def test_any_brief_is_sent(brief: str, settings: Settings) -> None:
    with ComposeModelServer(lambda asked: says(plan())) as server:
        configure(settings, server)
        drafted = draft(DraftRequest(brief))
        changed = draft(DraftRequest(brief, existing=drafted.template))
    assert drafted.planner == MODEL
    assert problems_of(changed.template) == ()
