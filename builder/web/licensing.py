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
    """Return the license that a template names; None for none."""
    name = _license_name(spec)
    if not name:
        return None
    license = LICENSES.get(name)
    if license is None:
        return ShownLicense(name if len(name) <= SHOWN_LENGTH else f"{name[: SHOWN_LENGTH - 1]}…")
    return ShownLicense(license.name, license.url, license.remix)


def choices(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The options of the form: our list, and a text of its author's own while there is one."""
    name = _license_name(spec)
    current_name = name or ALL_RIGHTS
    rows = [
        {"value": one.key, "text": f"{one.name}: {one.about}", "is_chosen": one.key == current_name}
        for one in LICENSES.values()
    ]
    current = license_of(spec)
    if current is not None and name not in LICENSES:
        rows.insert(0, {"value": KEEP, "text": current.name, "is_chosen": True})
    return rows


def chosen(spec: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    """The choice of a form as a change of the template. Raises InvalidBody for what is not on the
    list. value: None where the form has no such field."""
    if value is None or value == KEEP:
        return {}
    if value not in LICENSES:
        raise errors.InvalidBody("Choose a license from the list.")
    metadata = spec.get("metadata")
    fields = dict(metadata) if isinstance(metadata, Mapping) else {}
    return {"metadata": {**fields, FIELD: value}} if fields.get(FIELD) != value else {}


def _license_name(spec: Mapping[str, Any]) -> str:
    metadata = spec.get("metadata")
    name = metadata.get(FIELD) if isinstance(metadata, Mapping) else None
    return " ".join(name.split()) if isinstance(name, str) else ""
