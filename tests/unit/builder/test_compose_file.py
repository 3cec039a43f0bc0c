"""The files for containers: valid, of settings that exist, and in step with each other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.support.compose_file import compose_file, env_of, variables
from tests.support.program import ROOT

SCHEMA = ROOT / "tests/fixtures/schemas/compose-spec.json"
SETTINGS = (ROOT / "docs/reference/settings.md").read_text()
ADDRESS = "https://studio.example.org"


def made_env(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reelgraph", "compose-env", *words]
    return subprocess.run(
        command, cwd=ROOT / "packaging", capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return compose_file(env_of(made_env(ADDRESS).stdout))


def test_is_valid(content: dict[str, Any]) -> None:
    Draft7Validator(json.loads(SCHEMA.read_text())).validate(content)


def test_the_env_has_each_variable_once_and_other_secrets_each_time() -> None:
    first, second = (env_of(made_env(f"{ADDRESS}/").stdout) for _ in range(2))
    assert set(first) == variables()
    assert first["REELGRAPH_PUBLIC_URL"] == ADDRESS
    secrets = set(first) - {"REELGRAPH_PUBLIC_URL"}
    assert all(len(first[name]) >= 32 and first[name] != second[name] for name in secrets)


@pytest.mark.parametrize("words", [[], ["studio.example.org"], ["https://a.example", "more"]])
def test_the_env_needs_an_address(words: list[str]) -> None:
    result = made_env(*words)
    assert (result.returncode, result.stdout) == (1, "")
    assert "reelgraph compose-env https://" in result.stderr


def test_every_setting_exists(content: dict[str, Any]) -> None:
    image = re.findall(r"(REELGRAPH_\w+)=", (ROOT / "Dockerfile").read_text())
    services = (service.get("environment", {}) for service in content["services"].values())
    names = {name for service in services for name in service if not name.startswith("POSTGRES_")}
    assert {"REELGRAPH_HOME", "REELGRAPH_BIND", "DATABASE_URL"} <= names | set(image)
    assert [name for name in sorted({*names, *image}) if f"| `{name}`" not in SETTINGS] == []


def test_only_the_proxy_is_trusted_and_its_address_is_in_the_network(
    content: dict[str, Any],
) -> None:
    (network,) = content["networks"]["default"]["ipam"]["config"]
    address = content["services"]["proxy"]["networks"]["default"]["ipv4_address"]
    assert ip_address(address) in ip_network(network["subnet"])
    assert content["services"]["web"]["environment"]["REELGRAPH_TRUSTED_PROXIES"] == address
