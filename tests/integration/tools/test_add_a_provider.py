"""The provider of docs/howto/add-a-provider.md does a run's step, as that page says."""

from __future__ import annotations

import json
import re
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest

from accounts.models import User
from builder.provider_settings import read_choice, read_file
from tests.support.openai_server import png
from tests.support.program import ROOT
from tests.support.running import start, work_off
from tools import registry
from tools.providers.openai.endpoint import HEADINGS, Endpoint

PAGE = (ROOT / "docs" / "howto" / "add-a-provider.md").read_text()
(CODE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


class Paint(BaseHTTPRequestHandler):
    """What the page says of the server: a PNG for POST /paint."""

    asked: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({**body, "key": self.headers["X-Job-Key"]})
        picture = png((64, 48), body["prompt"])
        self.send_response(200)
        self.send_header("Content-Length", str(len(picture)))
        self.end_headers()
        self.wfile.write(picture)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def lantern(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The page's provider, configured by the page's table, and what its server was asked."""
    module = ModuleType("tools.providers.lantern")
    exec(compile(CODE, "add-a-provider.md", "exec"), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, "lantern"))
    asked: list[dict[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Paint", (Paint,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    table = tomllib.loads(TABLES[-1])
    table["lantern"]["url"] = f"http://127.0.0.1:{server.server_address[1]}"
    settings.PROVIDERS = table
    registry.rebuild()
    yield asked
    server.shutdown()
    server.server_close()
    del settings.PROVIDERS
    monkeypatch.undo()
    registry.rebuild()


@pytest.mark.django_db(transaction=True)
def test_the_pages_provider_does_a_step(alice: User, lantern: list[dict[str, Any]]):
    arguments = {"prompt": "a quiet street", "model": "moon"}
    run = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": arguments}])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    step = run.steps.get()
    assert (step.provider, step.attempts.get().provider) == ("lantern", "lantern")
    assert step.artifacts.get().meta == {"model": "moon"}
    [asked] = lantern
    assert (asked["prompt"], asked["model"], asked["seed"]) == ("a quiet street", "moon", step.seed)
    assert asked["key"] == f"{run.public_id}:a:1"


def test_the_pages_services_can_be_configured(tmp_path: Any, settings: Any):
    path = tmp_path / "providers.toml"
    path.write_text(TABLES[0])
    (tmp_path / "openai.key").write_text("sk-x\n")
    settings.PROVIDERS = read_file(str(path))
    (line,) = re.findall(r"by tool and by model: `(.*?)`", PAGE)
    settings.PROVIDER_CHOICE = read_choice(line)
    registry.rebuild()
    try:
        assert registry.problems() == []
        assert registry.doubts() == []
        provider = registry.provider_for("generate_image", {"model": "flux-schnell"})
        assert provider is not None
        assert (provider.name, provider.title) == ("basement", "the box in the basement")
        assert registry.provider_name("generate_image") == "openai"
        assert registry.provider_name("generate_speech") == "studio"
    finally:
        del settings.PROVIDERS
        del settings.PROVIDER_CHOICE
        registry.rebuild()


def test_every_setting_of_a_service_is_on_the_page():
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {*Endpoint.model_fields, "key_file"} - {"kind"} <= named
    assert set(HEADINGS) <= named
