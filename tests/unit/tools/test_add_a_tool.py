"""A tool is one file in `tools/catalog`, a kind of provider one folder in `tools/providers`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.codegen.files import tool_arguments
from tools import catalog, palette, providers, reference, registry
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

PROVIDER = """\
import shutil
from collections.abc import Mapping
from typing import Any

from tools.providers.base import Job, JobContext, Misconfigured, Outcome, OutputFile, Provider


class MirrorProvider(Provider):
    version = "1"
    submit = "idempotent"

    def __init__(self, name: str) -> None:
        self.name = name

    def tools(self) -> frozenset[str]:
        return frozenset({"mirror_image"})

    def run(self, job: Job, context: JobContext) -> Outcome:
        context.check()
        image = job.media["image"][0]
        made = job.out / "mirrored.png"
        shutil.copy(image.path, made)
        return Outcome((OutputFile(made, "image", image.mime, image.width, image.height),))


def configured(name: str, options: Mapping[str, Any]) -> Provider:
    if set(options) - {"kind"}:
        raise Misconfigured("it takes no options. Remove them.")
    return MirrorProvider(name)
"""


@pytest.fixture
def with_a_new_tool(tmp_path, monkeypatch, settings) -> Iterator[Path]:
    """The server with one more file and one more folder, as if they were beside the others."""
    for package in (catalog, providers):
        (tmp_path / package.__name__).mkdir()
        more = str(tmp_path / package.__name__)
        monkeypatch.setattr(package, "__path__", [*package.__path__, more])
    (tmp_path / "tools.catalog" / "mirror_image.py").write_text(TOOL)
    (tmp_path / "tools.providers" / "mirror").mkdir()
    (tmp_path / "tools.providers" / "mirror" / "__init__.py").write_text(PROVIDER)
    settings.PROVIDERS = {"looking-glass": {"kind": "mirror"}}
    registry.rebuild()
    yield tmp_path
    for name in ("tools.catalog.mirror_image", "tools.providers.mirror"):
        sys.modules.pop(name, None)
        package, _, attribute = name.rpartition(".")
        vars(sys.modules[package]).pop(attribute, None)
    monkeypatch.undo()
    del settings.PROVIDERS
    registry.rebuild()


@pytest.mark.usefixtures("with_a_new_tool")
class TestWithANewTool:
    def test_the_palette_shows_its_form_and_who_does_it(self):
        shown = {one["name"]: one for one in palette.palette(registry.table(), registry.offers)}
        mirror = shown["mirror_image"]
        assert (mirror["title"], mirror["icon"], mirror["isProvided"]) == (
            "Mirror image",
            "image",
            True,
        )
        assert [one["name"] for one in mirror["providers"]] == ["looking-glass"]
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

    def test_its_provider_is_asked(self):
        provider = registry.provider_for("mirror_image")
        assert provider is not None
        assert provider.name == "looking-glass"
        assert registry.problems() == []


def test_without_them_nothing_of_it_is_left():
    assert registry.table().get("mirror_image") is None
    assert registry.provider_named("looking-glass") is None
