"""In which language a text is: by its script, then by its commonest little words."""

from __future__ import annotations

import re
from collections.abc import Mapping

# The languages of the catalog as eSpeak NG names them.
CODES: Mapping[str, str] = {
    "english": "en-us",
    "chinese": "cmn",
    "japanese": "ja",
    "korean": "ko",
    "german": "de",
    "french": "fr",
    "russian": "ru",
    "portuguese": "pt-br",
    "spanish": "es-419",
    "italian": "it",
}

_SCRIPTS = (
    ("korean", r"[\uac00-\ud7af\u1100-\u11ff]"),
    ("japanese", r"[\u3040-\u30ff]"),
    ("chinese", r"[\u4e00-\u9fff\u3400-\u4dbf]"),
    ("russian", r"[\u0400-\u04ff]"),
)
KANJI = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf々]+")

# Little words that one language has and its neighbours have not, or far less often.
_LITTLE: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "english": "the and of to is in that it was for you with on are this be have at not from "
        "they we his her she he my your what there hello good where when will would",
        "german": "der die das und ist nicht ein eine ich du wir sie er es zu den dem von mit auf "
        "für im auch sich wie aber guten hallo wo wird sind haben war bei nach über ihre dass",
        "french": "le la les et est un une des du je tu nous vous il elle ils que qui ne pas dans "
        "ce cette pour avec sur au aux bonjour où sont être mais très comme ça c'est j'ai",
        "spanish": "el la los las y es un una que de en no por con para se lo como más pero su "
        "está hola muy qué dónde cuando hay esta este son del al sí buenos gracias",
        "italian": "il lo la gli le e è un una che di non per con si come più ma sono del della "
        "nel ciao molto dove quando questo questa anche buongiorno ho grazie alla dei",
        "portuguese": "o a os as e é um uma que de em não por com para se como mais mas seu sua "
        "está olá muito onde quando isto este são do da no na ao você obrigado bom",
    }.items()
}
# Letters that give a language away.
_LETTERS: Mapping[str, str] = {
    "german": "ßäöü",
    "french": "êçœùûëïî",
    "spanish": "ñ¿¡",
    "portuguese": "ãõ",
    "italian": "ìò",
}


def detect(text: str) -> str:
    """The language most of the text is in, a key of CODES; English where nothing tells."""
    letters = sum(character.isalpha() for character in text)
    for language, script in _SCRIPTS:
        found = len(re.findall(script, text))
        # Kana among many kanji still means Japanese; a single foreign word does not count.
        share = 0.05 if language == "japanese" else 0.3
        if found and found >= share * letters:
            return language
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower().replace("’", "'"))
    scores = {
        language: float(sum(w in little for w in words)) for language, little in _LITTLE.items()
    }
    for language, marks in _LETTERS.items():
        scores[language] += 1.5 * sum(text.lower().count(mark) > 0 for mark in marks)
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > scores["english"] else "english"
