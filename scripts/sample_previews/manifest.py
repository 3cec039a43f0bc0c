"""The manifest of the samples' files: type, size and length of each, and what each shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builder.ops.samples import sample_files
from builder.ops.samples.sample_files import MANIFEST, SAMPLES
from media import probing
from media.sandbox import Unwatched


def note_file(path: Path) -> str:
    facts = probing.probe_file(path, Unwatched())
    columns = {
        "kind": facts.kind,
        "mime": facts.mime,
        "width": facts.width,
        "height": facts.height,
        "durationMs": facts.duration_ms,
    }
    name = path.relative_to(SAMPLES).as_posix()
    manifest = sample_files.manifest()
    entry = {key: value for key, value in columns.items() if value is not None}
    if manifest["files"].get(name) != entry:
        write_manifest({**manifest, "files": {**manifest["files"], name: entry}})
    return name


def note_preview(name: str, stage: str, still: Path, film: Path | None) -> None:
    spec = json.loads((SAMPLES / f"{name}.json").read_text())
    entry = {
        "recipe": sample_files.recipe(spec),
        "stageId": stage,
        "still": note_file(still),
        **({"film": note_file(film)} if film else {}),
    }
    manifest = sample_files.manifest()
    write_manifest({**manifest, "previews": {**manifest["previews"], name: entry}})


def write_manifest(content: Mapping[str, Any]) -> None:
    MANIFEST.parent.mkdir(exist_ok=True)
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    MANIFEST.write_text(text + "\n")
    sample_files.manifest.cache_clear()
    sample_files.forget_hashes()
