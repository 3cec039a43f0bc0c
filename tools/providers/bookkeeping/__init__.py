"""Bookkeeping: the tools that list, name and check what a run already has. Nothing is made.

They are answered from what the engine knows, at once and for nothing, in the worker's own process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tools.providers.base import ContentFilter, Job, JobContext, Outcome, Provider, Submit
from tools.providers.bookkeeping import answers

ANSWERS: Mapping[str, Callable[[Job], Outcome]] = {
    "create_asset_manifest": answers.create_asset_manifest,
    "inspect_asset": answers.inspect_asset,
    "label_asset": answers.label_asset,
    "map_assets_for_model": answers.map_assets_for_model,
    "validate_asset_references": answers.validate_asset_references,
    "finalize_response": answers.finalize_response,
}


class BookkeepingProvider(Provider):
    """Offers the tools of ANSWERS. Idempotent: it only reads."""

    name = "bookkeeping"
    title = "Built-in asset tools"
    version = "1"
    submit: Submit = "idempotent"
    is_local = True
    # It keeps runs going.
    is_for_everyone = True

    def tools(self) -> frozenset[str]:
        return frozenset(ANSWERS)

    def content_filter(self, tool: str, params: Mapping[str, Any]) -> ContentFilter:
        return "not_needed"

    def run(self, job: Job, context: JobContext) -> Outcome:
        return ANSWERS[job.tool.removeprefix("sogni_")](job)
