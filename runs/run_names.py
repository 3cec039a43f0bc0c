"""Names of runs in a list: which repeat, and what tells those apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from accounts.models import User
from runs import selectors
from runs.models import Run

# Among how many of the latest runs a list looks for names that repeat.
NAMED_RUNS = 100


def repeated_titles(viewer: User, runs: Collection[Run]) -> set[str]:
    """Return the titles that more than one of these runs and the viewer's latest have."""
    title_of = dict(selectors.runs_of(viewer).values_list("id", "title")[:NAMED_RUNS])
    title_of |= {run.id: run.title for run in runs}
    return {title for title, count in Counter(title_of.values()).items() if count > 1}


def main_texts(runs: Collection[Run]) -> dict[int, str]:
    """Run id → the main input of its template: the first of its form that is text and is filled.

    These are their owner's own words: they are never a name that others read.
    """
    rows = Run.objects.filter(id__in=[run.id for run in runs]).values_list(
        "id", "request__inputs", "request__draft__inputs", "template_version__spec__inputs"
    )
    return {
        run_id: _main_text(of_draft or of_version or (), values or {})
        for run_id, values, of_draft, of_version in rows
    }


def _main_text(fields: Iterable[Mapping[str, Any]], values: Mapping[str, Any]) -> str:
    for field in fields:
        if field["type"] == "text" and not field.get("internal"):
            value = values.get(field["name"], field.get("default"))
            text = next((one for one in value if one), "") if isinstance(value, list) else value
            if text and isinstance(text, str):
                return text
    return ""
