"""What the editor must read as the server does: `frontend/fixtures/*.json`: bindings, wiring,
layout, implied, tools and suppliers.

Written by `python -m tests.support.builders.graphs frontend/fixtures`; a test on either side reads
them, and one here fails when they are not current.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import apply_all
from templates_app.graph import layout
from templates_app.graph.bindings import EVERY_ELEMENT, Broken, Ref, read_text
from templates_app.graph.issues import issue
from templates_app.graph.rules.validation import with_fixes
from templates_app.graph.suppliers import converters, makers
from templates_app.graph.wiring import each_stage, read_wiring
from tests.support.builders.documents import json_lines
from tests.support.builders.planning import TOOLS
from tools.declaration.ports import MEDIA_KINDS, Tool, spellings
from tools.palette import palette
from tools.registry import Offer

SEED: Final = 20261120
SAMPLES: Final = Path("builder/ops/samples")

_TEXTS: Final = (
    "", "$", "$$", "$$inputs.brief", "$5", "$5.inputs", "$ inputs.brief", "$\u00a0x", "$\u0085x",
    "$\ufeffx", "$\u00b2x", "$\u0663", "a $inputs.brief", "$inputs", "$inputs.", "$inputs.brief",
    "$inputs.brief.", "$inputs.brief..x", "$inputs.brief[0]", "$inputs.brief[0", "$inputs.brief[]",
    "$inputs.brief[-1]", "$inputs.brief[ 1]", "$inputs.brief[1234567890]", "$inputs.brief[007]",
    "$inputs.brief[*].url", "$inputs.brief[*", "$inputs.brief]x", "$inputs.brief x.y z",
    "$inputs[0]", "$inputs.a-b_c.d", "$inputs.\u00e9t\u00e9", "$inputs.x]\U0001f3ac",
    "$inputs\U0001f3ac", "$artifacts.keyframe.items[0].selectedVersion.url",
    "$artifacts.keyframe.items[*].versions[0].content", "$artifacts", "$artifacts.__proto__",
    "$item", "$item[0]", "$item.", "$item.name[2].x", "$item[*]", "$run.id", "$run", "$runtime.x",
    "$runtime", "$runtimes.x", "$stages.a", "$Inputs.brief", "$.x", "$[0]", "$inputs.a\nb",
)  # fmt: skip


def bindings_fixture() -> list[dict[str, Any]]:
    """Cases {text, read}: read is {ref}, {broken} or {literal}."""
    dice = random.Random(SEED)
    pieces = (
        "$", "inputs", "artifacts", "item", "run", "runtime", ".", "[", "]", "0", "12", "*", "a",
        " ",
    )  # fmt: skip
    made = {"".join(dice.choices(pieces, k=dice.randint(1, 7))) for _ in range(400)}
    texts = (*_TEXTS, *sorted(f"${text.lstrip('$')}" for text in made))
    return [{"text": text, "read": _read(read_text(text))} for text in dict.fromkeys(texts)]


def _read(read: Ref | Broken | str) -> dict[str, Any]:
    if isinstance(read, str):
        return {"literal": read}
    if isinstance(read, Broken):
        return {"broken": {"key": read.why.key, "params": read.why.params}}
    path = [{"every": True} if segment is EVERY_ELEMENT else segment for segment in read.path]
    return {"ref": {"root": read.root, "name": read.name, "path": path}}


def suppliers_fixture() -> list[dict[str, Any]]:
    """Cases {given, wanted, tools}: those that convert, or that make it where given is null."""
    pairs = [(given, wanted) for given in MEDIA_KINDS for wanted in MEDIA_KINDS]
    cases: list[dict[str, Any]] = [
        {"given": given, "wanted": kind, "tools": [x.name for x in converters(TOOLS, given, kind)]}
        for given, kind in pairs
    ]
    return cases + [
        {"given": None, "wanted": kind, "tools": [tool.name for tool in makers(TOOLS, kind)]}
        for kind in MEDIA_KINDS
    ]


def wiring_fixture() -> list[dict[str, Any]]:
    """Cases {spec, wires, titles}; a wire is {source, output, target, input, kind, implied}; titles
    of nodes are by their ids."""
    dice = random.Random(SEED + 1)
    samples = [json.loads(path.read_text()) for path in sorted(SAMPLES.glob("*.json"))]
    specs = (
        *samples,
        *(random_spec(dice) for _ in range(120)),
        *_GROUPS,
        *_nested_specs(random.Random(SEED + 2), 60),
    )
    return [{"spec": spec, "wires": wires(spec), "titles": titles(spec)} for spec in specs]


def titles(spec: dict[str, Any]) -> dict[str, str]:
    """What the stages of a spec are called, by id."""
    return {node.id: node.title for node in each_stage(read_wiring(spec, TOOLS))}


def wires(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The wires of a spec by the names of their ends, each once."""
    wiring = read_wiring(spec, TOOLS)
    nodes = {node.id: node for node in wiring.nodes}
    return [
        {
            "source": wire.source,
            "output": nodes[wire.source].outputs[wire.output].key,
            "target": wire.target,
            "input": nodes[wire.target].inputs[wire.input].key,
            "kind": wire.kind,
            "implied": wire.is_implied,
        }
        for wire in wiring.wires
    ]


