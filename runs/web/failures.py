"""Texts for people about a step that failed, and the choices when a provider waits for them.

Pages, the editor and REST all show what is made here. A stored failure keeps the provider's id and
its own sentence; the text for people is made when it is shown, so old failures show alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from runs import states
from runs.engine.unknown_charges import SENDS_AGAIN
from runs.models import Wait
from tools import registry

# By code, then by error type: what happened at the provider {p}, and what to do about it.
_BY_CODE: Final = {
    "provider.refused": "{p} rejected this prompt or file. Change it and retry.",
    "provider.day_limit": "{p} has reached its limit for today.",
    "step.may_be_charged": "{p} may have charged for this, so we didn't retry.",
}
_BY_TYPE: Final = {
    "SAFETY_REJECTED": _BY_CODE["provider.refused"],
    "PARAMETER_INVALID": "{p} can't use these settings. Change them and retry.",
    "USER_INPUT_INCOMPLETE": "{p} needs more input. Add it and retry.",
    "ASSET_NOT_FOUND": "{p} is missing a file.",
    "MODEL_UNAVAILABLE": "{p} isn't set up for this.",
    "PERMISSION_REQUIRED": "{p} denied access to this server.",
    "COST_LIMIT_EXCEEDED": "{p} is out of credit.",
    "USER_CANCELLED": "{p} was interrupted.",
}
# These may or may not work the next time.
_PASSING: Final = {
    "provider.timeout": "{p} took too long.",
    "provider.unsure": "{p} didn't reply.",
}
_FAILED: Final = "{p} failed."


def shown(error: Mapping[str, Any]) -> dict[str, Any]:
    """A stored failure with its `headline`, and as `cause` the provider's own sentence.

    There is no `cause` where the message is the headline: for failures at no provider, at one of
    this server's own, and of logs that name none.
    """
    error = _in_public_names(error)
    name = error.get("provider", "")
    provider = registry.provider_named(name) if name else None
    if not name or (provider is not None and provider.is_local):
        return {**error, "headline": error["message"]}
    title = (provider.title if provider is not None else "") or name
    again = bool(error.get("retryable"))
    text = headline(error.get("code", ""), error.get("errorType", ""), title, again)
    return {**error, "headline": text, "cause": error["message"]}


def _in_public_names(error: Mapping[str, Any]) -> dict[str, Any]:
    """Steps store `error_type`; those of earlier versions hold the public name already."""
    return {("errorType" if name == "error_type" else name): error[name] for name in error}


def headline(code: str, error_type: str, provider: str, retryable: bool) -> str:
    """Return what happened at a provider and what to do, in one or two sentences.

    provider: its title; retryable: whether the same again may work.
    """
    sentence = _BY_CODE.get(code) or ("" if retryable else _BY_TYPE.get(error_type, ""))
    if sentence:
        return sentence.format(p=provider)
    what = _PASSING.get(code, _FAILED).format(p=provider)
    return f"{what} Retry." if retryable else what


@dataclass(frozen=True, slots=True)
class Choices:
    """The two answers to a provider that waits for a person, as their buttons read."""

    approve: str
    decline: str


def choices_of(wait: Wait) -> Choices:
    """The answers to a step that is held."""
    if wait.reason == states.SAFETY_REVIEW:
        return Choices("Approve", "Reject")
    if (wait.prompt.get("details") or {}).get(SENDS_AGAIN):
        return Choices("Send again", "Stop")
    if wait.reason == states.PERMISSION:
        return Choices("Retry", "Don't retry")
    return Choices("Continue", "Don't continue")
