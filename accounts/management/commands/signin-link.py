"""`manage.py signin-link alice`, or `--user alice`: an address that signs her in once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import one_time_links, services
from accounts.models import User
from accounts.person_argument import add_person, person_name
from core import durable, errors
from core.server_address import server_url


class Command(BaseCommand):
    help = "Create a link that signs a person in once. The last line printed is the link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, "who will sign in; created if needed")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_name(options)
        try:
            person = (
                services.ensure_owner()
                if user == services.OWNER
                else User.objects.filter(username=user).first()
            ) or services.create_user(username=user)
            link = one_time_links.create_signin_link(user=person, base_url=server_url())
        except errors.AppError as error:
            raise CommandError(error.message) from error
        durable.flush()
        self.stdout.write("Works once, expires in 15 minutes:")
        self.stdout.write(link)
