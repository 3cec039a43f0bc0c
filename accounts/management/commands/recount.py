"""`manage.py recount`: set what is noted of people's storage to what their rows take."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import storage
from accounts.models import User


class Command(BaseCommand):
    help = "Count again what people's uploads, results, versions and edits take."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", nargs="*", help="user names; none: everyone")

    def handle(self, *args: Any, user: list[str], **options: Any) -> None:
        people = User.objects.order_by("pk")
        if user:
            people = people.filter(username__in=user)
            missing = sorted(set(user) - set(people.values_list("username", flat=True)))
            if missing:
                raise CommandError(f"There is no user named {', '.join(missing)}.")
        off = 0
        for person in people.iterator():
            for kind, (noted, true) in storage.recount(person).items():
                off += 1
                self.stdout.write(f"{person.username}: {kind} {noted} → {true} bytes")
        self.stdout.write(f"{off} figures were off." if off else "Every figure was right.")
