"""Write the tools' reference page, or check that it is current."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tools import reference, registry

PAGE = "docs/reference/tools.md"


class Command(BaseCommand):
    # It must run while the rest of the project is half-built, as declarations change.
    requires_system_checks: list[str] = []
    help = f"Write {PAGE} from the tools' declarations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only check that it is current")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / PAGE
        page = reference.render(registry.catalogue(), registry.provider_name)
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != page:
                raise CommandError(f"{PAGE} is not current: run `manage.py tooldocs`.")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
        self.stdout.write(f"Wrote {PAGE}.")
