"""Results of a prompt, from its history: files that were saved, downloaded and looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import ProviderError
from tools.providers.base import JobContext, OutputFile
from tools.providers.comfyui import failures
from tools.providers.comfyui.client import ComfyUIClient
from tools.providers.comfyui.following import END
from tools.providers.comfyui.graphs import Graph
from tools.providers.http import FILE_LIMIT
from tools.providers.results import result

# A larger batch is a mistake in the graph.
MAX_FILES: Final = 64


def collect(
    client: ComfyUIClient,
    graph: Graph,
    entry: Mapping[str, Any],
    out: Path,
    context: JobContext,
    meta: Mapping[str, Any],
) -> tuple[list[OutputFile], list[str]]:
    """The files of a prompt that is over, in `out`, and warnings. Raises ProviderError."""
    if has_failed(entry):
        raise failures.of_history(client.address.host, entry["status"])
    entries = list(_list_files(entry.get("outputs")))
    saved_files = [file for file in entries if file["type"] == "output"]
    if not saved_files:
        raise failures.nothing_made(graph.name, only_previews=bool(entries))
    files: list[OutputFile] = []
    strange: set[str] = set()
    warnings: list[str] = []
    for place, file in enumerate(saved_files[:MAX_FILES]):
        context.progress(END + (1 - END) * place / len(saved_files), "Downloading results")
        output = _fetch(client, file, out / f"result-{place}", context, meta, warnings.append)
        if output.kind == graph.output:
            files.append(output)
        else:
            strange.add(output.kind)
    if not files:
        kinds = " and ".join(sorted(strange))
        raise ProviderError(
            f"The ComfyUI graph {graph.name} made {kinds}, not {graph.output}. Correct its"
            " _reelgraph.output.",
            error_type="GPU_WORKER_FAILED",
            retryable=False,
        )
    warnings += [
        f"The ComfyUI graph {graph.name} also saved {kind}, which was ignored."
        for kind in sorted(strange)
    ]
    if len(saved_files) > MAX_FILES:
        warnings.append(f"Only the first {MAX_FILES} of {len(saved_files)} results were kept.")
    return files, warnings


def has_failed(entry: Mapping[str, Any]) -> bool:
    """Return whether a finished prompt failed. Old servers say nothing of those that succeeded."""
    status = entry.get("status")
    return isinstance(status, dict) and status.get("status_str") == "error"


def _list_files(outputs: Any) -> Iterator[dict[str, str]]:
    """Every file a history names, by its nodes' numbers: `{node: {"images": [{filename, …}]}}`.

    Nodes call their lists as they like (images, gifs, audio, 3d), so the files are known by their
    shape.
    """
    if not isinstance(outputs, dict):
        return
    seen_keys = set()
    for node in sorted(outputs, key=_by_number):
        lists = outputs[node]
        for entries in lists.values() if isinstance(lists, dict) else ():
            for file in entries if isinstance(entries, list) else ():
                if isinstance(file, dict) and isinstance(file.get("filename"), str):
                    entry = {
                        name: str(file.get(name, "")) for name in ("filename", "subfolder", "type")
                    }
                    if (key := tuple(entry.values())) not in seen_keys:
                        seen_keys.add(key)
                        yield entry


def _by_number(node: str) -> tuple[tuple[int, int | str], ...]:
    """Nodes inside of others are called `12:3`."""
    parts = str(node).split(":")
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)


def _fetch(
    client: ComfyUIClient,
    file: Mapping[str, str],
    target: Path,
    context: JobContext,
    meta: Mapping[str, Any],
    warn: Callable[[str], None],
) -> OutputFile:
    client.download(file, target, max_bytes=FILE_LIMIT)
    return result(target, context, who=f"ComfyUI at {client.address.host}", meta=meta, warn=warn)
