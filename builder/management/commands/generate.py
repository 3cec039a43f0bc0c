"""Write all that is derived from declarations, or check that it is current."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from builder.codegen import files


class Command(BaseCommand):
    # It must run while the rest of the project is half-built, as declarations change.
    requires_system_checks: list[str] = []
    help = "Write the TypeScript types, style sheet variables and reference pages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only check that all are current")

    def handle(self, *args: Any, **options: Any) -> None:
        root = settings.BASE_DIR
        stale = {path.relative_to(root): text for path, text in files.out_of_date(root)}
        if options["check"]:
            if stale:
                names = ", ".join(map(str, stale))
                raise CommandError(f"Out of date: {names}. Run `manage.py generate`.")
            return
        for path, text in stale.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path}.")