def layout_fixture() -> list[dict[str, Any]]:
    """Cases {spec, columns, heights}; a column is [x, its nodes from top to bottom]. Nothing is
    stored. heights: by node, as the canvas draws it."""
    return [
        {"spec": spec, "columns": _columns(spec), "heights": _heights(spec)}
        for path in sorted(SAMPLES.glob("*.json"))
        for spec in [json.loads(path.read_text()) | {"graph": {}}]
    ]


def _columns(spec: dict[str, Any]) -> list[Any]:
    found: dict[float, list[tuple[float, str]]] = {}
    for node, box in layout.place(read_wiring(spec, TOOLS)).items():
        found.setdefault(box.x, []).append((box.y, node))
    return [[x, [node for _, node in sorted(nodes)]] for x, nodes in sorted(found.items())]


def _heights(spec: dict[str, Any]) -> dict[str, float]:
    nodes = read_wiring(spec, TOOLS).nodes
    return {node.id: layout.size_of(node, layout.CANVAS)[1] for node in nodes}


def implied_fixture() -> list[dict[str, Any]]:
    """Cases {spec, stage, real}: what is joined to a stage by itself, as written arguments."""
    cases = []
    for case in wiring_fixture():
        spec = case["spec"]
        for stage_id in dict.fromkeys(wire["target"] for wire in case["wires"] if wire["implied"]):
            found = issue("implicit_media_dependency", stage_id=stage_id)
            (told,) = with_fixes((found,), spec, TOOLS)
            assert told.fixes
            state, _ = apply_all(to_document(spec), told.fixes[0].ops)
            cases.append({"spec": spec, "stage": stage_id, "real": to_spec(state)["stages"]})
    return cases


def tools_fixture() -> list[dict[str, Any]]:
    """The catalog as the editor gets it, every tool provided by the studio."""
    studio = (Offer("studio", "studio", models=(), makes=(), units=1, is_draft=True),)
    return palette(TOOLS, lambda name: studio)


