"""Which Node builds the editor, and what its lock promises."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # The scripts find each other beside themselves, as when one of them is run.
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("frontend")


@pytest.mark.parametrize(
    "version", ["v20.19.0", "v20.20.2\n", "v22.12.0", "v23.0.0", "v24.19.0", "v26.0.0-nightly1"]
)
def test_takes_a_node_that_the_build_runs_on(frontend: ModuleType, version: str) -> None:
    assert frontend.is_new_enough(version)


@pytest.mark.parametrize(
    "version", ["v18.20.4", "v20.18.3", "v21.7.3", "v22.11.0", "v8.0.0", "", "node: not found"]
)
def test_leaves_other_nodes_alone(frontend: ModuleType, version: str) -> None:
    assert not frontend.is_new_enough(version)


def test_a_machine_without_node_or_npm_has_none(
    frontend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert frontend.system_node() is None
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.12.0\n")
    (tmp_path / "node").chmod(0o755)
    assert frontend.system_node() is None
    (tmp_path / "npm").write_text("#!/bin/sh\n")
    (tmp_path / "npm").chmod(0o755)
    found = frontend.system_node()
    assert found is not None
    assert found.npm == (str(tmp_path / "npm"),)


def test_a_node_of_our_own_comes_first_on_the_path_of_npms_scripts(
    frontend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    assert frontend.Node(("npm",)).environment()["PATH"] == "/usr/bin"
    assert frontend.Node(("npm",), "/venv/bin").environment()["PATH"] == "/venv/bin:/usr/bin"


def locked_packages() -> dict[str, Any]:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    return {name: entry for name, entry in lock["packages"].items() if name}


def test_the_lock_names_no_registry_and_holds_every_package_to_its_hash() -> None:
    packages = locked_packages()
    assert packages
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name


def test_the_lock_holds_for_every_platform() -> None:
    """npm writes only the packages of one platform where node_modules stood beside it."""
    names = set(locked_packages())
    for system in ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"):
        assert f"node_modules/@biomejs/cli-{system}" in names
    for binding in ("linux-x64-gnu", "linux-arm64-gnu", "darwin-x64", "darwin-arm64"):
        assert f"node_modules/@rolldown/binding-{binding}" in names


def test_every_package_is_pinned() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert version[0].isdigit(), f"{name} is not pinned: {version}"
    reasons = (ROOT / "frontend" / "README.md").read_text()
    for name in (*package["dependencies"], *package["devDependencies"]):
        assert f"`{name}`" in reasons, f"README.md has no reason for {name}"
