"""A capable model's reading of loose briefs becomes fuller drafts than the rules'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django import Settings

from compose.drafting import Draft, DraftRequest, draft, problems_of
from tests.support.fakes.compose_answers import MODEL, RULES, plan, says, scene
from tests.support.fakes.compose_model_server import ComposeModelServer, configure

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Case:
    """A brief, a model's plan of it, and what a good draft has: facts that `facts_of` finds."""

    brief: str
    plan: Mapping[str, Any]
    wanted: frozenset[str]


def _open(name: str, title: str, default: str = "") -> dict[str, Any]:
    return {"name": name, "title": title, "default": default, "options": []}


def _file(name: str, kind: str, title: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "title": title, "count": 1}


CASES = (
    Case(
        "We pour candles by hand and want something for Instagram that makes people smell them",
        plan(
            open_texts=[_open("scent", "Which scent?", "cedar")],
            scenes=[
                scene("Steam rises from amber wax as {scent} chips fall into it"),
                scene("Hands pour the wax into a glass jar, {scent} branches beside it"),
                scene("A wick catches fire in the dark, close, smoke curls"),
                scene("A woman closes her eyes and breathes in by the candle"),
            ],
        ),
        frozenset({"4 shots", "9:16", "input shots", "music"}),
    ),
    Case(
        "Oma findet im Keller ihr altes Rad und fährt noch einmal ans Meer. Wehmütig, aber schön",
        plan(
            title="Omas Rad", language="de", aspect="16:9", seconds=24,
            sound={"music_words": "Cello und Klavier, wehmütig"},
            scenes=[
                scene("Eine alte Frau zieht im dunklen Keller ein Tuch von einem roten Rad"),
                scene("Ihre Hände ölen die Kette, Licht fällt durch ein kleines Fenster"),
                scene("Sie fährt auf dem roten Rad durch Dünengras, Wind im weißen Haar"),
                scene("Das rote Rad liegt am Strand, sie steht barfuß im Meer"),
            ],
        ),
        frozenset({"4 shots", "16:9", "music"}),
    ),
    Case(
        "My kid's drawing comes alive and explores the house. I want to see it before the finale",
        plan(
            title="The drawing", aspect="16:9", seconds=15,
            media=[_file("drawing", "image", "The drawing")],
            scenes=[
                scene("The drawn figure blinks and steps off the paper", uses="drawing"),
                scene("The drawn figure slides down a banister", uses="drawing"),
                scene("The drawn figure hugs a real cat", uses="drawing", ask_before=True),
            ],
        ),
        frozenset({"3 shots", "input drawing", "asks", "music"}),
    ),
    Case(
        "新しいカフェの紹介。ナレーション付きで、スマホ向け、20秒くらい",
        plan(
            title="新しいカフェ", language="ja", aspect="9:16", seconds=20,
            sound={"speech": True, "spoken": "駅前に新しいカフェができました。"},
            scenes=[
                scene("朝の光の中、木の扉が開く小さなカフェ"),
                scene("バリスタがゆっくりとコーヒーを注ぐ手元"),
                scene("窓際の席で微笑む客と湯気の立つカップ"),
            ],
        ),
        frozenset({"3 shots", "9:16", "speech"}),
    ),
    Case(
        "Explain to six-year-olds where rain comes from. I'll want another hero than a duck later",
        plan(
            title="Where rain comes from", aspect="16:9", seconds=24,
            open_texts=[_open("hero", "Who is the hero?", "a yellow duck")],
            sound={"speech": True, "spoken": "The sun warms the pond. Water rises, unseen."},
            scenes=[
                scene("The sun warms a pond, {hero} looks up at the shimmering air"),
                scene("Tiny drops float up past {hero} and gather in a cloud"),
                scene("The cloud turns gray and heavy over {hero}"),
                scene("Rain falls, {hero} dances in the puddles"),
            ],
        ),
        frozenset({"4 shots", "input shots", "speech"}),
    ),
)  # fmt: skip


def facts_of(drafted: Draft) -> set[str]:
    body = drafted.template
    calls = [stage.get("itemStage") or stage for stage in body["stages"]]
    tools = [call.get("tool") for call in calls]
    moving = sum(tool in ("animate_photo", "generate_video") for tool in tools)
    facts = {f"{moving} shots", *(f"input {one['name']}" for one in body["inputs"])}
    facts |= {"music"} if "generate_music" in tools else set()
    facts |= {"speech"} if "generate_speech" in tools else set()
    facts |= {"asks"} if any(stage.get("checkpointRequired") for stage in body["stages"]) else set()
    for call in calls:
        args = call.get("args") or {}
        if isinstance(args.get("width"), int) and isinstance(args.get("height"), int):
            facts.add("9:16" if args["width"] < args["height"] else "16:9")
        facts |= {args["aspectRatio"]} if isinstance(args.get("aspectRatio"), str) else set()
    return facts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.brief[:30])
def test_a_good_plan_becomes_the_whole_draft(case: Case, settings: Settings) -> None:
    with ComposeModelServer(lambda asked: says(case.plan)) as server:
        configure(settings, server)
        drafted = draft(DraftRequest(case.brief))
    assert drafted.planner == MODEL
    assert problems_of(drafted.template) == ()
    assert case.wanted <= facts_of(drafted)
    prompts = json.dumps(drafted.template, ensure_ascii=False)
    for shot in case.plan["scenes"]:
        assert str(shot["text"]).partition("{")[0][:20].strip() in prompts
    assert json.loads(server.chats[0].body["messages"][1]["content"])["brief"] == case.brief


@pytest.mark.parametrize("brief", ["\ud800 half a character", "🐈" * 9000])
def test_any_brief_is_sent(brief: str, settings: Settings) -> None:
    with ComposeModelServer(lambda asked: says(plan())) as server:
        configure(settings, server)
        drafted = draft(DraftRequest(brief))
        changed = draft(DraftRequest(brief, existing=drafted.template))
    assert drafted.planner == MODEL
    assert problems_of(changed.template) == ()


def test_drafts_of_a_good_model_have_what_those_of_the_rules_miss(settings: Settings) -> None:
    settings.PROVIDERS = {}
    by_rules = [draft(DraftRequest(case.brief)) for case in CASES]
    assert {drafted.planner for drafted in by_rules} == {RULES}
    missed = [
        case.wanted - facts_of(drafted) for case, drafted in zip(CASES, by_rules, strict=True)
    ]
    assert sum(bool(one) for one in missed) >= 4, missed
