"""The provider of docs/howto/add-a-provider.md does a run's step, as that page says."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from accounts.models import User
from builder.ops.provider_settings import read_choice, read_file
from tests.support.builders.running import start, work_off
from tests.support.fakes.http_server import ApiServer, Asked, Reply
from tests.support.fakes.openai_server import png
from tests.support.fakes.packages import install
from tests.support.program import ROOT
from tests.support.provider_conformance import ServiceConformance
from tools import registry
from tools.providers.base import Provider
from tools.providers.openai.endpoint import HEADINGS, Endpoint

PAGE = (ROOT / "docs" / "howto" / "add-a-provider.md").read_text()
CODE, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SERVICES, CHECKED, _, ENTRY_POINTS, TABLE = TABLES


@contextmanager
def painting(asked: list[dict[str, Any]] | None = None) -> Iterator[str]:
    """What the page says of the server: a PNG for POST /paint."""

    def paint(request: Asked) -> Reply:
        if asked is not None:
            asked.append({**json.loads(request.raw), "key": request.headers["x-job-key"]})
        return Reply(body=png((64, 48), json.loads(request.raw)["prompt"]))

    with ApiServer(paint) as server:
        yield server.origin


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Path]:
    """An empty site-packages on the path. Modules imported from it are forgotten afterwards."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    known = set(sys.modules)
    yield folder
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
    if settings.PROVIDERS:
        del settings.PROVIDERS
    monkeypatch.undo()
    registry.rebuild()


@pytest.fixture
def lantern(site: Path, settings: Any) -> Iterator[list[dict[str, Any]]]:
    """The page's package, installed and configured as the page says; what its server was asked."""
    install(site, "reelgraph-lantern", ENTRY_POINTS, lantern=CODE)
    asked: list[dict[str, Any]] = []
    with painting(asked) as url:
        table = tomllib.loads(TABLE)
        table["lantern"]["url"] = url
        settings.PROVIDERS = table
        registry.rebuild()
        yield asked


@pytest.mark.django_db(transaction=True)
def test_the_pages_provider_does_a_step(alice: User, lantern: list[dict[str, Any]]):
    arguments = {"prompt": "a quiet street", "model": "moon"}
    run = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": arguments}])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    step = run.steps.get()
    assert (step.provider, step.attempts.get().provider) == ("lantern", "lantern")
    assert step.artifacts.get().meta == {"model": "moon", "origin": "ai"}
    [asked] = lantern
    assert (asked["prompt"], asked["model"], asked["seed"]) == ("a quiet street", "moon", step.seed)
    assert asked["key"] == f"{run.public_id}:a:1"


BROKEN = {
    "does not exist": ("", "ModuleNotFoundError"),
    "raises": ("def configured(name, options):\n    raise ValueError(options['key'])\n",
               "ValueError in lantern.py, line 2"),
    "returns nothing": ("def configured(name, options):\n    pass\n", "returned no Provider"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_package_that_fails_is_named_and_stops_nothing_else(site: Path, settings: Any, case: str):
    source, says = BROKEN[case]
    install(site, "reelgraph-lantern", ENTRY_POINTS, **({"lantern": source} if source else {}))
    settings.PROVIDERS = {"lantern": {"kind": "lantern", "key": SecretStr("sk-secret-of-it")}}
    registry.rebuild()
    [problem] = registry.problems()
    assert problem.startswith("lantern: the package reelgraph-lantern ")
    assert says in problem
    assert "sk-secret" not in problem
    assert registry.provider_name("generate_image") == "studio"


def test_a_package_cannot_take_the_place_of_a_kind_that_is_there(site: Path, settings: Any):
    taking = ENTRY_POINTS.replace("lantern = ", "openai = ")
    install(site, "reelgraph-lantern", taking, lantern=CODE)
    settings.PROVIDERS = {"mine": {"kind": "openai", "key": SecretStr("sk-x")}}
    registry.rebuild()
    [problem] = registry.problems()
    assert "provided by reelgraph-lantern and Reelgraph itself" in problem


def test_an_unknown_kind_is_told_the_known_ones(site: Path, settings: Any):
    install(site, "reelgraph-lantern", ENTRY_POINTS, lantern=CODE)
    settings.PROVIDERS = {"mine": {"kind": "opneai"}}
    registry.rebuild()
    assert registry.problems() == [
        'mine: kind = "opneai" is unknown. Write one of comfy-router, comfyui, fal,'
        " language-model, lantern, openai, runway."
    ]


class TestLantern(ServiceConformance):
    """The page's provider passes the page's suite."""

    def make(self, url: str) -> Provider:
        module: dict[str, Any] = {}
        exec(compile(CODE, "add-a-provider.md", "exec"), module)
        made: Provider = module["configured"]("lantern", {"url": url})
        return made

    def serving(self) -> AbstractContextManager[str]:
        return painting()


@pytest.fixture
def configure(tmp_path: Path, settings: Any) -> Iterator[Callable[..., None]]:
    """Have the services of a file of settings, and a choice among them, until the test is over."""
    (tmp_path / "openai.key").write_text("sk-x\n")

    def read(text: str, choice: str = "") -> None:
        (tmp_path / "providers.toml").write_text(text)
        settings.PROVIDERS = read_file(str(tmp_path / "providers.toml"))
        settings.PROVIDER_CHOICE = read_choice(choice)
        registry.rebuild()
        assert registry.problems() == []

    yield read
    del settings.PROVIDERS
    del settings.PROVIDER_CHOICE
    registry.rebuild()


def test_the_pages_service_checks_for_another(configure: Callable[..., None]):
    configure(CHECKED)
    provider = registry.provider_named("comfyui")
    assert provider is not None
    checker = registry.checker_of(provider)
    assert checker is not None
    assert (checker.name, checker.moderation) == ("openai", "omni-moderation-latest")


def test_the_pages_services_can_be_configured(configure: Callable[..., None]):
    (line,) = re.findall(r"by tool and by model: `(.*?)`", PAGE)
    configure(SERVICES, line)
    assert registry.doubts() == []
    provider = registry.provider_for("generate_image", {"model": "flux-schnell"})
    assert provider is not None
    assert (provider.name, provider.title) == ("basement", "Basement")
    assert registry.provider_name("generate_image") == "openai"
    assert registry.provider_name("generate_speech") == "studio"


def test_every_setting_of_a_service_is_on_the_page():
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {*Endpoint.model_fields, "key_file"} - {"kind"} <= named
    assert set(HEADINGS) <= named
