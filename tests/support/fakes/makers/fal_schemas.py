"""The JSON Schemas of fal's request bodies, read from the types of its own client.

It imports nothing of ours: `python fal_schemas.py ENDPOINTS.d.ts SCHEMAS.json ID...` writes those
of the endpoints that the client has; what the file has of others stays. `ENDPOINTS.d.ts` is
`src/types/endpoints.d.ts` of the npm package `@fal-ai/client`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

TYPE = re.compile(r"(?:export |declare )*(?:type|interface) (\w+)\b")
ALIAS = re.compile(r"(?:export |declare )*type \w+ = (\w+);\s*$")
ENDPOINT = re.compile(r'"([^"]+)": \{\s*input: (\w+);')
FIELD = re.compile(r'^    (?:"([^"]+)"|(\w+))(\??): (.*?);$', re.MULTILINE | re.DOTALL)
NOTE = re.compile(r"/\*\*.*?\*/", re.DOTALL)
PLAIN: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
}


def blocks_of(path: Path) -> dict[str, str]:
    """Return the text of each type by its name."""
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in path.read_text().splitlines(keepends=True):
        if match := TYPE.match(line):
            lines = blocks.setdefault(match[1], [])
        lines.append(line)
    return {name: NOTE.sub("", "".join(text)) for name, text in blocks.items()}


def schema_of(name: str, blocks: dict[str, str]) -> dict[str, Any]:
    """Return the schema of a type's fields; of what these name in turn nothing is checked."""
    while (alias := ALIAS.match(blocks[name])) and alias[1] in blocks:
        name = alias[1]
    fields = [(one[1] or one[2], one[3], one[4]) for one in FIELD.finditer(blocks[name])]
    return {
        "type": "object",
        "properties": {field: _type_of(" ".join(text.split())) for field, _, text in fields},
        "required": [field for field, is_optional, _ in fields if not is_optional],
        "additionalProperties": False,
    }


def _type_of(text: str) -> dict[str, Any]:
    parts = [part.strip() for part in text.split("|") if part.strip() not in ("Blob", "File")]
    literals = [part.strip('"') for part in parts if part.startswith('"')]
    if len(literals) == len(parts):
        return {"enum": literals}
    if len(parts) > 1:
        return {}
    if inner := re.fullmatch(r"Array<(.*)>", parts[0]):
        return {"type": "array", "items": _type_of(inner[1])}
    return PLAIN.get(parts[0], {})


if __name__ == "__main__":
    types, target, *ids = sys.argv[1:]
    known = blocks_of(Path(types))
    inputs = dict(ENDPOINT.findall(known["EndpointTypeMap"]))
    schemas = json.loads(Path(target).read_text()) if Path(target).exists() else {}
    schemas |= {name: schema_of(inputs[name], known) for name in ids if name in inputs}
    lines = [f" {json.dumps(name)}: {json.dumps(schemas[name])}" for name in sorted(schemas)]
    Path(target).write_text("{\n" + ",\n".join(lines) + "\n}\n")
