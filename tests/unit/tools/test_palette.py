"""Every tool as the editor shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools import palette, registry
from tools.catalog import catalogue
from tools.declaration.ports import MEDIA_KINDS
from tools.declaration.schema import parameter_schemas, required_arguments

ROOT = Path(__file__).parents[3]
TOOLS = palette.palette(registry.table(), registry.offers)
DECLARED = {tool.name: tool for tool in registry.table()}
each_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool["name"])


def parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all schemas within it."""
    yield schema
    for part in schema.get("properties", {}).values():
        yield from parts(part)
    if "items" in schema:
        yield from parts(schema["items"])


@each_tool
def test_a_tool_has_what_the_palette_shows(tool: dict[str, Any]) -> None:
    for name in ("title", "group", "help", "icon"):
        assert tool[name]
    assert re.fullmatch(r"[a-z0-9-]+", tool["icon"])
    assert tool["output"] in (*MEDIA_KINDS, None)
    assert tool["units"] >= 0


def test_no_two_tools_have_the_same_icon() -> None:
    named = [tool.icon for tool in catalogue() if tool.icon]
    assert len(set(named)) == len(named)


def test_the_editor_can_draw_every_icon() -> None:
    drawn = (ROOT / "frontend" / "src" / "parts" / "ToolIcon.tsx").read_text()
    table = re.search(r"const ICONS\b.+?= \{(.+?)\n\}", drawn, re.S)
    assert table
    known = set(re.findall(r"^  '?([a-z0-9-]+)'?:", table[1], re.M))
    assert {tool["icon"] for tool in TOOLS} <= known


def test_every_group_of_the_catalogue_has_its_place() -> None:
    assert palette.GROUPS.keys() == {tool.group for tool in catalogue() if tool.durable}
    shown = list(dict.fromkeys(tool["group"] for tool in TOOLS))
    # The tests have tools of their own, of another group: it comes last.
    assert shown[: len(palette.GROUPS)] == list(palette.GROUPS.values())


@each_tool
def test_all_parameters_are_there_with_a_title_and_a_schema_of_their_own(
    tool: dict[str, Any],
) -> None:
    declared = parameter_schemas(DECLARED[tool["name"]])
    assert [one["name"] for one in tool["parameters"]] == list(declared)
    for one in tool["parameters"]:
        assert one["title"]
        assert one["help"]
        for part in parts(one["schema"]):
            assert part.keys().isdisjoint({"$ref", "$defs", "anyOf", "x-reelgraph"})
            assert "type" in part or "enum" in part
            assert all(inner["title"] for inner in part.get("properties", {}).values())


@each_tool
def test_all_ports_are_there_and_name_what_an_edge_writes(tool: dict[str, Any]) -> None:
    declared = DECLARED[tool["name"]]
    assert [one["name"] for one in tool["ports"]] == [port.name for port in declared.ports()]
    for one in tool["ports"]:
        port = declared.port_of(one["argument"])
        assert port is not None
        assert port.name == one["name"]
        assert one["spellings"] == list(port.arguments)
        assert one["isList"] == port.is_list(one["argument"])


@each_tool
def test_required_parameters_are_marked(tool: dict[str, Any]) -> None:
    marked = [one["name"] for one in tool["parameters"] if one["isRequired"]]
    assert marked == [
        name
        for name in required_arguments(DECLARED[tool["name"]])
        if name in parameter_schemas(DECLARED[tool["name"]])
    ]


def test_no_tool_shows_two_parameters_of_one_name() -> None:
    for tool in TOOLS:
        titles = [one["title"] for one in tool["parameters"]]
        assert len(titles) == len(set(titles)), tool["name"]


def test_titles_are_only_of_parameters_there_are() -> None:
    known = {
        name
        for tool in catalogue()
        for schema in parameter_schemas(tool).values()
        for part in parts(schema)
        for name in part.get("properties", {})
    } | {name for tool in catalogue() for name in parameter_schemas(tool)}
    assert palette._TITLES.keys() <= known
    assert palette._UNITS.keys() <= known


def test_the_etag_is_of_the_content() -> None:
    body, etag = palette.published(registry.table(), registry.offers)
    other, other_etag = palette.published(registry.table(), lambda _tool: ())
    assert body != other
    assert etag != other_etag
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
