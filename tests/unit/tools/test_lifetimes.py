"""Expiry times in signed URLs and in headers of storage; what is no time is none."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from tools.provider_trials import lifetimes

AT = datetime(2026, 11, 27, 3, 4, 5, tzinfo=UTC)


def token(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"https://a.test/b.mp4?_jwt=aGVhZA.{body}.c2ln"


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("https://a.test/b?X-Goog-Date=20261126T030405Z&X-Goog-Expires=86400", "X-Goog-Expires"),
        ("https://a.test/b?X-Amz-Expires=86400&X-Amz-Date=20261126T030405Z&c=d", "X-Amz-Expires"),
        (token({"exp": int(AT.timestamp())}), "exp of _jwt"),
    ],
)
def test_a_signed_url_says_when_it_ends(url: str, field: str) -> None:
    assert lifetimes.of_url(url) == (AT, field)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.test/b",
        "runway://b",
        "https://a.test/b?X-Goog-Expires=86400",
        "https://a.test/b?X-Goog-Date=soon&X-Goog-Expires=86400",
        "https://a.test/b?X-Amz-Date=20261126T030405Z&X-Amz-Expires=99999999999999999999",
        "https://a.test/b?_jwt=x",
        "https://a.test/b?_jwt=a.%25.b",
        token({"exp": "soon"}),
        token({"exp": 1e300}),
        token([1]),
    ],
)
def test_what_says_no_time_is_none(url: str) -> None:
    assert lifetimes.of_url(url) is None


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-goog-expiration": "Fri, 27 Nov 2026 03:04:05 GMT"}, "x-goog-expiration"),
        (
            {"x-amz-expiration": 'expiry-date="Fri, 27 Nov 2026 03:04:05 -0000", rule-id="a"'},
            "x-amz-expiration",
        ),
        # How long a copy may be cached says nothing of the file.
        ({"expires": "Fri, 27 Nov 2026 03:04:05 GMT", "cache-control": "max-age=60"}, None),
        ({"x-amz-expiration": "never"}, None),
    ],
)
def test_headers_of_storage_say_when_a_file_is_deleted(
    headers: dict[str, str], found: str | None
) -> None:
    assert lifetimes.of_headers(headers) == (None if found is None else (AT, found))
