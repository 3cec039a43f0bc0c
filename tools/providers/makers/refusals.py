"""Content that a service refuses, in words: what was refused, what to do, and what it cost."""

from __future__ import annotations

from typing import Literal, TypeAlias

from core.errors import ProviderRefused
from tools.providers.makers.table import Refusal

What: TypeAlias = Literal["prompt", "image", "result", "request"]

_REMEDIES: dict[What, str] = {
    "prompt": "Change the words and run again.",
    "image": "Use another image and run again.",
    "result": "Change the words or the image and run again.",
    "request": "Change the words or the image and run again.",
}


def refusal(who: str, what: What, charge: Refusal, credits: float | None = None) -> ProviderRefused:
    """Return the failure of a refusal. charge: whether the service charges for it; credits: how
    much, where it says so."""
    if credits is not None:
        cost = f"It was charged {credits:g} credits." if credits else "It wasn't charged."
    else:
        cost = {
            "full": "It was charged in full.",
            "none": "It wasn't charged.",
            "unknown": f"{who} may charge it.",
        }[charge]
    return ProviderRefused(
        f"{who} refused the {what} (its content policy). {_REMEDIES[what]} {cost}", ends_job=True
    )
