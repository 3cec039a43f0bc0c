"""Which language a brief is written in, from its script and its most common words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compose.brief.clean import one_of

_SCRIPTS = (
    ("\u3040", "\u30ff", "ja"),
    ("\uac00", "\ud7af", "ko"),
    ("\u4e00", "\u9fff", "zh"),
    ("\u0600", "\u06ff", "ar"),
    ("\u0400", "\u04ff", "ru"),
    ("\u0900", "\u097f", "hi"),
    ("\u0590", "\u05ff", "he"),
    ("\u0370", "\u03ff", "el"),
    ("\u0e00", "\u0e7f", "th"),
)

# Words that are common in briefs and rare in the other five languages.
_COMMON: Mapping[str, frozenset[str]] = {
    "en": one_of(
        "the of and with for my our is are it its at from this that make i want need please to by"
        " on about into showing shot shots scene scenes video short second music photo"
        " then each an you your we they no without voice clip through how let me two"
        " three four five ten song image picture old their her his after before as a"
    ),
    "de": one_of(
        "der die das und mit ein eine einen einer eines einem fur von vom zum zur im am auf aus"
        " ich mein meine meinen meinem meiner unser unsere ist sind wird nicht kein keine"
        " ohne dann danach zuerst uber wie sekunden sekunde minute minuten szenen szene"
        " einstellungen bilder bild musik ton film video kurzes kurzer bitte den dem des"
        " bei nach drei vier funf sechs zehn zwei hochkant quer hochformat querformat"
        " lied stimme mach mache drehe eins"
    ),
    "fr": one_of(
        "le la les des du de un une et avec pour mon ma mes notre nos est sont dans sur au aux"
        " puis ensuite sans qui que ce cette ces secondes seconde plan plans scenes"
        " musique son voix trois quatre cinq dix deux d l fais photo courte court enfin"
        " abord chaque vers je veux ou en"
    ),
    "es": one_of(
        "el la los las un una y con para mi mis nuestro nuestra es son del de al por sin que"
        " segundos segundo escenas escena planos musica sonido voz tres cuatro cinco diez"
        " dos luego despues primero finalmente quiero haz sobre cada foto en lo su se"
        " corto"
    ),
    "it": one_of(
        "il lo la gli le un una e con per mio mia miei nostra nostro del della dello dei di al"
        " alla senza che secondi secondo scene scena inquadrature musica suono voce tre"
        " quattro cinque dieci due poi infine prima dopo su nel nella sul video ogni foto"
        " da in sono breve"
    ),
    "pt": one_of(
        "o a os as um uma e com para meu minha meus nosso nossa do da dos das de no na ao sem que"
        " segundos segundo cenas cena planos musica som voz tres quatro cinco dez dois"
        " duas depois primeiro finalmente quero sobre cada foto em por seu video curto"
    ),
}


def language_of(text: str, words: Iterable[str]) -> str:
    """ISO 639-1 code, "" where it is unclear. words: the text's, folded."""
    script = _script(text)
    if script:
        return script
    counts = dict.fromkeys(_COMMON, 0)
    for word in words:
        for code, common in _COMMON.items():
            if word in common:
                counts[code] += 1
    best, second = sorted(counts.values(), reverse=True)[:2]
    # One word in common with a language, or as many with another, says nothing.
    if best < 2 or best == second:
        return ""
    return max(counts, key=counts.__getitem__)


def _script(text: str) -> str:
    counts: dict[str, int] = {}
    letters = 0
    for character in text[:2_000]:
        if not character.isalpha():
            continue
        letters += 1
        if character > "\u036f":
            for first, last, code in _SCRIPTS:
                if first <= character <= last:
                    counts[code] = counts.get(code, 0) + 1
                    break
    # Japanese mixes kana into Chinese characters.
    if counts.get("ja", 0) * 5 > letters:
        return "ja"
    code = max(counts, key=counts.__getitem__, default="")
    return code if code and counts[code] * 2 > letters else ""
