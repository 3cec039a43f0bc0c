"""Parts of clauses: the region, place, color, size or shape that words name."""

from __future__ import annotations

import re

from studio.artist import art_vocabulary
from studio.artist.instructions import vocabulary
from studio.artist.prompt.brief import read
from studio.artist.subjects import SUBJECT_WORDS
from studio.media.raster import Colour


def region_in(text: str) -> str:
    """The named region that words speak of, "" for none."""
    for name, pattern in vocabulary.REGIONS.items():
        if re.search(rf"\b(?:{pattern})", text):
            return name
    return ""


def place_in(text: str) -> str:
    """A place to put something: a key of `vocabulary.PLACES`, "" for none."""
    return next(
        (name for name in vocabulary.PLACES if re.search(rf"\b{name}\b", text.replace("-", " "))),
        "",
    )


def colour_in(text: str) -> Colour | None:
    """The first color named; light and dark shades of it by the word before."""
    tokens = re.findall(r"[\w-]+", text)
    for position, word in enumerate(tokens):
        colour = art_vocabulary.COLOURS.get(word)
        if colour is None or (word == "golden" and "hour" in tokens):
            continue
        before = tokens[position - 1] if position else ""
        if before in ("dark", "deep"):
            return (colour[0] * 0.6, colour[1] * 0.6, colour[2] * 0.6)
        if before in ("light", "pale", "pastel", "soft"):
            return tuple(c + (1 - c) * 0.5 for c in colour)  # type: ignore[return-value]
        return colour
    return None


def target_in(text: str) -> str:
    """The region a change of tone is for: a named one, or the noun after "the"."""
    named = region_in(text)
    if named:
        return named
    found = re.search(
        r"\b(?:make|turn|brighten|darken|blur|sharpen|soften|lighten|warm|cool|desaturate|on|of|in|to)\s+"
        r"(?:the|her|his|its)\s+([\w-]+(?:\s+[\w-]+)?)",
        text,
    )
    if not found or vocabulary.WHOLE.search(found[1]):
        return ""
    noun = " ".join(
        word
        for word in found[1].split()
        if not re.fullmatch(
            r"\w+er|more|less|much|very|slightly|a|to|look|and|with|background", word
        )
    )
    if not noun or any(
        re.search(rf"\b(?:{d.nouns}|{d.up}|{d.down})", noun) for d in vocabulary.DIALS.values()
    ):
        return ""
    return thing_in(noun)


def thing_in(text: str) -> str:
    """The thing words name by its color or as what the studio draws, "" for none."""
    noun = noun_in(text)
    coloured = any(word in art_vocabulary.COLOURS for word in noun.split())
    return noun if coloured or names_subjects(noun) else ""


def noun_in(text: str) -> str:
    text = re.sub(
        r"\b(?:completely|entirely|please|"
        r"from (?:the|this) (?:picture|image|photo|scene|background))\b",
        "",
        text,
    )
    return re.sub(
        r"^(?:the|all(?: the)?|any|an?|every|that|this|these|those|her|his|its|my)\s+",
        "",
        text.strip(),
    ).strip()


def noun_before_change(text: str) -> tuple[str, str]:
    """The thing at the start of words, and what follows it: "the red car", "black and white"."""
    tokens = text.split()
    named = False
    for position, token in enumerate(tokens):
        if named and _changes(token):
            return " ".join(tokens[:position]), " ".join(tokens[position:])
        named = not (token in art_vocabulary.COLOURS or _BEFORE_NOUN.fullmatch(token))
    return text, ""


_BEFORE_NOUN = re.compile(r"the|an?|all|her|his|its|their|my|that|this|those|these|and|left|right")
_CHANGE = re.compile(
    r"to|into|in|with|by|at|be|look|much|more|less|very|slightly|completely|fully|an?|"
    + "|".join(
        [
            *(f"{dial.up}|{dial.down}" for dial in vocabulary.DIALS.values()),
            *vocabulary.EFFECTS.values(),
            *vocabulary.AIRS.values(),
        ]
    )
)


def _changes(token: str) -> bool:
    return (
        token in art_vocabulary.COLOURS
        or bool(_CHANGE.fullmatch(token))
        or bool(re.fullmatch(r"(?:redd|green|blu|pink|yellow|purpl)(?:er|ish)|\w+-and-\w+", token))
    )


def names_subjects(text: str) -> bool:
    return bool(read(text).roles) and any(
        SUBJECT_WORDS.get(word) or SUBJECT_WORDS.get(word.rstrip("s"))
        for word in re.findall(r"[\w-]+", text)
    )


def drawable(text: str) -> bool:
    """Whether a description names anything that the studio draws."""
    brief = read(text)
    return bool(brief.roles) or brief.setting != "abstract"


def degrees_in(text: str) -> float:
    number = re.search(r"(-?\d{1,9}(?:\.\d{1,9})?)\s{0,9}(?:degrees?|°)", text)
    degrees = float(number[1]) if number else 90.0
    left = re.search(r"counter.?clockwise|anti.?clockwise|\bleft\b", text)
    # Clockwise is to the right, as a page is turned.
    return degrees if left else -degrees


def shape_in(text: str) -> str:
    shape = re.search(r"(\d{1,9}(?:\.\d{1,9})?)\s{0,9}[:x×/]\s*(\d+(?:\.\d+)?)", text)
    if shape:
        return f"{shape[1]}:{shape[2]}"
    for pattern, name in (
        (r"\bsquare", "1:1"),
        (r"widescreen|\bwide\b|youtube", "16:9"),
        (r"cinemascope|anamorphic|ultra.?wide", "21:9"),
        (r"\b(?:vertical|story|stories|reel|tiktok|phone)\b", "9:16"),
        (r"\bportrait\b", "4:5"),
        (r"\blandscape\b", "3:2"),
    ):
        if re.search(pattern, text):
            return name
    return ""


def sides_in(text: str) -> str:
    return " ".join(
        side for side in ("left", "right", "top", "bottom") if re.search(rf"\b{side}\b", text)
    )


def scaling_in(text: str) -> str:
    exact = re.search(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", text)
    if exact:
        return f"{exact[1]}x{exact[2]}"
    percent = re.search(r"(\d{1,9})\s{0,9}%", text)
    if percent:
        return str(int(percent[1]) / 100)
    for pattern, factor in (
        (r"half|50 percent", "0.5"),
        (r"twice|double|2x|two times", "2"),
        (r"3x|three times", "3"),
        (r"4x|four times", "4"),
        (r"smaller|shrink", "0.5"),
        (r"larger|bigger|enlarge|upscale", "2"),
    ):
        if re.search(rf"\b(?:{pattern})\b", text):
            return factor
    return ""


def size_in(text: str) -> float:
    if re.search(r"\b(?:huge|giant|very large|full.?size|massive)\b", text):
        return 2.0
    if re.search(r"\b(?:big|large|bold|thick|wide)\b", text):
        return 1.5
    if re.search(r"\b(?:tiny|very small)\b", text):
        return 0.4
    return 0.6 if re.search(r"\b(?:small|little|thin|narrow|subtle)\b", text) else 1.0


def percent_in(text: str) -> float:
    found = re.search(r"(\d{1,9})\s{0,9}(?:%|percent)", text)
    return min(2.0, int(found[1]) / 40) if found else 0.0
