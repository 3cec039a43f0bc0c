"""Whatever is written to the tools that write: a whole, bounded answer, the same each time."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compose.writers.tool_answers import ANSWERS
from core.errors import InvalidInput
from tests.unit.compose.writing import TOOLS
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.schema import parameter_schemas

MOST_BYTES = 20 * 1024
FIELDS = {
    "enhance_prompt": {"prompt", "target_output", "destination_model", "notes"},
    "compose_script": {"script", "scenes"},
    "compose_lyrics": {
        *("lyrics", "title", "bpm", "keyscale", "timesig", "music_prompt", "duration_seconds"),
    },
    "compose_instrumental": {
        *("structure", "title", "bpm", "keyscale", "timesig", "music_prompt", "duration_seconds"),
    },
}
TEXTS = {"enhance_prompt": "prompt", "compose_script": "brief"}

pieces = st.sampled_from(
    [
        *("A cat", "my dog Bruno", "three shots", "16:9", "at night", "in 12 seconds", "no sound"),
        *("Eine Katze auf dem Dach", "un perro en la playa", "une chanson pour la mer", "東京の夜"),
        *(
            "Кот на крыше",
            "قطة",
            "🐈‍⬛🔥",
            "{idea}",
            "{s} {w} {h} {0}",
            "$inputs.x",
            "%s",
            "[Chorus]",
        ),
        *("\x00\x1b[31m", "\u202e", '"""', "\\", "<b>", "how to brew", "1. one\n2. two"),
        *(
            "https://example.org/x",
            "sad folk song",
            "90 bpm in C# minor",
            "3/4",
            "a a a",
            "the",
            ",",
        ),
    ]
)
texts = st.one_of(
    st.lists(
        st.one_of(pieces, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
        min_size=1,
        max_size=8,
    ).map(" ".join),
    st.lists(pieces, min_size=1, max_size=12).map(". ".join),
    st.sampled_from(["x" * 20_000, "🐈" * 9_000, '"' * 20_000, "a b. " * 4_000, "\n" * 50 + "a"]),
)


def value_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = schema.get("type")
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if kind in ("number", "integer"):
        low, high = schema.get("minimum", 1), schema.get("maximum", 100)
        whole = st.integers(int(low), int(high))
        return whole if kind == "integer" else st.one_of(whole, st.floats(low, high))
    if kind == "array":
        return st.lists(value_of(schema["items"]), max_size=4)
    if kind == "object" and "properties" in schema:
        required = {n: value_of(p) for n, p in schema["properties"].items()}
        return st.fixed_dictionaries(required)
    if kind == "object":
        limits = st.one_of(st.integers(-5, 900), texts, st.lists(texts, max_size=3), st.none())
        names = st.sampled_from(["max_length", "avoid", "include", "tone", "\x00"])
        return st.dictionaries(names, limits, max_size=4)
    most = schema.get("maxLength", 200)
    short = texts.map(lambda text: text[:most])
    return st.one_of(short, st.sampled_from(["generate_video", "edit_image", "german", "sdxl"]))


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(st.sampled_from(sorted(ANSWERS)))
    schemas = dict(parameter_schemas(TOOLS[name]))
    text = TEXTS.get(name, "prompt")
    del schemas[text]
    chosen = draw(st.lists(st.sampled_from(sorted(schemas)), unique=True))
    return name, {text: draw(texts), **{one: draw(value_of(schemas[one])) for one in chosen}}


def answered(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    tool = TOOLS[name]
    # What can't be read is left out, as a caller's mistakes are.
    read = read_arguments(tool, arguments)
    filled = fill_defaults(tool, {**read.params})
    filled.setdefault(TEXTS.get(name, "prompt"), "x")
    return ANSWERS[name](tool.Params.model_validate(filled))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(calls())
def test_every_text_gets_a_whole_answer(call: tuple[str, dict[str, Any]]) -> None:
    name, arguments = call
    try:
        told = answered(name, arguments)
    except InvalidInput:
        # It says nothing that could be written about.
        return
    assert answered(name, arguments) == told
    assert told.keys() >= FIELDS[name]
    sent = json.dumps(told, ensure_ascii=False, allow_nan=False)
    assert len(sent.encode()) <= MOST_BYTES
    given_urls = json.dumps(arguments).count("http")
    assert given_urls or not re.search(r"https?:|www\.", sent)
    if name == "compose_script":
        lengths = [scene["duration_seconds"] for scene in told["scenes"]]
        assert told["script"]
        assert 1 <= len(lengths) <= 12
        assert min(lengths) > 0
        assert round(sum(lengths), 3) == round(told["duration_seconds"], 3)
        asked = arguments.get("duration_seconds")
        assert asked is None or abs(told["duration_seconds"] - asked) <= 0.001
    elif "bpm" in told:
        assert 30 <= told["bpm"] <= 300
        assert told["timesig"] in (2, 3, 4, 6)
        bar_s = told["timesig"] * 60 / told["bpm"]
        bars = sum(part["bars"] for part in told.get("structure", ()))
        assert not bars or abs(bars * bar_s - told["duration_seconds"]) <= bar_s