def random_spec(dice: random.Random, most: int = 9) -> dict[str, Any]:
    """Stages of any tool that name each other and the inputs in every way there is."""
    kinds = ["image", "video", "audio", "text", "number", "select", "boolean", "nonsense"]
    inputs: list[dict[str, Any]] = []
    for name in dice.sample(
        ["brief", "photo", "clip", "song", "count", "mood"], dice.randint(0, 5)
    ):
        known: dict[str, Any] = {"name": name, "type": dice.choice(kinds)}
        if dice.random() < 0.2:
            known["multiple"] = dice.choice([True, {"max": 3}, {}])
        inputs.append(known)
    if inputs and dice.random() < 0.1:
        inputs.append(dict(dice.choice(inputs)))
    tools = list(TOOLS)
    ids = [f"s{number}" for number in range(dice.randint(1, most))]
    names = [*(f"{each}" for each in ids), "look", "nowhere"]
    sources = [*(known["name"] for known in inputs), "missing"]
    return {
        "name": "Film",
        "inputs": inputs,
        "stages": [_stage(dice, stage_id, tools, names, sources) for stage_id in ids],
    }


def stage(tool: str, stage_id: str, **args: Any) -> dict[str, Any]:
    """Write a stage that makes what it is called."""
    return {"id": stage_id, "type": "fixed", "tool": tool, "args": args, "produces": [stage_id]}


_BRIEF: Final = {"name": "brief", "type": "text"}
_LOOK: Final = stage(
    "edit_image",
    "look",
    prompt="x",
    sourceImageIndex="$artifacts.still",
    referenceImageIndices=["$artifacts.style"],
)
_SHOT: Final = [
    stage("edit_image", "still", prompt="$inputs.brief", sourceImageIndex="$inputs.photo"),
    {"id": "pair", "type": "fixed", "subStages": [_LOOK]},
    stage("generate_video", "clip", prompt="x", sourceImageIndex="$artifacts.look"),
]
_HERO: Final = {
    **stage("generate_image", "hero", prompt="$inputs.brief"),
    "produces": ["base"],
    "subStages": [
        {
            **stage(
                "edit_image", "better", prompt="$inputs.brief", sourceImageIndex="$artifacts.base"
            ),
            "requiredArtifactsIn": ["base"],
        }
    ],
}
# A container, one with a tool of its own, two deep, and a result inside that is used later.
_GROUPS: Final = (
    {
        "name": "Groups",
        "inputs": [_BRIEF, {"name": "photo", "type": "image"}],
        "stages": [
            stage("generate_image", "style", prompt="$inputs.brief"),
            {"id": "shot", "type": "fixed", "label": "Shot", "produces": ["shot_video"],
             "subStages": _SHOT},
            stage("edit_image", "poster", prompt="x", sourceImageIndex="$artifacts.look"),
            stage("edit_video", "longer", prompt="x", sourceVideoIndex="$artifacts.shot_video"),
        ],
    },
    {
        "name": "Own tool",
        "inputs": [_BRIEF],
        "stages": [
            _HERO,
            {"id": "clip", "type": "fixed", "tool": "generate_video", "args": {"prompt": "x"},
             "requiredArtifactsIn": ["better"], "produces": ["clip"]},
        ],
    },
)  # fmt: skip


def _nested_specs(dice: random.Random, count: int) -> Iterable[dict[str, Any]]:
    """Specs with stages put into others, to depth 3."""
    for _ in range(count):
        spec = random_spec(dice)
        stages = {stage["id"]: stage for stage in spec["stages"] if stage["id"] not in ("", "$x")}
        yield {**spec, "stages": _nested(dice, list(stages.values()), 0, "g")}


