"""`manage.py move-database --to URL`: the whole database to Postgres, or back to SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections

from backups import moving
from backups.folders import BackupProblem
from builder.ops import database_settings
from builder.ops.server.processes import AlreadyRunning
from builder.ops.server.stopped_server import stopped_server
from core import database, releases
from core.command_names import start_in

# Of the source, or of how processes talk to each other.
NOT_FOR_TARGET = ("REELGRAPH_DIRECT_DATABASE_URL", "REELGRAPH_CHANNEL_LAYER")
NOTHING = (
    "There is no database to move: DATABASE_URL and REELGRAPH_HOME name the one that is moved, --to"
    " the new one."
)


class Command(BaseCommand):
    help = (
        "Move all people, templates, runs and settings into an empty database, Postgres or SQLite,"
        " while the server is stopped. The database that is moved stays as it is, and no"
        " server starts on it. Media stay where they are."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            required=True,
            metavar="URL",
            help="postgres://user:password@host:5432/name, or a file of SQLite; a password may"
            " be in PGPASSWORD or ~/.pgpass instead",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.move(url_of(options["to"]))
        except (BackupProblem, AlreadyRunning, ImproperlyConfigured) as problem:
            raise CommandError(str(problem)) from None
        except DatabaseError as problem:
            raise CommandError(database.away_sentence(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was moved.") from None

    def move(self, url: str) -> None:
        entry = database_settings.read_target(url)
        source = {**connection.settings_dict, **settings.DIRECT_DATABASE}
        check_source(source)
        with stopped_server(settings.RUN_DIR, self.say):
            with moving.opened(moving.TARGET, moving.only_looking(entry)) as target:
                moving.check_target(connection, target, releases.known_migrations())
            self.say("Making the tables…")
            make_tables(url)
            with (
                moving.opened(moving.SOURCE, source) as origin,
                moving.opened(moving.TARGET, entry) as target,
            ):
                result = moving.move(origin, target, self.say)
        connections.close_all()
        releases.note_move(without_password(url))
        if result.left_out:
            names = ", ".join(result.left_out)
            self.say(f"Not moved, as this release has no such tables: {names}.")
        self.say(
            f"Moved {result.rows:,} rows of {len(result.digests)} tables in {result.seconds:.1f} s."
            " Count and hash of every table are the same on both sides; of all:"
            f" {result.sha256[:16]}\nSet this, then start the server with"
            f" {start_in(settings.HOME)}:\n"
        )
        self.say(f"    DATABASE_URL={without_password(url)}\n\n{what_stays(url)}")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def url_of(text: str) -> str:
    """Return the URL that an operator means, who may also have named a file."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        path = Path(text).expanduser().absolute()
    elif scheme == "sqlite" and rest.startswith("/") and not rest.startswith("//"):
        path = Path(rest[1:]).absolute()
    else:
        return text
    return f"sqlite:///{quote(str(path))}"


def without_password(url: str) -> str:
    """Return a URL without its password, and without options, which may hold another."""
    parts = urlsplit(url)
    account, at, host = parts.netloc.rpartition("@")
    user, colon, _ = account.partition(":")
    options = "?…" if parts.query else ""
    password = ":…" if colon else ""
    return f"{parts.scheme}://{user}{password}{at}{host}{parts.path}{options}"


def what_stays(url: str) -> str:
    note = ""
    if "…" in without_password(url):
        note = "The URL is the one that you gave; … stands for what isn't shown.\n"
    if settings.DIRECT_DATABASE:
        note += (
            "REELGRAPH_DIRECT_DATABASE_URL still names the database that was moved. Unset it, or"
            " behind a pooler set it to the new server's own address.\n"
        )
    if connection.vendor == "sqlite":
        path = settings.DATABASES["default"]["NAME"]
        return f"{note}{path} stays as it was. Media and secret_key stay in {settings.HOME}."
    return f"{note}The Postgres database stays as it was. Media and secret_key stay where they are."


def check_source(source: dict[str, Any]) -> None:
    """Raise where there is nothing to move, a pooler answers, or the tables are of another release.

    source: as in settings.DATABASES.
    """
    if not database.exists():
        raise BackupProblem(NOTHING)
    with moving.opened(moving.SOURCE, source):
        pass
    if not releases.has_tables():
        raise BackupProblem(NOTHING)
    # One that was moved has the note of it, which would be moved along.
    releases.refuse_database()
    if releases.unapplied_migrations():
        raise BackupProblem(
            "This release hasn't updated the database yet. Start the server once, stop it, then run"
            " this again."
        )


def make_tables(url: str) -> None:
    """Migrate the target in a process of its own: apps and migrations depend on the database."""
    environment = {k: v for k, v in os.environ.items() if k not in NOT_FOR_TARGET}
    manage = os.fspath(Path(settings.BASE_DIR) / "manage.py")
    command = [sys.executable, manage, "migrate", "--verbosity", "0", "--no-input", "--skip-checks"]
    process = subprocess.run(  # noqa: S603
        command,
        env={**environment, "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode:
        text = reason_in(process.stderr) or f"exit code {process.returncode}"
        password = urlsplit(url).password or ""
        for secret in filter(None, {password, unquote(password)}):
            text = text.replace(secret, "…")
        raise BackupProblem(f"The tables of the target can't be made: {text}")


def reason_in(stderr: str) -> str:
    """Return the first line of the error that ended a process, with or without its traceback."""
    lines = stderr.strip().splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    after = lines[frames[-1] + 1 :] if frames else lines
    return next((line for line in after if not line.startswith(" ")), "")
