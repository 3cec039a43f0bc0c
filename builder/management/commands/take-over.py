"""`manage.py take-over`: a restored copy becomes the server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from builder.staff.operator import server_services
from core import installation


class Command(BaseCommand):
    help = (
        "Make a restored copy the server: it calls providers, sends mail and deletes old runs"
        " again. Only when the original doesn't run any more: both together would pay twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        if not installation.is_quiet():
            self.stdout.write("This server isn't a quiet copy: there is nothing to take over.")
            return
        if not options["yes"]:
            self.stdout.write(
                "Is the original stopped for good? If it runs too, jobs are paid for twice."
            )
            if input("Type yes to take over: ").strip().lower() != "yes":
                self.stdout.write("Nothing was changed.")
                return
        server_services.take_over(actor=None)
        self.stdout.write(
            "This is the server now. Its people are asked before unfinished work is paid for again."
        )
