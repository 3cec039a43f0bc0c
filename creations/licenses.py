"""Licenses of creations and templates, as their authors choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class License:
    """key: as stored. name, about: on the page. choice: in a list to choose from. remix: beside
    Remix, what may be done with the copy. url: of its text, or "" for none."""

    key: str
    name: str
    about: str
    choice: str
    remix: str
    url: str = ""


ALL_RIGHTS: Final = "all_rights"
LICENSES: Final = {
    one.key: one
    for one in (
        License(
            ALL_RIGHTS,
            "All rights reserved",
            "Ask its author before you reuse it.",
            "All rights reserved",
            "Its author allows remixing here. For any other use, ask first.",
        ),
        License(
            "cc_by",
            "CC BY 4.0",
            "Others may use and change it if they name its author.",
            "CC BY: reuse with credit",
            "CC BY 4.0: use and change it if you name its author.",
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        License(
            "cc_by_sa",
            "CC BY-SA 4.0",
            "As CC BY, and what they make of it has the same license.",
            "CC BY-SA: reuse with credit and this license",
            "CC BY-SA 4.0: name its author, and give your remix the same license.",
            "https://creativecommons.org/licenses/by-sa/4.0/",
        ),
        License(
            "cc0",
            "CC0 1.0",
            "Others may do anything with it.",
            "CC0: any use",
            "CC0 1.0: you may do anything with it.",
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
    )
}
