"""What REELGRAPH_CHANNEL_LAYER may say."""

from __future__ import annotations

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from builder.ops.channel_layer_settings import read

SQLITE, POSTGRES = "django.db.backends.sqlite3", "django.db.backends.postgresql"


@pytest.mark.parametrize(
    ("value", "layer"),
    [
        ("", "LocalChannelLayer"),
        ("local", "LocalChannelLayer"),
        ("postgres", "PostgresChannelLayer"),
        ("redis://localhost", "RedisChannelLayer"),
        ("rediss://name:pass%2Fword@[::1]:6380/3", "RedisChannelLayer"),
    ],
)
def test_a_value_names_a_layer(value: str, layer: str) -> None:
    assert read(value, database=POSTGRES)["BACKEND"].endswith(f".{layer}")


@pytest.mark.parametrize(
    ("value", "database", "says"),
    [
        ("postgres", SQLITE, "set DATABASE_URL, or use REELGRAPH_CHANNEL_LAYER=local"),
        ("Postgres", POSTGRES, "write local, postgres or redis://host:6379/0"),
        ("redis", SQLITE, "write it like redis://user:password@host:6379/0"),
        ("redis://:secret@host:port/0", SQLITE, "write it like redis://"),
        ("redis://:secret@/0", SQLITE, "write it like redis://"),
        ("redis://:secret@host/first", SQLITE, "write it like redis://"),
        ("amqp://:secret@host/0", SQLITE, "write local, postgres or redis://"),
    ],
)
def test_another_value_is_refused_with_the_remedy(value: str, database: str, says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REELGRAPH_CHANNEL_LAYER") as refused:
        read(value, database=database)
    assert says in str(refused.value)
    assert "sec" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "package"), [("postgres", "psycopg"), ("redis://:secret@host/0", "redis")]
)
def test_a_missing_package_is_named_with_the_remedy(
    value: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements/scale\.txt") as refused:
        read(value, database=POSTGRES)
    assert "secret" not in str(refused.value)
