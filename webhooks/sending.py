"""Sending the deliveries that are due, by a few threads beside a worker's periodic tasks.

A receiver that hangs keeps none of the others waiting: each host has one request at a time, a few
hosts are asked at once, and one person's are no more than half of these. After a crash between the
receiver's answer and our note of it, the delivery is sent once more under the same id.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import F, QuerySet

from core import clock, durable, encrypted_fields
from media import guarded_client
from media.guarded_client import Answer, Unanswered
from media.pinned_connection import OutOfBounds
from runs.admission.receivers import allowance
from webhooks import deliveries, endpoints, signatures
from webhooks.models import Delivery

logger = logging.getLogger(__name__)

# After each failed try; after the last one it is given up.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
)
# How long a receiver has for its whole answer, of which so many bytes are read.
ANSWER_S: Final = 10.0
MAX_ANSWER: Final = 64 * 1024
EXCERPT: Final = 200
# While a delivery is being sent, others leave it alone.
TAKEN_FOR: Final = timedelta(seconds=30)
# Hosts at once, in all and of one person, and how many due rows are looked at for them.
HOSTS: Final = 4
HOSTS_OF_PERSON: Final = 2
BATCH: Final = 50
# Between two looks: with nothing due, and while answers are awaited.
IDLE_S, TICK_S = 0.5, 0.1
# How long one call lasts. The worker's other tasks wait for it.
CALL_S: Final = 2.0
FORGET_EVERY_S: Final = 600.0
LONGEST_RETRY_AFTER: Final = timedelta(hours=12)
# Statuses beside 5xx that may pass.
_PASSING: Final = frozenset({408, 425, 429})
# It also switches an endpoint off.
_END_STATUS: Final = 410


class Sender:
    """The deliveries that one worker sends; for `runs.engine.periodic`."""

    def __init__(self) -> None:
        # What each living thread sends.
        self._sending: dict[threading.Thread, Delivery] = {}
        # Set when one of the threads ends.
        self._end = threading.Event()
        self._forget_at = 0.0

    def __call__(self) -> float:
        """Send what is due, for CALL_S. Returns in how many seconds to ask again."""
        end = time.monotonic() + CALL_S
        while True:
            self._end.clear()
            self._sending = {
                thread: delivery for thread, delivery in self._sending.items() if thread.is_alive()
            }
            self._begin()
            if not self._sending:
                self._forget_old()
                return IDLE_S
            if time.monotonic() > end:
                return 0
            self._end.wait(TICK_S)

    def _begin(self) -> None:
        """Take the oldest due deliveries of hosts that nothing is being sent to."""
        due = list(_due(list(self._sending.values())))
        if not due:
            return
        # What they tell of is there before anyone hears of it.
        durable.flush()
        for delivery in due:
            if _take(delivery):
                # A daemon: a receiver that hangs keeps no worker from ending.
                thread = threading.Thread(
                    target=self._send, args=[delivery], name="webhook", daemon=True
                )
                thread.start()
                self._sending[thread] = delivery

    def _send(self, delivery: Delivery) -> None:
        try:
            for due in _due_of_host(delivery):
                _send(due)
        except Exception:
            # It is due again when the time it was taken for is over.
            logger.exception("delivery %s couldn't be sent", delivery.public_id)
        finally:
            connection.close()
            self._end.set()

    def _forget_old(self) -> None:
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_EVERY_S
            deliveries.forget_old()


def _due_of_host(first: Delivery) -> Iterator[Delivery]:
    """Yield a delivery that was taken, and take the next that are due for its host, one by one."""
    yield first
    for _ in range(BATCH):
        following = _due_rows().filter(host=first.host).first()
        if following is None:
            return
        durable.flush()
        if _take(following):
            yield following


def _due(at_work: Sequence[Delivery]) -> Iterator[Delivery]:
    """Yield the oldest due deliveries that may be sent beside those that are being sent."""
    hosts = {delivery.host for delivery in at_work}
    people = Counter(delivery.person_id for delivery in at_work)
    if len(at_work) >= HOSTS:
        return
    busy = [person for person, count in people.items() if count >= HOSTS_OF_PERSON]
    rows = _due_rows().exclude(host__in=hosts).exclude(person__in=busy)
    for delivery in rows[:BATCH]:
        is_free = delivery.host not in hosts and people[delivery.person_id] < HOSTS_OF_PERSON
        if is_free and len(hosts) < HOSTS:
            hosts.add(delivery.host)
            people[delivery.person_id] += 1
            yield delivery


def _due_rows() -> QuerySet[Delivery]:
    """Select what is due, the oldest first. Deliveries of suspended people wait."""
    now = clock.now()
    rows = Delivery.objects.select_related("endpoint", "key", "person").filter(due_at__lte=now)
    return rows.exclude(person__suspended_until__gt=now).order_by("due_at", "id")


def _take(delivery: Delivery) -> bool:
    """Take a delivery: the UPDATE compares the due time, so only one worker does."""
    rows = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
    return bool(rows.update(due_at=clock.now() + TAKEN_FOR, tries=F("tries") + 1))


def _send(delivery: Delivery) -> None:
    """Send one delivery and note what came of it."""
    if why := _not_wanted(delivery):
        _end(delivery, given_up=why)
        return
    now = clock.now()
    try:
        answer = guarded_client.send(
            "POST",
            delivery.url,
            body=delivery.body.encode(),
            headers=signatures.headers_of(delivery, now),
            allowance=allowance(),
            timeout_s=ANSWER_S,
            max_answer=MAX_ANSWER,
        )
    except OutOfBounds as refusal:
        _give_up(delivery, now, refusal.message)
    except encrypted_fields.CannotOpen:
        _give_up(delivery, now, "The secret can't be read. Make a new one.")
    except Unanswered as problem:
        _try_later(delivery, now, problem.message, status=0)
    else:
        _note_answer(delivery, now, answer)


def _note_answer(delivery: Delivery, now: datetime, answer: Answer) -> None:
    words = " ".join(answer.body.decode(errors="replace").replace("\0", " ").split())
    note = {"status": answer.status, "excerpt": words[:EXCERPT]}
    if 200 <= answer.status < 300:
        _end(delivery, done_at=clock.now(), **note)
        if delivery.endpoint is not None:
            endpoints.note_outcome(delivery.endpoint, now, is_done=True)
        return
    why = f"{delivery.host} responded with {answer.status}."
    if answer.status >= 500 or answer.status in _PASSING:
        _try_later(delivery, now, why, retry_after=answer.headers.get("retry-after", ""), **note)
        return
    if 300 <= answer.status < 400:
        why = f"{delivery.host} redirects, which isn't followed. Change the URL."
    _give_up(delivery, now, why, **note)
    if answer.status == _END_STATUS and delivery.endpoint is not None:
        why = f"{delivery.host} responded with 410, gone for good."
        endpoints.switch_off(delivery.endpoint, why, is_noticed=True)


def _try_later(
    delivery: Delivery, now: datetime, why: str, *, retry_after: str = "", **note: object
) -> None:
    # As taken: the row's number is one more than when it was read.
    if delivery.tries >= len(PAUSES):
        _give_up(delivery, now, f"Tried {delivery.tries + 1} times. {why}", **note)
        return
    is_number = retry_after.isascii() and retry_after.isdigit()
    retry_pause = timedelta(seconds=int(retry_after[:7])) if is_number else timedelta()
    due_at = clock.now() + max(PAUSES[delivery.tries], min(retry_pause, LONGEST_RETRY_AFTER))
    _rows(delivery).update(due_at=due_at, **{"excerpt": why[:EXCERPT], **note})
    if delivery.endpoint is not None:
        endpoints.note_outcome(delivery.endpoint, now, is_done=False)


def _give_up(delivery: Delivery, now: datetime, why: str, **note: object) -> None:
    _end(delivery, given_up=why[:300], **note)
    if delivery.endpoint is not None:
        endpoints.note_outcome(delivery.endpoint, now, is_done=False)


def _end(delivery: Delivery, **columns: object) -> None:
    _rows(delivery).update(due_at=None, **columns)


def _rows(delivery: Delivery) -> QuerySet[Delivery]:
    # Switching its endpoint off may have ended it since it was taken.
    return Delivery.objects.filter(pk=delivery.pk, due_at__isnull=False)


def _not_wanted(delivery: Delivery) -> str:
    """Return why it goes to no one; empty when it is to be sent."""
    if not delivery.person.is_active:
        return "The account was deleted."
    key = delivery.key
    if key is not None and (key.revoked_at is not None or key.has_expired):
        what = "API key was revoked" if key.client_id is None else "app was disconnected"
        return f"The {what} or has expired."
    endpoint = delivery.endpoint
    if endpoint is not None and endpoint.off_at is not None:
        return "The endpoint was switched off."
    return ""
