"""`manage.py demo`: people, remixes, reports and runs for a look around."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from builder.demo import MODERATOR, prepare_demo
from core import errors


class Command(BaseCommand):
    help = "Add people, remixes, reports and runs to look around in. For a local trial only."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            shown = prepare_demo(base_url=f"http://127.0.0.1:{settings.PORT}")
        except errors.AppError as problem:
            raise CommandError(problem.message) from problem
        if shown.unfinished:
            self.stdout.write(
                f"{shown.unfinished} runs wait for an idle moment of the workers (make run). Once"
                " they are done, make demo again shows their films."
            )
        self.stdout.write("Each link signs in once, within 15 minutes:")
        for name, link in shown.links.items():
            role = " (moderator)" if name == MODERATOR and shown.moderator else ""
            self.stdout.write(f"  {name + role:<16} {link}")
