"""Tables and templates: which column fills which input, and the inputs of a row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from media import signing
from media.models import Upload
from run_sets.models import RunSet, RunSetRow

MEDIA_TYPES: Final = ("image", "video", "audio", "model")
_SIGNS: Final = re.compile(r"[\W_]+")
# What own files are called at while a start reads its inputs; never fetched, and never sent on.
_OWN: Final = "http://localhost"


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
        self.files = _own_files(run_set.owner_id, {name for name in names if "://" not in name})

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
        return values

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


def _own_files(owner: int, names: Collection[str]) -> dict[str, str]:
    """Return name → address of a person's uploads of these names, the newest of each."""
    if not names:
        return {}
    uploads = Upload.objects.filter(owner=owner, filename__in=names, completed_at__isnull=False)
    pairs = uploads.order_by("id").values_list("public_id", "filename")
    return {name: _OWN + signing.signed_path(public_id, name) for public_id, name in pairs}
