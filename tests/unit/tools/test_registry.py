"""Which tools there are, and who does their work."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest

from mediakit.job_protocol import TOOLS
from tests.support.checks import only_check
from tools import registry
from tools.declaration.ports import Tool
from tools.declaration.ports import tool as declare
from tools.providers.base import Job, JobContext, Outcome, Provider
from tools.providers.studio import StudioProvider


@pytest.fixture
def plain(settings) -> Iterator[None]:
    settings.EXTRA_TOOL_MODULES = []
    registry.rebuild()
    yield
    del settings.EXTRA_TOOL_MODULES
    registry.rebuild()


@pytest.mark.usefixtures("plain")
class TestPlain:
    def test_unknown_tool_is_nobodys(self):
        assert registry.table().get("make_tea") is None
        assert registry.provider_for("make_tea") is None
        assert not registry.table().is_provided("make_tea")

    def test_declared_tool_may_be_offered_by_no_one(self):
        assert registry.table().get("ask_clarifying_question") is not None
        assert registry.provider_for("ask_clarifying_question") is None

    def test_table_is_built_once(self):
        assert registry.table() is registry.table()


class Service(Provider):
    """Offers tools by the models it is given; any model where it is given none."""

    version = "1"
    submit = "blind"

    def __init__(self, name: str, offered: Mapping[str, tuple[str, ...]]) -> None:
        self.name = name
        self.title = name.title()
        self.offered = offered

    def tools(self) -> frozenset[str]:
        return frozenset(self.offered)

    def models(self, tool: str) -> tuple[str, ...]:
        return self.offered.get(tool, ())

    def own_tools(self) -> tuple[type[Tool], ...]:
        return tuple(OWN[name] for name in self.offered if name in OWN)

    def price(self, tool: str, params: Mapping[str, Any]) -> int | None:
        return 7000 if tool == "edit_image" else None

    def run(self, job: Job, context: JobContext) -> Outcome:
        raise NotImplementedError


@declare("paint_by_graph", title="Paint by graph", group="Image", cost="free", output="image")
class PaintByGraph(Tool):
    """A tool only one service knows."""


@declare("generate_image", title="Another", group="Image", cost="free", output="image")
class Another(Tool):
    """A name the catalog has already."""


OWN = {"paint_by_graph": PaintByGraph}
Configure = Callable[..., None]


@pytest.fixture
def configure(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Services as settings configure them, and the choice between them."""

    def set_up(choice: Mapping[str, str], **services: Mapping[str, tuple[str, ...]]) -> None:
        settings.EXTRA_TOOL_MODULES = []
        settings.PROVIDER_CHOICE = dict(choice)
        settings.PROVIDERS = {name: {"kind": "openai"} for name in services}
        module = ModuleType("services")
        module.configured = lambda name, options: Service(name, services[name])  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "tools.providers.openai", module)
        registry.rebuild()

    yield set_up
    monkeypatch.undo()
    registry.rebuild()


def asked(tool: str, model: str | None = None) -> str:
    provider = registry.provider_for(tool, {} if model is None else {"model": model})
    return provider.name if provider is not None else ""


def test_without_a_choice_the_studio_does_what_it_can(configure: Configure):
    configure({}, art={"generate_image": ("flux2",), "segment_sound": ()})
    assert asked("generate_image") == "studio"
    assert asked("generate_image", "z-turbo") == "studio"
    assert asked("generate_image", "flux2") == "art", "only it lists the model"


def test_a_tool_is_chosen_for_and_a_model_beside_it(configure: Configure):
    configure(
        {
            "generate_image": "art",
            "generate_image:z-turbo": "studio",
            "sogni_generate_music": "any",
        },
        art={"generate_image": ("gpt-image-2", "flux2")},
        big={"generate_image": ("flux2", "sd-3")},
        any={"generate_music": ()},
    )
    assert asked("generate_image") == "art"
    assert asked("sogni_generate_image", "flux2") == "art", "it makes it, though others do too"
    assert asked("generate_image", "sd-3") == "big", "only that one makes it"
    assert asked("generate_image", "z-turbo") == "studio"
    assert asked("generate_image", "unheard-of") == "art", "it says so, and takes its usual one"
    assert asked("generate_music", "anything") == "any"
    assert registry.problems() == []


