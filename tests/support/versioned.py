"""A provider of two models, each with a version of its own, and the tool that it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.tools import PIXEL, write_down
from tools.declaration.ports import Form, Ports, Tool, field, port, tool
from tools.providers.base import Job, JobContext, Outcome, OutputFile, Provider

USUAL = "copper"


@tool("print", title="Print", group="Test", cost="image.standard", output="image")
class Print(Tool):
    """Print a tiny picture."""

    class Inputs(Ports):
        source = port(
            "image",
            "What to print over",
            index="sourceImageIndex",
            url="source_image_url",
            fallback="none",
        )

    class Params(Form):
        text: str = field("", "What to print")
        model: str = field(USUAL, "What it is printed with")


class Press(Provider):
    """versions: of the models that have one of their own."""

    name = "press"
    version = "1"
    submit = "idempotent"
    is_local = True

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}

    def tools(self) -> frozenset[str]:
        return frozenset({"print"})

    def models(self, tool: str) -> tuple[str, ...]:
        return (USUAL, "wood")

    def version_of(self, tool: str, params: Mapping[str, Any]) -> str:
        return self.versions.get(params.get("model", USUAL), self.version)

    def run(self, job: Job, context: JobContext) -> Outcome:
        write_down(tool=job.tool, key=job.key, model=job.params["model"])
        path = job.out / "print.png"
        path.write_bytes(PIXEL + job.params["text"].encode())
        return Outcome(files=(OutputFile(path, "image", "image/png", width=1, height=1),))


PRESS = Press()
TOOLS: list[type[Tool]] = [Print]
PROVIDERS: list[Provider] = [PRESS]
