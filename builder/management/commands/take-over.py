"""`manage.py take-over`: a restored copy becomes the server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builder.staff.operator import server_services
from core import installation, releases


class Command(BaseCommand):
    help = (
        "Make a restored copy, or a database that was moved, the server: it calls providers, sends"
        " mail and deletes old runs again. Only when the original doesn't run any more: both"
        " together would pay twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        move = releases.last_move()
        if not installation.is_quiet() and not move:
            self.stdout.write("This server isn't a quiet copy: there is nothing to take over.")
            return
        if not options["yes"]:
            original = move["to"] if move else "the original"
            self.stdout.write(
                f"Is {original} stopped for good? If it runs too, jobs are paid for twice, and"
                " files that only one of them knows are deleted."
            )
            if not is_confirmed():
                self.stdout.write("Nothing was changed.")
                return
        if move:
            releases.note_move("")
        if installation.is_quiet():
            server_services.take_over(actor=None)
        self.stdout.write(
            "This is the server now. Its people are asked before unfinished work is paid for again."
        )


def is_confirmed() -> bool:
    """Ask for a yes. Raises CommandError without a terminal."""
    try:
        return input("Type yes to take over: ").strip().lower() == "yes"
    except EOFError:
        raise CommandError("There is no terminal to ask at. Say it with --yes.") from None
