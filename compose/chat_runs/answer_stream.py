"""Messages to readers of an answer while it is made."""

from __future__ import annotations

import time

from runs.engine.attempt_context import AttemptContext
from runs.engine.executor_writes import changing_own
from tools.providers.base import Stopped

# Text is sent in pieces: each is a transaction.
PIECE_CHARS = 400
PIECE_S = 0.25


class AnswerStream:
    """An answer's text in the run's log. When the claim is lost it stops the attempt, so
    that the answer ends at its next check and is not charged."""

    def __init__(self, context: AttemptContext, number: int) -> None:
        self._context = context
        self._about = {"round": number, "attempt": context.claim.attempt}
        self._unsent = ""
        self._sent_at = 0.0

    def begin(self, model: str) -> None:
        """Readers drop what an earlier attempt at this round said."""
        self._report("llm_round_started", model=model)

    def say(self, text: str) -> None:
        self._unsent += text
        is_due = time.monotonic() - self._sent_at >= PIECE_S
        if is_due or len(self._unsent) >= PIECE_CHARS:
            self.finish()

    def finish(self) -> None:
        """Send what is held back."""
        if not self._unsent:
            return
        self._report("assistant_message_delta", content=self._unsent)
        self._unsent, self._sent_at = "", time.monotonic()

    def _report(self, what: str, **body: str) -> None:
        try:
            with changing_own(self._context.claim) as own:
                own.report(what, **self._about, **body)
        except Stopped:
            self._context.stop()
