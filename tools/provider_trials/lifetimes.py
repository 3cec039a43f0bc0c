"""Expiry times that a URL or the headers of its file tell."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

# Storage at Google and Amazon has the same two fields under names of its own.
_SIGNERS = ("X-Goog", "X-Amz")
# Headers for objects that a rule of their storage deletes.
_HEADERS = ("x-goog-expiration", "x-amz-expiration")
_EXPIRY_DATE = re.compile(r'expiry-date="([^"]+)"')


def of_url(url: str) -> tuple[datetime, str] | None:
    """Return when a signed URL ends, and by which of its fields; None where it doesn't say."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    try:
        for signer in _SIGNERS:
            if f"{signer}-Expires" in query:
                since = datetime.strptime(query[f"{signer}-Date"], "%Y%m%dT%H%M%SZ")
                lives = timedelta(seconds=int(query[f"{signer}-Expires"]))
                return since.replace(tzinfo=UTC) + lives, f"{signer}-Expires"
        if "_jwt" in query:
            claims = query["_jwt"].split(".")[1]
            exp = json.loads(base64.urlsafe_b64decode(f"{claims}=="))["exp"]
            return datetime.fromtimestamp(exp, UTC), "exp of _jwt"
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        return None
    return None


def of_headers(headers: Mapping[str, str]) -> tuple[datetime, str] | None:
    """Return when a file is deleted, and by which header. headers: by lower-case names."""
    for name in _HEADERS:
        if text := headers.get(name):
            match = _EXPIRY_DATE.search(text)
            try:
                at = parsedate_to_datetime(match[1] if match else text)
            except ValueError:
                continue
            return at if at.tzinfo else at.replace(tzinfo=UTC), name
    return None
