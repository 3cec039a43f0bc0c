"""Names of templates, as stages say them: `template:<id>@<version>`."""

from __future__ import annotations

import re
from typing import Final

PREFIX: Final = "template:"
MAX_REFERENCE: Final = 220
_REFERENCE: Final = re.compile(r"template:([A-Za-z0-9_.:-]{1,128})(?:@([0-9A-Za-z.+-]{1,64}))?")


def read_reference(name: str) -> tuple[str, str] | None:
    """Return the id and the version ("" for none) of a template that a tool's name means."""
    match = _REFERENCE.fullmatch(name)
    return None if match is None else (match[1], match[2] or "")
