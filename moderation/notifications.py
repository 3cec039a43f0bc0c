"""The words people read about a decision. Pure: the console fills forms with the same texts."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.models import (
    AUTO_HIDE,
    DISMISS,
    HIDE,
    LIFT,
    RESTORE,
    STRIKE,
    TAKE_DOWN,
    WARN,
    Sanction,
)
from moderation.reasons import REASONS
from moderation.sanctions import STRIKES_SUSPEND

_BEGIN = {
    HIDE: "We hid “{name}” because {because}.",
    TAKE_DOWN: "We took down “{name}” because {because}.",
    RESTORE: "“{name}” is visible again. We reviewed it and found no problem.",
    AUTO_HIDE: "“{name}” is hidden because several people reported it. A moderator will review it.",
    WARN: "A moderator reviewed your account and found a problem: {title}.",
    LIFT: "Your account isn't suspended any more. Everything is as it was.",
}
# Of a file, which has no page of its own.
_OF_FILE = {
    TAKE_DOWN: "We blocked a file that you shared because {because}. It can't be uploaded again.",
    RESTORE: "A file that we had blocked is available again.",
}
# Of a comment, its author sees nothing either.
_END = {HIDE: " Only you can see it."}


def author_message(action: str, name: str, reason: str, noun: str = "template") -> str:
    """The standard message to the author; empty where there is none. noun: what it is."""
    begin = (_OF_FILE if noun == "file" else _BEGIN).get(action)
    if begin is None:
        return ""
    entry = REASONS.get(reason)
    because = entry.because if entry is not None else "it breaks our rules"
    title = entry.title.lower() if entry is not None else "something that breaks our rules"
    # Not str.format on foreign text: only our own sentence has places to fill.
    text = begin.replace("{because}", because).replace("{title}", title).replace("{name}", name)
    return text if noun in ("comment", "file") else text + _END.get(action, "")


def repeat_message(name: str, noun: str) -> str:
    """Return what the author reads of something with the same words as what was taken down."""
    return (
        f"“{name}” has the same words as something we took down, so only you can see it. A"
        " moderator will review it, and you can appeal if they hide it or take it down. If the"
        f" earlier {noun} was yours, you can appeal that decision at Account → Decisions."
    )


def sanctions_text(sanctions: Iterable[Sanction], strikes: int) -> str:
    """Return what is added to a message: the strike and the suspension that go with it. strikes:
    how many hold now."""
    text = ""
    for one in sanctions:
        until = f"{one.expires_at.day} {one.expires_at:%b %Y}"
        if one.kind == STRIKE:
            text += f" This is strike {strikes} of {STRIKES_SUSPEND}. It expires on {until}."
        else:
            text += f" Your account is suspended until {until}."
    return text


def refusal(action: str, moderation: str) -> str:
    """Say why a decision does not fit, and what would."""
    if action == DISMISS and moderation != "visible":
        return "It's hidden. Choose Restore instead."
    if action == RESTORE:
        return "It's visible. Choose Dismiss instead."
    if action == WARN:
        return "They were warned already. Add a strike or a suspension, or choose Dismiss."
    return "It already has this status."
