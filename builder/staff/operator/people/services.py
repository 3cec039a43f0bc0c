"""Operators' changes to someone's account: credit, limits, ways in, its name and its end.

Each is in the audit log with what it was before and after. A second time, it changes nothing.
"""

from __future__ import annotations

import re
from typing import Final

from django.db import transaction

from accounts import (
    ledger,
    one_time_links,
    person_limits,
    roles,
    second_factor,
    security,
    sessions,
)
from accounts import (
    services as accounts,
)
from accounts.models import LedgerEntry, User
from accounts.storage import readable
from builder.shared.account_changes import change_profile, delete_account
from builder.staff.operator.people.changes import (
    changing,
    check_no_owner,
    check_not_own,
    invalid,
    log,
)
from core import errors
from moderation.models import USER, AuditEntry
from notices import addresses, create_notice
from runs.billing.units import units
from runs.engine.blocked_owners import forget_closed_accounts

# More than anyone needs, and far below what the column holds.
MOST_MILLI: Final = 10**12
# What a page puts into its forms, so that one sent twice counts once.
FORM: Final = re.compile(r"[0-9a-f]{24}")
PASSWORD, SIGN_IN = "password", "sign-in"
_OWN_PAGE: Final = "Do this on your account page."


def grant(*, actor: User, person: User, milli: int, form: str, note: str = "") -> bool:
    """Give a person credit, or below zero take it. milli: thousandths of a unit, not 0.

    form: names the form that was sent; sent again it changes nothing and returns False. Owners may
    grant to themselves, other operators not. Raises Forbidden, NotFound, InvalidInput, and Conflict
    for a form that was sent before with another amount.
    """
    if not milli or abs(milli) > MOST_MILLI:
        raise invalid("units", f"Enter a number from 0.001 to {units(MOST_MILLI):,}.")
    if not FORM.fullmatch(form):
        raise invalid("form", "This page is out of date. Reload it and try again.")
    ref = f"grant:{form}:{person.public_id}"
    with changing(actor, person) as row:
        if actor.pk == row.pk and not roles.is_owner(actor):
            raise errors.Forbidden("You can't change your own credits. Ask another operator.")
        entry = LedgerEntry.objects.filter(ref=ref, kind="grant").first()
        if entry is not None:
            if entry.milli != milli:
                raise errors.Conflict(
                    f"This form was already sent, with {units(entry.milli):g} credits. Reload the"
                    " page and try again.",
                )
            return False
        before = ledger.balance(row)
        ledger.grant(user=row, milli=milli, ref=ref)
        log(
            actor,
            "person.credit",
            row,
            note=note,
            before={"credits": units(before)},
            after={"credits": units(before + milli)},
            amount=f"{units(milli):+g}",
        )
    return True


def set_limits(
    *,
    actor: User,
    person: User,
    daily_milli: int | None,
    storage_bytes: int | None,
    active_runs: int | None,
    note: str = "",
) -> bool:
    """Set a person's own limits; None: as for everyone. False: they were so already.

    Raises Forbidden, NotFound, InvalidInput.
    """
    for field, value, most in (
        ("daily", daily_milli, person_limits.MOST_DAILY_MILLI),
        ("storage", storage_bytes, person_limits.MOST_STORAGE_BYTES),
        ("runs", active_runs, person_limits.MOST_ACTIVE_RUNS),
    ):
        if value is not None and not 0 <= value <= most:
            raise invalid(field, "Enter a smaller number, or leave it empty.")
    with changing(actor, person) as row:
        if actor.pk == row.pk and not roles.is_owner(actor):
            raise errors.Forbidden("You can't change your own limits. Ask another operator.")
        before = _limits_told(row)
        person_limits.set_limits(
            row, daily_milli=daily_milli, storage_bytes=storage_bytes, active_runs=active_runs
        )
        after = _limits_told(row)
        if before == after:
            return False
        log(actor, "person.limits", row, note=note, before=before, after=after)
    return True


def rename(*, actor: User, person: User, name: str, note: str = "") -> bool:
    """Change the name that others see; empty: none. False: it was so. The person is told.

    Raises Forbidden, NotFound, InvalidInput.
    """
    with changing(actor, person) as row:
        before = row.display_name
        change_profile(user=row, display_name=name, email=row.email)
        if row.display_name == before:
            return False
        entry = log(
            actor,
            "person.rename",
            row,
            note=note,
            before={"name": before or "none"},
            after={"name": row.display_name or "none"},
        )
        security.record(security.RENAMED, user=row, by="operator")
        now = f"“{row.display_name}”" if row.display_name else "empty"
        create_notice.tell(
            row.pk,
            "moderation",
            about=f"rename:{entry.pk}",
            text=f"The operator of this server changed your display name. It's now {now}.",
            url="/me",
        )
    return True


def deactivate(*, actor: User, person: User, note: str = "") -> bool:
    """Close an account: its person can't sign in and its keys don't work. False: it was closed.

    Raises Forbidden for owners, oneself and, unless by an owner, people with a role; NotFound,
    InvalidInput.
    """
    with changing(actor, person) as row:
        check_not_own(actor, row, "Another operator can deactivate it.")
        check_no_owner(row)
        if not row.is_active:
            return False
        User.objects.filter(pk=row.pk).update(is_active=False)
        transaction.on_commit(forget_closed_accounts)
        sessions.end_all(row, by="operator")
        one_time_links.end_signin_links(user=row)
        security.record(security.ACCOUNT_CLOSED, user=row, by="operator")
        log(
            actor,
            "person.deactivate",
            row,
            note=note,
            before={"account": "active"},
            after={"account": "deactivated"},
        )
    return True


