"""Telling readers an answer while it is made."""

from __future__ import annotations

import time

from runs.engine.claims import Claim
from runs.engine.own_steps import changing_own

# Text is told in pieces: each is a transaction.
PIECE_CHARS = 400
PIECE_S = 0.25


class Teller:
    """Writes an answer's text to the run's log. Raises Stopped when the claim is lost."""

    def __init__(self, claim: Claim, number: int) -> None:
        self._claim = claim
        self._about = {"round": number, "attempt": claim.attempt}
        self._held = ""
        self._told_at = 0.0

    def begin(self, model: str) -> None:
        """Readers drop what an earlier attempt at this round said."""
        with changing_own(self._claim) as own:
            own.report("llm_round_started", **self._about, model=model)

    def say(self, text: str) -> None:
        self._held += text
        is_due = time.monotonic() - self._told_at >= PIECE_S
        if is_due or len(self._held) >= PIECE_CHARS:
            self.finish()

    def finish(self) -> None:
        """Tell what is held back."""
        if not self._held:
            return
        with changing_own(self._claim) as own:
            own.report("assistant_message_delta", **self._about, content=self._held)
        self._held, self._told_at = "", time.monotonic()
