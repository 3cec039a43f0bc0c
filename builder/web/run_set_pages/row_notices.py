"""Notices of a table's rows before and after their runs: what isn't drawn of their cells, and whose
drafts their results are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from run_sets.matching import RowReader
from run_sets.models import RowState, RunSet, RunSetRow
from runs.result_notice import draft_words, left_out_of_inputs
from templates_app.graph.undrawn import undrawn_of_inputs, undrawn_sentence
from templates_app.uses import table_of


class RowNotice(NamedTuple):
    """drafts: whose drafts the results are. left_out: what isn't drawn of its cells."""

    drafts: str = ""
    left_out: str = ""


def undrawn_in_cells(
    run_set: RunSet, rows: Sequence[RunSetRow]
) -> dict[int, dict[int | None, str]]:
    """Return by position what isn't drawn of a row's cells, in a sentence by column."""
    if run_set.version is None:
        return {row.position: {} for row in rows}
    reader = RowReader(run_set, rows)
    spec, tools = run_set.version.spec, table_of(run_set.version, person=run_set.owner_id)
    return {
        row.position: {
            reader.matches[name]: undrawn_sentence(words)
            for name, words in undrawn_of_inputs(spec, reader.inputs_of(row), tools).items()
            if name in reader.matches
        }
        for row in rows
    }


def notices_of(
    run_set: RunSet, rows: Sequence[RunSetRow], outputs: Mapping[int, Iterable[Mapping[str, Any]]]
) -> dict[int, RowNotice]:
    """Return the notice of each row's results by its position. outputs: by run id."""
    if run_set.version is None:
        return dict.fromkeys((row.position for row in rows), RowNotice())
    reader = RowReader(run_set, rows)
    spec, tools = run_set.version.spec, table_of(run_set.version, person=run_set.owner_id)
    notices = {}
    for row in rows:
        results = outputs.get(row.run_id, ()) if row.run_id is not None else ()
        metadata = [file["metadata"] for result in results for file in result["artifacts"]]
        left_out = left_out_of_inputs(metadata, spec, reader.inputs_of(row), tools)
        notices[row.position] = RowNotice(draft_words(metadata), left_out)
    return notices


def shared_drafts(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return whose drafts the results are, where that is the same for all rows that are done."""
    words = {row["notice"].drafts for row in rows if row["state"] == RowState.SUCCESS}
    return words.pop() if len(words) == 1 else ""
