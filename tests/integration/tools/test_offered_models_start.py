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
from tools.declaration.ports import Port
from tools.declaration.schema import model_argument, required_arguments

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATH = "/v1/creative-agent/workflows"
# Required arguments that are no text.
VALUES: dict[str, Any] = {"dance": "chanel", "startSeconds": 1, "endSeconds": 2, "duration": 10}


class Pair(NamedTuple):
    """A name that a maker offers in a tool. model: the one that it chooses there."""

    tool: str
    name: str
    maker: str
    model: str

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


def offered(api: Api) -> list[Pair]:
    """List the names that the catalog calls available, by their makers in the editor's palette."""
    models = api.get("/v1/model-catalog").json()["data"]["models"]
    available = {(tool, one["id"]) for one in models if one["available"] for tool in one["tools"]}
    return [
        Pair(tool["name"], name, maker["name"], model["name"])
        for tool in Client().get("/app/tools").json()["tools"]
        for maker in tool["providers"]
        for model in maker["makes"]
        for name in (model["name"], *model["also"])
        if name in maker["models"] and (tool["name"], name) in available
    ]


def started(api: Api, pairs: list[Pair]) -> Iterator[tuple[Pair, Step]]:
    """Yield each with the step that names it, in runs of as many as may be."""
    for first in range(0, len(pairs), MAX_STEPS):
        together = pairs[first : first + MAX_STEPS]
        steps = [pair.step for pair in together]
        answer = api.post(PATH, {"input": {"steps": steps}})
        assert answer.status_code == 201, (together, answer.content)
        run = Run.objects.get(public_id=answer.json()["data"]["workflow"]["id"])
        yield from zip(together, run.steps.order_by("sequence"), strict=True)


@pytest.mark.usefixtures("makers")
def test_each_goes_to_its_maker_and_model_at_its_price(
    api: Callable[..., Api], alice_key: str
) -> None:
    mine = api(alice_key)
    pairs = offered(mine)
    others = []
    for pair, step in started(mine, pairs):
        maker, tool = registry.provider_named(pair.maker), registry.table().get(pair.tool)
        files = {port.name: (None,) for port in pair.ports}
        price = maker.quote(pair.tool, fill_defaults(tool, step.arguments), files)
        version = maker.version_of(pair.tool, step.arguments)
        is_there = (
            step.arguments.get(model_argument(tool)) == pair.name
            and step.assigned_provider == pair.maker
            and version.startswith(f"{pair.model}-")
            and step.estimated_milli == price.milli
        )
        if not is_there:
            others.append((*pair, step.assigned_provider, version, step.estimated_milli, price))
    assert others == []
    made = {tool for one in registry.providers() if one.name in SERVERS for tool in one.tools()}
    assert {pair.tool for pair in pairs} == made


def test_results_are_by_the_models_that_were_named(
    settings: Settings, api: Callable[..., Api], alice_key: str
) -> None:
    named = [
        ("generate_image", {"prompt": "a cup", "model": "flux-2-pro"}),
        ("remove_background", {"sourceImageIndex": 0, "model": "bria-background"}),
        ("generate_music", {"prompt": "a shanty", "model": "lyria-3"}),
    ]
    steps = [{"id": tool, "toolName": tool, "arguments": given} for tool, given in named]
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
        asked = [entry["endpoint"] for entry in server.submissions()]
    assert sorted(asked) == ["fal-ai/bria/background/remove", "fal-ai/flux-2-pro", "fal-ai/lyria3"]
    made = run.artifacts.order_by("step__sequence")
    assert [(one.meta["provider"], one.meta["model"], one.meta.get("draft")) for one in made] == [
        ("fal", arguments["model"], None) for _, arguments in named
    ]
    assert not any((step.result or {}).get("warnings") for step in run.steps.all())
