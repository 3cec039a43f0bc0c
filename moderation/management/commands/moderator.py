"""`manage.py moderator ada`: let a person moderate; `--remove` ends it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from core import durable
from moderation import moderators


class Command(BaseCommand):
    help = "Make a person a moderator, at /admin/moderation/. With --remove, end it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="username")
        parser.add_argument("--remove", action="store_true", help="end it")

    def handle(self, *args: Any, name: str, remove: bool, **options: Any) -> None:
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(f"No user named {name}. `manage.py key --user {name}` creates one.")
        if remove:
            moderators.take(user=user, role=moderators.MODERATOR)
            said = f"{name} is no longer a moderator."
        else:
            moderators.give(user=user, role=moderators.MODERATOR)
            said = f"{name} is now a moderator: /admin/moderation/"
        durable.flush()
        self.stdout.write(said)
