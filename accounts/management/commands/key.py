"""`manage.py key alice`, or `--user alice`: a new API key, printed once, as the last line. `--new`
creates her, too."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import scopes, services
from accounts.person_argument import add_person, person_of
from core import durable, errors
from core.openapi import Scope
from core.server_address import server_url

LONGEST_DAYS = 3650


class Command(BaseCommand):
    help = "Create an API key. The last line printed is the key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, "whose key (default: owner)", may_be_new=True)
        parser.add_argument(
            "--scope",
            choices=scopes.SCOPES,
            default=scopes.ALL,
            help="what it may do (default: all)",
        )
        parser.add_argument("--days", type=int, help="how long it works (default: until revoked)")
        parser.add_argument("--name", default="command line", help="what the key is for")

    def handle(
        self,
        *args: Any,
        name: str,
        scope: Scope = scopes.ALL,
        days: int | None = None,
        **options: Any,
    ) -> None:
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days takes a whole number from 1 to {LONGEST_DAYS}.")
        person = person_of(options, default=services.OWNER)
        if not person.is_active:
            raise CommandError(f"{person.username} can't sign in, so a key wouldn't work.")
        try:
            _, text = services.create_api_key(
                user=person, name=name, scope=scope, life=timedelta(days=days) if days else None
            )
        except errors.AppError as error:
            raise CommandError(error.message) from error
        durable.flush()
        where = f"{person.username} at {server_url()}"
        self.stdout.write(f"A new API key for {where}, shown only once:")
        self.stdout.write(text)
