"""Labels: which workers may do a provider's work."""

from __future__ import annotations

import re
from typing import Final

# What providers have that work on the worker's own machine, and those that ask a service, unless
# their settings say otherwise.
CPU: Final = "cpu"
REMOTE: Final = "remote"
# What people need not know of; "": the provider is not decided.
USUAL_LABELS: Final = ("", CPU, REMOTE)
LABEL: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
LABEL_RULE: Final = (
    "a label is small letters, digits and hyphens, 32 at most, and begins with a letter, such as"
    " gpu."
)


def labels_of(text: str) -> tuple[str, ...]:
    """The labels of a list such as `gpu,cpu`, each once, in order. Raises ValueError, which names
    the first wrong one and the rule."""
    labels = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if wrong := next((label for label in labels if not LABEL.fullmatch(label)), None):
        raise ValueError(f"{wrong}: {LABEL_RULE}")
    return labels
