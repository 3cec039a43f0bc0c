"""Operations that a brief asks for on the person's own files. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compose.brief.brief import Edit, EditKind, GivenMedia
from compose.brief.clauses import CLAUSE_ENDS
from compose.brief.clean import one_of
from compose.brief.lengths import Lengths
from compose.brief.words import Match, Phrases, Words

_CUES: Phrases[EditKind] = Phrases(
    en={
        "restore": "unblur, deblur,"
        " restore, restoring, restored, repair, colorize, colourize, colorise,"
        " colourise, fix the scratches, remove the scratches, remove scratches, fix up,"
        " clean up, retouch, add color to, add colour to, bring back the colors,"
        " restoration, remaster, restor",
        "animate": "animate, animated, animating, bring to life, brought to life, bring it to"
        " life, bring her to life, bring him to life, come to life, comes to life, comes"
        " alive, come alive, make it move, move slightly, gentle motion, subtle motion,"
        " make them move, bring them to life, animte, make it blink, living photo, wave"
        " and smile, make her smile, make him smile",
        "style": "in the style of, stylize, stylise, make it look like, turn it into, turn this"
        " into, turn into, look like a, transform into, transform it into, restyle,"
        " convert into, convert to a, as a cartoon, cartoonify, turn, make it a painting,"
        " transform, as an oil painting",
        "edit": "blur the, brighten, lighten, darken, straighten, recolor,"
        " recolour, whiten, soften the, smooth the, change the, swap the, remove the,"
        " replace the, erase, add a hat, put a, take out"
        " the, get rid of, remove all, change her, change his, edit out, photoshop, make"
        " the sky, replace my, replace his, replace her, take away, swap",
        "upscale": "upscale, upscaled, upscaling, enlarge, higher resolution, high resolution,"
        " sharpen, to 4k, in 4k, enhance, increase the resolution, better quality,"
        " improve the quality, upres, make it sharper, super resolution, hd version, more"
        " detail, 4x, 2x",
        "remove_background": "remove the background, remove background, background removed, cut"
        " out the, cut it out, transparent background, without background, without the"
        " background, cutout, remove its background, cut out my, isolate",
        "extend": "extend, make it longer, continue the clip, continue it, lengthen, prolong,"
        " make my clip longer, longer version, keep it going",
        "subtitles": "subtitles, subtitle, captions, caption it, subtitled, captioned, subs",
        "overlay": "logo in the corner, watermark, my logo on, logo on, add my logo, add our"
        " logo, logo bottom, logo top, with my logo, put my logo, put our logo, a logo,"
        " overlay, lower third, logo in, logo at, add a title, put a title, add text, add"
        " the text, put the text, add the title, put text, our logo, my logo, put the"
        " title, title on top, overlay the text",
        "loop": "loop, looping, loops, looped, gif, gif-like, boomerang, endless, seamless loop",
        "crop": "crop, cropped, reframe, reframed, crop it, cut it to",
        "trim": "trim, trimmed, shorten, cut it down, cut down, cut the first, cut the last, keep"
        " only, keep the first, keep the last, the best part, cut to, cut it to, remove"
        " the first, drop the first, only the first, just the first, use the first, take"
        " the first, remove the last, first, highlight, highlights",
        "analyze": "describe what, analyze, analyse, what is in, tell me what, write down what,"
        " describe my, describe the, describe this, what's in",
    },
    de={
        "restore": "restauriere, restaurieren, repariere, koloriere",
        "animate": "animiere, animieren, zum leben, belebe, bewegen, lebendig",
        "upscale": "hochskaliere, vergrossere, scharfer, hochskalieren",
        "remove_background": "hintergrund entfernen, entferne den hintergrund, freistellen, ohne"
        " hintergrund",
        "subtitles": "untertitel, untertiteln",
        "overlay": "logo in der ecke, logo in die ecke, wasserzeichen, mein logo, unser logo, ein"
        " logo, logo unten, logo oben",
        "loop": "schleife, endlosschleife, loop, gif",
        "crop": "zuschneiden, schneide auf, beschneiden",
        "trim": "kurze, kurzen, die ersten, schneide, kurzer",
        "edit": "ersetze den, ersetze die, entferne die, entferne den, andere die, tausche",
        "style": "im stil von, verwandle, wie ein gemalde",
        "extend": "verlangere, verlangern, langer",
    },
    fr={
        "restore": "restaure, restaurer, repare, colorise",
        "animate": "anime, animer, donne vie, donner vie, prendre vie",
        "upscale": "agrandis, ameliore, haute resolution",
        "remove_background": "enleve le fond, supprime le fond, sans fond, detoure, supprimer le"
        " fond",
        "subtitles": "sous titres, sous-titre, sous titre",
        "overlay": "logo dans le coin, logo en haut, logo en bas, mon logo, notre logo, un logo,"
        " filigrane",
        "loop": "en boucle, boucle, gif",
        "crop": "recadre, recadrer",
        "trim": "coupe, raccourcis, les premieres, garde les",
        "edit": "remplace le, remplace la, enleve le, enleve la, change le, change la",
        "style": "dans le style de, transforme",
        "extend": "prolonge, allonge",
    },
    es={
        "restore": "restaura, restaurar, repara, colorea",
        "animate": "anima, animar, dale vida, cobre vida",
        "upscale": "aumenta, mejora, alta resolucion",
        "remove_background": "quita el fondo, elimina el fondo, sin fondo, quitar el fondo",
        "subtitles": "subtitulos",
        "overlay": "logo en la esquina, mi logo, nuestro logo, un logo, marca de agua",
        "loop": "en bucle, bucle, gif",
        "crop": "recorta en, recortar, recortado",
        "trim": "recorta, acorta, los primeros, corta",
        "edit": "reemplaza el, reemplaza la, quita el, quita la, cambia el, cambia la",
        "style": "en el estilo de, al estilo de, transforma, convierte",
        "extend": "extiende, alarga",
    },
    it={
        "restore": "restaura, restaurare, ripara, colora",
        "animate": "anima, animare, prendere vita, dai vita",
        "upscale": "ingrandisci, migliora, alta risoluzione",
        "remove_background": "togli lo sfondo, rimuovi lo sfondo, senza sfondo",
        "subtitles": "sottotitoli",
        "overlay": "logo nell'angolo, il mio logo, nostro logo, un logo, filigrana",
        "loop": "in loop, loop, gif",
        "crop": "ritaglia",
        "trim": "taglia, accorcia, i primi",
        "edit": "sostituisci il, sostituisci la, togli il, togli la, cambia il, cambia lo",
        "style": "nello stile di, trasforma",
        "extend": "allunga, prolunga",
    },
    pt={
        "restore": "restaura, restaure, restaurar, repara, colore",
        "animate": "anima, anime, animar, da vida, de vida, ganhar vida",
        "upscale": "aumenta, melhore, alta resolucao",
        "remove_background": "tira o fundo, tire o fundo, remova o fundo, sem fundo",
        "subtitles": "legendas",
        "overlay": "logo no canto, meu logo, nosso logo, um logo, marca d'agua, logotipo",
        "loop": "em loop, loop, gif",
        "crop": "recorta, recorte",
        "trim": "corta, corte, encurta, os primeiros",
        "edit": "substitui o, substitua o, substitua a, tira o, muda o, mude o",
        "style": "no estilo de, transforma, transforme",
        "extend": "estende, alonga, prolonga",
    },
)
_CORNERS: Phrases[str] = Phrases(
    en={
        "top-left": "top left, upper left",
        "top-right": "top right, upper right",
        "top": "top",
        "bottom-left": "bottom left, lower left",
        "bottom-right": "bottom right, lower right, corner",
        "bottom": "bottom, lower third",
        "center": "center, centre, middle",
    },
    de={
        "top-left": "oben links, links oben",
        "top-right": "oben rechts, rechts oben",
        "bottom-left": "unten links, links unten",
        "bottom-right": "unten rechts, rechts unten, ecke",
    },
    fr={
        "bottom-right": "coin, en bas a droite",
        "top-left": "en haut a gauche",
        "top-right": "en haut a droite",
        "bottom-left": "en bas a gauche",
    },
    es={"bottom-right": "esquina", "top-left": "arriba a la izquierda"},
    it={"bottom-right": "angolo"},
    pt={"bottom-right": "canto"},
)
_LANGUAGES: dict[str, str] = {
    "english": "en",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "japanese": "ja",
    "chinese": "zh",
    "arabic": "ar",
    "russian": "ru",
    "hindi": "hi",
    "korean": "ko",
    "dutch": "nl",
    "polish": "pl",
    "turkish": "tr",
    "greek": "el",
    "swedish": "sv",
    "danish": "da",
    "norwegian": "no",
    "finnish": "fi",
    "czech": "cs",
    "ukrainian": "uk",
    "hebrew": "he",
    "catalan": "ca",
    "mandarin": "zh",
    "englische": "en",
    "englischen": "en",
    "deutsche": "de",
    "deutschen": "de",
    "franzosische": "fr",
    "spanische": "es",
    "anglais": "en",
    "allemand": "de",
    "francais": "fr",
    "espagnol": "es",
    "ingles": "en",
    "aleman": "de",
    "frances": "fr",
    "espanol": "es",
    "inglese": "en",
    "tedesco": "de",
    "francese": "fr",
    "spagnolo": "es",
    "italiano": "it",
    "portugues": "pt",
}
# Which operations need which kind of file.
_OF_VIDEO = one_of("replace_segment extend subtitles overlay loop crop trim")
_OF_IMAGE = one_of("restore animate remove_background")
_LONGEST_WORDS = 400


@dataclass(frozen=True, slots=True)
class _Asked:
    i: int
    kind: EditKind
    words: str


def language_named(word: str) -> str:
    """ISO 639-1 code of a language's name, "" for another word."""
    return _LANGUAGES.get(word, "")


