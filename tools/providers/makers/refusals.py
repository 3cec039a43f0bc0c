"""Jobs that a service refuses or that fail there, in words: what to do, and what it cost."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from core.errors import ProviderError, ProviderRefused
from tools.providers.makers.table import Refusal

What: TypeAlias = Literal["prompt", "image", "result", "request"]

_REMEDIES: dict[What, str] = {
    "prompt": "Change the words and run again.",
    "image": "Use another image and run again.",
    "result": "Change the words or the image and run again.",
    "request": "Change the words or the image and run again.",
}


def refusal(who: str, what: What, charge: Refusal, milli: int | None = None) -> ProviderRefused:
    """Return the failure of a refusal. charge: whether the service charges for it; milli: how much,
    in thousandths of a credit, where it says so."""
    if milli is not None:
        cost = f"It was charged {milli / 1000:g} credits." if milli else "It wasn't charged."
    else:
        cost = {
            "full": "It was charged in full.",
            "none": "It wasn't charged.",
            "unknown": f"{who} may charge it.",
        }[charge]
    error = ProviderRefused(
        f"{who} refused the {what} (its content policy). {_REMEDIES[what]} {cost}", ends_job=True
    )
    error.charged_milli = 0 if charge == "none" and milli is None else milli
    return error


def job_failure(reason: str, milli: int | None, **fields: Any) -> ProviderError:
    """Return the failure of a job that was made for nothing. reason: a sentence, with
    its period or without. milli: what was charged, in thousandths of a credit; None: it isn't said.
    """
    cost = "It was charged." if milli else "It wasn't charged."
    if milli is None:
        cost = "It may charge this attempt."
    usual: dict[str, Any] = {"error_type": "GPU_WORKER_FAILED", "retryable": False}
    error = ProviderError(f"{reason.rstrip('.')}. {cost}", ends_job=True, **{**usual, **fields})
    error.charged_milli = milli
    return error
