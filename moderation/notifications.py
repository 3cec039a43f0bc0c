"""What people read about a decision. Pure: the console fills forms with the same texts."""

from __future__ import annotations

from moderation.models import AUTO_HIDE, DISMISS, HIDE, RESTORE, TAKE_DOWN
from moderation.reasons import REASONS

_BEGIN = {
    HIDE: "We hid “{name}” because {because}.",
    TAKE_DOWN: "We took down “{name}” because {because}.",
    RESTORE: "“{name}” is visible again. We reviewed it and found no problem.",
    AUTO_HIDE: "“{name}” is hidden because several people reported it. A moderator will review it.",
}
# Of a comment, its author sees nothing either.
_END = {HIDE: " Only you can see it."}


def author_message(action: str, name: str, reason: str, noun: str = "template") -> str:
    """The standard message to the author; empty where there is none. noun: what it is."""
    begin = _BEGIN.get(action)
    if begin is None:
        return ""
    because = REASONS[reason].because if reason in REASONS else "it breaks our rules"
    # Not str.format on foreign text: only our own sentence has places to fill.
    text = begin.replace("{because}", because).replace("{name}", name)
    return text if noun == "comment" else text + _END.get(action, "")


def refusal(action: str, moderation: str) -> str:
    """Why a decision does not fit, and what would."""
    if action == DISMISS and moderation != "visible":
        return "It's hidden. Choose Restore instead."
    if action == RESTORE:
        return "It's visible. Choose Dismiss instead."
    return "It already has this status."
