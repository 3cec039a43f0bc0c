#!/usr/bin/env python
"""Django's command line, with our settings."""

import gc
import os
import sys


def main() -> None:
    from django.apps import apps

    # What is imported stays: looking through it for garbage, again and again while it grows, takes
    # a third of the time of a start. `builder.apps` switches it on again. A forked process has
    # imported everything: nothing would.
    is_forked = apps.ready
    if not is_forked:
        gc.disable()
    # The data folder holds sessions, keys and people's work: what is made there is private.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import ManagementUtility
    from django.db import DatabaseError

    try:
        utility = ManagementUtility(sys.argv)
        if is_forked:
            # Everything is set up: what would be done again is memory that it shares no more.
            utility.fetch_command(sys.argv[1]).run_from_argv(sys.argv)
        else:
            utility.execute()
    except ImproperlyConfigured as problem:
        # A setting that cannot be read is told in one line, not as a traceback.
        sys.exit(str(problem))
    except DatabaseError as problem:
        from core.database import away_sentence, is_away

        if not is_away(problem):
            raise
        sys.exit(away_sentence(problem))


if __name__ == "__main__":
    main()
