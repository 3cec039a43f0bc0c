"""Words that a brief leaves for later: placeholders, "my text", a title without words. Pure."""

from __future__ import annotations

import re

from compose.brief.brief import OpenText
from compose.brief.words import Phrases, Words

_HOLDERS = re.compile(
    r"\{\{?\s?([^\W\d_][\w \-]{0,40})\s?\}?\}|\[([^\W\d_][\w \-]{0,40})\]|<([^\W\d_][\w \-]{0,40})>"
)
_BLANK = re.compile(r"_{3,40}|\.{4,40}(?=\s|$)")
_CALLED: Phrases[tuple[str, str]] = Phrases(
    en={
        (
            "voice_text",
            "Text to speak",
        ): "my voice text, my spoken text, my voiceover text, my voice-over text, my narration"
        " text, my speech text, voice text, text i type, my script, our script, my own"
        " script, my narration, text that i type, text i write, text i provide, a text i"
        " give, my voiceover script",
        (
            "text",
            "Text",
        ): "my text, our text, my own text, my words, my own words, my message, custom text, a"
        " text of mine, my poem, my sentence, my quote, a message i type, text of my"
        " choice",
        (
            "title",
            "Title",
        ): "my title, our title, a title i type, title of my choice, custom title, my headline",
        ("slogan", "Slogan"): "my slogan, our slogan, my tagline, our tagline, our claim, my claim",
        (
            "name",
            "Name",
        ): "a name i type, any name, the name of the child, name of the customer, a custom name,"
        " the guest's name, customer's name, the recipient's name, personalized name,"
        " recipient name, the child's name, each guest's name, a name that i type, their"
        " name, the customer's name",
        ("price", "Price"): "my price, the price i type",
    },
    de={
        ("text", "Text"): "mein text, meinen text, meinem text",
        ("title", "Titel"): "mein titel, meinem titel",
    },
    fr={("text", "Texte"): "mon texte", ("title", "Titre"): "mon titre"},
    es={("text", "Texto"): "mi texto", ("title", "Titulo"): "mi titulo"},
    it={("text", "Testo"): "il mio testo, mio testo", ("title", "Titolo"): "il mio titolo"},
    pt={("text", "Texto"): "meu texto", ("title", "Titulo"): "meu titulo"},
)
MOST = 8


def open_texts_of(words: Words) -> tuple[OpenText, ...]:
    """Placeholders such as `{product}`, `[name]` and `<city>`, and texts that the person types.

    A placeholder with choices, `{red|blue}`, and one that names nothing stay words.
    """
    found: dict[str, OpenText] = {}
    for match in _HOLDERS.finditer(words.text):
        title = next(group for group in match.groups() if group).strip(" -_")
        name = slug(title)
        if name and len(found) < MOST and name not in found:
            found[name] = OpenText(
                name, title[:1].upper() + title[1:].replace("_", " "), marker=match.group()
            )
    blank = _BLANK.search(words.text)
    if blank and len(found) < MOST and "_" in blank.group():
        found.setdefault("text", OpenText("text", "Text", marker=blank.group()))
    for called in list(_CALLED.find(words)):
        name, title = called.value
        if len(found) < MOST and name not in found:
            found[name] = OpenText(name, title)
        words.claim(called.i, called.j)
    return tuple(found.values())


def slug(title: str) -> str:
    """A template input's name: lower case letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:40]
