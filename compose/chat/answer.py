"""Who answers a chat: the configured language model, or the rules."""

from __future__ import annotations

from collections.abc import Iterator

from compose.chat import events, rules
from compose.chat.chat import Chat


def answer(chat: Chat) -> Iterator[events.ChatEvent]:
    """The events of an answer, `Started` first and `Ended` last. Errors come before `Started`."""
    yield from rules.answer(chat)
