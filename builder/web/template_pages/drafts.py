"""Words someone typed into a template's form before they signed in, kept in their session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

SESSION_KEY = "drafts"
# A session row is read with every page: a few forms, none of them large.
DRAFTS = 3
CHARACTERS = 40_000


def keep(request: HttpRequest, public_id: str, texts: Mapping[str, Sequence[str]]) -> None:
    """Keep what a form holds; the oldest of several goes. A very large one is not kept."""
    if sum(len(text) for values in texts.values() for text in values) > CHARACTERS:
        return
    drafts: dict[str, Any] = dict(request.session.get(SESSION_KEY) or {})
    drafts.pop(public_id, None)
    drafts[public_id] = {name: list(values) for name, values in list(texts.items())[:64]}
    request.session[SESSION_KEY] = dict(list(drafts.items())[-DRAFTS:])


def kept(request: HttpRequest, public_id: str) -> dict[str, list[str]] | None:
    """Return the values that were kept for this template; None for none."""
    drafts = request.session.get(SESSION_KEY)
    draft = drafts.get(public_id) if isinstance(drafts, dict) else None
    return draft if isinstance(draft, dict) else None


def drop(request: HttpRequest, public_id: str) -> None:
    """Forget it: the run has started."""
    drafts = request.session.get(SESSION_KEY)
    if isinstance(drafts, dict) and public_id in drafts:
        request.session[SESSION_KEY] = {k: v for k, v in drafts.items() if k != public_id}
