"""The engine and the log know no public spelling: what is stored is in this server's own names."""

from __future__ import annotations

import ast

import pytest

from tests.support.program import ROOT

PUBLIC = {
    "contentType",
    "createdAt",
    "downloadUrl",
    "errorType",
    "mediaType",
    "mimeType",
    "posterUrl",
    "previousStatus",
    "stepId",
    "stepStatus",
    "toolName",
    "workflowId",
}
# What templates and prompts may write: `$run.createdAt`, and the details that authors of a
# question give in the contract's words.
AUTHORED = {
    ("runs/engine/run_scope.py", "createdAt"),
    ("runs/engine/questions.py", "mediaType"),
}


@pytest.mark.parametrize("folder", ["runs/engine", "runs/log"])
def test_no_public_name_is_spelled_below_the_web(folder: str) -> None:
    found = {
        (name, node.value)
        for path in (ROOT / folder).glob("*.py")
        for name in [path.relative_to(ROOT).as_posix()]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in PUBLIC
    }
    assert found <= AUTHORED
