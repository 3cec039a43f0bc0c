"""A template and changes of it → the changed template. Pure.

`applier` does the changes that controls and a language model ask for. Stage ids are kept, and only
what was asked changes: everything else, known or unknown, stays as it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Revision:
    """A changed template. changes, warnings: sentences for the person, in order."""

    template: dict[str, Any]
    changes: tuple[str, ...]
    warnings: tuple[str, ...]
