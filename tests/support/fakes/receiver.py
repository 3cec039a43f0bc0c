"""A program that takes webhooks: it verifies each by the recipe's own library, and notes it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.fakes.http_server import ApiServer, Asked, Reply


@dataclass(frozen=True, slots=True)
class Delivered:
    """One try of a delivery that came. at: when, in Unix seconds. body: its JSON. signers: those of
    the known secrets that signed it."""

    id: str
    at: float
    path: str
    body: dict[str, Any]
    signers: tuple[str, ...]

    @property
    def event(self) -> tuple[str, str]:
        """Its type and run."""
        return self.body["type"], self.body["data"].get("runId", "")


class Receiver(ApiServer):
    """`with Receiver() as receiver:` takes webhooks at `receiver.url`.

    secrets: those it knows. `replies` has what is answered instead of 204.
    """

    def __init__(self, **options: Any) -> None:
        self.secrets: list[str] = []
        self._times: list[float] = []
        super().__init__(lambda _: Reply(204), **options)

    @property
    def deliveries(self) -> list[Delivered]:
        """List all that came, in order, also what was answered with a failure."""
        with self.lock:
            return [self._read(*one) for one in zip(self.asked, self._times, strict=True)]

    @property
    def events(self) -> list[tuple[str, str]]:
        """List the type and run of each delivery, in order."""
        return [one.event for one in self.deliveries]

    def answer(self, asked: Asked) -> Reply:
        with self.lock:
            self._times.append(time.time())
            return super().answer(asked)

    def _read(self, asked: Asked, at: float) -> Delivered:
        signers = tuple(one for one in self.secrets if _fits(one, asked))
        body = json.loads(asked.raw)
        return Delivered(asked.headers["webhook-id"], at, asked.path, body, signers)


def _fits(secret: str, asked: Asked) -> bool:
    try:
        Webhook(secret).verify(asked.raw, dict(asked.headers))
    except WebhookVerificationError:
        return False
    return True
