"""Wishes of a brief that no tool can meet. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, clauses
from core.language.phrases import Match, Words

_REQUESTS = TABLES.phrases("impossible", "requests", str)
# What no tool does with a finished video, while a new film may be described by the same words.
_OF_VIDEO = TABLES.phrases("impossible", "of_video", str)
_ADDRESS = re.compile(r"https?://\S{1,400}|www\.\S{1,400}")
_MEDIA_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|mp4|mov|webm|mp3|wav|m4a)\b", re.IGNORECASE)
_READS_NO_PAGE = "No tool here reads web pages."
_POSTS_NOTHING = (
    "No tool here sends, posts or uploads what it makes. Download it from the run's page."
)
_WORDS = TABLES.subject("impossible")
_LONGEST = 40
_MOST_ADDRESSES = 20
_JOINS = frozenset({"and", "then", "but", "und", "dann", "et", "puis", "y", "luego"})


def impossible_of(words: Words) -> tuple[str, ...]:
    """Return one sentence for each such request, whose words are claimed."""
    sentences: dict[str, None] = {}
    for match in list(_REQUESTS.find(words)):
        end, most = match.j, min(match.j + _LONGEST, len(words))
        while end < most and words.at(end) not in CLAUSE_ENDS and words.at(end) not in _JOINS:
            end += 1
        words.claim(match.i, end)
        sentences[match.value] = None
    sentences |= dict.fromkeys(_posts(words))
    for address in islice(_ADDRESS.finditer(words.text), _MOST_ADDRESSES):
        if _MEDIA_FILE.search(address.group()) is None:
            _claim_text(words, address.start(), address.end())
            sentences[_READS_NO_PAGE] = None
    return tuple(sentences)


def _posts(words: Words) -> Iterator[str]:
    """Yield the sentence for clauses that ask to post something on a platform, claimed."""
    for part in clauses(words):
        inside = words.word[part.i : part.j]
        if any(word in _WORDS["posting"] for word in inside[:3]) and any(
            word in _WORDS["platforms"] for word in inside
        ):
            words.claim(part.i, part.j)
            yield _POSTS_NOTHING


def is_impossible(words: Words, at: int) -> bool:
    """Return whether the words here ask for what no tool does."""
    return _REQUESTS.match(words, at) is not None


def impossible_of_video(words: Words) -> tuple[Match[str], ...]:
    """Return what a text asks of the person's video and no tool does, with the verb before it;
    its words are claimed."""
    requests = []
    for match in _OF_VIDEO.find(words):
        first = match.i
        while first and words.at(first - 1) not in CLAUSE_ENDS | _JOINS:
            first -= 1
        requests.append(Match(first, match.j, match.value))
    for request in requests:
        words.claim(request.i, request.j)
    return tuple(requests)


def _claim_text(words: Words, start: int, end: int) -> None:
    """Claim the words between two positions of the text."""
    inside = [at for at in range(len(words)) if start <= words.start[at] < end]
    if inside:
        words.claim(inside[0], inside[-1] + 1)
