"""New people: invitations, and accounts that an operator makes."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import names, one_time_links, rate_limits, roles, services
from accounts.models import OneTimeLink, User
from builder.staff.operator.people.changes import invalid, log
from builder.staff.operator.people.services import FORM, new_signin_link
from builder.staff.operator.services import check_operator
from moderation import audit_log
from moderation.models import AuditEntry
from notices import mailing

INVITE = "invite"
# A form that was sent twice is looked for among the latest of what its operator did.
_LOOKED_AT = 20


def invite(*, actor: User, note: str, form: str, base_url: str, email: str = "") -> str:
    """An address by which one person may join. note: whom it is for. email: where it is sent too.

    form: names the form that was sent; sent again, the first invitation ends, so that one is open.
    Raises Forbidden, InvalidInput, also for an email where this server sends none, and
    QuotaExceeded above INVITATIONS_PER_HOUR, or MAIL_LINKS_PER_HOUR to the same email address.
    """
    check_operator(actor)
    _check_form(form)
    if email and not mailing.is_on():
        raise invalid("email", "This server sends no mail. Leave it empty, and send the link.")
    rate_limits.check_invitations(actor)
    if email:
        rate_limits.check_mail_to(email, mailing.JOIN)
    with transaction.atomic():
        _lock(actor)
        for entry in _sent_before(actor, "invite.create", form):
            revoke(actor=actor, link_id=int(entry.subject_id))
        link = one_time_links.create_invitation(actor=actor, note=note or email, base_url=base_url)
        row = one_time_links.invitation_of(link)
        _log(actor, "invite.create", row, form=form, **({"mail": "Yes"} if email else {}))
        if email:
            _send(actor, row, link, email, base_url)
    return link


def _send(actor: User, row: OneTimeLink, link: str, email: str, base_url: str) -> None:
    name, days = actor.shown_name, one_time_links.INVITATION_LIFE.days
    mailing.queue(
        actor.pk,
        purpose=mailing.JOIN,
        key=_mail_key(row.pk),
        address=email,
        text=(
            f"{name} invites you to make videos, music and images on Reelgraph, at {base_url}."
            f" Choose your username here:\n\n{link}\n\n"
            f"The link creates one account, within {days} days. If you don't expect it, do"
            " nothing.\n"
        ),
    )


def _mail_key(link_id: int) -> str:
    return f"join:{link_id}"


def revoke(*, actor: User, link_id: int) -> bool:
    """Take an open invitation back. False when it was used, revoked or had run out."""
    with transaction.atomic():
        is_new = one_time_links.revoke_invitation(actor=actor, link_id=link_id)
        if is_new:
            mailing.drop(_mail_key(link_id))
            _log(actor, "invite.revoke", OneTimeLink.objects.get(pk=link_id))
    return is_new


def make_account(
    *, actor: User, username: str, display_name: str, form: str, base_url: str, note: str = ""
) -> tuple[User, str]:
    """Add a person without a password, and a link that signs them in once.

    form: as for `invite`; sent again, the account is the same and the first link ends. Raises
    Forbidden, InvalidInput, and Conflict for a username that is taken.
    """
    check_operator(actor)
    _check_form(form)
    with transaction.atomic():
        _lock(actor)
        for entry in _sent_before(actor, "person.add", form):
            account = User.objects.filter(public_id=entry.subject_id, is_active=True).first()
            is_new = (
                account is not None and account.username == username and account.last_login is None
            )
            if account is not None and is_new and roles.may_change(actor, account):
                return account, new_signin_link(account, base_url)
        names.check_username(username)
        person = services.create_user(
            username=username, display_name=names.check_display_name(display_name)
        )
        log(actor, "person.add", person, note=note, username=username, form=form)
        return person, new_signin_link(person, base_url)


def _sent_before(actor: User, action: str, form: str) -> list[AuditEntry]:
    rows = AuditEntry.objects.filter(actor=actor, action=action).order_by("-id")
    return [entry for entry in rows[:_LOOKED_AT] if entry.data.get("form") == form]


def _lock(actor: User) -> None:
    # Two of one form at once go one after the other.
    list(User.objects.select_for_update(no_key=True).filter(pk=actor.pk).values_list("pk"))


def _check_form(form: str) -> None:
    if not FORM.fullmatch(form):
        raise invalid("form", "This page is out of date. Reload it and try again.")


def _log(actor: User, action: str, row: OneTimeLink, **more: Any) -> None:
    audit_log.enter(
        actor=actor,
        action=action,
        subject_kind=INVITE,
        subject_id=str(row.pk),
        data={"for": row.subject or "anyone", **more},
    )
