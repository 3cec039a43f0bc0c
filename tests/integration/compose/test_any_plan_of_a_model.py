"""Any answer that the schema admits becomes a valid, private template with a price."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from compose.drafting import measured, problems_of
from compose.model.answer_schema import strict_schema
from compose.model.planner import safe_plan, with_plain_settings
from compose.plain_settings import read_plain
from compose.plan import Plan, plan_of_answer
from compose.plan.fields import BadAnswer
from compose.template_plan.build import build
from compose.template_plan.presets import with_presets
from tests.support.examples import examples

pytestmark = pytest.mark.django_db
SCHEMA = strict_schema(Plan)
TEXTS = (
    "A candle", "photo", "{photo}", "{x|y}", "$inputs.a", "$$", "$", "", " ", "\n", "🐈" * 30,
    "Eine Straße in Köln", "يمشي القط", "{", "a" * 1900, "1. one 2. two", "http://127.0.0.1/x",
    "<b>bold</b>", "line\nline\nline", "0", "null", "-", "../..", "ünïcode_näme", "__proto__",
)  # fmt: skip
# A model's plan has the plain settings that it leaves out.
BRIEFS = ("A candle shop", "A candle shop, 9:16, ask me before the film")
NUMBERS = (0, 1, 2, 3, 0.1, 4.5, 12, 59.99, 600, 36_000)


def any_answer(schema: Mapping[str, Any], chance: random.Random) -> Any:
    """A value of the schema: its limits that services don't get are sometimes not kept."""
    if "$ref" in schema:
        return any_answer(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], chance)
    if "anyOf" in schema:
        return any_answer(chance.choice(schema["anyOf"]), chance)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    kind = schema["type"]
    if kind == "object":
        return {name: any_answer(one, chance) for name, one in schema["properties"].items()}
    if kind == "array":
        return [any_answer(schema["items"], chance) for _ in range(chance.choice((0, 1, 2, 3, 8)))]
    if kind == "string":
        return chance.choice(TEXTS)
    if kind in ("number", "integer"):
        number = chance.choice(NUMBERS)
        return int(number) if kind == "integer" else number
    return {"boolean": chance.random() < 0.4, "null": None}[kind]


def consistent(answer: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """With what names others corrected, so that most answers are admitted."""
    for place, one in enumerate(answer["media"]):
        one["name"] = f"{one['name'] or 'file'}{place}"
        one["count"] = max(1, min(one["count"], 12))
    for one in answer["open_texts"]:
        one["name"] = one["name"][:50] or "text"
    names = [one["name"] for one in answer["media"]]
    for scene in answer["scenes"]:
        scene["text"] = scene["text"] or "A candle"
        scene["uses"] = chance.choice([*names, ""])
        scene["seconds"] = scene["seconds"] and min(scene["seconds"], 600)
    answer["seconds"] = answer["seconds"] and min(answer["seconds"], 600)
    if answer["repeat"]:
        answer["repeat"]["item_name"] = answer["repeat"]["item_name"][:50] or "place"
        answer["repeat"]["count"] = answer["repeat"]["count"] and min(answer["repeat"]["count"], 9)
    if answer["choice"]:
        answer["choice"] = {"candidates": chance.randint(2, 12), "pick": chance.randint(1, 2)}
    for one in answer["edits"]:
        one["end"] = one["start"] and one["start"] + chance.choice((0, 1, 2))
    answer["scenes"].append(any_answer({"$ref": "#/$defs/Shot"}, chance))
    answer["scenes"][-1] |= {"text": "A candle", "type": "shot", "uses": "", "seconds": None}
    for field in ("title", "language", "on_screen"):
        answer[field] = answer[field][:190]
    return answer


@pytest.mark.parametrize("seed", range(examples(12)))
def test_any_admitted_plan_is_a_valid_template(seed: int) -> None:
    chance = random.Random(seed)
    admitted = 0
    for _ in range(200):
        given = consistent(any_answer(SCHEMA, chance), chance)
        try:
            answer = plan_of_answer(given)
        except BadAnswer:
            continue
        admitted += 1
        text = chance.choice(BRIEFS)
        plan = with_plain_settings(safe_plan(answer, frozenset()), read_plain(text).plan)
        body = build(with_presets(plan, text), text).body
        body["visibility"] = "private"
        shown = json.dumps(given)
        assert problems_of(body) == (), shown
        assert measured(body, own_hosts=("localhost",)).units >= 0, shown
        assert "127.0.0.1" not in json.dumps(body), shown
    assert admitted >= 15