def _nested(
    dice: random.Random, stages: list[dict[str, Any]], depth: int, key: str
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while stages:
        size = dice.randint(1, 4)
        part, stages = stages[:size], stages[size:]
        if depth == 3 or dice.random() < 0.4:
            found += part
            continue
        name = f"{key}{len(found)}"
        inside = _nested(dice, part, depth + 1, name)
        first = inside[0]
        if depth < 2 and dice.random() < 0.2:
            over = {"overBinding": "$artifacts.look.items", "itemName": "shot"}
            whole = {"id": name, "type": "batch", "subStages": inside, "produces": [name], **over}
            found.append(whole)
        elif len(inside) > 1 and first["type"] == "fixed" and "subStages" not in first:
            found.append({**first, "subStages": inside[1:]})
        else:
            produces = {"produces": [name]} if dice.random() < 0.5 else {}
            found.append({"id": name, "type": "fixed", "subStages": inside, **produces})
    return found


def _stage(
    dice: random.Random, stage_id: str, tools: list[type[Tool]], names: list[str], inputs: list[str]
) -> dict[str, Any]:
    tool = dice.choice(tools)
    stage: dict[str, Any] = {"id": stage_id, "type": "fixed"}
    if dice.random() < 0.08:
        stage["id"] = dice.choice(["s0", "s1", "", "$x"])
    if dice.random() < 0.8:
        stage["produces"] = [stage_id]
    if dice.random() < 0.15:
        stage["produces"] = ["look", stage_id]
    for field in ("requiredArtifactsIn", "optionalArtifactsIn"):
        if dice.random() < 0.15:
            stage[field] = dice.sample(names, min(2, len(names)))
    if dice.random() < 0.3:
        stage["label"] = f"Shot {stage_id}"
    name = dice.choice([tool.name, tool.name, f"sogni_{tool.name}", tool.name, "no_such_tool"])
    call: dict[str, Any] = {"tool": name, "args": _args(dice, tool, names, inputs)}
    if dice.random() < 0.06:
        call["args"] = dice.choice([None, [], "text"])
    shape = dice.random()
    if shape < 0.06:
        stage |= {"type": "interactive", "userMessage": "Which?"}
        source = dice.choice([f"$artifacts.{dice.choice(names)}.items", "$inputs.photo", "x", 5])
        return stage | dice.choice([{}, {"select": {"from": source, "min": 1, "max": 2}}])
    if shape < 0.08:
        return {**stage, **call, "type": "nonsense"}
    if shape < 0.16:
        over = dice.choice([f"$inputs.{dice.choice(inputs)}", "$artifacts.look.items", "text"])
        return {
            **stage,
            "type": "batch",
            "itemName": "shot",
            "overBinding": over,
            "itemStage": call,
        }
    return {**stage, **call}


def _args(
    dice: random.Random, tool: type[Tool], names: list[str], inputs: list[str]
) -> dict[str, Any]:
    def text() -> str:
        kind = dice.random()
        if kind < 0.55:
            path = dice.choice(["", ".items[0].selectedVersion.url", ".items[*]", ".items[1].url"])
            return f"$artifacts.{dice.choice(names)}{path}"
        if kind < 0.9:
            return f"$inputs.{dice.choice(inputs)}"
        return dice.choice(["$item", "$$inputs.brief", "$inputs", "plain", "$9"])

    args: dict[str, Any] = {}
    for port in tool.ports():
        if dice.random() < 0.35:
            argument = dice.choice(spellings(dice.choice(port.arguments)))
            value = dice.random()
            args[argument] = (
                [text() for _ in range(dice.randint(0, 3))]
                if value < 0.4
                else dice.choice([0, -1, None, "https://pictures.example/cat.png"])
                if value < 0.55
                else text()
            )
    if dice.random() < 0.6:
        args["prompt"] = text() if dice.random() < 0.6 else "a fox"
    if dice.random() < 0.15:
        args[dice.choice(["duration", "transition", "video_model", "strange"])] = dice.choice(
            [text(), {"type": text(), "more": [text()]}]
        )
    if tool.name == "generate_speech" and dice.random() < 0.6:
        args["model"] = dice.choice(["clone", "clone", "voice"])
    return args


def written() -> dict[str, str]:
    """File name → what is in it."""
    made = {
        "bindings": bindings_fixture(),
        "wiring": wiring_fixture(),
        "layout": layout_fixture(),
        "implied": implied_fixture(),
        "tools": tools_fixture(),
        "suppliers": suppliers_fixture(),
    }
    return {f"{name}.json": json_lines(cases) for name, cases in made.items()}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, text in written().items():
        (folder / name).write_text(text)
