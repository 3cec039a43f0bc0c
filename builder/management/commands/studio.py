"""`manage.py studio`: the earlier name of `manage.py serve`. It goes with the next release."""

from typing import Any

from builder.management.commands import serve


class Command(serve.Command):
    help = "The earlier name of `manage.py serve`."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write("`manage.py studio` is now `manage.py serve`; the old name will go.")
        super().handle(*args, **options)
