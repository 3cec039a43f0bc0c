"""Our threads set no attribute that `threading.Thread` of any Python we support uses itself.

Python 3.14 keeps a `_context` in every thread: our own of that name was overwritten, and nothing
said so on 3.11.
"""

from __future__ import annotations

import ast
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Of a thread of this Python, and those that one of Python 3.11 or 3.14 has beside them.
THEIRS = {
    *vars(threading.Thread()),
    *("_tstate_lock", "_is_stopped"),
    *("_context", "_handle", "_os_thread_handle"),
}


def own_names(source: str) -> set[str]:
    """Return what classes directly derived from Thread set on themselves."""
    return {
        node.attr
        for parent in ast.walk(ast.parse(source))
        if isinstance(parent, ast.ClassDef)
        if any(ast.unparse(base).endswith("Thread") for base in parent.bases)
        for node in ast.walk(parent)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Name) and node.value.id == "self"
    }


def test_no_thread_sets_what_is_python_s() -> None:
    found = subprocess.run(
        ["git", "grep", "-lE", r"^class .*Thread\)", "--", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    taken = {path: own_names((ROOT / path).read_text()) & THEIRS for path in found.stdout.split()}
    assert "runs/engine/attempt_context.py" in taken
    assert not {path: names for path, names in taken.items() if names}