def activate(*, actor: User, person: User, note: str = "") -> bool:
    """Open an account again, with its keys; sessions stay ended. False: it was open."""
    with changing(actor, person) as row:
        if row.is_active:
            return False
        if AuditEntry.objects.filter(
            action="person.delete", subject_kind=USER, subject_id=row.public_id
        ).exists():
            raise errors.Conflict("This account is being deleted. Delete it again to finish.")
        User.objects.filter(pk=row.pk).update(is_active=True)
        transaction.on_commit(forget_closed_accounts)
        security.record(security.ACCOUNT_OPENED, user=row, by="operator")
        log(
            actor,
            "person.activate",
            row,
            note=note,
            before={"account": "deactivated"},
            after={"account": "active"},
        )
    return True


def delete(*, actor: User, person: User, typed: str, note: str = "") -> None:
    """Delete an account, as its person could; typed: its username, to confirm.

    Raises as `deactivate`.
    """
    with changing(actor, person) as row:
        check_not_own(actor, row, _OWN_PAGE)
        check_no_owner(row)
        if typed.strip() != row.username:
            raise invalid("typed", f"Type {row.username} to confirm.")
        entries = AuditEntry.objects.filter(action="person.delete", subject_kind=USER)
        if not entries.filter(subject_id=row.public_id).exists():
            log(
                actor,
                "person.delete",
                row,
                note=note,
                before={"account": "active" if row.is_active else "deactivated"},
                after={"account": "deleted"},
            )
        delete_account(user=row)


def sign_out(*, actor: User, person: User, note: str = "") -> bool:
    """End every session and every sign-in of a program; keys stay. False: there was none."""
    with changing(actor, person) as row:
        check_not_own(actor, row, "Sign out elsewhere on your security page.")
        has_programs = row.token_families.filter(ended_at=None).exists()
        count = sessions.end_all(row, by="operator")
        if not count and not has_programs:
            return False
        log(
            actor,
            "person.sign_out",
            row,
            note=note,
            before={"sessions": count},
            after={"sessions": 0},
        )
    return True


def revoke_keys(*, actor: User, person: User, note: str = "") -> int:
    """Revoke all API keys of a person. Returns how many worked until now."""
    with changing(actor, person) as row:
        count = accounts.working_keys(row).count()
        if not accounts.revoke_api_keys(user=row) or not count:
            return 0
        security.record(security.KEY_REVOKED, user=row, by="operator", count=count)
        log(
            actor,
            "person.revoke_keys",
            row,
            note=note,
            before={"keys": count},
            after={"keys": 0},
        )
    return count


def reset_second_factor(*, actor: User, person: User, note: str = "") -> bool:
    """Turn a second factor off, for someone who lost app and codes; sessions end. False: none."""
    with changing(actor, person) as row:
        check_not_own(actor, row, "Turn it off on your security page.")
        if not second_factor.reset(user=row):
            return False
        sessions.end_all(row, by="operator")
        log(
            actor,
            "person.second_factor",
            row,
            note=note,
            before={"second_factor": "on"},
            after={"second_factor": "off"},
        )
    return True


def make_link(
    *, actor: User, person: User, kind: str, by_mail: bool, base_url: str, note: str = ""
) -> str:
    """A link that works once: for a new PASSWORD within an hour, or to SIGN_IN within 15 minutes.

    The one of its kind that was made before ends. by_mail: for a password, send it to the person's
    confirmed address. Returns the link; empty where it was mailed. Raises Forbidden, NotFound,
    InvalidInput, Conflict.
    """
    if kind not in (PASSWORD, SIGN_IN):
        raise invalid("kind", "Choose a link for a new password or for signing in.")
    with changing(actor, person) as row:
        check_not_own(actor, row, _OWN_PAGE)
        if not row.is_active:
            raise errors.Conflict("This account is deactivated. Activate it first.")
        if kind == PASSWORD:
            link = addresses.offer_reset(person=row, base_url=base_url, by_mail=by_mail)
        else:
            link = new_signin_link(row, base_url)
        link_words = "new password" if kind == PASSWORD else "sign-in"
        log(
            actor,
            "person.link",
            row,
            note=note,
            link=f"{link_words}, {'by mail' if by_mail else 'shown to the operator'}",
        )
    return "" if by_mail and kind == PASSWORD else link


def new_signin_link(person: User, base_url: str) -> str:
    """The one sign-in link of a person that works from now on."""
    one_time_links.end_signin_links(user=person)
    return one_time_links.create_signin_link(user=person, base_url=base_url)


def _limits_told(person: User) -> dict[str, str]:
    own = person_limits.own_limits(person)
    usual = "as for everyone"
    daily, limit_bytes, runs = own.daily_milli, own.storage_bytes, own.active_runs
    return {
        "daily": usual if daily is None else f"{units(daily):g}",
        "storage": usual
        if limit_bytes is None
        else readable(limit_bytes)
        if limit_bytes
        else "none",
        "runs": usual if runs is None else str(runs),
    }
