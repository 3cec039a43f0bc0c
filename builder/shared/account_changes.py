"""A person's name, and deleting an account: each app changes its own rows, in an order that can be
repeated."""

from __future__ import annotations

from django.db import transaction

from accounts import services as accounts
from accounts.models import User
from comments import deleting as comments
from compose import charging
from core import errors
from creations import listing
from creations import retention as creations
from media import purging as media
from moderation.case_changes import forget_words
from notices import create_notice as notices
from runs.engine import retention as runs
from templates_app.lifecycle import purging as templates


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
    """Delete what is private of a person and make them no one.

    Their runs are stopped and deleted, with creations, comments, likes, uploads, keys, sessions and
    private templates; public templates stay, by "deleted user". Interrupted, it can be repeated:
    the way in is taken last. Raises Conflict for the owner of the server.
    """
    if user.is_superuser:
        raise errors.Conflict(
            "The owner of this server can't be deleted.",
            code="account.owner",
        )
    # First, so that programs start nothing more meanwhile.
    accounts.revoke_api_keys(user=user)
    _delete_work(user)
    accounts.erase_user(user=user)
    # What another window began between the two.
    _delete_work(user)
    forget_words(user.pk)


def _delete_work(user: User) -> None:
    # What they said and liked goes before the accounts of others lose track of it.
    comments.delete_all(author=user)
    creations.forget_likes(person=user)
    # Runs point at template versions, and both at media. Creations go with their runs.
    runs.delete_runs(owner=user)
    templates.delete_private(owner=user)
    media.delete_uploads(owner=user)
    charging.forget(user)
    notices.forget_person(user)
