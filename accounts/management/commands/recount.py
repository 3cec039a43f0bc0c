"""`manage.py recount`, `… alice` or `… --user alice`: correct the storage counted per person."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import storage
from accounts.models import User
from accounts.person_argument import person_named


class Command(BaseCommand):
    help = "Recount the storage used by people's uploads, results, versions and edits."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("people", nargs="*", metavar="NAME", help="(default: all people)")
        parser.add_argument("--user", action="append", metavar="NAME", help="the same")

    def handle(self, *args: Any, **options: Any) -> None:
        people = User.objects.order_by("pk")
        if names := {name.strip() for name in (*options["people"], *(options["user"] or ()))}:
            rows = {name: person_named(name) for name in names}
            if missing := sorted(name for name, person in rows.items() if person is None):
                raise CommandError(f"No user named {', '.join(missing)}.")
            people = people.filter(pk__in={person.pk for person in rows.values() if person})
        off = 0
        for person in people.iterator():
            for kind, (before, true) in storage.recount(person).items():
                off += 1
                self.stdout.write(f"{person.username}: {kind} {before} → {true} bytes")
        self.stdout.write(
            f"Corrected {off} number{'s' if off > 1 else ''}."
            if off
            else "All numbers are correct."
        )
