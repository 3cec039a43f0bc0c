"""The floors of the browser's code, as rules of its linter.

`frontend/floors.json` has the order, the highest first. A folder imports from floors below its own:
neither from one above nor from one beside, so no two folders import each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_DECLARED: Final = Path(__file__).resolve().parents[2] / "frontend" / "floors.json"
_UPWARD: Final = "Import from lower floors only: see frontend/floors.json."
_OF_EDITOR: Final = "Pages load none of the editor. Move what both need below them."


def linter_rules() -> str:
    """`frontend/floors.biome.json`, which `biome.json` extends."""
    floors = json.loads(_DECLARED.read_text(encoding="utf-8"))
    lines = ",\n".join(f"    {json.dumps(entry)}" for entry in _entries(**floors))
    return f'{{\n  "overrides": [\n{lines}\n  ]\n}}\n'


def _entries(floors: list[list[str]], pages: dict[str, list[str]]) -> Iterable[dict[str, Any]]:
    folders_above: list[str] = []
    refused_by: dict[str, list[str]] = {}
    for folders in floors:
        folders_above = [*folders_above, *folders]
        refused_by |= dict.fromkeys(folders, folders_above)
        yield _entry(folders, (folders_above, _UPWARD))
    # The last entry for a file is the only one that counts, so these name the floors once more.
    for folder in pages["folders"]:
        above = refused_by[folder.partition("/")[0]]
        yield _entry([folder], (above, _UPWARD), (pages["without"], _OF_EDITOR))


def _entry(folders: list[str], *refusals: tuple[list[str], str]) -> dict[str, Any]:
    patterns = [
        {"group": [f"**/{name}/**" for name in names], "message": message}
        for names, message in refusals
    ]
    rule = {"level": "error", "options": {"patterns": patterns}}
    return {
        "includes": [f"frontend/src/{name}/**" for name in folders],
        "linter": {"rules": {"style": {"noRestrictedImports": rule}}},
    }
