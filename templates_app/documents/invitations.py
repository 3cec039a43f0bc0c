"""Rights to edit a template together: offers, their acceptance, and taking them back.

An offer is answered and listed the same way whether the name exists or not, so that the
answer does not tell who is here. The person invited decides.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from accounts import blocks, rate_limits
from accounts.models import User
from accounts.selectors import person_named
from accounts.suspension import check_may_act
from core import errors, short_text
from notices import create_notice
from templates_app.documents import hints, selectors
from templates_app.models import EDITOR, ROLES, Collaborator, Invitation, Template

NAME_LENGTH = 150


def invite(*, actor: User, public_id: str, username: str, role: str = EDITOR) -> Invitation | None:
    """Offer a person a role in an own template. Harmless to repeat; another role takes its place.

    None: they work on it already, and have the role from now on. Raises NotFound, Forbidden (for
    someone suspended, too), InvalidInput for what is no name or role, Conflict when
    COLLABORATORS_LIMIT people work on it or are invited, QuotaExceeded above INVITATIONS_PER_HOUR
    new ones.
    """
    check_may_act(actor)
    if role not in ROLES:
        raise errors.InvalidInput("Choose viewer, commenter or editor.", code="document.role")
    template = selectors.own_template(actor, public_id)
    name = short_text.clean(username, field="username")
    if not name or len(name) > NAME_LENGTH:
        raise errors.InvalidInput("Enter the person's username.", code="document.unknown_person")
    account = person_named(name)
    if account == actor:
        raise errors.InvalidInput("You're the owner.", code="document.unknown_person")
    person = account if account is not None and account.is_active else None
    with transaction.atomic():
        # Locked, so that two at once do not both take the last place.
        Template.objects.select_for_update().only("pk").get(pk=template.pk)
        # Before the people: who accepts just now is one of them when this goes on.
        if existing := _offer(template, name, account):
            existing.role = role
            existing.save(update_fields=["role"])
            return existing
        if Collaborator.objects.filter(template=template, user=person).update(role=role):
            hints.access_changed(template)
            return None
        # Both are listed for the owner: only what is new tells of names.
        rate_limits.check_invitations(actor)
        if person is not None and blocks.kind_between(actor, person) == blocks.BLOCK:
            blocks.check_not_apart(actor, {person.pk}, "invite them")
        if person is not None and blocks.kind_between(person, actor) == blocks.BLOCK:
            # As for a name that does not exist: who is blocked isn't told.
            person = None
        edit = Collaborator.objects.filter(template=template).count()
        if edit + Invitation.objects.filter(template=template).count() >= (
            settings.COLLABORATORS_LIMIT
        ):
            raise errors.Conflict(
                f"Limit reached: {settings.COLLABORATORS_LIMIT} people, those invited included."
                " Remove one first.",
                code="document.too_many_people",
            )
        invitation = Invitation.objects.create(template=template, name=name, user=person, role=role)
        if person is not None:
            create_notice.tell(
                person.pk,
                "invitation",
                about=f"invitation:{invitation.pk}",
                text=f"{actor.shown_name} invites you to “{template.name}” as {role}.",
                url="/me/templates",
                by=actor,
            )
        return invitation


def accept(*, actor: User, invitation_id: int) -> Template:
    """Take an offer up. Raises NotFound for one that is not theirs or was withdrawn."""
    with transaction.atomic():
        invitation = _open(actor, invitation_id)
        Collaborator.objects.bulk_create(
            [Collaborator(template=invitation.template, user=actor, role=invitation.role)],
            ignore_conflicts=True,
        )
        invitation.delete()
    return invitation.template


def decline(*, actor: User, invitation_id: int) -> Template:
    """Turn an offer down. Its owner goes on seeing it as sent, until they withdraw it: as for a
    name that does not exist. Raises NotFound as `accept`."""
    with transaction.atomic():
        invitation = _open(actor, invitation_id)
        Invitation.objects.filter(pk=invitation.pk).update(user=None)
    return invitation.template


def remove(*, actor: User, public_id: str, username: str) -> None:
    """Take a role, or the offer of it, away: the owner from anyone, and everyone from themselves.
    Raises NotFound, Forbidden."""
    name = short_text.tidy(username)
    person = person_named(name)
    find = selectors.readable if person == actor else selectors.own_template
    template = find(actor, public_id)
    with transaction.atomic():
        offer = _offer(template, name, person)
        if offer is not None:
            if offer.user_id is not None:
                create_notice.take_back(offer.user_id, f"invitation:{offer.pk}")
            offer.delete()
        Collaborator.objects.filter(template=template, user=person).delete()
    hints.access_changed(template)


def open_invitations(template: Template) -> list[dict[str, str]]:
    """List who was invited and has not accepted, in that order: `{"username", "role"}`."""
    rows = Invitation.objects.filter(template=template).order_by("id")
    return [{"username": name, "role": role} for name, role in rows.values_list("name", "role")]


def sent_to(person: User) -> list[Invitation]:
    """Offers that this person may take up, newest first."""
    return list(
        Invitation.objects.filter(
            user=person,
            template__deleted_at=None,
            template__head__isnull=False,
            template__moderation="visible",
        )
        .exclude(blocks.apart_from("template__owner", person.pk))
        .select_related("template__owner")
        .order_by("-id")[:100]
    )


def _offer(template: Template, name: str, person: User | None) -> Invitation | None:
    """Lock the offer to a name, as it was typed in any case. person: who is meant by it."""
    rows = Invitation.objects.select_for_update().filter(template=template, name__iexact=name)
    return next((row for row in rows if person_named(row.name) == person), None)


def _open(actor: User, invitation_id: int) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update()
        .filter(pk=invitation_id, user=actor, template__deleted_at=None)
        .exclude(blocks.apart_from("template__owner", actor.pk))
        .first()
    )
    if invitation is None:
        raise errors.NotFound(
            "This invitation is not open any more: it was withdrawn, or the template is gone.",
            code="invitation.gone",
        )
    return invitation
