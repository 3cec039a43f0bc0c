"""Words that the server's planner writes beside a person's: a framing, a camera's move, a usual
scene. No one typed them, so no warning names them."""

from __future__ import annotations

import re
from typing import Final

# Always English. A test compares them with the phrases of `compose`.
_PHRASES: Final = (
    "a calm landscape in soft light",
    "extreme close-up",
    "close-up",
    "high angle",
    "low angle",
    "medium shot",
    "over the shoulder",
    "overhead view",
    "plain black background",
    "side view",
    "slow cinematic push-in",
    "slow orbit around the subject",
    "slow pan to the right",
    "slow rise",
    "slow tracking shot to the left",
    "slowly pull out to reveal the scene",
    "tracking shot",
    "wide shot",
)
_ANY: Final = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _PHRASES))})(?!\w)", re.IGNORECASE)


def without_planner_words(prompt: str) -> str:
    """Return a prompt without the planner's phrases."""
    return _ANY.sub("", prompt)
