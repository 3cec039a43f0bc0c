"""Addresses of media as callers write them: which may be used, and what they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from core.errors import InvalidBody
from core.phrases import RefusedValue
from templates_app.graph.types import Limits, MediaKind, MediaRef

MAX_URL: Final = 4_096
_INLINE = re.compile(r"\s*data:", re.IGNORECASE)
# White space and control characters have no place in an address; servers disagree about them.
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")


class UnusableAddress(RefusedValue):
    """An address that cannot be used. why: also what to send instead."""


def is_inline(text: str) -> bool:
    """Tell whether a text holds the bytes themselves: a `data:` address."""
    return _INLINE.match(text) is not None


def read_url(kind: MediaKind, text: str, limits: Limits) -> MediaRef:
    """An address as a file of this kind. Raises UnusableAddress."""
    url = text.strip()
    if is_inline(url):
        raise UnusableAddress("data_url")
    if len(url) > MAX_URL:
        raise UnusableAddress("url_too_long", limit=MAX_URL)
    if _UNSAFE.search(url):
        raise UnusableAddress("url_spaces")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UnusableAddress("url_unreadable") from None
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise UnusableAddress("url_incomplete")
    if parts.username is not None or parts.password is not None:
        raise UnusableAddress("url_credentials")
    try:
        asset = limits.own_asset(url)
    except InvalidBody as refused:
        raise UnusableAddress("said", text=refused.message.rstrip(".")) from None
    if asset is not None:
        return MediaRef(kind=kind, url=None, asset=asset)
    if parts.scheme.lower() == "http" and not limits.allow_http(f"{host}:{port}" if port else host):
        raise UnusableAddress("url_https", host=host)
    return MediaRef(kind=kind, url=url, asset=None)


class MediaShelf:
    """A run's media while it is planned: what the caller brought, then what steps name inline."""

    def __init__(self, media: Sequence[MediaRef]) -> None:
        self._items: list[MediaRef] = []
        self._places: dict[tuple[str, str | None, str | None], int] = {}
        self._ids: dict[tuple[str, str], int] = {}
        self._by_kind: dict[str, list[MediaRef]] = {}
        # Kind → positions among all media.
        self._numbers: dict[str, list[int]] = {}
        self.brought: dict[str, int] = {}
        self.inline_count = 0
        self.own_places: set[tuple[str, int]] = set()
        for ref in media:
            self._put(ref)
        self.brought = {kind: len(of_kind) for kind, of_kind in self._by_kind.items()}

    def __len__(self) -> int:
        return len(self._items)

    @property
    def items(self) -> tuple[MediaRef, ...]:
        return tuple(self._items)

    def bring(self, ref: MediaRef) -> int:
        """Add one of the caller's media, before any inline one; its position among its kind."""
        place = self._put(ref)
        self.brought[ref.kind] = place + 1
        return place

    def inline(self, ref: MediaRef) -> int:
        """The position, among its kind, of an address inside a step's arguments."""
        place = self._places.get((ref.kind, ref.url, ref.asset))
        if place is not None:
            return place
        self.inline_count += 1
        return self._put(replace(ref, inline=True))

    def give(self, ref: MediaRef) -> int:
        """Add a file for a template stage, no one else's default; its position among its kind."""
        place = self.inline(ref)
        self.own_places.add((ref.kind, place))
        return place

    def has_place(self, kind: str, place: int) -> bool:
        """Tell whether a reference to the caller's media, or to what is given, leads to a file."""
        return place < self.brought.get(kind, 0) or (kind, place) in self.own_places

    def place_of(self, kind: str, identity: str) -> int | None:
        """The position, among its kind, of the file with this id."""
        return self._ids.get((kind, identity))

    def at(self, kind: str, place: int) -> MediaRef:
        """The file at a position among its kind."""
        return self._by_kind[kind][place]

    def as_element(self, kind: MediaKind, place: int) -> dict[str, str]:
        """The file at a position among its kind as a plan writes it among values."""
        return {"$medium": f"input:{self._numbers[kind][place]}", "kind": kind}

    def _put(self, ref: MediaRef) -> int:
        of_kind = self._by_kind.setdefault(ref.kind, [])
        place = len(of_kind)
        of_kind.append(ref)
        self._numbers.setdefault(ref.kind, []).append(len(self._items))
        self._items.append(ref)
        if ref.id:
            self._ids.setdefault((ref.kind, ref.id), place)
        self._places.setdefault((ref.kind, ref.url, ref.asset), place)
        return place
