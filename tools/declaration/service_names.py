"""The rule for names of services in records, pages, settings and the database."""

from __future__ import annotations

import re

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
# Of providers that come with the project.
TAKEN = frozenset({"studio", "bookkeeping"})
NAME_RULE = (
    "call a service by small letters, digits and hyphens, 32 at most, and not"
    f" {' or '.join(sorted(TAKEN))}."
)


def can_be_called(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and name not in TAKEN
