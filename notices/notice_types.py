"""Kinds of notices, and how each is told unless its person chose otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """key: as stored. about: the row of the settings page. for_operators: no one else is told.
    The rest: told so by default."""

    key: str
    about: str
    in_page: bool = True
    in_browser: bool = False
    by_mail: bool = False
    for_operators: bool = False


KINDS: Final = {
    one.key: one
    for one in (
        Kind("run_done", "A run is done", in_browser=True),
        Kind("run_failed", "A run failed", in_browser=True, by_mail=True),
        Kind("your_turn", "A run waits for your answer", in_browser=True, by_mail=True),
        Kind("comment", "A comment on what is yours, or a reply", in_browser=True, by_mail=True),
        Kind("invitation", "An invitation to a template", by_mail=True),
        Kind("remix", "A remix of what you shared"),
        Kind("like", "A like"),
        Kind("moderation", "A decision about what is yours or what you reported", by_mail=True),
        Kind("webhook", "Webhooks were switched off, as no one took them", by_mail=True),
        Kind(
            "server",
            "The server needs an operator: a provider is paused, or no backup was made",
            by_mail=True,
            for_operators=True,
        ),
    )
}


def kinds_for(*, is_operator: bool) -> dict[str, Kind]:
    """Return those that a person may be told, by key."""
    return {key: one for key, one in KINDS.items() if is_operator or not one.for_operators}
