"""The accounts at a provider that are known here, and who may join by one.

A new one never becomes an existing person's, whatever its mail address is: who has an account here
links it while they are signed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import passwords, security, services
from accounts.models import User
from accounts.roles import is_owner
from core import clock, errors
from sign_on.flow import Arrival
from sign_on.models import Identity
from sign_on.provider import Provider

# People who didn't come by their identity for so long are listed for operators.
AWAY: Final = timedelta(days=90)


def person_of(arrival: Arrival) -> User | None:
    """Return whose account at the provider this is, and note its use; None: no one's here."""
    rows = Identity.objects.filter(issuer=arrival.issuer, subject=arrival.subject)
    identity = rows.select_related("person").first()
    if identity is None:
        return None
    rows.update(last_used_at=clock.now(), email=arrival.email)
    return identity.person


def check_may_join(provider: Provider, arrival: Arrival, *, is_invited: bool) -> None:
    """Raise Forbidden for someone whom the rule of this server lets in by an invitation alone."""
    if is_invited or _fits_rule(provider, arrival):
        return
    what = {
        "domains": "Only people with a confirmed mail address of certain domains may join.",
        "claim": f"{provider.name} doesn't say of this account that it may join.",
    }.get(provider.rule, "This server is invite-only.")
    raise errors.Forbidden(
        f"{what} Ask its owner for an invitation. If you have an account here, sign in to it and"
        " connect this one at /me/security.",
        code="sign_on.may_not_join",
    )


def join(
    arrival: Arrival, *, username: str, display_name: str, terms: str, invitation: str
) -> User:
    """Add a person who is known by this account at the provider, without a password.

    invitation: the token of a link, which is used up; empty: by the rule. Of two at once one is
    added, whom both return. Raises as `services.sign_up` and `services.accept_invitation`.
    """
    fields = {"username": username, "display_name": display_name, "terms": terms}
    try:
        with transaction.atomic():
            if invitation:
                person = services.accept_invitation(token=invitation, **fields)
            else:
                person = services.sign_up(**fields, by="sign-on")
            _add(person, arrival)
    except IntegrityError:
        former = person_of(arrival)
        if former is None:
            raise
        return former
    return person


def link(person: User, arrival: Arrival) -> None:
    """Let a person sign in by this account as well. Raises Conflict where it is another's."""
    former = person_of(arrival)
    if former is None:
        try:
            with transaction.atomic():
                _add(person, arrival)
                security.record(security.IDENTITY_LINKED, user=person, name=arrival.email)
            return
        except IntegrityError:
            former = person_of(arrival)
    if former is None or former.pk != person.pk:
        raise errors.Conflict(
            "This account is connected to someone else here. Sign in with another one there.",
            code="sign_on.taken",
        )


def unlink(person: User, identity_id: int) -> bool:
    """Let a person no longer sign in by an account. False: it was not theirs.

    Raises Conflict where it is their only way in.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        own = Identity.objects.filter(person=person)
        if not own.filter(pk=identity_id).exists():
            return False
        if own.count() == 1 and not may_use_password(person):
            raise errors.Conflict(
                "This is your only way to sign in. Set a password first, at /me.",
                code="sign_on.only_way",
            )
        own.filter(pk=identity_id).delete()
        security.record(security.IDENTITY_UNLINKED, user=person)
    return True


def may_use_password(person: User) -> bool:
    """Return whether this person can sign in with a password."""
    return person.has_usable_password() and (is_owner(person) or not passwords.are_closed())


def of_person(person: User) -> Sequence[Identity]:
    """List a person's identities, oldest first."""
    return list(Identity.objects.filter(person=person).order_by("id"))


def long_away() -> QuerySet[Identity]:
    """Select the identities of open accounts that weren't used for AWAY, the longest first: the
    provider may have ended theirs, while keys and apps here go on."""
    rows = Identity.objects.filter(last_used_at__lt=clock.now() - AWAY, person__is_active=True)
    return rows.select_related("person").order_by("last_used_at")


def export_of(person: User) -> list[dict[str, Any]]:
    """List a person's identities as they take them along."""
    return [
        {
            "issuer": row.issuer,
            "subject": row.subject,
            "email": row.email,
            "linkedAt": clock.iso(row.linked_at),
        }
        for row in of_person(person)
    ]


def forget(person: User) -> None:
    """Delete what a person who leaves was known by."""
    Identity.objects.filter(person=person).delete()


def suggested_username(arrival: Arrival) -> str:
    """Return a name that this person may like, of characters that a name may have."""
    text = (arrival.username or arrival.email).partition("@")[0]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:30]


def has_claim(arrival: Arrival, rule: str) -> bool:
    """Return whether the provider says `name=value` of someone: as a text, or among several."""
    name, _, value = (part.strip() for part in rule.partition("="))
    claim = arrival.claims.get(name)
    if isinstance(claim, bool):
        return value == str(claim).lower()
    return value in claim if isinstance(claim, list) else bool(value) and claim == value


def _fits_rule(provider: Provider, arrival: Arrival) -> bool:
    match provider.rule:
        case "everyone":
            return True
        case "claim":
            return has_claim(arrival, provider.claim)
        case "domains":
            domain = arrival.email.rpartition("@")[2].lower()
            return arrival.is_email_verified and domain in provider.domains
        case _:
            return False


def _add(person: User, arrival: Arrival) -> None:
    Identity.objects.create(
        person=person, issuer=arrival.issuer, subject=arrival.subject, email=arrival.email
    )
