"""What others may do with a creation or a template, as its author chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class License:
    """key: as stored. name, about: on screen. url: of its text, or "" for none."""

    key: str
    name: str
    about: str
    url: str = ""


ALL_RIGHTS: Final = "all_rights"
LICENSES: Final = {
    one.key: one
    for one in (
        License(ALL_RIGHTS, "All rights reserved", "Others may watch it."),
        License(
            "cc_by",
            "CC BY 4.0",
            "Others may use and change it, and name you.",
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        License(
            "cc_by_sa",
            "CC BY-SA 4.0",
            "As CC BY, and what they make of it has the same license.",
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        License(
            "cc0",
            "CC0 1.0",
            "Others may do anything with it.",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
    )
}
