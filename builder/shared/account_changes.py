"""A person's name, and deleting an account: each app changes its own rows, in an order that can be
repeated.

A person who leaves is no one from the answer to their request on; `finish_deletions`, a periodic
task of workers, deletes what is theirs, which for thousands of runs takes minutes.
"""

from __future__ import annotations

import logging

from django.db import transaction

from accounts import services as accounts
from accounts.models import AccountDeletion, User
from backups import left_accounts
from builder.account_exports import account_export
from comments import deleting as comments
from compose import charging, kept_proposals
from core import errors
from creations import listing
from creations import retention as creations
from media import purging as media
from moderation.case_changes import forget_words
from notices import create_notice as notices
from run_sets import services as run_sets
from runs.engine import retention as runs
from runs.models import Run
from sign_on import identities
from simple_apps import services as simple_apps
from templates_app.lifecycle import purging as templates
from webhooks import endpoints as webhooks

logger = logging.getLogger(__name__)

# How often deletions are looked for, and how long one part of one takes at most, about.
LOOK_S = 5.0
PART_S = 1.0


def change_profile(*, user: User, display_name: str, email: str) -> None:
    """Change name and address; search finds what they share by the new name.

    Raises InvalidInput.
    """
    before = user.display_name
    with transaction.atomic():
        accounts.change_profile(user=user, display_name=display_name, email=email)
        if user.display_name != before:
            listing.refresh_author(user.pk)


def delete_account(*, user: User) -> None:
    """Make a person no one at once, and have workers delete what is theirs.

    Their runs are stopped and deleted, with creations, comments, likes, uploads and private
    templates; public templates stay, by "deleted user". Raises Conflict for the owner of the
    server.
    """
    if user.is_superuser:
        raise errors.Conflict(
            "The owner of this server can't be deleted.",
            code="account.owner",
        )
    with transaction.atomic():
        AccountDeletion.objects.get_or_create(person=user)
        # From here on no guest starts a run that no one would pay for.
        simple_apps.end_all(owner=user)
        # With the way in: from here on the row alone says what is left to do.
        accounts.erase_user(user=user)
        identities.forget(user)


def repeat_deletions() -> None:
    """Delete the accounts again that a restored backup still holds."""
    for person in User.objects.filter(public_id__in=left_accounts.replayed_ids()):
        try:
            delete_account(user=person)
        except errors.Conflict:
            logger.warning("%s left and owned this server when it was backed up", person.public_id)
    left_accounts.forget_replayed()


def finish_deletions() -> float:
    """Delete a part of what is left of one person. Returns in how many seconds to ask again.

    Interrupted, it goes on where it was.
    """
    # Any: one that can't be deleted for now must not keep the others waiting.
    deletion = AccountDeletion.objects.order_by("?").select_related("person").first()
    if deletion is None:
        return LOOK_S
    person = deletion.person
    left_accounts.note(person.public_id, deletion.asked_at)
    simple_apps.stop_paid(payer=person)
    runs.delete_runs(owner=person, within_s=PART_S)
    if Run.objects.filter(owner=person).exists():
        return 0
    _delete_work(person)
    # What another window began before it was shut out.
    accounts.erase_user(user=person)
    forget_words(person.pk)
    deletion.delete()
    return 0


def _delete_work(user: User) -> None:
    # What they said and liked goes before the accounts of others lose track of it.
    comments.delete_all(author=user)
    creations.forget_likes(person=user)
    simple_apps.forget(owner=user)
    run_sets.forget(owner=user)
    webhooks.forget(user)
    kept_proposals.forget_all(user)
    # Runs, which point at template versions, are gone; both point at media.
    templates.delete_private(owner=user)
    media.delete_uploads(owner=user)
    charging.forget(user)
    notices.forget_person(user)
    # Its row went with the way in.
    account_export.remove_unknown_folders()
