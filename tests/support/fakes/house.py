"""A service with many models of which much is known, and the provider that asks it: it draws one
dot for each result and books what the model costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.fakes.tools import PIXEL
from tools.declaration.model_facts import Model, ModelPrice
from tools.declaration.ports import Tool
from tools.providers.base import Job, JobContext, Outcome, OutputFile, Provider

KLING = Model(
    "kling-3-pro",
    also=("kling3.0_pro",),
    title="Kling 3.0 Pro",
    by="Kling",
    price=ModelPrice(22_000, "second"),
    seconds=(3, 15),
    sizes=("720p", "1080p"),
    takes={"image": 1, "end": 1, "sound": 1},
    ignores=frozenset({"seed", "watermark"}),
    usual_s=180,
)
SKETCH = Model(
    "sketch-1",
    title="Sketch One",
    by="House",
    price=ModelPrice(2_000, at_most=True),
    seconds=(5, 5),
    takes={"image": 1, "seed": 1, "negative": 1},
    is_draft=True,
)
POSTER = Model(
    "poster-2",
    title="Poster Two",
    by="Paperworks",
    price=ModelPrice(3_000),
    sizes=("1:1", "16:9"),
    takes={"image": 14, "seed": 1},
    ignores=frozenset({"negativePrompt"}),
)
# The same model knows less of another tool.
POSTER_EDITS = Model("poster-2", title="Poster Two", by="Paperworks", price=ModelPrice(4_000))
# So many that no one reads them all.
SHELF = tuple(
    Model(
        f"reel-{n}", title=f"Reel {n}", by="House", price=ModelPrice(1_000 * n), takes={"image": 1}
    )
    for n in range(4, 64)
)
MODELS = {
    "animate_photo": (KLING, SKETCH, *SHELF),
    "generate_image": (POSTER,),
    "edit_image": (POSTER_EDITS,),
}


class HouseProvider(Provider):
    name = "house"
    title = "House"
    version = "1"
    submit = "blind"

    def tools(self) -> frozenset[str]:
        return frozenset(MODELS)

    def models(self, tool: str) -> tuple[str, ...]:
        return tuple(name for one in MODELS.get(tool, ()) for name in (one.name, *one.also))

    def details(self, tool: str) -> tuple[Model, ...]:
        return MODELS.get(tool, ())

    def price(self, tool: str, params: Mapping[str, Any]) -> int | None:
        model = self._model(tool, params)
        assert model.price
        length = params.get("duration") or 5 if model.price.per == "second" else 1
        return round(model.price.milli * length)

    def run(self, job: Job, context: JobContext) -> Outcome:
        model = self._model(job.tool, job.params)
        path = job.out / "dot.png"
        path.write_bytes(PIXEL)
        meta = {"provider": self.name, "model": model.name}
        file = OutputFile(path, "image", "image/png", width=1, height=1, meta=meta)
        return Outcome(files=(file,), actual_milli=2_500)

    def _model(self, tool: str, params: Mapping[str, Any]) -> Model:
        named = params.get("videoModel") or params.get("model")
        known = MODELS[tool]
        return next((one for one in known if named in (one.name, *one.also)), known[0])


TOOLS: list[type[Tool]] = []
PROVIDERS = [HouseProvider()]
