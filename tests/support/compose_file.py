"""`compose.yaml` as a container engine reads it, with the variables of a `.env`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.support.program import ROOT

FILE = ROOT / "compose.yaml"
# `${NAME}` or `${NAME:?message}`.
VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


def variables() -> set[str]:
    """Return the names of the variables that the file takes from `.env`."""
    return set(VARIABLE.findall(FILE.read_text()))


def compose_file(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the file's content. values: of all its variables."""
    text = VARIABLE.sub(lambda match: values[match[1]], FILE.read_text())
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def env_of(lines: str) -> dict[str, str]:
    """Read the lines of a `.env`."""
    pairs = (line.split("=", 1) for line in lines.splitlines() if not line.startswith("#"))
    return dict(pairs)
