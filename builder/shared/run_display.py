"""Words of pages for states, lengths of time and credits."""

from __future__ import annotations

from collections.abc import Mapping

from runs import states

# How a state reads. The page's script takes both from the page, so there is one list.
RUN_WORDS = {
    "queued": "Queued",
    "running": "Running",
    "waiting_for_user": "Your turn",
    "completed": "Done",
    "partial_failure": "Done with errors",
    "failed": "Failed",
    "cancelled": "Stopped",
}
STEP_WORDS = {
    "pending": "Queued",
    "running": "Running",
    "waiting_for_user": "Your turn",
    "completed": "Done",
    "failed": "Failed",
    "skipped": "Skipped",
    "cancelled": "Stopped",
}
# The look of a state's pill: its class and its glyph.
PILLS = {
    "queued": ("", "clock"),
    "pending": ("", "clock"),
    "running": ("pill-live", ""),
    "waiting_for_user": ("pill-wait", ""),
    "completed": ("", "check"),
    "partial_failure": ("", "triangle-alert"),
    "failed": ("pill-bad", "x"),
    "skipped": ("", "skip-forward"),
    "cancelled": ("", "square"),
}


def pill(status: str, words: Mapping[str, str]) -> dict[str, str]:
    """Build the context of `runs_pages/parts/pill.html`."""
    look, glyph = PILLS[status]
    return {"status": status, "word": words[status], "look": look, "glyph": glyph}


def pills(words: Mapping[str, str]) -> list[dict[str, str]]:
    return [pill(status, words) for status in words]


def lasting(seconds: float) -> str:
    """A length of time: `0.4 s`, `19 s`, `1:12`."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float) -> str:
    """A length of time that is only estimated: `20 s`, `27 min`, `1 h 5 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def units_text(units: float) -> str:
    """Capacity units in words: `free`, `1 credit`, `2.5 credits`."""
    return f"{units:g} credit{'' if units == 1 else 's'}" if units else "free"


def is_over(status: str) -> bool:
    return status in states.RUN_TERMINAL
