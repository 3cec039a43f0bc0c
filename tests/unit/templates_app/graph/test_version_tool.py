"""A version of a template as a tool: ports and parameters of its inputs, and what it gives."""

from __future__ import annotations

from typing import Any

from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_names import read_reference
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.version_tool import version_tool
from tests.support.builders.planning import fixed
from tools import registry
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.palette import palette_tool

STILL = "$artifacts.still"
SHOT: dict[str, Any] = {
    "name": "Shot",
    "description": "One shot.",
    "inputs": [
        {"name": "look", "type": "image", "required": True},
        {"name": "photos", "type": "image", "multiple": {"min": 0, "max": 3}},
        {"name": "subject", "type": "text", "required": True},
        {"name": "mood", "type": "select", "options": ["calm", 2], "default": "calm"},
        {"name": "pace", "type": "select", "options": ["slow", "fast"]},
        {"name": "copy", "type": "boolean"},
        {"name": "hidden", "type": "text", "internal": True, "default": "x"},
    ],
    "stages": [
        fixed("still", args={"prompt": "$inputs.subject"}, produces=["still"]),
        fixed("clip", "animate_photo", args={"sourceImageUrl": STILL}, produces=["clip"]),
        fixed("other", produces=["poster"]),
    ],
}


def declared(**more: Any) -> type[TemplateTool]:
    spec, _issues = read_spec({**SHOT, **more})
    return version_tool("template:shot@0.0.7", spec, registry.table())


def test_inputs_are_ports_and_parameters_by_their_names() -> None:
    tool = declared()
    ports = {port.name: port for port in tool.ports()}
    assert list(ports) == ["look", "photos"]
    assert ports["look"].required
    assert not ports["look"].is_list("look")
    assert ports["photos"].is_list("photos")
    assert ports["photos"].max_items == 3
    sent = {"subject": "fox", "mood": 2, "copy": True, "look": "https://a.example/1.png"}
    read = read_arguments(tool, sent)
    assert not read.problems
    assert read.params == {"subject": "fox", "mood": 2, "copy": True}
    assert fill_defaults(tool, {"subject": "fox"}) == {"subject": "fox", "mood": "calm"}


def test_what_is_missing_is_named_as_the_input_is() -> None:
    problems = read_arguments(declared(), {"pace": "wild"}).problems
    assert {problem.argument for problem in problems} == {"subject", "look", "pace"}


def test_what_is_hidden_is_not_asked_for() -> None:
    names = {parameter["name"] for parameter in palette_tool(declared())["parameters"]}
    assert names == {"subject", "mood", "pace", "copy"}


def test_it_gives_its_first_output_else_what_no_stage_takes() -> None:
    assert declared().output == "image"  # The poster is last, and no stage takes it.
    assert [one.source for one in declared().outputs] == ["other"]
    outputs = {
        "film": {"from": "$artifacts.clip", "position": 0},
        "poster": {"from": "$artifacts.poster[0]", "position": 1},
    }
    tool = declared(outputs=outputs)
    assert tool.output == "video"
    assert [one.name for one in tool.outputs] == ["film", "poster"]


def test_the_table_finds_it_by_its_reference_and_lists_it_nowhere() -> None:
    tool = declared()
    table = registry.table().with_uses({"template:shot@0.0.7": tool})
    assert table.get("template:shot@0.0.7") is tool
    assert table.is_provided("template:shot@0.0.7")
    assert tool not in set(table)
    assert registry.table().get("template:shot@0.0.7") is None


def test_references_are_read() -> None:
    assert read_reference("template:shot@0.0.7") == ("shot", "0.0.7")
    assert read_reference("template:shot") == ("shot", "")
    assert read_reference("generate_image") is None
    assert read_reference("template:a b") is None
