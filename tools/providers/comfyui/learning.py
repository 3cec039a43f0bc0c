"""Node types that save media, learned from the servers, for graphs that end with other ones."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from core.errors import ProviderError
from tools.declaration.ports import MEDIA_KINDS, MediaKind
from tools.providers.comfyui.client import ComfyUIClient
from tools.providers.comfyui.node_types import saved_kind
from tools.providers.comfyui.placeholders import Unreadable

# In the data folder, so that every process knows the same, also while the servers are away.
FILE: Final = "comfyui-nodes.json"

logger = logging.getLogger(__name__)


class SavingNodes:
    """Asks which kind of media a node type saves. Each answer is kept; a type is asked once.

    Only called for a graph with none of the nodes that are known to save.
    """

    def __init__(self, path: Path, clients: Iterable[ComfyUIClient]) -> None:
        self._path = path
        self._clients = tuple(clients)
        self._known: dict[str, MediaKind | None] | None = None

    def __call__(self, name: str) -> MediaKind | None:
        """The kind; None for a type that saves nothing. Raises Unreadable when nothing answers."""
        if self._known is None:
            self._known = self._load()
        if name in self._known:
            return self._known[name]
        description = self._ask(name)
        if description is None:
            # It may be installed later.
            return None
        kind = saved_kind(name, description)
        self._known[name] = kind
        self._write(self._known)
        return kind

    def _ask(self, name: str) -> Any:
        is_away = False
        for client in self._clients:
            try:
                description = client.node_type(name)
            except ProviderError as problem:
                logger.info("node types are unknown: %s", problem.message)
                is_away = True
                continue
            if description is not None:
                return description
        if is_away:
            hosts = ", ".join(client.address.host for client in self._clients)
            raise Unreadable(
                f"No known save node found, and ComfyUI at {hosts} can't be asked about {name}."
                " Start it and restart Reelgraph, or set _reelgraph.output to what the graph makes."
            )
        return None

    def _load(self) -> dict[str, MediaKind | None]:
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        entries = document.items() if isinstance(document, dict) else ()
        return {name: kind for name, kind in entries if kind is None or kind in MEDIA_KINDS}

    def _write(self, kinds: dict[str, MediaKind | None]) -> None:
        whole = self._path.with_suffix(f".{os.getpid()}")
        try:
            whole.write_text(json.dumps(kinds), encoding="utf-8")
            whole.replace(self._path)
        except OSError as problem:
            logger.warning("%s can't be written: %s", self._path, problem.strerror)
