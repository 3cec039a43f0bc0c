"""`manage.py second-factor-reset alice`, or `--user alice`: for who lost app and codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor, services
from accounts.person_argument import add_person, person_of


class Command(BaseCommand):
    help = "Turn off a person's second factor. Their sessions end; password and keys stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, "whose second factor")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_of(options)
        name = person.username
        if not second_factor.reset(user=person):
            raise CommandError(f"{name} has no second factor.")
        services.end_sessions(user=person)
        self.stdout.write(f"Turned off the second factor of {name}. They sign in without a code.")
