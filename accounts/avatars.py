"""The pictures of people who have none: initials on a hue of their own."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final

from accounts.models import User

# How many hues static/css/parts.css has for avatars.
HUES: Final = 8


def initials(name: str) -> str:
    """`Mira Holm` → `MH`, `mo` → `M`; a question mark when there is nothing to read."""
    words = re.findall(r"[^\W_]+", name)
    return "".join(word[0] for word in dict.fromkeys((*words[:1], *words[-1:]))).upper() or "?"


def hue(name: str) -> int:
    """Choose one of the hues, from 0; the same for a name everywhere."""
    return sha256(name.encode("utf-8", "replace")).digest()[0] % HUES


def hue_of(person: User) -> int:
    """The hue of what outsiders read of this person."""
    return hue(person.shown_name)
