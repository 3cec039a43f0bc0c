"""Comfy's partner nodes: each calls a paid service by the operator's account at Comfy.

Their key goes with the prompts of graphs that have such a node, and with no others.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr

from core.errors import ProviderError
from tools.providers.base import Misconfigured
from tools.providers.comfyui import failures
from tools.providers.comfyui.client import ComfyUIClient
from tools.providers.comfyui.graphs import Graph
from tools.providers.comfyui.node_types import class_types, is_partner, partner_nodes

# So long an answer about a node type is used again: a server may be updated.
HOLDS_S: Final = 600.0
# What is taken out of answers must not be a common word, nor be written otherwise in JSON.
_KEY: Final = re.compile(r"[A-Za-z0-9._-]{8,200}")


def account_key_of(options: Mapping[str, Any]) -> str:
    """The account key of a service's options; "" for none. Raises Misconfigured."""
    option = options.get("account_key") or ""
    key = option.get_secret_value() if isinstance(option, SecretStr) else str(option)
    if key and not _KEY.fullmatch(key):
        raise Misconfigured(
            "account_key: it has characters that no key has, or too few. Copy it whole from your"
            " account at Comfy; it begins with comfyui-."
        )
    return key


def without_key(graph: Graph, node_types: Mapping[str, Any]) -> str:
    """Return the message for an operator that a graph can't be paid; "" without a partner node."""
    names = partner_nodes(graph, node_types)
    if not names:
        return ""
    nodes = "a paid partner node" if len(names) == 1 else "paid partner nodes"
    return (
        f"The graph {graph.name} uses {', '.join(names)}, {nodes} of Comfy. Set a Comfy account key"
        " (account_key)."
    )


class PartnerNodes:
    """Asks a server which node types of a graph are partner nodes, each once in HOLDS_S."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], tuple[float, bool]] = {}

    def are_in(self, graph: Graph, client: ComfyUIClient) -> bool:
        """Return whether an account at Comfy pays for a graph's prompts. Raises failures.Away."""
        return any(self._is_partner(name, client) for name in class_types(graph))

    def _is_partner(self, name: str, client: ComfyUIClient) -> bool:
        place = client.address.url, name
        answered_at, answer = self._answers.get(place, (float("-inf"), False))
        if time.monotonic() - answered_at < HOLDS_S:
            return answer
        try:
            description = client.node_type(name, timeout_s=None)
        except failures.Away:
            raise
        except ProviderError:
            # A server that can't say it gets no key.
            return False
        answer = is_partner(description)
        # A node that isn't there yet may be installed.
        if description is not None:
            self._answers[place] = time.monotonic(), answer
        return answer
