"""Records that never change, for where there are thousands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Record = TypeVar("Record")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[Record]) -> type[Record]:
    """Make a dataclass that mypy holds to be frozen: to enforce it as well would take half of the
    time in which one is made."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
