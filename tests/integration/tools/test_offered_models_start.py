"""A model that is offered is started by its name, in every tool that offers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from pytest_django import Settings

from runs.models import Run, Step
from runs.planning.step_models import MAX_STEPS
from tests.support.builders.running import work_off_with_looks
from tests.support.clients.api import Api
from tests.support.fakes.makers.configured import SERVERS, options_of, serving
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import COST_UNITS, Port
from tools.declaration.schema import model_argument, required_arguments

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATH = "/v1/creative-agent/workflows"
# Required arguments that are no text.
VALUES: dict[str, Any] = {"dance": "chanel", "startSeconds": 1, "endSeconds": 2, "duration": 10}


class Pair(NamedTuple):
    """A name that the catalog offers for a tool, with what it says of it there."""

    tool: str
    name: str
    facts: dict[str, Any]

    @property
    def maker(self) -> str:
        return str(self.facts["provider"])

    @property
    def ports(self) -> list[Port]:
        """Those that get a file."""
        ports = registry.table().get(self.tool).ports()
        return [port for port in ports if port.fallback == "latest" and port.when is None]

    @property
    def step(self) -> dict[str, Any]:
        """The call that names it, with no more than its tool needs."""
        required = required_arguments(registry.table().get(self.tool))
        texts = {name: VALUES.get(name, "a cup") for name in required}
        files = {port.url: f"https://files.example/{port.kind}" for port in self.ports}
        return {"toolName": self.tool, "arguments": {**texts, **files, "model": self.name}}


@pytest.fixture
def makers(settings: Settings) -> Iterator[None]:
    """All services for final media. None of them is asked."""
    settings.ACTIVE_RUNS_PER_USER = 1000
    settings.PROVIDERS = {kind: options_of(kind, "http://127.0.0.1:9", "key") for kind in SERVERS}
    registry.rebuild()
    yield
    del settings.PROVIDERS
    registry.rebuild()


def offers(api: Api) -> list[Pair]:
    """List the tools and names that the catalog calls available."""
    models = api.get("/v1/model-catalog").json()["data"]["models"]
    return [
        Pair(tool, model["id"], model["byTool"].get(tool, model))
        for model in models
        if model["available"]
        for tool in model["tools"]
    ]


def starts(api: Api, pairs: list[Pair]) -> Iterator[tuple[Pair, Step]]:
    """Yield each with the step that names it, in runs of as many as may be."""
    for first in range(0, len(pairs), MAX_STEPS):
        together = pairs[first : first + MAX_STEPS]
        steps = [pair.step for pair in together]
        answer = api.post(PATH, {"input": {"steps": steps}})
        assert answer.status_code == 201, (together, answer.content)
        run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
        yield from zip(together, run.steps.order_by("sequence"), strict=True)


def choosers() -> dict[tuple[str, str], dict[str, str]]:
    """Return who does a tool by which names, in the editor: by name, the model that it chooses; ""
    where the provider has none of its own."""
    return {
        (tool["name"], provider["name"]): {
            **dict.fromkeys(provider["models"], ""),
            **{
                name: model["name"]
                for model in provider["makes"]
                for name in (model["name"], *model["also"])
            },
        }
        for tool in Client().get("/app/tools").json()["tools"]
        for provider in tool["providers"]
    }


def price_of(pair: Pair, arguments: dict[str, Any]) -> int:
    """Return what a call should be quoted at, in thousandths: by the catalog, or by its provider
    where the catalog says that it is another with other arguments or files."""
    tool, price = registry.table().get(pair.tool), pair.facts["price"]
    arguments = fill_defaults(tool, arguments)
    if price is None:
        return int(COST_UNITS[tool.cost_class] * 1000)
    if price["varies"]:
        files = {port.name: (None,) for port in pair.ports}
        quote = registry.provider_named(pair.maker).quote(pair.tool, arguments, files)
        assert quote is not None, pair
        return quote.milli
    # A result as long as its video is at most as long as the model's longest.
    seconds = arguments.get("duration") or (pair.facts["seconds"] or [0])[-1]
    return int(price["units"] * 1000 * {"result": 1, "second": seconds}[price["per"]])


@pytest.mark.usefixtures("makers")
def test_each_goes_to_its_provider_and_model_at_its_price(
    api: Callable[..., Api], alice_key: str
) -> None:
    mine = api(alice_key)
    pairs, models, others = offers(mine), choosers(), []
    for pair, step in starts(mine, pairs):
        tool, maker = registry.table().get(pair.tool), registry.provider_named(pair.maker)
        model = models[pair.tool, pair.maker].get(pair.name)
        version = maker.version_of(pair.tool, step.arguments)
        price = price_of(pair, step.arguments)
        is_there = (
            step.arguments.get(model_argument(tool)) == pair.name
            and step.assigned_provider == pair.maker
            and model is not None
            and (model == "" or version.startswith(f"{model}-"))
            and step.estimated_milli == price
        )
        if not is_there:
            step_has = (step.assigned_provider, version, step.estimated_milli)
            others.append((pair.tool, pair.name, pair.maker, model, price, *step_has))
    assert others == []
    # None that a maker has is left out.
    makers = [one for one in registry.providers() if one.name in SERVERS]
    rows = {(tool, row.name) for one in makers for tool in one.tools() for row in one.details(tool)}
    assert rows <= {(pair.tool, pair.name) for pair in pairs if pair.maker in SERVERS}


def test_results_are_by_the_models_that_were_named(
    settings: Settings, api: Callable[..., Api], alice_key: str
) -> None:
    calls = [
        ("generate_image", {"prompt": "a cup", "model": "flux-2-pro"}),
        ("remove_background", {"sourceImageIndex": 0, "model": "bria-background"}),
        ("generate_music", {"prompt": "a shanty", "model": "lyria-3"}),
    ]
    steps = [{"id": tool, "toolName": tool, "arguments": args} for tool, args in calls]
    steps[1]["dependsOn"] = ["generate_image"]
    with serving(settings, "fal") as server:
        # None is dearer than in the tables, or each would ask first.
        server.usual_price = 0.01
        answer = api(alice_key).post(PATH, {"input": {"steps": steps}})
        assert answer.status_code == 201, answer.content
        run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
        work_off_with_looks(run)
        run.refresh_from_db()
        assert run.status == "completed", run.error
        endpoints = [entry["endpoint"] for entry in server.submissions()]
    assert sorted(endpoints) == [
        "fal-ai/bria/background/remove",
        "fal-ai/flux-2-pro",
        "fal-ai/lyria3",
    ]
    made = run.artifacts.order_by("step__sequence")
    assert [(one.meta["provider"], one.meta["model"], one.meta.get("draft")) for one in made] == [
        ("fal", arguments["model"], None) for _, arguments in calls
    ]
    assert not any((step.result or {}).get("warnings") for step in run.steps.all())
