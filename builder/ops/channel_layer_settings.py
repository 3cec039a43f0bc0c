"""The setting `REELGRAPH_CHANNEL_LAYER`, as Django's CHANNEL_LAYERS takes it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from builder.ops.environment import require_packages

NAME = "REELGRAPH_CHANNEL_LAYER"
# Unread hints of one socket: the first one makes it read all that is new.
CAPACITY = 8


def read(text: str, *, database: str) -> dict[str, Any]:
    """database: the engine of Django's database. Raises ImproperlyConfigured, without passwords."""
    kind = text.partition(":")[0] or "local"
    if text in ("", "local"):
        return _layer("local.LocalChannelLayer")
    if text == "postgres":
        if not database.endswith("postgresql"):
            raise ImproperlyConfigured(
                f"{NAME}=postgres needs Postgres as the database: set DATABASE_URL, or use"
                f" {NAME}=local."
            )
        require_packages(f"{NAME}={text}", "postgres", "psycopg")
        return _layer("postgres.PostgresChannelLayer")
    if kind in ("redis", "rediss"):
        _require_address(text)
        require_packages(f"{NAME}={kind}://…", "redis", "redis")
        return _layer("redis.RedisChannelLayer", url=text)
    # Without the value: it may be an address with a password.
    raise ImproperlyConfigured(
        f"{NAME} can't be used: write local, postgres or redis://host:6379/0."
    )


def _layer(path: str, **options: Any) -> dict[str, Any]:
    config = {"capacity": CAPACITY, **options}
    return {"BACKEND": f"core.channel_layers.{path}", "CONFIG": config}


def _require_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is no number
        is_address = False
    number = parts.path.strip("/") if is_address else ""
    if not is_address or (number and not (number.isascii() and number.isdigit())):
        raise ImproperlyConfigured(
            f"The address in {NAME} can't be used: write it like redis://user:password@host:6379/0."
        )
