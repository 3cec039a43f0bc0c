"""Deliveries as rows: written where a run moves, listed, and forgotten after a month."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from accounts import rate_limits
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors
from core.recent_reading import RecentReading
from core.server_address import server_url
from runs.models import Run
from runs.options import RunOptions
from runs.webhook_events import EVENT_OF, TEST
from webhooks.models import Delivery, Endpoint

LIFE: Final = timedelta(days=30)
LATEST: Final = 100
# How many rows `forget_old` deletes in one turn.
AT_ONCE: Final = 500

_kinds_left_out: set[str] = set()


def leave_out(*kinds: str) -> None:
    """Have endpoints hear nothing of runs of these kinds, which no one started as a workflow. Call
    it in `AppConfig.ready`."""
    _kinds_left_out.update(kinds)


def note_move(run: Run, to: str) -> None:
    """Write what receivers are to hear of a move, in its transaction.

    Nothing of what a guest started or a row of a table did, and of the server's own work.
    """
    event = EVENT_OF.get(to)
    if event is None or run.is_background or run.allowance_id is not None:
        return
    own = RunOptions.read(run.options).webhook
    is_own_heard = own is not None and event in own.events and run.api_key_id is not None
    is_left_out = run.kind in _kinds_left_out or run.owner_id not in _people_with_endpoints.get()
    endpoints = [] if is_left_out else _endpoints(run.owner_id, event)
    if not endpoints and not is_own_heard:
        return
    data = {
        "runId": run.public_id,
        "status": to,
        "title": run.title,
        "url": f"{server_url()}/runs/{run.public_id}",
    }
    body = body_of(event, data, clock.now())

    def row(url: str, **receiver: Any) -> Delivery:
        return Delivery(
            person_id=run.owner_id,
            run_id=run.pk,
            url=url,
            host=host_of(url),
            event=event,
            resume_count=run.resume_count,
            body=body,
            **receiver,
        )

    rows = [row(endpoint.url, endpoint=endpoint) for endpoint in endpoints]
    if own is not None and is_own_heard:
        rows.append(row(own.url, key_id=run.api_key_id))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def note_test(endpoint: Endpoint) -> None:
    """Send an endpoint a test, which tells of no run."""
    data = {"endpointId": endpoint.public_id}
    Delivery.objects.create(
        person_id=endpoint.person_id,
        endpoint=endpoint,
        url=endpoint.url,
        host=host_of(endpoint.url),
        event=TEST,
        body=body_of(TEST, data, clock.now()),
    )


def send_again(person: User, public_id: str) -> Delivery:
    """Have a delivery that has ended tried again, under its id. Raises NotFound, and Conflict while
    it is still on its way or its endpoint is off, and as `endpoints.send_test`."""
    check_may_act(person)
    rate_limits.check_webhook_tests(person.pk)
    own = Delivery.objects.select_related("endpoint").filter(person=person)
    row = own.filter(public_id=public_id).first()
    if row is None:
        raise errors.NotFound("Delivery not found.", code="webhook.not_found")
    if row.endpoint is not None:
        check_is_on(row.endpoint)
    rows = Delivery.objects.filter(pk=row.pk, due_at=None)
    if not rows.update(due_at=clock.now(), tries=0, done_at=None, given_up=""):
        raise errors.Conflict("This delivery is still being tried.", code="webhook.still_trying")
    return row


def check_is_on(endpoint: Endpoint) -> None:
    """Raise Conflict for an endpoint that is off."""
    if endpoint.off_at is not None:
        raise errors.Conflict(
            "This endpoint is off. Switch it on first.", code="webhook.endpoint_off"
        )


def latest_of(person: User) -> Sequence[Delivery]:
    """List a person's latest deliveries, newest first, with endpoint, key and run."""
    rows = Delivery.objects.select_related("endpoint", "key", "run").filter(person=person)
    return list(rows.order_by("-id")[:LATEST])


def export_of(person: User) -> Iterator[dict[str, Any]]:
    """Yield what was sent for a person, oldest first, as they take it along."""
    rows = Delivery.objects.filter(person=person).select_related("run").order_by("id")
    for row in rows.iterator(chunk_size=AT_ONCE):
        yield {
            "id": row.public_id,
            "event": row.event,
            "runId": row.run.public_id if row.run is not None else None,
            "url": row.url,
            "createdAt": clock.iso(row.created_at),
            "deliveredAt": clock.iso_or_none(row.done_at),
            "givenUp": row.given_up,
        }


def forget_old() -> None:
    """Delete some of those older than LIFE."""
    # By id, which has an index and grows with time.
    oldest = Delivery.objects.order_by("id").values_list("id", "created_at")[:AT_ONCE]
    before = clock.now() - LIFE
    Delivery.objects.filter(pk__in=[pk for pk, at in oldest if at < before]).delete()


def body_of(event: str, data: dict[str, str], at: datetime) -> str:
    """Return the JSON of a delivery, format 1: at most 4 KB, without prompts and signed links."""
    body = {"type": event, "timestamp": clock.iso(at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def host_of(url: str) -> str:
    """Return the host and port that a URL asks, which take one delivery at a time."""
    target = httpx.URL(url)
    return target.netloc.decode("ascii").lower()[:255]


def forget_people() -> None:
    """This process has added or switched on an endpoint: have it hear at once."""
    _people_with_endpoints.forget()


def _read_people() -> frozenset[int]:
    rows = Endpoint.objects.filter(off_at=None)
    return frozenset(rows.values_list("person_id", flat=True).distinct())


# At the end of every run, and few people have endpoints.
_people_with_endpoints: Final = RecentReading(_read_people)


def _endpoints(person_id: int, event: str) -> list[Endpoint]:
    rows = Endpoint.objects.filter(person_id=person_id, off_at=None).order_by("id")
    return [row for row in rows if event in row.events]