def claim_cues(words: Words) -> None:
    """Claim the words for operations, with "it" behind them and "and" before them."""
    for match in list(_CUES.find(words)):
        i, j = match.i, match.j
        while words.at(i - 1) in one_of("and then please und et y e to a also"):
            i -= 1
        while words.at(j) in one_of("it her him them this es la lo so that by with and"):
            j += 1
        words.claim(i, j)


def edits_of(words: Words, media: tuple[GivenMedia, ...], lengths: Lengths) -> tuple[Edit, ...]:
    """Operations in the order asked; none without a file to work on."""
    kinds = {one.kind for one in media if one.name != "logo"}
    if not kinds & {"image", "video"}:
        return ()
    has_video = "video" in kinds
    asked: dict[EditKind, _Asked] = {}
    for match in _CUES.find(words):
        kind = match.value
        if kind in _OF_VIDEO and not has_video:
            continue
        if kind in _OF_IMAGE and "image" not in kinds and kind != "remove_background":
            continue
        if kind == "overlay" and not _names_overlay(words, match, media):
            continue
        if (
            kind == "trim"
            and words.at(match.i) in ("first", "highlight", "highlights", "cut")
            and (lengths.first is None)
        ):
            continue
        if kind in ("edit", "remove_background") and _is_of_sound(words, match):
            continue
        turns = words.at(match.i) in ("turn", "transform") and match.j == match.i + 1
        if kind == "style" and turns and not _turns_into(words, match.j):
            continue
        if kind == "edit" and lengths.spans and has_video:
            kind = "replace_segment"
        asked.setdefault(kind, _Asked(match.i, kind, _phrase(words, match)))
    return tuple(
        _edit(words, one, media, lengths) for one in sorted(asked.values(), key=lambda one: one.i)
    )


