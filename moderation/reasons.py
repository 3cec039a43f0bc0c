"""The reasons to report, hide or take down something. The one list; forms and letters read it."""

from __future__ import annotations

from dataclasses import dataclass

from core import errors


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of the list.

    code: stored, at most 16 characters, never reused. title: in lists and forms. hint: below it.
    because: ends "We hid … because …". weight: of one report of someone of full reputation, in
    tenths of a point; the sum decides when something is hidden before a person looked.
    """

    code: str
    title: str
    hint: str
    because: str
    weight: int


_LIST = (
    Reason("spam", "Spam or misleading", "Ads, or not what it claims", "it is misleading", 10),
    Reason("sexual", "Sexual content", "Nudity or sexual acts", "it shows sexual content", 20),
    Reason("violence", "Violence", "Gore, cruelty, threats", "it shows or calls for violence", 20),
    Reason("hate", "Hate", "Attacks people for who they are", "it attacks people", 20),
    Reason("harassment", "Harassment", "Aimed at one person", "it harasses a person", 15),
    Reason(
        "illegal",
        "Illegal or harms children",
        "Hidden right away, reviewed after",
        "it is against the law",
        30,
    ),
    Reason(
        "copyright",
        "Someone else's work",
        "Copied without permission",
        "it is someone else's work",
        10,
    ),
    Reason(
        "privacy",
        "Real person without consent",
        "Shows a face, voice or address",
        "it shows a real person who did not agree",
        20,
    ),
    Reason(
        "malware", "Harmful links", "Phishing or malware", "it leads people to harmful sites", 20
    ),
    Reason("other", "Something else", "Tell us in the details", "it breaks our rules", 10),
)
REASONS: dict[str, Reason] = {reason.code: reason for reason in _LIST}


def read(code: str) -> Reason:
    """The reason of this code. Raises InvalidInput naming the field for any other text."""
    reason = REASONS.get(code)
    if reason is None:
        raise errors.InvalidInput(
            "Choose a reason from the list.",
            details={"issues": [{"path": "reason", "message": "Choose a reason from the list."}]},
        )
    return reason


def title(code: str) -> str:
    """Return how a stored code reads; a code that has left the list reads as itself."""
    return REASONS[code].title if code in REASONS else code
