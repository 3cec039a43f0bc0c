"""Handing a call to a server: its media, and the graph with everything filled in."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path
from typing import Final

from media.rotated_copies import upright_copy
from media.sandbox import run_in_sandbox
from tools.declaration.ports import Tool
from tools.providers.base import Job, JobContext, MediaFile
from tools.providers.call_files import sent_name
from tools.providers.comfyui import failures, values
from tools.providers.comfyui.client import ComfyUIClient
from tools.providers.comfyui.following import BEGIN, Tale
from tools.providers.comfyui.graphs import Graph
from tools.providers.comfyui.placeholders import fill
from tools.providers.time_limits import time_limit_s

SANDBOX_S: Final = 60.0


def submit(
    client: ComfyUIClient,
    tale: Tale,
    graph: Graph,
    tool: type[Tool],
    job: Job,
    context: JobContext,
    *,
    is_paid: bool,
) -> list[str]:
    """Send the media and queue the graph; the tale then has the id it was queued under.

    is_paid: as `ComfyUIClient.submit` takes it. Returns warnings.
    """
    warnings: list[str] = []
    upload_names = {}
    for place, slot in enumerate(graph.media):
        context.progress(BEGIN * place / len(graph.media), "Sending files")
        file = job.media[slot.name][0]
        path, digest, mime = file.path, file.sha256, file.mime
        if slot.kind == "mask":
            path = _mask(file, job, context, warnings)
            digest, mime = _digest(path), "image/png"
        elif file.kind in ("image", "video"):
            # Nodes show videos as they are stored, and cannot open HEIC.
            limit = time_limit_s([file])
            copy = upright_copy(file.path, job.out / f"sent-{place}", context, timeout_s=limit)
            if copy is not None:
                path, digest, mime = copy.path, _digest(copy.path), copy.mime
        upload_names[slot.name] = client.upload(path, sent_name(digest, mime), mime)
    nodes = fill(graph.nodes, values.values_for(graph, tool, job, upload_names))
    context.submitting({"prompt": tale.prompt_id, "is_paid": is_paid})
    tale.prompt_id, left_out = client.submit(
        nodes, prompt_id=tale.prompt_id, client_id=tale.client_id, is_paid=is_paid
    )
    problems = failures.node_problems(left_out)
    return [*warnings, *(f"ComfyUI ignored {says}." for says, _ in problems)]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _mask(file: MediaFile, job: Job, context: JobContext, warnings: list[str]) -> Path:
    """The mask as nodes read it: transparent where it is repainted, as large as the picture."""
    picture = next(iter(job.media.get("image", ())), file)
    target = job.out / "mask.png"
    arguments = {
        "path": str(file.path),
        "target": str(target),
        "width": picture.width or file.width,
        "height": picture.height or file.height,
    }
    report = run_in_sandbox(
        "media.sandbox.reframe.mask",
        arguments,
        reads=[file.path],
        out=job.out,
        timeout_s=SANDBOX_S,
        context=context,
    )
    if not report["share"]:
        warnings.append("The mask is empty. Paint the area to change.")
    return target
