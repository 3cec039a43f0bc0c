"""Checks of the secret key, the disk under the data, the address and settings of the page."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from core import declared_settings, durable, server_settings, sqlite_needs
from core.checks import ALL, START, Checks, fault, ok, register, warning


@register("secret key", every_s=1, faces=ALL)
def secret_key() -> Checks:
    """Compare it with what this process signs with."""
    path = settings.SECRET_KEY_FILE
    if path is None:
        if len(settings.SECRET_KEY) < 32:
            remedy = "Use at least 32 random characters in REELGRAPH_SECRET_KEY."
            yield warning("from the environment, and short", remedy)
        else:
            yield ok("from the environment")
        return
    try:
        is_same = path.read_text().strip() == settings.SECRET_KEY
    except OSError:
        is_same = False
    if is_same:
        yield ok("that of its file")
    else:
        yield fault(f"{path} is missing or changed", "Restore it, and restart.")


@register("flush", every_s=1, faces=ALL)
def flush() -> Checks:
    """Try again what the disk refused."""
    if durable.is_sound():
        yield ok("what was saved is on the disk")
    else:
        says = "the disk refused a write, so nothing more is saved"
        yield fault(says, "Check the disk and the kernel's log.")


@register("volume", every_s=3600, faces=START)
def volume() -> Checks:
    """Look at the file system that the data folder is on."""
    kind = sqlite_needs.filesystem_of(Path(settings.HOME), sqlite_needs.mounts())
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if is_sqlite and sqlite_needs.is_doubtful(kind):
        says = f"the data folder is on {kind}, where SQLite may lose or lock its data"
        yield warning(
            says,
            "Set REELGRAPH_HOME to a folder on a local disk or volume, or DATABASE_URL to a"
            " Postgres.",
        )
    else:
        yield ok(kind or "unknown type")


@register("public address", every_s=3600)
def public_address() -> Checks:
    """Look at whether others can listen."""
    url = settings.PUBLIC_URL
    if url.startswith("http://") and not re.match(r"http://(localhost|127\.|\[::1\])", url):
        yield warning(
            f"{url} isn't https: passwords and cookies are sent unencrypted",
            "Put a reverse proxy with a certificate in front, and use https in"
            " REELGRAPH_PUBLIC_URL.",
        )
    else:
        yield ok(url or "none: this machine only")


@register("server settings", every_s=60, after="database")
def settings_of_the_page() -> Checks:
    """List those that don't come from the environment."""
    titles = sorted(declared_settings.DECLARED[name].title for name in server_settings.stored())
    says = f"set at /admin/server: {', '.join(titles)}" if titles else "none set at /admin/server"
    yield ok(says)
