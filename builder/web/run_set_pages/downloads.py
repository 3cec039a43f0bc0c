"""Results of a table run: as columns of its table, and as one zip of their media."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from accounts import scopes
from accounts.auth import principal_from_headers
from builder.web.run_set_pages.words import label_of
from core import errors
from media.origin import provenance_of
from run_sets.models import RowState, RunSet, RunSetRow
from run_sets.selectors import rows_of, visible_set
from run_sets.web.reading import outputs_in, outputs_of
from runs.models import Artifact, Run
from runs.run_rows import read_output_rows
from runs.web import file_names
from runs.web.artifacts import signer
from runs.web.download import Packed, ZipApp, packed_medium
from templates_app.graph.outputs import labels_of

CHUNK: Final = 100
# State of a row → as its CSV has it; the rest as on the page.
STATUS: Final = {
    RowState.CHECK: "Not started",
    RowState.PROBLEM: "Problem",
    RowState.OMISSION: "Left out",
    RowState.QUEUE: "Queued",
    RowState.WORK: "Running",
    RowState.WAIT: "Your turn",
    RowState.SUCCESS: "Done",
    RowState.FAILURE: "Failed",
    RowState.STOP: "Stopped",
}


def _in_chunks(run_set: RunSet) -> Iterator[list[RunSetRow]]:
    rows, last = rows_of(run_set), -1
    while chunk := list(rows.filter(position__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].position


def output_columns(run_set: RunSet) -> dict[str, str]:
    """Return output → the name of its column: those that the template declares, else what its runs
    give."""
    labels = labels_of(run_set.version.spec) if run_set.version else {}
    if not labels:
        run = Run.objects.filter(run_set_row__run_set=run_set).order_by("pk").first()
        outputs = run.plan.get("outputs", ()) if run else ()
        labels = {one["name"]: one.get("label") or one["name"] for one in outputs}
    return {name: label or name for name, label in labels.items()}


def csv_columns(run_set: RunSet) -> list[str]:
    """Return the names of the columns of the table with what came of it."""
    return [*run_set.columns, "status", "run", *output_columns(run_set).values()]


def csv_rows(run_set: RunSet, base_url: str) -> Iterator[list[str]]:
    """Yield the rows of the table with what came of each: a few in memory at a time."""
    names, width = list(output_columns(run_set)), len(run_set.columns)
    for chunk in _in_chunks(run_set):
        outputs = outputs_of(chunk, signer(base_url))
        for row in chunk:
            results = outputs.get(row.run.pk, ()) if row.run else ()
            by_name = {one["name"]: one for one in results}
            yield [
                *[*row.cells, *[""] * width][:width],
                STATUS[RowState(row.state)],
                f"{base_url}/runs/{row.run.public_id}" if row.run else "",
                *(_cell(by_name.get(name)) for name in names),
            ]


def _cell(output: Mapping[str, Any] | None) -> str:
    """Return an output's text, or the addresses of its files, one on each line."""
    if output is None:
        return ""
    return output.get("text") or "\n".join(file["url"] for file in output["artifacts"])


class RunSetDownloadApp(ZipApp):
    """The files of all outputs of a set's runs, each called as its row."""

    def contents(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], query: str
    ) -> tuple[str, list[Packed]]:
        principal = principal_from_headers(headers, query_string=query, scope=scopes.READ)
        run_set = visible_set(principal.user, _set_id(scope))
        files: list[Artifact] = []
        names: list[tuple[str, str]] = []
        for chunk in _in_chunks(run_set):
            by_run = read_output_rows([row.run_id for row in chunk if row.run_id is not None])
            for row in chunk:
                rows = by_run.get(row.run_id or 0)
                if rows is None:
                    continue
                artifacts = {one.public_id: one for one in rows.artifacts}
                label = label_of(row)
                for output in outputs_in(rows, signer("")):
                    for file in output["artifacts"]:
                        one = artifacts.pop(file["id"], None)
                        if one is not None:
                            files.append(one)
                            what = output.get("label") or output["name"]
                            names.append(
                                (file_names.stem(label, what), file_names.ending(one.blob.mime))
                            )
        if not files:
            raise errors.NotFound("This table run has no results to download yet.")
        contents = [
            packed_medium(name, one.blob, provenance_of(one))
            for name, one in zip(file_names.distinct(names), files, strict=True)
        ]
        return f"{file_names.stem(run_set.title)}.zip", contents

    def page(self, scope: Mapping[str, Any]) -> str:
        return f"/run-sets/{quote(_set_id(scope), safe='')}"


def _set_id(scope: Mapping[str, Any]) -> str:
    return str(scope["url_route"]["kwargs"]["set_id"])
