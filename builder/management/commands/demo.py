"""`manage.py demo`: people, remixes, reports and runs for a look around."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builder.ops.samples.demo import MODERATOR, prepare_demo
from core import errors
from core.server_address import server_url


class Command(BaseCommand):
    help = "Add people, remixes, reports and runs to look around in. For a local trial only."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = prepare_demo(base_url=server_url())
        except errors.AppError as problem:
            raise CommandError(problem.message) from problem
        if result.unfinished:
            self.stdout.write(
                f"{result.unfinished} runs are queued for idle workers (make run)."
                " When they finish, run make demo again to see them."
            )
        self.stdout.write("Sign-in links (each works once, expires in 15 minutes):")
        for name, link in result.links.items():
            role = " (moderator)" if name == MODERATOR and result.moderator else ""
            self.stdout.write(f"  {name + role:<16} {link}")
