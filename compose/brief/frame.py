"""The words in which a template is asked for, around the brief itself. Pure."""

from __future__ import annotations

from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS
from core.language.phrases import Words

_HEADS = TABLES.words("frame", "heads")
_ALSO_SEEN = TABLES.words("frame", "also_seen")
_FILLERS = TABLES.words("frame", "fillers")
_ADJECTIVES = TABLES.words("frame", "adjectives")
_VERBS = TABLES.phrase_list("frame", "verbs")
_LINKS = TABLES.phrase_list("frame", "links")
_MAKES = TABLES.phrase_list("frame", "makes")
_ORDERS = TABLES.phrases("frame", "orders", str)
_LAST_VERBS = TABLES.words("frame", "last_verbs")
_ENDS = TABLES.words("frame", "ends")
_END_LEADS = TABLES.words("frame", "end_leads")
_ARTICLES = frozenset(["a", "an", "the", "ein", "eine", "einen", "un", "une", "una"])
_THANKS = TABLES.words("frame", "thanks")
_MOST_ADJECTIVES = 5


def without_frame(words: Words) -> str:
    """Return the brief alone: "three shots of a fox" of "Draft a template: three shots of a fox".

    A text without a frame is returned as it is.
    """
    if not any(word in _HEADS for word in words.word):
        return words.text
    for language in dict.fromkeys((words.language, "en", "de", "fr", "es")):
        own = words if language == words.language else Words(words.text, language)
        text = _without_opening(own)
        text = _without_end(own) if text is None else text
        if text != words.text:
            return text
    return words.text


def _without_opening(words: Words) -> str | None:
    """Return what follows the frame that a text opens with; None where it opens with none."""
    at = _behind_request(words)
    first = at
    while at < len(words) and words.at(at) not in _HEADS:
        if at - first >= _MOST_ADJECTIVES or not words.is_word(at) or _LINKS.match(words, at):
            return None
        at += 1
    own = [words.source(k, k + 1) for k in range(first, at) if words.at(k) not in _ADJECTIVES]
    head = at
    while words.at(at) in _HEADS or words.at(at) in _ADJECTIVES:
        at += 1
    if words.at(head) in _ALSO_SEEN and at == head + 1 and words.at(at) != ":":
        # A model poses and a river flows: only a verb that makes something tells them apart.
        link = _LINKS.match(words, at)
        if link is None or _MAKES.match(words, link.j) is None:
            return None
    if at == head or (words.at(head) not in _HEADS):
        return None
    if words.at(at) in ("for", "fur", "pour", "para") and words.at(at + 1) in ("me", "us", "mich"):
        at += 2
    while words.at(at) in _THANKS:
        at += 1
    ends = at >= len(words) or not words.is_word(at)
    while at < len(words) and not words.is_word(at) and words.at(at) in CLAUSE_ENDS | {"-", "?"}:
        at += 1
    if own:
        if not ends and _LINKS.match(words, at) is None:
            return None
        article = words.source(first - 1, first) if words.at(first - 1) in _ARTICLES else ""
        return " ".join([*([article] if article else []), *own, _from(words, at)]).strip()
    return _behind_link(words, at, ends=ends)


def _behind_request(words: Words) -> int:
    """Return where the thing that is asked for begins."""
    at = 0
    while at < len(words):
        verb = _VERBS.match(words, at)
        if verb is not None:
            at = verb.j
        elif words.at(at) in _FILLERS or (at and words.at(at) in (",", "!", "-", ".")):
            at += 1
        else:
            break
    return at


def _behind_link(words: Words, at: int, *, ends: bool) -> str | None:
    """Return what a template that was named is for."""
    link = _LINKS.match(words, at)
    if link is not None:
        at = link.j
    elif not ends and at < len(words):
        return None
    order = _ORDERS.match(words, at)
    if order is not None:
        return f"{order.value} {_from(words, order.j)}"
    verb = _MAKES.match(words, at) if link is not None else None
    if verb is not None:
        at = verb.j
    last = len(words)
    while last > at and (not words.is_word(last - 1) or words.at(last - 1) in _LAST_VERBS):
        last -= 1
    if link is not None and last < len(words) and words.at(last) in _LAST_VERBS:
        return words.source(at, last)
    return _from(words, at)


def _without_end(words: Words) -> str:
    """Return the text without "…, as a reusable template" or "Save it as a template."."""
    for head in range(len(words) - 1, 0, -1):
        if words.at(head) not in _HEADS or not _ends_at(words, head + 1):
            continue
        first = head
        while words.at(first - 1) in _ADJECTIVES:
            first -= 1
        lead = first
        while words.at(lead - 1) in _ENDS:
            lead -= 1
        if any(words.at(k) in _END_LEADS for k in range(lead, first)):
            before = words.text[: words.start[lead]].rstrip(" ,;:-–—")
            return f"{before}{words.text[words.end[head] :]}".strip(" ,;")
    return words.text


def _ends_at(words: Words, at: int) -> bool:
    return at >= len(words) or words.at(at) in CLAUSE_ENDS


def _from(words: Words, at: int) -> str:
    return words.text[words.start[at] :] if at < len(words) else ""
