"""The one notice of results: whose drafts they are, and what they leave out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from templates_app.graph.undrawn import undrawn_of_inputs, undrawn_sentence
from tools.declaration.ports import ToolTable

BUILT_IN: Final = "studio"
_OURS: Final = "Draft quality, made by the built-in studio."


def draft_words(metadata: Iterable[Mapping[str, Any]]) -> str:
    """Return the note on results of which some are of draft quality; empty where none is."""
    drafts = [one for one in metadata if one.get("draft")]
    if not drafts:
        return ""
    is_ours = all(one.get("provider", BUILT_IN) == BUILT_IN for one in drafts)
    return _OURS if is_ours else "Draft quality."


def result_notice(metadata: Iterable[Mapping[str, Any]], warnings: Iterable[str] = ()) -> str:
    """Return the notice of results that were made with these warnings, each sentence once."""
    return " ".join(dict.fromkeys(filter(None, (draft_words(metadata), *warnings))))


def left_out_of_inputs(
    metadata: Iterable[Mapping[str, Any]],
    spec: Mapping[str, Any],
    values: Mapping[str, Any],
    tools: ToolTable,
) -> str:
    """Return what results leave out of the inputs that they were made with, in a sentence.

    Of these values alone: the prompts of a template's stages are not everyone's to read.
    """
    if draft_words(metadata) != _OURS:
        return ""
    words = undrawn_of_inputs(spec, values, tools)
    return undrawn_sentence([word for name in words if name in values for word in words[name]])