def test_a_choice_for_every_tool_holds_where_it_can(configure: Configure):
    art = {"generate_image": (), "generate_video": ()}
    configure({"*": "art", "generate_video": "studio"}, art=art)
    assert asked("generate_image") == "art"
    assert asked("generate_music") == "studio"
    assert asked("generate_video") == "studio"


def test_an_undecided_model_is_none(configure: Configure):
    configure({}, clips={"extend_video": ("auto", "sora-2")})
    provider = registry.provider_for("extend_video", {"videoModel": "auto"})
    assert provider is registry.provider_for("extend_video")


def test_offers_say_which_models_choose_whom(configure: Configure):
    configure({"generate_image": "art"}, art={"generate_image": ("gpt-image-2", "own-model")})
    first, second = registry.offers("generate_image")
    assert (first.name, first.title, second.name) == ("art", "Art", "studio")
    assert [one.name for one in first.makes] == ["gpt-image-2", "own-model"]
    assert {"gpt-image-2", "own-model", "z-turbo"} <= {*first.models}
    assert registry.offers("ask_clarifying_question") == ()


def test_a_service_may_bring_tools_of_its_own(configure: Configure):
    configure({}, graphs={"paint_by_graph": ()})
    assert registry.table().get("paint_by_graph") is PaintByGraph
    assert asked("paint_by_graph") == "graphs"


def test_a_tool_of_its_own_may_not_take_a_taken_name(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(OWN, "generate_image", Another)
    configure({}, graphs={"generate_image": ()})
    assert registry.table().get("generate_image") is not Another
    assert registry.problems() == [
        "graphs: there is a tool generate_image already; rename its own."
    ]


def test_a_price_of_anyone_who_does_it_is_the_quote(configure: Configure):
    configure({"edit_image": "art"}, art={"edit_image": (), "generate_image": ()})
    tools = registry.table()
    edit, generate = tools.get("edit_image"), tools.get("generate_image")
    assert edit is not None
    assert generate is not None
    assert registry.quote(edit, {}).milli == 7000
    assert registry.quote(generate, {"numberOfVariations": 2}).milli == 2000


WRONG = [
    ({"generate_image": "no_one"}, "no provider is called no_one. There are: art, studio"),
    ({"make_tea": "art"}, "no tool is called make_tea"),
    ({"generate_music": "art"}, "art does not offer generate_music"),
    ({"generate_image:sd-3": "art"}, "art makes generate_image by other models: flux2"),
]


@pytest.mark.parametrize(("choice", "words"), WRONG)
def test_a_choice_that_cannot_be_meant_stops_the_start(
    configure: Configure, choice: dict[str, str], words: str
):
    configure(choice, art={"generate_image": ("flux2",)})
    [problem] = registry.problems()
    assert problem.startswith("REELGRAPH_PROVIDERS has ")
    assert words in problem
    check = only_check("provider settings")
    assert (check.level, f"{check.says}.") == ("fault", problem)


def test_a_service_that_cannot_be_built_is_named_and_left_out(settings: Any):
    settings.PROVIDERS = {"x": {"kind": "magic"}, "y": {"kind": "openai", "base_url": "ftp://y"}}
    registry.rebuild()
    try:
        problems = registry.problems()
        assert [problem.partition(":")[0] for problem in problems] == ["x", "y"]
        assert 'kind = "magic" is unknown' in problems[0]
        assert registry.provider_named("y") is None
        assert asked("generate_image") == "studio"
    finally:
        del settings.PROVIDERS
        registry.rebuild()


def test_later_provider_wins_for_a_tool_both_offer(monkeypatch):
    class Better(StudioProvider):
        name = "better"

        def tools(self) -> frozenset[str]:
            return frozenset({"generate_music"})

    monkeypatch.setattr(registry, "_factories", [*registry._factories])
    registry.register_provider(Better)
    try:
        assert registry.provider_for("generate_music").name == "better"
        assert registry.provider_for("generate_image").name == "studio"
    finally:
        monkeypatch.undo()
        registry.rebuild()


@pytest.mark.parametrize("name", TOOLS)
def test_every_job_the_studio_offers_is_there(name):
    assert importlib.util.find_spec(f"studio.jobs.{name}") is not None, (
        f"declare the tool {name} in tools/catalog"
    )
    assert registry.table().get(name) is not None
