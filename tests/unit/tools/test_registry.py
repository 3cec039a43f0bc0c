"""Which tools there are, and who does their work."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from tools import registry
from tools.providers.studio import JOBS, StudioProvider


@pytest.fixture
def extra(settings) -> Iterator[None]:
    settings.EXTRA_TOOL_MODULES = ["tests.support.tools"]
    registry.rebuild()
    yield
    del settings.EXTRA_TOOL_MODULES
    registry.rebuild()


@pytest.fixture
def plain(settings) -> Iterator[None]:
    settings.EXTRA_TOOL_MODULES = []
    registry.rebuild()
    yield
    del settings.EXTRA_TOOL_MODULES
    registry.rebuild()


@pytest.mark.usefixtures("plain")
class TestPlain:
    def test_prefix_is_optional_on_every_name(self):
        assert registry.table().get("sogni_generate_image") is registry.table().get(
            "generate_image"
        )
        assert registry.provider_for("sogni_generate_image").name == "studio"

    def test_unknown_tool_is_nobodys(self):
        assert registry.table().get("make_tea") is None
        assert registry.provider_for("make_tea") is None
        assert not registry.table().is_provided("make_tea")

    def test_declared_tool_may_be_offered_by_nobody(self):
        assert registry.table().get("ask_clarifying_question") is not None
        assert registry.provider_for("ask_clarifying_question") is None

    def test_table_is_built_once(self):
        assert registry.table() is registry.table()

    def test_test_tools_are_not_there(self):
        assert registry.table().get("noop") is None


@pytest.mark.usefixtures("extra")
class TestExtra:
    def test_extra_modules_add_tools_and_providers(self):
        assert registry.table().get("noop") is not None
        assert registry.provider_for("noop").name == "test"

    def test_catalogue_holds_only_our_own(self):
        assert "noop" not in {tool.name for tool in registry.catalogue()}


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


@pytest.mark.parametrize("name", JOBS)
def test_every_job_the_studio_offers_is_there(name):
    assert importlib.util.find_spec(f"tools.providers.studio.jobs.{name}") is not None, (
        f"write tools/providers/studio/jobs/{name}.py or take {name} out of JOBS"
    )
    assert registry.table().get(name) is not None