_SOUNDS = one_of(
    "music musik musique musica audio sound soundtrack ton son sonido song voice voiceover"
    " narration noise score track"
)


def _is_of_sound(words: Words, match: Match[EditKind]) -> bool:
    """Whether what is removed or replaced is heard: "replace the background music"."""
    return any(words.at(match.j + k) in _SOUNDS for k in range(3)) and not any(
        words.at(match.j + k) in CLAUSE_ENDS for k in range(2)
    )


def orders_edit(words: Words, at: int) -> bool:
    """Whether the words at this position, such as "upscale it", edit an earlier result."""
    first = at + 1 if words.at(at) in ("add", "put", "please") else at
    match = _CUES.match(words, first)
    if match is None or match.value in ("edit", "analyze"):
        return False
    return first > at or words.at(match.j) in _THE_RESULT or match.value == "remove_background"


_THE_RESULT = one_of("it them this everything all the result es sie le la lo les los")


def _names_overlay(words: Words, match: Match[EditKind], media: tuple[GivenMedia, ...]) -> bool:
    said = {words.at(at) for at in range(match.i, match.j)}
    return "logo" not in said or any(one.kind == "video" for one in media)


def _turns_into(words: Words, at: int) -> bool:
    return any(words.at(at + k) in ("into", "to", "en", "in") for k in range(1, 8))


def _phrase(words: Words, match: Match[EditKind]) -> str:
    """The operation as it was said, to the end of its clause."""
    last = match.j
    while last < len(words) and words.at(last) not in CLAUSE_ENDS:
        if (
            words.at(last) in one_of("and und then et puis")
            and last + 1 < len(words)
            and (_CUES.match(words, last + 1) or words.at(last + 1) in ("add", "put"))
        ):
            break
        last += 1
    return words.source(match.i, last)[:_LONGEST_WORDS]


def _edit(words: Words, asked: _Asked, media: tuple[GivenMedia, ...], lengths: Lengths) -> Edit:
    options: dict[str, Any] = {}
    start = end = None
    if asked.kind == "subtitles":
        options["language"] = next((c for w in words.word if (c := language_named(w))), "")
    elif asked.kind == "overlay":
        options["position"] = next((m.value for m in _CORNERS.find(words)), "bottom-right")
        options["media"] = next((one.name for one in media if one.name == "logo"), "")
    elif asked.kind == "upscale":
        options["factor"] = 4 if {"4k", "4x", "4"} & set(words.word) else 2
    elif asked.kind == "restore":
        options["colorize"] = any(
            word.startswith(("colori", "colouri", "kolor")) for word in words.word
        )
    elif asked.kind in ("replace_segment", "trim") and lengths.spans:
        start, end = lengths.spans[0]
    elif asked.kind == "trim":
        drops = any(word in ("remove", "drop", "cut") for word in asked.words.lower().split()[:1])
        if lengths.first is not None:
            start, end = (lengths.first, None) if drops else (0.0, lengths.first)
        elif lengths.seconds is not None:
            start, end = 0.0, lengths.seconds
    elif asked.kind == "animate" and lengths.seconds is not None:
        options["seconds"] = lengths.seconds
    return Edit(asked.kind, asked.words, start, end, {k: v for k, v in options.items() if v})
