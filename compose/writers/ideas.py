"""What a text is about, without what it says on length, shape and sound. Pure."""

from __future__ import annotations

import re

from compose.brief.brief import Brief
from compose.writers.shots import has_finite_verb
from compose.writers.wording import clipped, tidy, uncapital, without_request, words_of

_LONGEST_IDEA = 90
# What it is about, where a text only says how to tell it.
UNTOLD = "our story"

_COUNT = (
    r"(?:\d{1,3}(?:[.,]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|ein|eine|zwei"
    r"|drei|vier|fünf|sechs|zehn|une?|deux|trois|quatre|cinq|dix|una?|dos|tres|cuatro|cinco|diez)"
)
_UNIT = (
    r"(?:seconds?|secs?|s|minutes?|mins?|sekunden?|minuten?|secondes?|segundos?|minutos?|shots?|scenes?"
    r"|frames?|panels?|steps?|parts?|cuts?|einstellungen|szenen?|plans?|scènes?|planos?|escenas?|bpm)"
)
_LENGTH = re.compile(
    rf"(?<!\w){_COUNT}[\s-]*{_UNIT}(?:[\s-]+(?:long|lang|de\s+long|largo))?(?!\w)", re.IGNORECASE
)
# `three dramatic shots`: only after a number, as `a` may begin anything.
_COUNTED = re.compile(
    r"(?<!\w)(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|zwei|drei|vier|fünf|deux"
    r"|trois|quatre|cinq|dos|tres|cuatro|cinco)\s+(?:[^\W\d]+\s+){0,2}"
    r"(?:shots?|scenes?|frames?|panels?|steps?|cuts?|einstellungen|szenen|plans|scènes|planos|escenas"
    r"|schritte|étapes|pasos)(?!\w)",
    re.IGNORECASE,
)
_CARD_PART = re.compile(
    r"^(?:an?\s+|with\s+(?:an?\s+)?)?(?:title|end|text)[\s-]*(?:cards?|screens?)$", re.IGNORECASE
)
_LOOSE_END = re.compile(
    r"\s+(?:in|for|with|of|as|and|mit|für|und|en|con|de|y|pour|avec|et)$", re.IGNORECASE
)
_AUDIENCE = re.compile(
    r" (?:to|for|für|pour|para) (?:(?:young|small|little) )?(?:kids|children|beginners|everyone"
    r"|adults|kinder|anfänger|enfants|débutants|niños|principiantes)$",
    re.IGNORECASE,
)
_TAUGHT = re.compile(
    r"(?:please )?(?:explain|teach|erkläre?|explique[rz]?|explica)\b", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:^|\s)\d{1,2}[.)]\s")
_SHAPE = re.compile(
    r"(?<![\w:])(?:\d{1,2}:\d{1,2}|vertical|horizontal|landscape\s+format|portrait\s+format|square"
    r"\s+format|hochformat|querformat|hochkant|quadratisch|carré|cuadrado)(?![\w:])",
    re.IGNORECASE,
)
_GENRE = re.compile(
    r"""^\s*(?:an?|the|ein|eine|einen|une?|una?)?\s*
    (?:(?:short|little|new|quick|funny|sad|happy|slow|fast|cinematic|kurze[rs]?|petite?|courte?)\s+){0,3}
    (?:(?:music|product|promo|social|birthday|love|rap|pop|rock|folk)\s+)?
    (?:teaser|trailer|ad|advert|advertisement|commercial|spot|film|movie|video|clip|reel|short|
       storyboard|screenplay|script|explainer|promo|campaign|song|track|ballad|lullaby|anthem|jingle|
       instrumental|piece|lyrics|werbespot|werbung|lied|ballade|chanson|publicité|canción|anuncio|
       tráiler|podcast|intro|pub)
    \s*(?::|\b(?:for|about|of|on|to|über|für|von|pour|sur|de|para|sobre|al?|with|mit)\b)\s*""",
    re.IGNORECASE | re.VERBOSE,
)
# Parts of a list that only say how it sounds or ends.
_SOUND_PART = re.compile(
    r"^(?:with\s+|and\s+|mit\s+|avec\s+|con\s+|no\s+|without\s+|ohne\s+|sans\s+|sin\s+)?(?:\w+\s+){0,2}"
    r"(?:music|piano|sound|voice|voice-?over|narration|narrated|narrator|captions?|subtitles?|drums?"
    r"|beat|guitar|vocals?|musik|klavier|ton|stimme|untertitel|musique|voix|sous-titres|música"
    r"|sonido|voz|subtítulos|silent)$",
    re.IGNORECASE,
)
_MARK = re.compile(r"\s*[,;]\s*")


def idea_of(text: str) -> str:
    """A short phrase for what it is about, in the text's own words: `a candle shop`."""
    text = text.strip()[:600]
    if _NUMBERED.match(text):
        text = _NUMBERED.split(text)[1]
    first = re.split(r"(?<=[.!?])\s|\n", text.strip(), maxsplit=1)[0]
    whole = tidy(first).rstrip(".!?")
    rest = _LENGTH.sub(" ", _COUNTED.sub(" ", _SHAPE.sub(" ", whole)))
    rest = re.sub(r"^\s*(?:an?\s+)?(?:of|long|about|for)\s+", "", tidy(rest))
    rest = without_request(_GENRE.sub("", without_request(tidy(rest)), count=1))
    parts = [
        part
        for part in (_LOOSE_END.sub("", part) for part in _MARK.split(rest))
        if part and not _SOUND_PART.match(part) and not _CARD_PART.match(part)
    ]
    idea = tidy(", ".join(parts)).strip(":-–. ")
    idea = _HOW_TO.sub(lambda found: f"{_gerund(found[1])} ", idea)
    if _TAUGHT.match(text):
        idea = _AUDIENCE.sub("", idea)
    if not any(map(str.isalnum, idea)):
        idea = UNTOLD if re.search(r"\w", whole) else "a quiet moment"
    return clipped(idea, _LONGEST_IDEA)


def counts_scenes(text: str) -> bool:
    """Whether it says how many scenes, shots or steps there are to be."""
    return bool(_COUNTED.search(text))


_HOW_TO = re.compile(r"^how (?:to|you|we|i) ([a-z]+) ", re.IGNORECASE)
_DETERMINER = re.compile(
    r"^(?:an?|the|my|our|your|his|her|their|this|these|two|three|four|some) ", re.IGNORECASE
)


def _gerund(verb: str) -> str:
    """`brew` → `brewing`, `make` → `making`, `cut` → `cutting`."""
    verb = verb.lower()
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")):
        return f"{verb[:-1]}ing"
    doubles = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) is not None
    return f"{verb}{verb[-1]}ing" if doubles else f"{verb}ing"


def in_a_sentence(idea: str) -> str:
    """The idea after a preposition: `a candle shop`; `it` where its words would not fit there."""
    is_phrase = _DETERMINER.match(idea) is not None and not has_finite_verb(idea)
    return uncapital(idea) if is_phrase and len(idea.split()) <= 8 else "it"


def own_scenes(brief: Brief) -> list[str]:
    """The scenes that the brief describes one by one; empty when it only tells one idea.

    A reader makes shots of a single idea. Those have words that the brief hasn't.
    """
    said = set(words_of(brief.text))
    texts: dict[str, None] = {}
    for scene in brief.scenes:
        text = tidy(scene.text)
        if text and set(words_of(text)) <= said:
            texts[f"Title card: “{text}”" if scene.type == "title" else text] = None
    return list(texts) if len(texts) > 1 and 2 * len(texts) > len(brief.scenes) else []
