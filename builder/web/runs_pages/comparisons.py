"""Comparisons of a stage's result with the picture or clip that it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from media import signing
from media.models import Upload
from runs import selectors
from runs.models import Run
from templates_app.graph.port_arguments import find_port
from tools import registry
from tools.declaration.ports import Tool

_LOOKS = frozenset({"image", "video"})


def add_comparisons(snapshot: Mapping[str, Any], run: Run, *, base_url: str) -> None:
    """Give each step of a snapshot its `sides`, what it changed and what it made of it as
    (name, {type, url}), where both are there to be seen. A foreign URL is none: a page loads
    nothing from elsewhere.
    """
    by_id = {artifact["id"]: artifact for artifact in snapshot["artifacts"]}
    source_ids = {
        step.key: ref
        for step in selectors.steps_of(run)
        if step.resolved and (ref := _changed_file(step.resolved["media"], step.tool))
    }
    sources = _uploads_of(run, set(source_ids.values()), base_url)
    for step in snapshot["steps"]:
        ref = source_ids.get(step["id"], "")
        before = (
            by_id.get(ref.partition(":")[2]) if ref.startswith("artifact:") else sources.get(ref)
        )
        artifacts = step["artifacts"][:1]
        if before and artifacts and artifacts[0]["type"] == before["type"]:
            step["sides"] = [("Before", before), ("After", artifacts[0])]


def _changed_file(media: Mapping[str, Sequence[str]], name: str) -> str:
    """The file that a tool changes into its result; "" when it makes something new."""
    tool = registry.table().get(name)
    port = tool.ports()[0] if tool and tool.ports() else None
    if tool is None or port is None or not _is_changed(tool):
        return ""
    for argument, refs in media.items():
        media_port, _ = find_port(tool, argument)
        if media_port is port and refs:
            return refs[0]
    return ""


def _is_changed(tool: type[Tool]) -> bool:
    port = tool.ports()[0]
    # Those that join many make something new of them.
    return (
        port.required and port.kind == tool.output and port.kind in _LOOKS and port.implied != "all"
    )


def _uploads_of(run: Run, references: set[str], base_url: str) -> dict[str, dict[str, Any]]:
    """Media the run's owner brought, as far as they are uploads of theirs, by reference."""
    hashes = {
        f"input:{place}": (medium["kind"], medium["asset"].removeprefix("blob:"))
        for place, medium in enumerate(run.media)
        if f"input:{place}" in references and medium.get("asset")
    }
    if not hashes:
        return {}
    rows = Upload.objects.filter(
        owner_id=run.owner_id, blob__sha256__in=[sha256 for _, sha256 in hashes.values()]
    ).select_related("blob")
    uploads = {row.blob.sha256: row for row in rows if row.blob is not None}
    return {
        ref: {
            "type": kind,
            "url": base_url
            + signing.signed_path(uploads[sha256].public_id, uploads[sha256].filename or "file"),
        }
        for ref, (kind, sha256) in hashes.items()
        if sha256 in uploads
    }
