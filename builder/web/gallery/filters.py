"""Filters of a list by its address: words and tags. Anything may be in an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest

from templates_app.tokenizer import tag_word

TAG_LENGTH: Final = 60
TAGS_OFFERED: Final = 6
AFTER_LENGTH: Final = 200


class Asked(Protocol):
    """The query of a list's address."""

    @property
    def picked(self) -> bool: ...

    def address(self, **changes: Any) -> str: ...


def address(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A path with these pairs behind it, without those that say nothing."""
    parameters = [(name, value) for name, value in pairs if value]
    return f"{path}?{urlencode(parameters)}" if parameters else path


def clean(text: str, length: int) -> str:
    # Lone surrogates cannot be written into an answer; NUL has no place in an address.
    plain = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    return " ".join(plain[:length].split())


def tags_of(request: HttpRequest, most: int) -> tuple[str, ...]:
    """The tags of an address. Two spellings of one tag are one filter; one that names nothing
    stays, and finds nothing."""
    tags: dict[str, str] = {}
    for tag in request.GET.getlist("tag")[:50]:
        tag = clean(tag, TAG_LENGTH)
        if tag:
            tags.setdefault(tag_word(tag), tag)
    return tuple(tags.values())[:most]


def picked_of(request: HttpRequest) -> bool:
    return request.GET.get("picked", "") == "1"


def picks(query: Asked, *, exist: bool) -> dict[str, Any] | None:
    """The filter for staff picks, on or off; none while there are none."""
    if not exist and not query.picked:
        return None
    return {"url": query.address(picked=not query.picked), "on": query.picked}


def after_of(request: HttpRequest) -> str:
    return request.GET.get("after", "")[:AFTER_LENGTH]


def chosen_tags(
    tags: Sequence[str], address: Callable[[tuple[str, ...]], str]
) -> list[dict[str, str]]:
    """The tags of a list, each with the address of the list without it."""
    return [
        {"name": tag, "url": address(tuple(other for other in tags if other != tag))}
        for tag in tags
    ]


def offered_tags(
    tags: Sequence[str],
    tag_lists: Iterable[Iterable[str]],
    address: Callable[[tuple[str, ...]], str],
    most: int,
) -> list[dict[str, str]]:
    """Tags that would narrow what is shown, the most frequent first.

    tags: those that do already. tag_lists: the tags of each one in the list. most: how many narrow
    a list at once.
    """
    if len(tags) >= most:
        return []
    own_words = {tag_word(tag) for tag in tags}
    names: dict[str, str] = {}
    count: Counter[str] = Counter()
    for one in tag_lists:
        for word, name in {tag_word(tag): tag for tag in one}.items():
            if word and word not in own_words:
                names.setdefault(word, clean(name, TAG_LENGTH))
                count[word] += 1
    return [
        {"name": names[word], "url": address((*tags, names[word]))}
        for word, _ in count.most_common(TAGS_OFFERED)
    ]
