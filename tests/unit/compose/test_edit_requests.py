"""Requests as people write them, and what changes: `tests/fixtures/template_changes.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compose.changes import revise
from tests.support.builders.planning import TOOLS
from tests.support.scores import assert_score

REQUESTS: list[dict[str, Any]] = json.loads(
    Path("tests/fixtures/template_changes.json").read_text()
)


def test_requests_change_what_they_ask() -> None:
    assert_score({f"{case['asked']} ({case['sample']})": flaws_of(case) for case in REQUESTS})


def flaws_of(case: dict[str, Any]) -> list[str]:
    given = json.loads(Path(f"builder/ops/samples/{case['sample']}.json").read_text())
    found = revise(given, case["asked"], (), TOOLS)
    pairs = ((found.changes, case["changes"]), (found.warnings, case["warnings"]))
    return [f"{list(one)}, wanted {wanted}" for one, wanted in pairs if list(one) != wanted]
