"""What people read about a decision. Pure: the console fills forms with the same words."""

from __future__ import annotations

from moderation.models import AUTO_HIDE, DISMISS, HIDE, RESTORE, TAKE_DOWN
from moderation.reasons import REASONS

_BEGIN = {
    HIDE: "We hid “{name}” because {because}.",
    TAKE_DOWN: "We took down “{name}” because {because}.",
    RESTORE: "“{name}” is visible again. We looked, and nothing is wrong with it.",
    AUTO_HIDE: "“{name}” is hidden because several people reported it. A moderator will look.",
}
_END = {HIDE: " Only you see it."}


def letter(action: str, name: str, reason: str) -> str:
    """The usual words to the author; empty where there is nothing to tell."""
    begin = _BEGIN.get(action)
    if begin is None:
        return ""
    because = REASONS[reason].because if reason in REASONS else "it breaks our rules"
    # Not str.format on a stranger's text: only our own sentence has places to fill.
    text = begin.replace("{because}", because).replace("{name}", name)
    return text + _END.get(action, "")


def refusal(action: str, moderation: str) -> str:
    """Why a decision does not fit, and what would."""
    if action == DISMISS and moderation != "visible":
        return "It is hidden: restore it instead of dismissing the reports."
    if action == RESTORE:
        return "It is visible already: dismiss the reports instead."
    return "It stands like that already. Nothing would change."
