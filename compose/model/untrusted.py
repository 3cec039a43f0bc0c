"""Words of a model as words of ours, and of ours as a model may see them. Pure.

A model may repeat what a page or a person told it to say, so no address of its own passes, and no
text of it can mean more than its letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# To its last letter: a comma or a bracket behind an address is the sentence's.
_REST = r"[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}]"
_ADDRESS = re.compile(
    rf"(?:\b[a-z][a-z0-9+.-]{{0,20}}:)?//{_REST}|\bwww\.{_REST}"
    rf"|\b(?:data|javascript|file|mailto|blob|ftp):{_REST}",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][^<>]{0,500}>", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
# What a binding begins with (`templates_app.graph.bindings`).
_REFERENCE = re.compile(r"(?<!\$)\$+(?=(?:inputs|artifacts|item|run|runtime)\b)")


def addresses_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the addresses in texts of the caller: a model may repeat them."""
    return frozenset(address for text in texts for address in _ADDRESS.findall(text))


def without_addresses(text: str) -> str:
    """Return a text of ours as it may leave this server: an address may hold a token."""
    return _ADDRESS.sub("(address)", text)


def plain_words(text: str, addresses: frozenset[str] = frozenset(), *, longest: int) -> str:
    """Return a text without tags, bindings, control characters, and addresses other than
    these."""
    text = _TAG.sub("", _UNPRINTABLE.sub(" ", text))
    text = _ADDRESS.sub(lambda match: match[0] if match[0] in addresses else "", text)
    text = _REFERENCE.sub("", text).lstrip("$ \n")
    return _SPACES.sub(" ", text).strip()[:longest].strip()
