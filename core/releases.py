"""The release of this code, and whether it may work on the database it finds."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from core import clock
from core.command_names import command

# Semantic version, for operators: /admin/server, `doctor` and backups show it.
RELEASE = "1.0.0"
# The row of ServerSetting that says where a database was moved to. It holds no setting.
MOVE = "_moved"


class NewerDatabase(CommandError):
    """A newer release has changed the database: this one could damage what it does not know."""

    def __init__(self, unknown: list[str]) -> None:
        names = ", ".join(unknown[:3]) + (" …" if len(unknown) > 3 else "")
        super().__init__(
            f"A newer release of Reelgraph has changed this database ({names}). Start that release"
            " or a later one, or restore the backup that was made before the upgrade."
        )


class MovedDatabase(CommandError):
    """Another database holds since what this one held: both on one media folder delete files."""

    def __init__(self, target: str, at: str) -> None:
        super().__init__(
            f"This database was moved to {target} on {at[:10]}, which has the media folder now."
            " Set DATABASE_URL to it. To go back to this one for good, with what it held then:"
            f" `{command('take-over')}`."
        )


@cache
def migrations_on_disk() -> frozenset[tuple[str, str]]:
    """Return app and name of each migration, by its file: their modules hold 3 MB when imported.

    Read once: they do not change while a process runs.
    """
    pairs = set()
    for app in apps.get_app_configs():
        package, _ = MigrationLoader.migrations_module(app.label)
        try:
            path = import_module(package).__path__ if package else []
        except ModuleNotFoundError:
            continue
        # As `MigrationLoader` reads them.
        names = {name for _, name, is_package in pkgutil.iter_modules(path) if not is_package}
        pairs |= {(app.label, name) for name in names if name[0] not in "_~"}
    return frozenset(pairs)


def refuse_newer_database() -> None:
    """Raises NewerDatabase, and DatabaseError when the database does not answer."""
    if unknown := unknown_migrations():
        raise NewerDatabase(unknown)


def refuse_database() -> None:
    """Raises NewerDatabase; MovedDatabase; DatabaseError when the database does not answer."""
    refuse_newer_database()
    if move := last_move():
        raise MovedDatabase(move["to"], move["at"])


def last_move() -> dict[str, str]:
    """Return where this database was moved to, as `to`, and when, as `at`; {} where it wasn't."""
    model = apps.get_model("core", "ServerSetting")
    with connection.cursor() as cursor:
        # Not before the migration of a release that has it.
        if model._meta.db_table not in connection.introspection.table_names(cursor):
            return {}
    rows = model._default_manager.filter(name=MOVE)
    value: dict[str, str] | None = rows.values_list("value", flat=True).first()
    return value or {}


def note_move(target: str) -> None:
    """Note where this database was moved to, without a password; "" when it is the server again."""
    objects = apps.get_model("core", "ServerSetting")._default_manager
    if target:
        move = {"to": target, "at": clock.iso(clock.now())}
        objects.update_or_create(name=MOVE, defaults={"value": move})
    else:
        objects.filter(name=MOVE).delete()


def has_tables() -> bool:
    """Return whether the database was migrated before."""
    return bool(_applied_pairs())


def unapplied_migrations() -> list[str]:
    """Names of migrations this release has and the database lacks."""
    return _names_of(migrations_on_disk() - _applied_pairs())


def unknown_migrations() -> list[str]:
    """Names of migrations the database has and this release does not know."""
    unknown = _applied_pairs() - migrations_on_disk()
    # Only a squashed migration knows more names than its own, and to ask it costs an import of all.
    return _names_of(unknown - _replaced_pairs()) if unknown else []


def known_migrations() -> set[str]:
    """Return the names of the migrations that this release knows."""
    return set(_names_of(migrations_on_disk() | _replaced_pairs()))


def _names_of(migrations: set[tuple[str, str]] | frozenset[tuple[str, str]]) -> list[str]:
    return sorted(".".join(one) for one in migrations)


def _applied_pairs() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())


@cache
def _replaced_pairs() -> frozenset[tuple[str, str]]:
    on_disk = MigrationLoader(None).disk_migrations
    return frozenset(one for migration in on_disk.values() for one in migration.replaces)
