"""`manage.py moderator ada`: let a person moderate; `--remove` ends it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from core import durable
from moderation import services


class Command(BaseCommand):
    help = "Let a person handle reports at /admin/moderation/. With --remove, end it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="user name")
        parser.add_argument("--remove", action="store_true", help="they moderate no longer")

    def handle(self, *args: Any, name: str, remove: bool, **options: Any) -> None:
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise CommandError(
                f"There is no user {name!r}. `manage.py key --user {name}` makes one."
            )
        if remove:
            services.remove_moderator(user=user)
            said = f"{name} moderates no longer."
        else:
            services.add_moderator(user=user)
            said = f"{name} moderates now, at /admin/moderation/."
        durable.flush()
        self.stdout.write(said)
