"""A prompt that works while other steps wait holds no worker: it is parked, and looked at."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from core.errors import ProviderError
from tests.support.builders.jobs import Context, job
from tests.support.fakes.comfyui_server import ComfyServer
from tests.support.fakes.http_server import ApiServer, Reply
from tests.support.program import ROOT
from tests.support.provider_conformance import NoMedia
from tests.support.waiting import wait_for
from tools.providers.base import Job, MediaFile, Outcome, Parked, Provider
from tools.providers.comfyui import configured

ARGUMENTS = {"prompt": "a red fox", "width": 96, "height": 64, "steps": 4}


class Looks:
    """Looks at one call as workers do, one after the other, each in a folder of its own."""

    def __init__(self, provider: Provider, folder: Path, key: str = "1:1:1") -> None:
        self.provider, self.folder, self.key, self.count = provider, folder, key, 0
        self.context = Context()
        self.context.others = True

    def __call__(self) -> Outcome | Parked:
        self.count += 1
        known = self.context.remembered[-1] if self.context.remembered else None
        out = self.folder / f"{self.key[0]}-look-{self.count}"
        media: Mapping[str, tuple[MediaFile, ...]] = NoMedia() if known else {}
        made = job(out, "generate_image", ARGUMENTS, key=self.key, job_ref=known)
        asked = Job(made.tool, made.params, media, made.seed, made.key, made.out, made.job_ref)
        try:
            return self.provider.run(asked, self.context)
        except Parked as parked:
            return parked

    def parked(self) -> Parked:
        found = self()
        assert isinstance(found, Parked)
        return found


@pytest.fixture
def comfy() -> Iterator[ComfyServer]:
    with ComfyServer() as server:
        server.switches.gate.clear()
        yield server


@pytest.fixture
def make(comfy: ComfyServer, tmp_path: Path) -> Callable[..., Provider]:
    def build(**options: Any) -> Provider:
        return configured("comfyui", {"url": comfy.url, "graphs": str(tmp_path), **options})

    return build


def test_looks_submit_once_and_prepare_nothing(
    comfy: ComfyServer, make: Callable[..., Provider], tmp_path: Path
):
    look = Looks(make(), tmp_path)
    look.parked()
    wait_for(lambda: comfy.engine.running, "the prompt at work")
    comfy.ledger.clear()
    for _ in range(3):
        look.parked()
    # Neither a socket, nor an upload, nor a prompt.
    assert comfy.ledger == []
    comfy.switches.gate.set()
    wait_for(lambda: comfy.engine.executed, "the end")
    outcome = look()
    assert isinstance(outcome, Outcome)
    assert len(outcome.files) == 1
    assert comfy.submitted() == {}
    assert len(comfy.engine.executed) == 1


def test_who_is_alone_is_shown_each_step_of_a_node(
    comfy: ComfyServer, make: Callable[..., Provider], tmp_path: Path
):
    look = Looks(make(), tmp_path)
    look.parked()
    wait_for(lambda: comfy.engine.running, "the prompt at work")
    # No one waits any more: the next look stays, listens, and tells how far it is.
    look.context.others = False
    comfy.switches.step_s = 0.2
    comfy.switches.gate.set()
    assert isinstance(look(), Outcome)
    assert len(set(look.context.heard)) > 3
    assert look.context.heard == sorted(look.context.heard)


def test_pauses_are_longer_the_more_comes_before(
    comfy: ComfyServer, make: Callable[..., Provider], tmp_path: Path, at: Callable[[float], None]
):
    looks = [Looks(make(), tmp_path, key=f"{number}:1:1") for number in (1, 2, 3)]
    looks[0].parked()
    wait_for(lambda: comfy.engine.running, "the first at work")
    pauses = [look.parked().after_s for look in looks]
    assert pauses == [2, 5, 8]
    assert [look.parked().note for look in looks] == [
        "",
        "In ComfyUI's queue, after 1 other",
        "In ComfyUI's queue, after 2 others",
    ]
    now, working = 0.0, []
    for _ in range(30):
        now += 5
        at(now)
        working.append(looks[0].parked().after_s)
    assert working == sorted(working)
    assert (working[0], working[-1]) == (2, 5)


def test_only_time_at_work_counts_over_all_looks(
    comfy: ComfyServer, make: Callable[..., Provider], tmp_path: Path, at: Callable[[float], None]
):
    first, second = Looks(make(), tmp_path), Looks(make(timeout_s=60), tmp_path, key="2:1:1")
    first.parked()
    wait_for(lambda: comfy.engine.running, "the first at work")
    for minute in range(10):
        at(60 * minute)
        second.parked()
    provider_ref = first.context.remembered[-1]
    first.provider.cancel(provider_ref)
    wait_for(lambda: comfy.engine.running and comfy.engine.running.nodes, "the second at work")
    wait_for(lambda: len(comfy.engine.executed) == 1, "the first over")
    for second_s in (0, 20, 40, 60):
        at(600 + second_s)
        second.parked()
    at(680)
    with pytest.raises(ProviderError, match="took longer than 60 seconds"):
        second()
    assert comfy.entries("interrupt")


def test_a_server_that_is_away_is_given_up_after_a_minute_of_looks(
    comfy: ComfyServer, make: Callable[..., Provider], tmp_path: Path, at: Callable[[float], None]
):
    look = Looks(make(), tmp_path)
    look.parked()
    comfy.switches.status = 502
    for second in (5, 20, 35, 50):
        at(second)
        assert look.parked().note == "ComfyUI isn't answering"
    # It answers once: the minute begins again.
    comfy.switches.status = 0
    at(55)
    assert look.parked().note == ""
    comfy.switches.status = 502
    for second in (60, 80, 100, 110):
        at(second)
        look.parked()
    at(120)
    with pytest.raises(ProviderError) as caught:
        look()
    assert caught.value.retryable
    assert len(comfy.entries("prompt")) == 1


def test_a_prompt_of_an_earlier_release_is_gone_on_with(
    comfy: ComfyServer, make: Callable[..., Provider], tmp_path: Path
):
    look = Looks(make(), tmp_path)
    look.parked()
    known = look.context.remembered[-1]
    comfy.switches.gate.set()
    wait_for(lambda: comfy.engine.executed, "the end")
    ref = {name: known[name] for name in ("prompt_id", "url")}
    asked = job(tmp_path / "again", "generate_image", ARGUMENTS, key="1:1:1", job_ref=ref)
    assert make().run(asked, Context()).files
    assert len(comfy.entries("prompt")) == 1


def test_the_guides_node_tells_of_each_prompt_that_is_over(monkeypatch: pytest.MonkeyPatch):
    page = (ROOT / "docs" / "howto" / "use-comfyui.md").read_text()
    (node,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    sent: list[tuple[Any, ...]] = []
    # What ComfyUI gives its nodes: a module `server`.
    comfyui = ModuleType("server")
    instance = SimpleNamespace(send_sync=lambda *told: sent.append(told))
    comfyui.PromptServer = SimpleNamespace(instance=instance)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "server", comfyui)
    with ApiServer(lambda asked: Reply(204)) as server:
        exec(re.sub(r'URL = "[^"]*"', f'URL = "{server.origin}"', node), {})
        for event in ("execution_start", "progress", "execution_success"):
            instance.send_sync(event, {"prompt_id": "p1", "value": 1}, "client")
        instance.send_sync("execution_error", {"prompt_id": "p2"}, None)
        wait_for(lambda: len(server.asked) == 2, "both told of")
    assert sorted(json.loads(one.raw)["prompt_id"] for one in server.asked) == ["p1", "p2"]
    assert [event for event, *_ in sent][2:] == ["execution_success", "execution_error"]
