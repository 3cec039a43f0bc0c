"""The license of a template: chosen on publishing, kept in its `metadata.license`.

`metadata` is its author's own JSON. A program may keep another text there; it stays until someone
chooses from our list, and pages show it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core import errors
from creations.licenses import ALL_RIGHTS, LICENSES

FIELD: Final = "license"
KEEP: Final = "keep"
SHOWN_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class ShownLicense:
    """name: as people read it. url, remix: "" for what is not of our list."""

    name: str
    url: str = ""
    remix: str = ""


def license_of(spec: Mapping[str, Any]) -> ShownLicense | None:
    """What a template says of its license; None for nothing."""
    said = _said(spec)
    if not said:
        return None
    known = LICENSES.get(said)
    if known is None:
        return ShownLicense(said if len(said) <= SHOWN_LENGTH else f"{said[: SHOWN_LENGTH - 1]}…")
    return ShownLicense(known.name, known.url, known.remix)


def choices(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The options of the form: our list, and a text of its author's own while there is one."""
    said = _said(spec)
    chosen = said or ALL_RIGHTS
    listed = [
        {"value": one.key, "text": f"{one.name}: {one.about}", "is_chosen": one.key == chosen}
        for one in LICENSES.values()
    ]
    shown = license_of(spec)
    if shown is not None and said not in LICENSES:
        listed.insert(0, {"value": KEEP, "text": shown.name, "is_chosen": True})
    return listed


def chosen(spec: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    """The choice of a form as a change of the template. Raises InvalidBody for what is not on the
    list. value: None where the form has no such field."""
    if value is None or value == KEEP:
        return {}
    if value not in LICENSES:
        raise errors.InvalidBody("Choose a license from the list.")
    metadata = spec.get("metadata")
    kept = dict(metadata) if isinstance(metadata, Mapping) else {}
    return {"metadata": {**kept, FIELD: value}} if kept.get(FIELD) != value else {}


def _said(spec: Mapping[str, Any]) -> str:
    metadata = spec.get("metadata")
    said = metadata.get(FIELD) if isinstance(metadata, Mapping) else None
    return " ".join(said.split()) if isinstance(said, str) else ""
