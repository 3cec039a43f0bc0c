"""`manage.py providers try` against servers that stand for the services, as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.support.clients.services_page import KEY
from tests.support.commands import ROOT
from tests.support.fakes.makers.base import ProviderServer
from tests.support.fakes.makers.configured import write_table
from tests.support.fakes.makers.jobs import Account, Script
from tests.support.fakes.makers.router_server import RouterServer
from tests.support.template_database import bring_tables

Answer = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(tmp_path: Path) -> Answer:
    """Run the command in its own folder. table: of the providers file."""
    env = {"REELGRAPH_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    env["REELGRAPH_PROVIDERS_FILE"] = str(tmp_path / "providers.toml")
    (tmp_path / "providers.toml").touch()
    bring_tables(tmp_path, env)
    folder = tmp_path / "here"
    folder.mkdir()

    def run(table: Mapping[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
        write_table(tmp_path / "providers.toml", table)
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "providers", "try", "service", *words],
            cwd=folder,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def report(tmp_path: Path) -> dict[str, Any]:
    (path,) = (tmp_path / "here").glob("providers-try-service-*.json")
    assert KEY not in path.read_text()
    made: dict[str, Any] = json.loads(path.read_text())
    return made


def verdicts(made: Mapping[str, Any]) -> dict[str, str]:
    return {one["claim"]: one["verdict"] for one in made["claims"]}


def table(kind: str, server: ProviderServer, path: str = "", **hosts: str) -> dict[str, Any]:
    server.accounts[KEY] = Account("owner")
    server.script = Script(looks=4)
    return {
        "kind": kind,
        "key": KEY,
        "base_url": f"{server.origin}{path}",
        "poll_s": 0.05,
        "hosts": {name: f"{server.origin}{place}" for name, place in hosts.items()},
    }


@pytest.mark.slow
def test_the_router_knows_a_repeated_request_also_after_a_crash(
    command: Answer, tmp_path: Path
) -> None:
    with RouterServer() as server:
        service = table("comfy-router", server, assets="/assets")
        words = (
            "--models",
            "nano-banana-pro",
            "--crash",
            "--refusal",
            "something forbidden",
            "--yes",
            "--spend",
            "9",
        )
        done = command(service, *words)
        made = report(tmp_path)
        said = verdicts(made)
        assert done.returncode == 0, done.stderr
        assert said["The key is accepted"] == "proven", made
        assert said["A file can be uploaded"] == "proven"
        assert said["The same key twice is one job"] == "proven"
        assert said["After a crash nothing is paid twice"] == "proven"
        assert said["A job is cancelled while it is at work"] == "proven"
        # Made, crashed, cancelled twice, refused.
        assert len(server.submissions()) == len(made["jobs"]) == 5
        assert KEY not in done.stdout + done.stderr


@pytest.mark.django_db
def test_nothing_is_sent_without_a_yes_a_limit_and_a_key(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def said(*words: str, typed: str = "no\n") -> str:
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        out = StringIO()
        try:
            call_command("providers", "try", *words, stdout=out)
        except CommandError as problem:
            return f"{out.getvalue()}{problem}"
        return out.getvalue()

    with RouterServer() as server:
        service = table("comfy-router", server, assets="/assets")
        settings.PROVIDERS = {"service": service, "keyless": service | {"key": None}}
        assert "Nothing was sent." in said("service")
        assert "--spend" in said("service", "--spend", "0.0001", "--yes")
        assert "doesn't offer none" in said("service", "--models", "none", "--yes")
        assert "has no key" in said("keyless", "--yes")
        assert "There are: service, keyless." in said("studio")
        assert list(tmp_path.glob("*.json")) == []
        server.accounts.clear()
        assert "Contradicted: The key is accepted." in said("service", typed="yes\n")
        assert server.submissions() == []
        assert KEY not in "".join(path.read_text() for path in tmp_path.glob("*.json"))
