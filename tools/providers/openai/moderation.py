"""Texts and images checked for content that must not be shown: `/moderations`.

Source: OpenAI's API reference, "Create moderation", and its moderation guide (August 2026).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import ProviderError, ProviderUnsure
from tools.providers.openai.client import OpenAIClient


def flagged_categories(
    client: OpenAIClient, texts: Sequence[str], images: Sequence[Path]
) -> tuple[str, ...]:
    """The categories that any of them is flagged for, in alphabetical order.

    Raises ProviderError, also for an answer that leaves one of them unanswered.
    """
    categories: set[str] = set()
    if texts:
        categories |= _ask(client, list(texts), len(texts))
    for image in images:
        # A request takes a single image.
        image_base64 = base64.b64encode(image.read_bytes()).decode()
        address = f"data:image/{image.suffix.removeprefix('.')};base64,{image_base64}"
        categories |= _ask(client, [{"type": "image_url", "image_url": {"url": address}}], 1)
    return tuple(sorted(categories))


def _ask(client: OpenAIClient, input_: Sequence[Any], count: int) -> set[str]:
    body = {"model": client.endpoint.moderation, "input": input_}
    try:
        answer = client.post("/moderations", body)
    except ProviderUnsure as error:
        # A check costs nothing, so it may be repeated.
        raise ProviderError(error.message, error_type=error.error_type) from error
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != count:
        raise _unreadable(client)
    return {name for result in results for name in _categories(client, result)}


def _categories(client: OpenAIClient, result: Any) -> Sequence[str]:
    if not isinstance(result, Mapping) or not isinstance(result.get("flagged"), bool):
        raise _unreadable(client)
    if not result["flagged"]:
        return ()
    flags = result.get("categories")
    names = [name for name, is_so in flags.items() if is_so] if isinstance(flags, Mapping) else []
    return [str(name)[:40] for name in names] or ["not allowed"]


def _unreadable(client: OpenAIClient) -> ProviderError:
    host = client.endpoint.host
    return ProviderError(f"{client.name} ({host}) didn't say whether the content may pass.")
