"""A tool that two providers do, each on workers of its own label: by the model that is named."""

from __future__ import annotations

from tests.support.fakes.tools import write_down
from tools.declaration.ports import Form, Tool, field, tool
from tools.providers.base import Job, JobContext, Outcome, Provider


@tool("drawn", title="Drawn", group="Test", cost="free", output=None)
class Drawn(Tool):
    """Be drawn where the model is."""

    class Params(Form):
        model: str = field("pencil", "Which of them does it")
        seconds: float = field(0.0, "How long it takes")


class _Drawing(Provider):
    version = "1"
    submit = "idempotent"
    is_local = True
    offered = ""

    def tools(self) -> frozenset[str]:
        return frozenset({"drawn"})

    def models(self, tool: str) -> tuple[str, ...]:
        return (self.offered,)

    def run(self, job: Job, context: JobContext) -> Outcome:
        write_down(tool=job.tool, key=job.key, by=self.name)
        context.wait(job.params["seconds"])
        return Outcome()


class OnGpu(_Drawing):
    name = "graphics-card"
    label = "gpu"
    offered = "oil"


class OnCpu(_Drawing):
    name = "desk"
    offered = "pencil"


TOOLS: list[type[Tool]] = [Drawn]
PROVIDERS: list[Provider] = [OnGpu(), OnCpu()]
