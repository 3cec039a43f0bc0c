"""`manage.py key --user alice`: a new API key, printed once, as the last line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.models import User
from core import durable, errors


class Command(BaseCommand):
    help = "Make an API key. The user is created if needed. The last line printed is the key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", default=services.OWNER, help="whose key (default: owner)")
        parser.add_argument("--name", default="command line", help="what the key is for")

    def handle(self, *args: Any, user: str, name: str, **options: Any) -> None:
        username = user.strip() or services.OWNER
        person = (
            services.ensure_owner()
            if username == services.OWNER
            else User.objects.filter(username=username).first()
        )
        try:
            person = person or services.create_user(username=username)
            if not person.is_active:
                raise CommandError(f"{username} may not sign in, so a key would not work.")
            _, text = services.create_api_key(user=person, name=name)
        except errors.AppError as error:
            raise CommandError(error.message) from error
        durable.flush()
        self.stdout.write(f"A new API key for {username}. It is shown this once:")
        self.stdout.write(text)
