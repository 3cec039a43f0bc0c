"""Words that a brief leaves for later: placeholders, "my text", a title without words. Pure."""

from __future__ import annotations

import re

from compose.brief.brief import OpenText
from compose.language import TABLES
from core.language.phrases import Words

_HOLDERS = re.compile(
    r"\{\{?\s?([^\W\d_][\w \-]{0,40})\s?\}?\}|\[([^\W\d_][\w \-]{0,40})\]|<([^\W\d_][\w \-]{0,40})>"
)
_BLANK = re.compile(r"_{3,40}|\.{4,40}(?=\s|$)")
_NAMINGS = TABLES.phrases("open_texts", "called", str)
# Marks of a song's parts, in brackets as placeholders are.
_PARTS = TABLES.words("open_texts", "song_parts")
_FILES = TABLES.words("open_texts", "files")
_OWN = TABLES.words("media", "own")
MOST = 8


def open_texts_of(words: Words) -> tuple[OpenText, ...]:
    """Return placeholders such as `{product}`, `[name]` and `<city>`, and texts a person types.

    A placeholder with choices, `{red|blue}`, and one that names nothing stay words.
    """
    texts: dict[str, OpenText] = {}
    for match in _HOLDERS.finditer(words.text):
        name = _name_of(match)
        if name and len(texts) < MOST and name not in texts:
            title = _title_of(name)
            # "The name" would be a foreign word in other languages.
            plain = "" if words.language in ("", "en") else title
            texts[name] = OpenText(name, title, marker=match.group(), stand_in=plain)
    blank = _BLANK.search(words.text)
    if blank and len(texts) < MOST and "_" in blank.group():
        texts.setdefault("text", OpenText("text", "Text", marker=blank.group()))
    for phrase in list(_NAMINGS.find(words)):
        name = phrase.value
        if len(texts) < MOST and name not in texts:
            texts[name] = OpenText(name, _title_of(name))
        words.claim(phrase.i, phrase.j)
    return tuple(texts.values())


def with_markers(text: str) -> str:
    """Return the text with every placeholder written as `{its_name}`.

    One that is named as a file, `{product_photo}`, is written as "my product photo": it is brought.
    """
    return _HOLDERS.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    name = _name_of(match)
    if name.rpartition("_")[2] in _FILES:
        title = name.replace("_", " ")
        before = match.string[max(match.start() - 20, 0) : match.start()].lower().split()
        # "from my {photo}" says already whose it is.
        return title if before and before[-1] in _OWN else f"my {title}"
    return f"{{{name}}}" if name else match.group()


def _name_of(match: re.Match[str]) -> str:
    title = next(group for group in match.groups() if group).strip(" -_")
    return "" if title.lower() in _PARTS else slug(title)


def _title_of(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")


def slug(title: str) -> str:
    """Return a template input's name: lower case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40]
