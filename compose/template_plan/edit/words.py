"""Lengths, formats and number words in a sentence that asks for a change."""

from __future__ import annotations

import re
from typing import Final

_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        (
            "zero",
            "one a an single ein eine einen un une una",
            "two both zwei deux dos",
            "three drei trois tres",
            "four vier quatre cuatro",
            "five fünf cinq cinco",
            "six sechs seis",
            "seven sieben sept siete",
            "eight acht huit ocho",
            "nine neun neuf nueve",
            "ten zehn dix diez",
            "eleven elf onze once",
            "twelve zwölf douze doce",
        )
    )
    for word in words.split()
}
_ORDINALS: Final = {
    word: number
    for number, words in enumerate(
        (
            "first 1st erste ersten erster premier première primera primer primero",
            "second 2nd zweite zweiten zweiter deuxième segunda segundo",
            "third 3rd dritte dritten dritter troisième tercera tercer tercero",
            "fourth 4th vierte vierten vierter quatrième cuarta cuarto",
            "fifth 5th fünfte fünften fünfter cinquième quinta quinto",
            "sixth 6th sechste sechsten sechster sixième sexta sexto",
            "seventh 7th",
            "eighth 8th",
            "ninth 9th",
            "tenth 10th",
        ),
        1,
    )
    for word in words.split()
}
# Longer words first: "fourth" must not be read as "four".
_ARTICLES: Final = frozenset(["a", "an", "ein", "eine", "einen", "un", "une", "una"])
_BY_LENGTH: Final = sorted(_NUMBERS, key=len, reverse=True)
NUMBER: Final = r"(?:\d+(?:[.,]\d+)?|" + "|".join(_BY_LENGTH) + ")"
# Numbers of shots: "shot 2 with a dog" names one.
PLAIN_NUMBER: Final = (
    r"(?:\d+(?:[.,]\d+)?|" + "|".join(word for word in _BY_LENGTH if word not in _ARTICLES) + ")"
)
ORDINAL: Final = r"(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + ")"
_SECONDS = r"(?:seconds?|secs?|sekunden?|sek|secondes?|segundos?|s)\b"
_MINUTES = r"(?:minutes?|mins?|minuten?|minutos?)\b"
# "The 70s" are no length, and "a second picture" is none.
_DECADE: Final = r"(?!(?:[2-9]0|[12]\d\d0)'?s\s+[a-z])"
LENGTH: Final = rf"{_DECADE}(?P<amount>{PLAIN_NUMBER})[\s-]*(?P<unit>{_SECONDS}|{_MINUTES})"
ANY_LENGTH: Final = rf"(?P<amount>{NUMBER})[\s-]*(?P<unit>{_SECONDS}|{_MINUTES})"

# "The landscape is green" names no format, nor does a town square.
_ALONE: Final = (
    r"(?=\s*(?:$|[.,;!]|(?:format|mode|version|orientation|video|film|please|instead|and|et|und|y|for|"
    r"with)\b))"
)
_NOT_THE: Final = r"(?<!the\s)(?<!town\s)(?<!my\s)"
FORMATS: Final[tuple[tuple[str, str], ...]] = (
    (
        "9:16",
        r"9\s*[:x]\s*16|vertical(?:ly)?|vertikal|portrait\s+(?:format|mode|orientation)|hochformat|"
        r"fürs?\s+handy|retrato|tiktok|(?:instagram|insta|facebook)\s+(?:reels?|stories|story)|"
        r"for\s+(?:reels|stories|phones)|youtube\s+shorts",
    ),
    (
        "16:9",
        rf"16\s*[:x]\s*9|{_NOT_THE}landscape{_ALONE}|horizontal(?:ly)?{_ALONE}|wide\s?screen|"
        rf"querformat|breitbild|paysage{_ALONE}|apaisado",
    ),
    ("1:1", rf"1\s*[:x]\s*1|{_NOT_THE}square{_ALONE}|quadratisch|carrée?{_ALONE}|cuadrad[oa]"),
    ("21:9", r"21\s*[:x]\s*9|cinema(?:tic)?\s?scope|ultra-?wide"),
    ("4:3", r"4\s*[:x]\s*3"),
    ("3:4", r"3\s*[:x]\s*4"),
)
FORMAT: Final = "|".join(f"(?:{words})" for _, words in FORMATS)

_FILLER: Final = re.compile(
    r"\b(?:please|these|them|dure|duración|animate|render|keep|cut|too|i'd|i’d|let's|can|could|would|you|i|we|want|need|like|to|make|makes|made|it|this|that|the|a|an|be|is|"
    r"should|just|now|also|and|then|my|our|me|with|for|of|in|on|as|so|set|change|use|turn|into|have|"
    r"whole|thing|film|video|movie|clip|version|everything|all|let|us|be|do|instead|too|at|"
    r"bitte|mach|mache|es|das|den|die|der|ein|eine|und|auf|zu|film|im|in|"
    r"fais|le|la|les|un|une|et|en|s'il|vous|plaît|plait|haz|hazlo|el|lo|los|y|por|favor|que|sea|"
    r"format|long|lang|total|each|overall|about|around|only|bit)\b",
    re.IGNORECASE,
)


def number_of(text: str) -> float | None:
    """A number in digits or as a word."""
    text = text.strip().lower()
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return float(text.replace(",", "."))
    found = _NUMBERS.get(text)
    return None if found is None else float(found)


def ordinal_of(text: str) -> int | None:
    """1 for the first."""
    return _ORDINALS.get(text.strip().lower())


def seconds_of(amount: str, unit: str) -> float | None:
    value = number_of(amount)
    if value is None:
        return None
    return value * 60 if re.fullmatch(_MINUTES, unit, re.IGNORECASE) else value


def format_of(text: str) -> str:
    """The ratio that words such as "vertical" name; "" for others."""
    for ratio, words in FORMATS:
        if re.fullmatch(words, text.strip(), re.IGNORECASE):
            return ratio
    return ""


def figure(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def listed(names: list[str]) -> str:
    """`A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def slug(text: str, fallback: str) -> str:
    """A name for an input or a stage: `Big red cat` → `big_red_cat`."""
    found = "_".join(re.findall(r"[a-z0-9]+", text.lower())[:4])
    return (found if found[:1].isalpha() else "")[:40] or fallback


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def says_something(text: str) -> bool:
    """Whether more is left of a text than words such as "please" and "the"."""
    return bool(re.search(r"[^\W_]", _FILLER.sub(" ", text)))
