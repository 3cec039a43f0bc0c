"""The release of this code, and whether it may work on the database it finds."""

from __future__ import annotations

from functools import cache

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

# Semantic version, for operators: /admin/server, `doctor` and backups show it.
RELEASE = "1.0.0"


class NewerDatabase(CommandError):
    """A newer release has changed the database: this one could damage what it does not know."""

    def __init__(self, unknown: list[str]) -> None:
        names = ", ".join(unknown[:3]) + (" …" if len(unknown) > 3 else "")
        super().__init__(
            f"A newer release of Reelgraph has changed this database ({names}). Start that release"
            " or a later one, or restore the backup that was made before the upgrade."
        )


def refuse_newer_database() -> None:
    """Raises NewerDatabase, and DatabaseError when the database does not answer."""
    if unknown := unknown_migrations():
        raise NewerDatabase(unknown)


def has_tables() -> bool:
    """Return whether the database was migrated before."""
    return bool(_applied_pairs())


def unapplied_migrations() -> list[str]:
    """Names of migrations this release has and the database lacks."""
    return _names_of(_needed_pairs() - _applied_pairs())


def unknown_migrations() -> list[str]:
    """Names of migrations the database has and this release does not know."""
    return _names_of(_applied_pairs() - _known_pairs())


def known_migrations() -> set[str]:
    """Return the names of the migrations that this release knows."""
    return set(_names_of(_known_pairs()))


def _names_of(migrations: set[tuple[str, str]] | frozenset[tuple[str, str]]) -> list[str]:
    return sorted(".".join(one) for one in migrations)


def _applied_pairs() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


@cache
def _needed_pairs() -> frozenset[tuple[str, str]]:
    # Read from the disk once: they do not change while a process runs.
    return frozenset(MigrationLoader(None).disk_migrations)


@cache
def _known_pairs() -> frozenset[tuple[str, str]]:
    on_disk = MigrationLoader(None).disk_migrations
    replaced_names = {one for migration in on_disk.values() for one in migration.replaces}
    return frozenset({*on_disk, *replaced_names})
