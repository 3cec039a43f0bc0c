"""How work says how far it is."""

from __future__ import annotations

from collections.abc import Callable

# A share from 0 to 1, and what is being done in a word or two.
Report = Callable[[float, str], None]
