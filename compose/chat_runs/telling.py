"""Telling readers an answer while it is made."""

from __future__ import annotations

import time

from runs.engine.attempt_context import AttemptContext
from runs.engine.own_steps import changing_own
from tools.providers.base import Stopped

# Text is told in pieces: each is a transaction.
PIECE_CHARS = 400
PIECE_S = 0.25


class Teller:
    """Writes an answer's text to the run's log. When the claim is lost it stops the attempt, so
    that the answer ends at its next check and is not charged."""

    def __init__(self, context: AttemptContext, number: int) -> None:
        self._context = context
        self._about = {"round": number, "attempt": context.claim.attempt}
        self._held = ""
        self._told_at = 0.0

    def begin(self, model: str) -> None:
        """Readers drop what an earlier attempt at this round said."""
        self._report("llm_round_started", model=model)

    def say(self, text: str) -> None:
        self._held += text
        is_due = time.monotonic() - self._told_at >= PIECE_S
        if is_due or len(self._held) >= PIECE_CHARS:
            self.finish()

    def finish(self) -> None:
        """Tell what is held back."""
        if not self._held:
            return
        self._report("assistant_message_delta", content=self._held)
        self._held, self._told_at = "", time.monotonic()

    def _report(self, what: str, **body: str) -> None:
        try:
            with changing_own(self._context.claim) as own:
                own.report(what, **self._about, **body)
        except Stopped:
            self._context.stop()
