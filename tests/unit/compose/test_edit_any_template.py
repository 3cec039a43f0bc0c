"""Whatever is asked of whatever template: it stays valid, and what was not asked for stays."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from compose.brief.read import read_brief
from compose.changes import Revision, revise
from compose.template_plan.build import built
from runs.planning.made_up_inputs import with_made_up_files, with_made_up_inputs
from templates_app.graph.compile import compile_template
from templates_app.graph.layout import CANVAS, Box, place
from templates_app.graph.rules.validation import validate
from templates_app.graph.wiring import read_wiring, words_of
from tests.support.builders.planning import LIMITS, TOOLS
from tests.support.examples import examples

SEED = 20261121
# In every run of the tests, and in all of them.
STACKS, ALL_STACKS = examples(25), 300
SAMPLES = {
    path.stem: json.loads(path.read_text())
    for path in sorted(Path("builder/ops/samples").glob("*.json"))
}
BRIEFS = {
    "film": "A 15 second vertical teaser for a candle shop, three shots, soft piano",
    "photo": "My product photo slowly turning, white background, 5 seconds, square, no sound",
    "narrated": "Storyboard: 1. dawn over a harbour 2. a fisher 3. the boat leaves. narrated",
    "choice": "Turn a portrait into four different looks and let me choose two for a film",
    "song": "A song about my dog with a cover image",
    "list": "Ten postcards from one trip, each with a place name, then a slideshow with music",
    "clip": "Take my clip, add English subtitles and a logo in the corner",
    "beat": "Music video, 30 seconds, cuts on the beat, neon city, 4 scenes",
    "checkpoint": "Same hero in forest, desert and city from a photo; ask me before the last one",
    "cat": "A cat",
    "trailer": "Trailer: title card, three dramatic shots, title card, deep drum, 21:9",
}


def laid_out(body: dict[str, Any]) -> dict[str, Any]:
    boxes = place(read_wiring(body, TOOLS), sizes=CANVAS)
    nodes = [{"stageId": key, "x": box.x, "y": box.y} for key, box in boxes.items()]
    return {**body, "graph": {"nodes": nodes, "edges": []}}


TEMPLATES: dict[str, dict[str, Any]] = {
    **SAMPLES,
    **{name: laid_out(built(read_brief(text), name=name).body) for name, text in BRIEFS.items()},
}
# Fields of a stage that name others; `produces` is what others name.
CONNECTIONS = {
    "condition",
    "itemStage",
    "optionalArtifactsIn",
    "overBinding",
    "produces",
    "requiredArtifactsIn",
    "select",
}
REQUESTS = (
    "make it vertical",
    "16:9",
    "make shot 1 square",
    "make it 10 seconds",
    "twice as long",
    "5 seconds shorter",
    "add a music step",
    "with soft piano",
    "remove the music",
    "no sound",
    "add a voice-over saying 'Welcome to the sea'",
    "add a voice-over",
    "remove the voice-over",
    "add subtitles",
    "remove the subtitles",
    "add a title card 'The sea' at the start",
    "add a title 'The end' at the end",
    "put my logo in the corner",
    "remove the logo",
    "add a shot of a harbour at dawn",
    "add a shot of a whale after shot 1",
    "add a shot of a whale before the last shot",
    "remove the last shot",
    "remove shot 2",
    "remove the intro",
    "swap shot 1 and 3",
    "move the last shot to the start",
    "reverse the order of the shots",
    "duplicate shot 2 with a dog",
    "use model flux-3-klein for images",
    "swap the model to ltx25",
    "replace night by day",
    "make it night",
    "in watercolour",
    "more dramatic lighting",
    "no people",
    "slow orbit",
    "dissolves between shots",
    "cut on the beat",
    "hard cuts",
    "ask me before the film",
    "let me approve the images",
    "let me choose from four",
    "three variations",
    "repeat for a list of cities",
    "repeat for Paris, Rome and Tokyo",
    "let me enter the image",
    "rename shot 1 to Sunrise",
    "call it Another name",
    "cheaper",
    "at most 8 credits",
    "upscale the result",
    "remove the background",
    "make it vertical, add music and drop the last shot",
    "replace shot 1 with a castle",
)


def errors(template: Mapping[str, Any]) -> set[str]:
    found = validate(template, TOOLS)
    return {f"{one.code} {one.at.path}" for one in found if one.severity == "error"}


def compiles(template: Mapping[str, Any]) -> tuple[Any, ...]:
    inputs = with_made_up_inputs(template, {})
    return compile_template(template, inputs, (), TOOLS, with_made_up_files(LIMITS)).errors


def covers(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def check(before: Mapping[str, Any], found: Revision, asked: str) -> None:
    """What holds for every change; asked names the case when it doesn't."""
    after = found.template
    if not errors(before):
        assert not errors(after), (asked, errors(after))
    if not compiles(before):
        assert not compiles(after), (asked, compiles(after))
    if not found.changes:
        assert after == before, asked
        assert found.warnings, asked
    was = {stage["id"]: stage for stage in before["stages"]}
    now = {stage["id"]: stage for stage in after["stages"]}
    order = [stage_id for stage_id in now if stage_id in was]
    assert order == [stage_id for stage_id in was if stage_id in now], asked
    for key in before.keys() - {"stages", "inputs", "graph", "name", "previewArtifacts"}:
        assert json.dumps(after[key]) == json.dumps(before[key]), (asked, key)
    placed(before, after, asked)
    untouched(was, now, found, asked)


