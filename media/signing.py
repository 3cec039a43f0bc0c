"""Signed addresses of media: `/media/<id>/<name>?e=<unix>&s=<signature>`.

An address grants reading one object until it expires: no listing, no user. It is minted whenever
something is shown and never stored; what is stored are ids.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from datetime import datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from django.conf import settings

from core import clock
from core.errors import InvalidBody

LIFE_S = 24 * 3600
# Expiry is rounded up to this, so that one object keeps one address for hours: browsers cache it.
ROUND_S = 6 * 3600
# Part of what is signed. Another scheme gets another id, and old addresses end.
KEY_ID = "1"

# Begins addresses that are made where no request names this server, and read here alone.
OWN_ORIGIN = "https://media.invalid"

# What everyone may see while its holder shows it: `t/<version>/<sha256>` of a public template,
# `s/<creation>/<sha256>` of a creation, `a/<token>/<sha256>` of a guest's run. Their addresses are
# not signed.
PUBLIC_KINDS = frozenset("tsa")

_EXPIRY = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def signed_path(public_id: str, filename: str, *, at: datetime | None = None) -> str:
    """The address of an object, without scheme and host; it lives 24 to 30 hours from `at`."""
    earliest = clock.unix(at or clock.now()) + LIFE_S
    expiry = str(-(-earliest // ROUND_S) * ROUND_S)
    name = quote(filename.replace("/", "-") or "file", safe="")
    return f"/media/{quote(public_id, safe='')}/{name}?e={expiry}&s={_sign(public_id, expiry)}"


def download_address(url: str) -> str:
    """Return where a file of an own address is downloaded, with what tells how it was made; "" for
    ""."""
    return f"{url}&download=1" if url else ""


def verify(public_id: str, e: str, s: str) -> bool:
    """Return whether signature `s` holds for this id and expiry `e`, and the expiry is still to
    come."""
    # Compared in full before the clock is asked, in constant time.
    signature = _sign(public_id, e).encode()
    genuine = hmac.compare_digest(signature, s.encode("utf-8", "replace"))
    return genuine and bool(_EXPIRY.fullmatch(e)) and clock.unix(clock.now()) < int(e)


def read_query(query: str) -> tuple[str, str]:
    """`e` and `s` of a query string; empty where one is missing or given twice."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    values = {name: [v for n, v in pairs if n == name] for name in ("e", "s")}
    e, s = (values[name][0] if len(values[name]) == 1 else "" for name in ("e", "s"))
    return e, s


def parse_own_url(url: str, own_hosts: Collection[str]) -> str | None:
    """The id of the object behind one of our own addresses; None when the address is foreign.

    own_hosts: `host[:port]` of the request, after ALLOWED_HOSTS; the public address counts always.
    A public template's medium comes back as `t/<version>/<sha256>`, a creation's as
    `s/<creation>/<sha256>`. `media.resolvers.resolve` takes all. Raises InvalidBody when it is ours
    but expired, forged or no media: we never fetch from ourselves.
    """
    try:
        parts = urlsplit(url)
        netloc = _netloc(parts.scheme, parts.netloc)
    except ValueError:
        return None  # not an address at all; anyone who fetches says what is wrong with it
    relative = not parts.scheme and not parts.netloc and parts.path.startswith("/media/")
    if not relative and (parts.scheme not in _DEFAULT_PORTS or not _is_own(netloc, own_hosts)):
        return None
    segments = parts.path.split("/")
    if segments[:2] != ["", "media"]:
        raise InvalidBody(
            "A URL of this server must be a media address, as `url` fields of results show it."
        )
    if len(segments) in (5, 6) and segments[2] in PUBLIC_KINDS:
        return "/".join(unquote(one) for one in segments[2:5])
    public_id = unquote(segments[2]) if len(segments) == 4 else ""
    try:
        e, s = read_query(parts.query)
    except ValueError:
        e, s = "", ""
    if not public_id or not verify(public_id, e, s):
        raise InvalidBody(
            "A media URL of this server is expired or altered. Read the result again and use the"
            " fresh URL it shows."
        )
    return public_id


def _sign(public_id: str, expiry: str) -> str:
    """32 characters; 24 bytes, so that base64 leaves no bit unused and no character loose."""
    message = f"{KEY_ID}\n{expiry}\n{public_id}".encode("utf-8", "replace")
    digest = hmac.new(_key(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _key() -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"media", hashlib.sha256).digest()


def _is_own(netloc: str, own_hosts: Collection[str]) -> bool:
    """netloc carries a port whenever it is not the default one of its scheme."""
    own = {_netloc(scheme, host) for host in own_hosts for scheme in _DEFAULT_PORTS}
    for origin in map(urlsplit, (OWN_ORIGIN, settings.PUBLIC_URL)):
        if origin.netloc:
            own.add(_netloc(origin.scheme, origin.netloc))
    return netloc in own


def _netloc(scheme: str, netloc: str) -> str:
    """`host:port`, lower-case, always with its port, without credentials."""
    parts = urlsplit(f"//{netloc}")
    host = (parts.hostname or "").rstrip(".")
    return f"{host}:{parts.port or _DEFAULT_PORTS.get(scheme, 0)}"
