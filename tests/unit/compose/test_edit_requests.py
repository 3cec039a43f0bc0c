"""Requests as people write them, and what changes: `tests/fixtures/template_changes.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compose.template_plan.edit import edited
from tests.support.planning import TOOLS

REQUESTS: list[dict[str, Any]] = json.loads(
    Path("tests/fixtures/template_changes.json").read_text()
)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case["asked"][:40])
def test_a_request_changes_what_it_asks(case: dict[str, Any]) -> None:
    given = json.loads(Path(f"builder/samples/{case['sample']}.json").read_text())
    found = edited(given, case["asked"], (), TOOLS)
    assert list(found.changes) == case["changes"]
    assert list(found.warnings) == case["warnings"]
