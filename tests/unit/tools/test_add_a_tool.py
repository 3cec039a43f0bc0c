"""A tool is one file in `tools/catalog`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from builder.codegen.files import tool_arguments
from tools import catalog, palette, reference, registry
from tools.declaration.arguments import read_arguments
from tools.declaration.schema import openapi_components

TOOL = '''\
from typing import Literal

from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool("mirror_image", title="Mirror image", group="Image", cost="image.standard", output="image")
class MirrorImage(Tool):
    """Mirror an image."""

    class Inputs(Ports):
        image = port(
            "image", "Image", index="sourceImageIndex", url="source_image_url", fallback="latest"
        )

    class Params(Form):
        axis: Literal["horizontal", "vertical"] = field("horizontal", "Which way", primary=True)
'''


@pytest.fixture
def with_a_new_tool(tmp_path, monkeypatch) -> Iterator[None]:
    """The server with one more file, as if it were beside the others."""
    monkeypatch.setattr(catalog, "__path__", [*catalog.__path__, str(tmp_path)])
    (tmp_path / "mirror_image.py").write_text(TOOL)
    registry.rebuild()
    yield
    del sys.modules["tools.catalog.mirror_image"]
    vars(catalog).pop("mirror_image", None)
    monkeypatch.undo()
    registry.rebuild()


@pytest.mark.usefixtures("with_a_new_tool")
class TestWithANewTool:
    def test_the_palette_shows_its_form_and_who_does_it(self):
        shown = {one["name"]: one for one in palette.palette(registry.table(), registry.offers)}
        mirror = shown["mirror_image"]
        assert (mirror["title"], mirror["icon"], mirror["isProvided"]) == (
            "Mirror image",
            "image",
            False,
        )
        assert [one["title"] for one in mirror["parameters"]] == ["Axis"]
        assert [one["argument"] for one in mirror["ports"]] == ["source_image_url"]

    def test_its_arguments_are_read_and_checked(self):
        tool = registry.table().get("mirror_image")
        assert tool is not None
        read = read_arguments(tool, {"Axis": 1, "axis": "diagonal", "source_image_index": "0"})
        assert [one.code for one in read.problems] == ["invalid_enum"]
        assert [(one.argument, one.value) for one in read.media] == [("sourceImageIndex", 0)]

    def test_it_is_in_the_schema_of_the_api_the_reference_and_the_types(self):
        tools = catalog.catalogue()
        axis = openapi_components(tools)["MirrorImageArguments"]["properties"]["axis"]
        assert axis["enum"] == ["horizontal", "vertical"]
        assert "### `mirror_image`" in reference.render(tools, registry.provider_name)
        assert "axis?: 'horizontal' | 'vertical'\n" in tool_arguments()


def test_without_it_nothing_is_left():
    assert registry.table().get("mirror_image") is None
