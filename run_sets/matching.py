"""Tables and templates: which column fills which input, and the inputs of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from run_sets.models import RunSet, RunSetRow
from run_sets.own_files import named_files, signed_now

MEDIA_TYPES: Final = ("image", "video", "audio", "model")
_SIGNS: Final = re.compile(r"[\W_]+")


def inputs_of(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the inputs that people are asked for, as the version declares them."""
    return [row for row in spec.get("inputs") or () if not row.get("internal")]


def usual_matches(spec: Mapping[str, Any], columns: Sequence[str]) -> dict[str, int]:
    """Return input → column of the same name or label, where case, spaces and signs don't count."""
    places = {_plain(name): place for place, name in reversed(list(enumerate(columns)))}
    matches = {}
    for row in inputs_of(spec):
        for name in (row["name"], row.get("label") or "", row.get("description") or ""):
            if _plain(str(name)) in places:
                matches[row["name"]] = places[_plain(str(name))]
                break
    return matches


def _plain(name: str) -> str:
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

    def _parts(self, name: str, cells: Sequence[str]) -> Iterator[str]:
        """The values in a cell: one for each line where an input takes several."""
        place = self.matches.get(name)
        cell = cells[place] if place is not None and place < len(cells) else ""
        if name in self.lists:
            yield from (line.strip() for line in cell.splitlines() if line.strip())
        elif cell.strip():
            yield cell.strip() if name in self.media else cell
