"""Endpoints: everything that writes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from accounts import rate_limits
from accounts.models import User
from accounts.names import invalid
from accounts.suspension import check_may_act
from core import clock, errors
from notices import create_notice
from runs.admission.receivers import check_url
from runs.webhook_events import EVENTS
from webhooks import deliveries, signatures
from webhooks.models import Delivery, Endpoint

MOST: Final = 10
# So long the secret before still signs, beside the new one.
BOTH_SIGN: Final = timedelta(hours=24)
# An endpoint that has failed for so long is switched off.
FAILS_FOR: Final = timedelta(days=5)


def of_person(person: User) -> Sequence[Endpoint]:
    """List a person's endpoints, oldest first."""
    return list(Endpoint.objects.filter(person=person).order_by("id"))


def own_endpoint(person: User, public_id: str) -> Endpoint:
    """Return one of a person's endpoints. Raises NotFound, for another's too."""
    endpoint = Endpoint.objects.filter(person=person, public_id=public_id).first()
    if endpoint is None:
        raise errors.NotFound("Endpoint not found.", code="webhook.not_found")
    return endpoint


def create(person: User, *, url: str, events: Collection[str]) -> tuple[Endpoint, str]:
    """Add an endpoint. Return it and its secret, which is shown once.

    Raises InvalidInput, Forbidden for someone suspended, Conflict beyond MOST, QuotaExceeded.
    """
    check_may_act(person)
    names = _checked_events(events)
    check_url(url, person_id=person.pk, field="url")
    secret = signatures.new_secret()
    endpoint = Endpoint(person=person, url=url, events=names)
    endpoint.secret = signatures.seal(secret, endpoint.public_id)
    with transaction.atomic():
        # Of two at once, one waits for the other here.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if Endpoint.objects.filter(person=person).count() >= MOST:
            raise errors.Conflict(
                f"You have {MOST} endpoints, which is the limit. Delete one first.",
                code="webhook.too_many",
            )
        endpoint.save(force_insert=True)
        transaction.on_commit(deliveries.forget_people)
    return endpoint, secret


def change(endpoint: Endpoint, *, url: str, events: Collection[str]) -> None:
    """Set where an endpoint is and what it hears. What is due goes to the new URL.

    Raises as `create`.
    """
    check_may_act(endpoint.person)
    names = _checked_events(events)
    if url != endpoint.url:
        check_url(url, person_id=endpoint.person_id, field="url")
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(url=url, events=names)
        due = Delivery.objects.filter(endpoint=endpoint, due_at__isnull=False)
        due.update(url=url, host=deliveries.host_of(url))


def delete(endpoint: Endpoint) -> None:
    """Delete an endpoint with its deliveries."""
    endpoint.delete()


def renew_secret(endpoint: Endpoint) -> str:
    """Give an endpoint a new secret, which is returned; the one before signs too for BOTH_SIGN."""
    check_may_act(endpoint.person)
    secret = signatures.new_secret()
    Endpoint.objects.filter(pk=endpoint.pk).update(
        secret=signatures.seal(secret, endpoint.public_id),
        former_secret=bytes(endpoint.secret),
        former_until=clock.now() + BOTH_SIGN,
    )
    return secret


def send_test(endpoint: Endpoint) -> None:
    """Send an endpoint a test. Raises Conflict where it is off, Forbidden for someone suspended."""
    check_may_act(endpoint.person)
    deliveries.check_is_on(endpoint)
    rate_limits.check_webhook_tests(endpoint.person_id)
    deliveries.note_test(endpoint)


def switch_on(endpoint: Endpoint) -> None:
    """Have an endpoint hear again of what happens from now on."""
    check_may_act(endpoint.person)
    rows = Endpoint.objects.filter(pk=endpoint.pk)
    rows.update(off_at=None, off_reason="", failing_since=None)
    transaction.on_commit(deliveries.forget_people)


def switch_off(endpoint: Endpoint, why: str, *, is_noticed: bool = False) -> None:
    """Have an endpoint hear nothing more, and give up what is due for it.

    why: a sentence for the person. is_noticed: whether they get a notice of it.
    """
    with transaction.atomic():
        rows = Endpoint.objects.filter(pk=endpoint.pk, off_at=None)
        if not rows.update(off_at=clock.now(), off_reason=why[:300]):
            return
        due = Delivery.objects.filter(endpoint=endpoint, due_at__isnull=False)
        due.update(due_at=None, given_up="The endpoint was switched off.")
        if is_noticed:
            create_notice.tell(
                endpoint.person_id,
                "webhook",
                about=f"webhook:{endpoint.public_id}:{clock.now():%Y-%m-%dT%H:%M}",
                text=f"Webhooks to {deliveries.host_of(endpoint.url)} were switched off: {why}",
                url="/me/webhooks",
            )


def note_outcome(endpoint: Endpoint, at: datetime, *, is_done: bool) -> None:
    """Note how a try went; one that has failed for FAILS_FOR is switched off with a notice."""
    rows = Endpoint.objects.filter(pk=endpoint.pk)
    if is_done:
        rows.filter(failing_since__isnull=False).update(failing_since=None)
        return
    rows.filter(failing_since=None).update(failing_since=at)
    if endpoint.failing_since is not None and at - endpoint.failing_since > FAILS_FOR:
        why = f"no delivery was taken for {FAILS_FOR.days} days."
        switch_off(endpoint, why, is_noticed=True)


def export_of(person: User) -> list[dict[str, Any]]:
    """List a person's endpoints as they take them along: without secrets."""
    return [
        {
            "url": row.url,
            "events": row.events,
            "createdAt": clock.iso(row.created_at),
            "offAt": clock.iso_or_none(row.off_at),
        }
        for row in of_person(person)
    ]


def forget(person: User) -> None:
    """Delete endpoints and deliveries of a person who has left."""
    Delivery.objects.filter(person=person).delete()
    Endpoint.objects.filter(person=person).delete()


def _checked_events(events: Collection[str]) -> list[str]:
    names = [name for name in EVENTS if name in events]
    unknown = sorted(set(events) - set(EVENTS))
    if unknown or not names:
        text = ", ".join(EVENTS)
        raise invalid("events", f"Choose at least one of {text}.")
    return names
