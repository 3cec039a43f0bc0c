"""Graph files: placeholders, what a file says of itself, and the tools that come of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.catalog import catalogue
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Tool
from tools.declaration.schema import json_schema, parameter_schemas
from tools.providers.comfyui.declaring import own_tool, standing_in
from tools.providers.comfyui.graphs import Graph, read_graph
from tools.providers.comfyui.library import SHIPPED, read_library
from tools.providers.comfyui.placeholders import Unreadable, fill

ROOT = Path(__file__).resolve().parents[4]
SAVE = {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}


def graph(facts: dict[str, Any] | None = None, stem: str = "my_graph", **inputs: Any) -> Graph:
    whole: dict[str, Any] = {"1": {"class_type": "Any", "inputs": inputs}, "9": SAVE}
    if facts is not None:
        whole["_reelgraph"] = facts
    return read_graph(stem, json.dumps(whole).encode())


def known() -> dict[str, type[Tool]]:
    return {declared.name: declared for declared in catalogue()}


def declared(facts: dict[str, Any] | None, **inputs: Any) -> None:
    made = graph(facts, **inputs)
    if made.facts.tool:
        standing_in(made, known())
    else:
        own_tool(made)


def refusal(facts: dict[str, Any] | None = None, **inputs: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        declared(facts, **inputs)
    return str(caught.value)


# -- placeholders ---------------------------------------------------------------------------------


def test_a_whole_value_keeps_its_type_and_one_inside_text_is_text():
    made = graph(a="{{n:int=4}}", b="x{{n}}y", c=" {{f:float=0.5}} ", d="{{f}}/{{on:bool=yes}}")
    nodes = fill(made.nodes, {"n": 7, "f": 2.5, "on": True})
    assert nodes["1"]["inputs"] == {"a": 7, "b": "x7y", "c": 2.5, "d": "2.5/true"}


def test_what_is_filled_in_is_text_and_nothing_else():
    made = graph(a="{{prompt}}", b="<{{prompt}}>", c="{{other=x}}")
    evil = '{{other}} "], ["4", 0'
    nodes = fill(made.nodes, {"prompt": evil, "other": "o"})
    assert nodes["1"]["inputs"] == {"a": evil, "b": f"<{evil}>", "c": "o"}


def test_placeholders_are_found_in_lists_and_objects_but_links_are_left_alone():
    made = graph(a={"b": ["{{one=1}}", {"c": "{{two=2}}"}]}, link=["9", 0], plain="{a|b}")
    assert [slot.name for slot in made.slots] == ["one", "two"]
    inputs = fill(made.nodes, {"one": "i", "two": "ii"})["1"]["inputs"]
    assert inputs == {"a": {"b": ["i", {"c": "ii"}]}, "link": ["9", 0], "plain": "{a|b}"}


def test_known_names_have_their_types_and_others_say_them():
    made = graph(a="{{seed}}", b="{{image}}", c="{{mask}}", d="{{words}}", e="{{end : image}}")
    kinds = {slot.name: slot.kind for slot in made.slots}
    assert kinds == {"seed": "int", "image": "image", "mask": "mask", "words": None, "end": "image"}


def test_type_and_default_are_written_once_wherever_else_the_name_stands():
    made = graph(a="{{size}}", b="{{size:int=512}}", c="{{ size }}")
    (slot,) = made.slots
    assert (slot.kind, slot.default, len(slot.places)) == ("int", 512, 3)


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"a": "{{}}"}, "can't be read. Write {{name}}"),
        ({"a": "{{two words}}"}, "input a of node 1 can't be read"),
        ({"a": "{{x:colour}}"}, "the types are text, int, float, bool, image"),
        ({"a": "{{x:int=big}}"}, "The default of {{x}} must be a whole number"),
        ({"a": "{{x:bool=maybe}}"}, "must be true or false"),
        ({"a": "{{x:float=nan}}"}, "must be a number"),
        ({"a": "{{x:int=1}}", "b": "{{x:int=2}}"}, "different types or defaults"),
        ({"a": "{{image=fox.png}}"}, "{{image}} is media, so it can't have a default"),
        ({"a": "{{all:image}}"}, "reserved"),
        ({"a": ["8", 0]}, "linked to a node that isn't there"),
    ],
)
def test_wrong_placeholders_say_what_to_write(inputs: dict[str, Any], says: str):
    assert says in refusal(None, **inputs)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"{", "It isn't JSON"),
        (b"[]", "isn't a JSON object"),
        (b"{}", "no nodes"),
        (b'{"a": NaN}', "NaN isn't a number"),
        (b"[" * 200_000, "It isn't JSON"),
        (b'{"1": "\\ud800"}', "It isn't JSON"),
        (b'{"nodes": [], "links": []}', "Workflow → Export (API)"),
        (b'{"1": {"class_type": "X"}}', "1 isn't a node with class_type and inputs"),
        (b'{"1": {"class_type": "X", "inputs": {}}}', "End the graph with Save Image"),
    ],
)
def test_files_that_are_no_graphs_say_why(data: bytes, says: str):
    with pytest.raises(Unreadable) as caught:
        read_graph("some", data)
    assert says in str(caught.value)


def test_seeds_of_64_bits_are_read():
    made = graph(seed=2**64 - 1)
    assert made.nodes["1"]["inputs"]["seed"] == 2**64 - 1


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"titel": "x"}, "_reelgraph.titel is unknown. There are: tool, models, title"),
        ({"parameters": {"a": {"hint": "x"}}}, "There are: help, type, default"),
        ({"parameters": {"b": {}}}, "names b, but there is no {{b}}"),
        (
            {"parameters": {"a": {"choices": ["x", "y"], "default": "z"}}},
            "isn't one of its choices",
        ),
        ({"parameters": {"a": {"type": "int", "choices": ["x"]}}}, "must be a whole number"),
        ({"parameters": {"a": {"type": "mask", "choices": ["x"]}}}, "it can't have choices"),
        ({"output": "text"}, "_reelgraph.output"),
        ({"cost": "gold"}, "_reelgraph.cost must be one of"),
        ({"tool": "no_such_tool"}, "no tool is called no_such_tool"),
        ({"tool": "generate_video"}, "It makes image, but generate_video makes video"),
        ({"tool": "analyze_image"}, "It makes image, but analyze_image makes"),
    ],
)
def test_wrong_facts_say_what_there_is(facts: dict[str, Any], says: str):
    assert says in refusal(facts, a="{{a}}")


# -- tools of their own ---------------------------------------------------------------------------


def test_a_tool_of_its_own_declares_what_its_placeholders_say():
    facts = {
        "title": "Ink",
        "help": "Paint over.",
        "group": "Brushes",
        "cost": "free",
        "parameters": {
            "style": {"help": "Which ink.", "choices": ["sumi", "iron"], "pinned": True},
            "strength": {"min": 0, "max": 1},
        },
    }
    made = own_tool(
        graph(
            facts,
            a="{{prompt}}",
            b="{{style=sumi}}",
            c="{{strength:float=0.6}}",
            d="{{image}}",
            e="{{seed}}",
            f="{{copy:int=1}}",
            g="{{end:image}}",
            h="{{mask}}",
            i="{{schema}}",
        )
    )
    assert (made.name, made.title, made.group, made.cost_class) == (
        "my_graph",
        "Ink",
        "Brushes",
        "free",
    )
    assert made.seeded
    schema = json_schema(made, keep_hints=True)
    assert schema["required"][:2] == ["prompt", "schema"]
    assert schema["properties"]["style"]["enum"] == ["sumi", "iron"]
    assert schema["properties"]["strength"] | {"description": ""} == {
        "default": 0.6,
        "description": "",
        "maximum": 1,
        "minimum": 0,
        "type": "number",
    }
    assert {port.name: (port.kind, port.fallback) for port in made.ports()} == {
        "image": ("image", "latest"),
        "end": ("image", "none"),
        "mask": ("image", "none"),
    }
    assert [port.arguments for port in made.ports()] == [
        ("sourceImageIndex", "source_image_url", "image"),
        ("endImageIndex", "end_image_url", "end"),
        ("maskImageIndex", "mask_image_url", "mask"),
    ]


def test_arguments_of_such_a_tool_are_read_as_those_of_any_other():
    made = own_tool(graph(None, a="{{prompt}}", b="{{how_far:float=0.5}}", c="{{image}}"))
    assert set(parameter_schemas(made)) == {"prompt", "howFar"}
    read = read_arguments(made, {"prompt": "x", "how_far": "0.7", "sourceImageIndex": 0})
    assert not read.problems
    assert read.params == {"prompt": "x", "howFar": 0.7}
    wrong = read_arguments(made, {"howFar": "much"})
    assert {problem.argument for problem in wrong.problems} == {"prompt", "howFar"}


# -- standing in ----------------------------------------------------------------------------------


def test_a_graph_that_stands_in_takes_its_tool_s_types_and_spellings():
    made = standing_in(
        graph(
            {"tool": "sogni_edit_image", "models": ["mine"]},
            a="{{prompt}}",
            b="{{negativePrompt}}",
            c="{{number_of_variations:int=1}}",
            d="{{image}} {{mask}}",
            e="{{width}}x{{height}}",
            f="{{checkpoint=a.safetensors}}",
            g="{{seed}}",
        ),
        known(),
    )
    assert made.facts.tool == "edit_image"
    assert {slot.name: slot.kind for slot in made.slots} == {
        "prompt": "text",
        "negative_prompt": "text",
        "number_of_variations": "int",
        "image": "image",
        "mask": "mask",
        "width": "int",
        "height": "int",
        "checkpoint": "text",
        "seed": "int",
    }


@pytest.mark.parametrize(
    ("placeholder", "says"),
    [
        ("{{checkpoint}}", "{{checkpoint}} needs a default, as {{checkpoint:text=…}}"),
        ("{{guidance}}", "{{guidance}} needs a default"),
        ("{{loras}}", "has a list there, which no placeholder can hold"),
        ("{{video}}", "the media of generate_image are called image"),
        ("{{image:audio}}", "generate_image takes image there"),
    ],
)
def test_what_a_call_need_not_say_needs_a_default(placeholder: str, says: str):
    assert says in refusal({"tool": "generate_image"}, a=placeholder)


def test_every_shipped_graph_can_be_used_and_says_what_it_is():
    library = read_library(SHIPPED / "none", known())
    assert library.bad == ()
    assert set(library.standing) == {
        "animate_photo",
        "edit_image",
        "generate_image",
        "generate_video",
        "upscale_image",
    }
    for made in library.graphs:
        assert made.facts.models, made.name
        assert made.facts.help, made.name


def test_one_s_own_file_takes_the_place_of_a_shipped_one(tmp_path: Path):
    whole = json.loads((SHIPPED / "upscale_model.json").read_text())
    whole["_reelgraph"]["models"] = ["mine"]
    (tmp_path / "upscale_model.json").write_text(json.dumps(whole))
    library = read_library(tmp_path, known())
    (mine,) = library.standing["upscale_image"]
    assert mine.facts.models == ("mine",)
    assert library.digest != read_library(tmp_path / "none", known()).digest


def test_the_page_about_it_shows_a_graph_that_works():
    page = (ROOT / "docs" / "howto" / "use-comfyui.md").read_text()
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    made = own_tool(read_graph("watercolor", shown.encode()))
    assert (made.title, made.output, made.seeded) == ("Watercolor", "image", True)
    assert set(parameter_schemas(made)) == {
        *("prompt", "strength", "paper", "checkpoint", "steps", "seed")
    }
    listed = set(re.findall(r"^\| `(\w+)` \| `", page, re.MULTILINE))
    assert listed == {path.stem for path in SHIPPED.glob("*.json")}
    for weights in re.findall(r"`\w+/([\w.-]+\.safetensors)`", page):
        assert any(weights in path.read_text() for path in SHIPPED.glob("*.json")), weights
