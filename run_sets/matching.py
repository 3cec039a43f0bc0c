"""Tables and templates: which column fills which input, the inputs of a row, and what is wrong with
them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from core import errors
from run_sets.models import RowState, RunSet, RunSetRow
from run_sets.own_files import named_files, signed_now
from run_sets.selectors import actor_of
from runs.admission.start import quote_start
from templates_app.graph.rules.issue_texts import TemplateRefused
from templates_app.graph.titles import TemplateTitles
from templates_app.uses import table_of

MEDIA_TYPES: Final = ("image", "video", "audio", "model")
_SIGNS: Final = re.compile(r"[\W_]+")
# What spreadsheets show, and export, where a formula has no value.
_CELL_ERRORS: Final = re.compile(
    r"#(?:BLOCKED!|BUSY!|CALC!|CONNECT!|DIV/0!|ERROR!|EXTERNAL!|FIELD!|GETTING_DATA|N/A|NAME\?"
    r"|NULL!|NUM!|PYTHON!|REF!|SPILL!|UNKNOWN!|VALUE!)|Err:5[0-9]{2}"
)
NO_MATCH: Final = "No column fills an input. Choose which column fills which."


def inputs_of(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the inputs that people are asked for, as the version declares them."""
    return [row for row in spec.get("inputs") or () if not row.get("internal")]


def usual_matches(
    spec: Mapping[str, Any], columns: Sequence[str], without: Collection[int] = ()
) -> dict[str, int]:
    """Return input → column of exactly its name or label; else without regard to case; else to
    spaces and signs either. without: columns that are matched to nothing."""
    matches = {}
    for row in inputs_of(spec):
        names = [str(row.get(field) or "") for field in ("name", "label", "description")]
        for spelling in (str, str.casefold, _plain):
            places = {
                spelling(column): place
                for place, column in reversed(list(enumerate(columns)))
                if place not in without
            }
            match = next(
                (places[spelling(n)] for n in names if spelling(n) in places.keys() - {""}), None
            )
            if match is not None:
                matches[row["name"]] = match
                break
    return matches


def _plain(name: str) -> str:
    """Its letters and digits; "" of one that has none, which is like no other."""
    return _SIGNS.sub("", name).casefold()


class RowReader:
    """Reads the inputs of a set's rows. rows: those that will be read, for one query of their
    files."""

    def __init__(self, run_set: RunSet, rows: Sequence[RunSetRow]) -> None:
        assert run_set.version is not None  # noqa: S101  sets that are read have one
        self.run_set, self.version = run_set, run_set.version
        inputs = {row["name"]: row for row in inputs_of(self.version.spec)}
        self.matches = {name: at for name, at in run_set.matches.items() if name in inputs}
        self.values = {name: value for name, value in run_set.values.items() if name in inputs}
        self.lists = {name for name, row in inputs.items() if row.get("multiple")}
        self.media = {name for name, row in inputs.items() if row.get("type") in MEDIA_TYPES}
        names = {
            name for row in rows for place in self.media for name in self._parts(place, row.cells)
        }
        self.files = named_files(run_set.owner_id, {name for name in names if "://" not in name})

    def inputs_of(self, row: RunSetRow) -> dict[str, Any]:
        """Return input → value. An empty cell gives none, so the template's default holds."""
        values: dict[str, Any] = dict(self.values)
        for name in self.matches:
            parts = list(self._parts(name, row.cells))
            if name in self.media:
                parts = [self.files.get(part, part) for part in parts]
            if parts:
                values[name] = parts if name in self.lists else parts[0]
            else:
                values.pop(name, None)
        return {
            name: signed_now(value, self.run_set.owner) if name in self.media else value
            for name, value in values.items()
        }

    def missing_file(self, row: RunSetRow, name: str) -> str:
        """Return the name of a file that isn't among the person's media; "" if none is missing."""
        if name not in self.media:
            return ""
        parts = self._parts(name, row.cells)
        return next((one for one in parts if "://" not in one and one not in self.files), "")

    def cell_errors(self, row: RunSetRow) -> dict[str, str]:
        """Return input → the error of a spreadsheet that its cell holds, in place of a value."""
        return {
            name: row.cells[place].strip()
            for name, place in self.matches.items()
            if place < len(row.cells) and _CELL_ERRORS.fullmatch(row.cells[place].strip())
        }

    def _parts(self, name: str, cells: Sequence[str]) -> Iterator[str]:
        """The values in a cell: one for each line where an input takes several."""
        place = self.matches.get(name)
        cell = cells[place] if place is not None and place < len(cells) else ""
        if name in self.lists:
            yield from (line.strip() for line in cell.splitlines() if line.strip())
        elif cell.strip():
            yield cell.strip() if name in self.media else cell


def check_row(row: RunSetRow, reader: RowReader) -> RowState:
    """Return the row's next state, having written its problems, or its quote, into it."""
    row.problems, row.estimated_milli, row.identities = [], 0, []
    run_set = reader.run_set
    row.problems = _problems_of_cells(reader, row)
    if row.problems:
        return RowState.PROBLEM
    try:
        quote = quote_start(
            actor=actor_of(run_set), version=reader.version, inputs=reader.inputs_of(row)
        )
    except errors.AppError as problem:
        row.problems = problems_of(problem, reader, row)
        return RowState.PROBLEM
    row.estimated_milli, row.identities = quote.milli, list(quote.identities)
    if run_set.quoted_seconds is None and quote.seconds is not None:
        RunSet.objects.filter(pk=run_set.pk).update(quoted_seconds=quote.seconds)
        run_set.quoted_seconds = quote.seconds
    return RowState.QUEUE


def _problems_of_cells(reader: RowReader, row: RunSetRow) -> list[dict[str, Any]]:
    """Return what keeps a row from being planned at all."""
    if not reader.matches:
        return [{"column": None, "input": "", "message": NO_MATCH}]
    return [
        {
            "column": reader.matches[name],
            "input": name,
            "message": f"The spreadsheet had an error here: {error}. Write the value.",
        }
        for name, error in reader.cell_errors(row).items()
    ]


def problems_of(
    problem: errors.AppError, reader: RowReader, row: RunSetRow
) -> list[dict[str, Any]]:
    """Return what is wrong with a row, each with the column whose cell it is about."""
    problems = []
    if isinstance(problem, TemplateRefused):
        tools = table_of(reader.version, person=reader.run_set.owner_id)
        titles = TemplateTitles(reader.version.spec, tools)
        for issue, text in problem.sentences(titles):
            root, _, rest = issue.at.path.partition("/")
            name = rest.partition("/")[0] if root == "inputs" else ""
            missing = reader.missing_file(row, name)
            if missing:
                text = f"“{missing}” isn't among your media. Upload it, or write its URL."
            place = reader.matches.get(name)
            fields = {"column": place, "input": name, "message": text}
            problems.append({**fields, "file": missing} if missing else fields)
    return problems or [{"column": None, "input": "", "message": problem.person or problem.message}]
