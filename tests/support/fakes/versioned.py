"""A provider of two models, each with a version of its own, and the tool that it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.fakes.tools import PIXEL, write_down
from tools.declaration.ports import Form, Ports, Tool, field, port, tool
from tools.providers.base import Facts, Job, JobContext, Outcome, OutputFile, Price, Provider

USUAL = "copper"
# Of a file that isn't there yet.
MOST_PIXELS = 9


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
    """versions: of the models that have one of their own. charges: what it says that a call cost,
    in thousandths of a unit; None: as quoted."""

    name = "press"
    version = "1"
    submit = "idempotent"
    is_local = True

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}
        self.milli_a_pixel: dict[str, int] = {}
        self.charges: int | None = None

    def tools(self) -> frozenset[str]:
        return frozenset({"print"})

    def models(self, tool: str) -> tuple[str, ...]:
        return (USUAL, "wood")

    def version_of(self, tool: str, params: Mapping[str, Any]) -> str:
        return self.versions.get(params.get("model", USUAL), self.version)

    def quote(
        self, tool: str, params: Mapping[str, Any], media: Mapping[str, Sequence[Facts | None]]
    ) -> Price | None:
        """Of models with a price: by the pixels of what is printed over."""
        if params.get("model") not in self.milli_a_pixel:
            return super().quote(tool, params, media)
        files = media.get("source", ())
        is_known = all(file is not None and file.width and file.height for file in files)
        pixels = sum((file.width or 0) * (file.height or 0) for file in files if file is not None)
        count = pixels if is_known else MOST_PIXELS
        return Price(self.milli_a_pixel[params["model"]] * count, at_most=not is_known)

    def run(self, job: Job, context: JobContext) -> Outcome:
        write_down(tool=job.tool, key=job.key, model=job.params["model"])
        path = job.out / "print.png"
        path.write_bytes(PIXEL + job.params["text"].encode())
        file = OutputFile(path, "image", "image/png", width=1, height=1)
        return Outcome(files=(file,), actual_milli=self.charges)


PRESS = Press()
TOOLS: list[type[Tool]] = [Print]
PROVIDERS: list[Provider] = [PRESS]