def untouched(was: Mapping[str, Any], now: Mapping[str, Any], found: Revision, asked: str) -> None:
    """A stage that no sentence names differs in its connections at most."""
    if any(sentence.endswith("more.") for sentence in found.changes):
        return
    said = " ".join(found.changes)
    for stage_id in was.keys() & now.keys():
        before, after = was[stage_id], now[stage_id]
        tool = TOOLS.get(before.get("tool", ""))
        title = before.get("label") or (tool.title if tool else words_of(stage_id))
        if title in said or str(after.get("label")) in said:
            continue
        for key in before.keys() | after.keys():
            if key == "args":
                one, other = before.get("args", {}), after.get("args", {})
                changed = {k for k in one.keys() | other.keys() if one.get(k) != other.get(k)}
                assert all("$" in repr(other.get(k, "$")) for k in changed), (asked, stage_id)
            elif before.get(key) != after.get(key):
                assert key in CONNECTIONS, (asked, stage_id, key)


def placed(before: Mapping[str, Any], after: Mapping[str, Any], asked: str) -> None:
    graph = before.get("graph")
    if not isinstance(graph, Mapping):
        return
    was = {node["stageId"]: node for node in graph["nodes"]}
    now = {node["stageId"]: node for node in after["graph"]["nodes"]}
    ids = {stage["id"] for stage in after["stages"]}
    assert ids <= now.keys(), asked
    assert not (was.keys() & {s["id"] for s in before["stages"]}) & now.keys() - ids, asked
    assert all(node == was[key] for key, node in now.items() if key in was), asked
    boxes = place(read_wiring(after, TOOLS), after["graph"], CANVAS)
    for new in now.keys() - was.keys():
        for other, box in boxes.items():
            assert other == new or not covers(boxes[new], box), (asked, new, other)


HOSTILE = (
    "“" * 20_000,
    " " * 20_000,
    "slow " * 4_000,
    "slow " * 230,
    "make it vertical and " * 950,
    "2 " * 570,
    "a" * 20_000,
    "\u202e\ud800\x00 add \ud800 a shot of \x00",
    "replace night by $inputs.secret",
    "add a voice-over saying '$artifacts.x'",
    "rename shot 1 to $run.id",
    "add a shot of $inputs.secret",
    "replace shot 1 with $inputs.secret",
    "make shot 1 show $inputs.secret",
    "music: $inputs.secret",
    f"add a voice-over saying '{'word ' * 390}'",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_do_no_harm(text: str) -> None:
    given = SAMPLES["the-last-lamp"]
    found = revise(given, text, ("film", "nowhere"), TOOLS)
    check(given, found, text[:60])
    json.dumps(found.template).encode()
    values = [v for stage in found.template["stages"] for v in stage.get("args", {}).values()]
    assert "$inputs.secret" not in values


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_change_keeps_every_template_valid(name: str, step: int) -> None:
    """In short, each request meets a quarter of the templates."""
    given = TEMPLATES[name]
    kept = copy.deepcopy(given)
    for text in REQUESTS[list(TEMPLATES).index(name) % step :: step]:
        check(given, revise(given, text, (), TOOLS), f"{name}: {text}")
        assert given == kept


def test_stacks_of_changes_keep_every_template_valid() -> None:
    stacked(STACKS, SEED)


@pytest.mark.slow
def test_many_stacks_of_changes_keep_every_template_valid() -> None:
    stacked(ALL_STACKS, SEED + 1)


def stacked(count: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(count):
        name = chance.choice(list(TEMPLATES))
        template, said = TEMPLATES[name], [name]
        for text in chance.sample(REQUESTS, chance.randint(1, 5)):
            ids = [stage["id"] for stage in template["stages"]]
            selection = chance.sample(ids, min(chance.choice((0, 0, 1, 2)), len(ids)))
            said.append(f"{text} {selection}")
            found = revise(template, text, selection, TOOLS)
            check(template, found, " / ".join(said))
            template = found.template
