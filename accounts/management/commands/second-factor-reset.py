"""`manage.py second-factor-reset alice`: for someone who lost app and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor, services
from accounts.models import User


class Command(BaseCommand):
    help = "Turn off a person's second factor. Their sessions end; password and keys stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="whose second factor")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        person = User.objects.filter(username=user).first()
        if person is None:
            raise CommandError(f"No user named {user}.")
        if not second_factor.reset(user=person):
            raise CommandError(f"{user} has no second factor.")
        services.end_sessions(user=person)
        self.stdout.write(f"Turned off the second factor of {user}. They sign in without a code.")
