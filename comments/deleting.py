"""Deleting what someone wrote, when they leave."""

from __future__ import annotations

from accounts.models import User
from comments.models import Comment


def delete_all(*, author: User) -> None:
    """All comments of a person, with their answers. Harmless to repeat."""
    Comment.objects.filter(author=author).delete()
