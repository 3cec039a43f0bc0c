"""`manage.py signin-link alice`, or `--user alice`: an address that signs her in once. `--new`
creates her, too."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import one_time_links
from accounts.person_argument import add_person, person_of
from core import durable, errors
from core.server_address import server_url


class Command(BaseCommand):
    help = "Create a link that signs a person in once. The last line printed is the link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, "who will sign in", may_be_new=True)

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_of(options)
        try:
            link = one_time_links.create_signin_link(user=person, base_url=server_url())
        except errors.AppError as error:
            raise CommandError(error.message) from error
        durable.flush()
        self.stdout.write(f"Signs {person.username} in once, expires in 15 minutes:")
        self.stdout.write(link)
