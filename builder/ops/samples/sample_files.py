"""The committed samples: specs, example files to try them with, and previews.

A spec names its example files by their path below `builder/ops/samples`; `read` replaces these by
references to stored media. `make previews` writes `previews/manifest.json`: the type and size of
each file, and which content of a sample its preview shows.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from core import canonical
from media import blobs
from media.blobs import FileFacts, StoredFile
from media.models import Blob
from templates_app import media_links

SAMPLES = Path(__file__).parent
MANIFEST = SAMPLES / "previews" / "manifest.json"
# What a new server's gallery shows first, the first of them large; the others follow by name.
FIRST = (
    "the-last-lamp",
    "two-shot-product-teaser",
    "portrait-in-motion",
    "another-look",
    "painted-song",
    "badge-in-the-corner",
    "road-to-the-red-planet",
    "casting-call",
    "dance-card",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample. name: its file's, without `.json`. spec: as `ensure_sample` takes it.

    files: everything that the spec refers to, by its reference.
    """

    name: str
    spec: dict[str, Any]
    files: Mapping[str, Path]


@cache
def manifest() -> dict[str, Any]:
    """`files`: path → facts; `previews`: sample → recipe, stageId, still and, for some, film.

    Both are empty before the first `make previews`.
    """
    document: dict[str, Any] = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else {}
    return {"files": document.get("files", {}), "previews": document.get("previews", {})}


def names() -> list[str]:
    """The names of all samples, in the order of a new server's gallery."""
    stems = sorted(path.stem for path in SAMPLES.glob("*.json"))
    return sorted(stems, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def read(name: str) -> Sample:
    """A sample with its example files, and with its preview if that shows this content.

    Files that are missing or were taken down on this server are left out.
    """
    spec = json.loads((SAMPLES / f"{name}.json").read_text())
    files: dict[str, Path] = {}
    for declaration in spec["inputs"]:
        schema = declaration.get("jsonSchema")
        if declaration["type"] in media_links.MEDIA_TYPES and schema:
            references = [_reference(one, files) for one in schema.get("examples", ())]
            schema["examples"] = [one for one in references if one]
    preview = manifest()["previews"].get(name)
    is_current = bool(preview) and preview["recipe"] == recipe(spec)
    artifact = _preview(spec, preview, files) if is_current else None
    spec["previewArtifacts"] = [artifact] if artifact else []
    return Sample(name, spec, files)


def recipe(spec: Mapping[str, Any]) -> str:
    """A hash of all of a sample's inputs and stages that affects its results.

    Labels and descriptions do not count. spec: with example files as committed or as `read` refers
    to them.
    """
    inputs, stages = copy.deepcopy(spec["inputs"]), copy.deepcopy(spec["stages"])
    for declaration in inputs:
        declaration.pop("description", None)
        for option in declaration.get("options") or ():
            option.pop("label", None)
        if "default" in declaration:
            # A preview is made from the default.
            declaration.get("jsonSchema", {}).pop("examples", None)
            if not declaration.get("jsonSchema", True):
                del declaration["jsonSchema"]
        elif declaration["type"] in media_links.MEDIA_TYPES:
            schema = declaration["jsonSchema"]
            schema["examples"] = [sha256_of(one) for one in schema["examples"]]
    for stage in stages:
        for words in ("label", "userMessage", "itemLabelTemplate"):
            stage.pop(words, None)
    return canonical.sha256_hex([inputs, stages])


def store(files: Mapping[str, Path]) -> None:
    """Store the files that the media store does not have yet, but what a moderator has blocked.
    Harmless to repeat.

    files: by their reference. Not inside a transaction.
    """
    by_hash = {_sha256(reference): path for reference, path in files.items()}
    rows = Blob.objects.filter(sha256__in=by_hash, unused_since=None)
    there = {sha256 for sha256 in rows.values_list("sha256", flat=True) if _has_bytes(sha256)}
    blocked_blobs = Blob.objects.filter(sha256__in=by_hash, blocked_at__isnull=False)
    there |= set(blocked_blobs.values_list("sha256", flat=True))
    for sha256, path in by_hash.items():
        if sha256 in there:
            continue
        folder = blobs.attempt_dir("samples")
        try:
            shutil.copyfile(path, folder / path.name)
            file = blobs.store(folder / path.name, _facts(path))
        finally:
            blobs.discard(folder)
        with transaction.atomic():
            # `make previews` has the built-in studio draw these.
            is_drawn = path.is_relative_to(MANIFEST.parent)
            blobs.record(file, "drawn" if is_drawn else "unknown")


def sha256_of(example: str) -> str:
    """The hash of an example file, named as committed or as `read` refers to it."""
    reference = media_links.read_reference(example)
    return reference.id if reference else _hash(SAMPLES / example)


def _preview(
    spec: Mapping[str, Any], entry: Mapping[str, Any], files: dict[str, Path]
) -> dict[str, Any] | None:
    still = _reference(entry["still"], files)
    film = _reference(entry["film"], files) if entry.get("film") else None
    if still is None:
        return None
    stage = next(stage for stage in spec["stages"] if stage["id"] == entry["stageId"])
    return {
        "stageId": entry["stageId"],
        "label": stage.get("label") or spec["name"],
        "mediaType": "video" if film else "image",
        "url": film or still,
        "posterUrl": still,
    }


def _reference(name: str, files: dict[str, Path]) -> str | None:
    """Return a spec's reference to a committed file, which is added to `files`."""
    path = SAMPLES / name
    if name not in manifest()["files"] or not path.is_file():
        return None
    facts = _facts(path)
    file = StoredFile(
        _hash(path),
        path.stat().st_size,
        facts.mime,
        facts.kind,
        facts.width,
        facts.height,
        facts.duration_ms,
    )
    if Blob.objects.filter(sha256=file.sha256, blocked_at__isnull=False).exists():
        return None
    reference = str(media_links.blob_reference(file))
    files[reference] = path
    return reference


def _facts(path: Path) -> FileFacts:
    entry = manifest()["files"][path.relative_to(SAMPLES).as_posix()]
    return FileFacts(
        entry["kind"],
        entry["mime"],
        entry.get("width"),
        entry.get("height"),
        entry.get("durationMs"),
    )


def _sha256(reference: str) -> str:
    link = media_links.read_reference(reference)
    assert link is not None  # noqa: S101  made by `_reference`
    return link.id


def _has_bytes(sha256: str) -> bool:
    return blobs.path_of(sha256).is_file()


@cache
def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def forget_hashes() -> None:
    """Read every file again: some have been written."""
    _hash.cache_clear()


def committed_files() -> Iterator[Path]:
    """Every example and preview that is committed."""
    for folder in ("examples", "previews"):
        for path in sorted((SAMPLES / folder).glob("*")):
            if path != MANIFEST:
                yield path


def example_values(
    inputs: Collection[Mapping[str, Any]], *, over_defaults: bool = False
) -> dict[str, Any]:
    """An example for each input that has one. over_defaults: also where there is a default."""
    values = {}
    for one in inputs:
        schema = one.get("jsonSchema")
        examples = schema.get("examples") if isinstance(schema, Mapping) else None
        if isinstance(examples, list) and examples and (over_defaults or "default" not in one):
            values[one["name"]] = examples[0]
    return values
