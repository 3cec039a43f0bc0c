"""`manage.py moderator ada`, or `--user ada`: let a person moderate; `--remove` ends it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.person_argument import add_person, person_of
from core import durable
from moderation import moderators


class Command(BaseCommand):
    help = "Make a person a moderator, at /admin/moderation/. With --remove, end it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, "who will moderate")
        parser.add_argument("--remove", action="store_true", help="end it")

    def handle(self, *args: Any, remove: bool, **options: Any) -> None:
        user = person_of(options)
        name = user.username
        if not user.is_active:
            raise CommandError(f"{name} can't sign in.")
        if remove:
            moderators.take(user=user, role=moderators.MODERATOR)
            message = f"{name} is no longer a moderator."
        else:
            moderators.give(user=user, role=moderators.MODERATOR)
            message = f"{name} is now a moderator: /admin/moderation/"
        durable.flush()
        self.stdout.write(message)
