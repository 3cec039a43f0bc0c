"""The shape of the picture that a brief asks for. Pure."""

from __future__ import annotations

from typing import Literal

from compose.brief.brief import AspectRatio
from compose.brief.clean import one_of
from compose.brief.words import Phrases, Words

_KNOWN: dict[tuple[float, float], AspectRatio] = {
    (1, 1): "1:1",
    (4, 3): "4:3",
    (3, 4): "3:4",
    (16, 9): "16:9",
    (9, 16): "9:16",
    (21, 9): "21:9",
}
# Formats that people ask for, and the nearest that a draft has.
_NEAREST: dict[tuple[float, float], AspectRatio] = {
    (2.35, 1): "21:9",
    (2.39, 1): "21:9",
    (2.4, 1): "21:9",
    (2, 1): "21:9",
    (1.85, 1): "16:9",
    (16, 10): "16:9",
    (3, 2): "4:3",
    (5, 4): "4:3",
    (4, 5): "3:4",
    (2, 3): "3:4",
}
_SHAPES: tuple[tuple[float, AspectRatio], ...] = (
    (9 / 16, "9:16"),
    (3 / 4, "3:4"),
    (1.0, "1:1"),
    (4 / 3, "4:3"),
    (16 / 9, "16:9"),
    (21 / 9, "21:9"),
)
# Weak names are places where a film is shown; a word for the shape wins over them.
Strength = Literal[1, 2]
_NAMES: Phrases[tuple[AspectRatio, Strength]] = Phrases(
    any={
        ("9:16", 2): "縦, 縦型, 竖屏, 竖版, вертикальный, вертикальное, вертикальная, عمودي, लंबवत",
        ("1:1", 2): "正方形, квадратный, квадратное, مربع",
        ("16:9", 2): "横, 横型, 横屏, горизонтальный, горизонтальное, أفقي",
        ("9:16", 1): "tiktok, tik tok, reels, youtube shorts, yt shorts, snapchat, whatsapp status",
    },
    en={
        (
            "9:16",
            2,
        ): "vertical, vertically, portrait format, portrait mode, portrait orientation, in"
        " portrait, upright format, phone format, tall format, verticle, vertcal,"
        " vetical, portrait video, portrait clip, portrait film, full screen phone, for"
        " phones, for mobile, phone screen, made for phones, upright video, portrait"
        " teaser, portrait ad, portrait reel, virtical, portrait for, portrait aspect,"
        " portait for",
        ("9:16", 1): "reel, instagram reel, insta reel, ig reel, shorts, stories, instagram"
        " story, insta story, ig story, story format, for a story, for story, for my"
        " story, for our story, instagram stories, for stories, fb story, facebook story,"
        " for shorts",
        (
            "16:9",
            2,
        ): "widescreen, wide screen, horizontal, horizontally, landscape format, landscape mode,"
        " landscape orientation, landscape video, landscape film, landscape clip, in"
        " landscape, landscape aspect, wide format, wide format, hd format, full hd,"
        " horizontal format, landscape please, landscape for, wide-screen, widescren, tv"
        " format",
        ("16:9", 1): "for youtube, on youtube, for vimeo, for tv, for a tv, for television,"
        " website header, web header, hero banner, for the website hero, youtube video,"
        " for our youtube, for my youtube, youtube thumbnail, youtube banner, youtube"
        " intro, for a big screen, for the big screen, music video, for desktop",
        ("21:9", 2): "cinemascope, cinema scope, ultrawide, ultra-wide, ultra wide, scope format,"
        " anamorphic format, letterbox, letterboxed, cinema format, panoramic format,"
        " cinematic widescreen, cinema widescreen, anamorphic widescreen, 2.35 : 1, 2.39"
        " : 1, 2.40 : 1, 2.4 : 1, panavision",
        ("1:1", 2): "square, square format, squared format, in square",
        ("1:1", 1): "instagram post, insta post, ig post, instagram feed, insta feed, album"
        " cover, album art, cover art, cd cover, profile picture, profile pic, avatar,"
        " instagram grid, single cover, record sleeve",
        ("4:3", 2): "old tv format, academy ratio, old television format, four by three, four to"
        " three",
        ("3:4", 2): "three by four",
    },
    de={
        ("9:16", 2): "hochkant, hochformat, im hochformat, vertikal, vertikales, vertikaler,"
        " vertikale, senkrecht, senkrechtes",
        (
            "16:9",
            2,
        ): "quer, querformat, im querformat, horizontal, breitbild, breitformat, waagrecht,"
        " waagerecht, horizontales",
        ("1:1", 2): "quadratisch, quadratische, quadratisches, quadratischer, quadrat",
        ("21:9", 2): "kinoformat, breitwand, ultrabreit, im kinoformat",
    },
    fr={
        (
            "9:16",
            2,
        ): "vertical, verticale, verticaux, format portrait, en portrait, a la verticale, en"
        " vertical",
        ("16:9", 2): "horizontal, horizontale, format paysage, en paysage, a l'horizontale, ecran"
        " large, grand ecran",
        ("1:1", 2): "carre, carree, format carre",
        ("21:9", 2): "format cinema, panoramique",
    },
    es={
        ("9:16", 2): "vertical, verticales, formato vertical, en vertical",
        ("16:9", 2): "horizontal, apaisado, apaisada, formato apaisado, panoramico, en horizontal",
        ("1:1", 2): "cuadrado, cuadrada, formato cuadrado",
        ("21:9", 2): "formato cine, formato de cine, ultrapanoramico",
    },
    it={
        ("9:16", 2): "verticale, verticali, in verticale, formato verticale",
        ("16:9", 2): "orizzontale, orizzontali, in orizzontale, formato orizzontale, panoramico",
        ("1:1", 2): "quadrato, quadrata, formato quadrato",
        ("21:9", 2): "formato cinema, cinemascope",
    },
    pt={
        ("9:16", 2): "vertical, verticais, na vertical, formato vertical, em pe",
        ("16:9", 2): "horizontal, na horizontal, formato paisagem, deitado, panoramico",
        ("1:1", 2): "quadrado, quadrada, formato quadrado",
        ("21:9", 2): "formato cinema, formato de cinema",
    },
)
_CALLED = {
    "9:16": "vertical",
    "3:4": "vertical",
    "1:1": "square",
    "16:9": "widescreen",
    "4:3": "landscape",
    "21:9": "ultrawide",
}
_AFTER = one_of(
    "format video aspect ratio version orientation crop frame framing feed post please clip film"
    " shape resolution screen vertical full"
)
_BEFORE = one_of("in for as im en the a format ratio aspect on my our your an fur pour para")
# "vertical" of a thing in the picture: a vertical garden, the town square.
_THINGS = one_of(
    "garden gardens farm farms lines line wall walls stripes blinds takeoff jump cliff meal meals"
    " root roots dance miles tower slats horizon movement pan tilt drop town market city"
    " main village central feet foot meters metres inch inches pegs peg table tables"
    " tiles tile jaw bottle plate plates lake photograph photographer painting painter of"
)
_SQUARE_BEFORE = one_of(
    "town market city main village central the times trafalgar red st public a busy old empty"
    " tiananmen union sloane"
)
_RATIO_MARKS = (":", "x", "×", "/", "by")


def format_of(words: Words) -> tuple[AspectRatio, tuple[str, ...]]:
    """The aspect ratio, "" where nothing says it, and notes. An explicit ratio wins over a name."""
    ratios = _ratios(words)
    names = [match for match in _NAMES.find(words) if not _is_thing(words, match.i, match.j)]
    for match in names:
        if not _is_product(words, match.i):
            _claim(words, match.i, match.j)
    strongest = max((match.value[1] for match in names), default=0)
    named: AspectRatio = next(
        (match.value[0] for match in names if match.value[1] == strongest), ""
    )
    if not ratios:
        other = {m.value[0] for m in names if m.value[1] == 2 and m.value[0] != named}
        if strongest == 2 and other:
            also = " and ".join(sorted(_CALLED[ratio] for ratio in other))
            return named, (f"The brief says {_CALLED[named]} and {also}: it's made {named}.",)
        return named or _alone(words), ()
    ratio = ratios[0]
    notes = []
    if named and strongest == 2 and _CALLED[named] != _CALLED[ratio] and not _agree(named, ratio):
        notes.append(f"The brief says {_CALLED[named]} and {ratio}: it's made {ratio}.")
    if len(set(ratios)) > 1:
        rest = " and ".join(dict.fromkeys(ratios[1:]))
        notes.append(f"Only one format fits in a draft: it's made {ratio}, not {rest}.")
    return ratio, tuple(notes)


def _agree(one: AspectRatio, other: AspectRatio) -> bool:
    """Whether both are wider than high: "widescreen 21:9" contradicts nothing."""
    wide = ("4:3", "16:9", "21:9")
    return one in wide and other in wide


def _ratios(words: Words) -> list[AspectRatio]:
    found: list[AspectRatio] = []
    for at in range(len(words) - 2):
        if words.at(at + 1) not in _RATIO_MARKS or not words.is_digit(at):
            continue
        width, height = words.number(at), words.number(at + 2)
        if not (width and height and words.is_digit(at + 2)):
            continue
        ratio = _KNOWN.get((width, height))
        # "4/3" and "3 by 4" are also dates and counts; a colon or an x is a format.
        if ratio and words.at(at + 1) in ("/", "by") and (width, height) != (16, 9):
            ratio = ratio if (width, height) == (9, 16) else None
        if ratio is None and (width >= 200 and height >= 200):
            ratio = min(_SHAPES, key=lambda shape: abs(shape[0] - width / height))[1]
        if ratio is None and words.at(at + 1) == ":":
            ratio = _NEAREST.get((width, height))
        if ratio:
            found.append(ratio)
            _claim(words, at, at + 3)
    return found


def _is_thing(words: Words, i: int, j: int) -> bool:
    last, following = words.at(j - 1), words.at(j)
    if following == "of":
        # "a square of chocolate", but "a square of it" and "a vertical of my shop".
        return last == "square" and words.at(j + 1) not in one_of("it this that them my our these")
    if following in _THINGS:
        return True
    if last == "square" and j - i == 1:
        before = words.at(i - 1)
        return (
            before in _SQUARE_BEFORE
            and following not in _AFTER
            and not (
                before == "a"
                and words.is_word(j)
                and following not in ("with", "in", "at", "where")
            )
        )
    return last == "quer" and following in ("durch", "uber")


def _alone(words: Words) -> AspectRatio:
    """The shape of "9 seconds, portrait": alone between marks, where a length is read."""
    for at in range(1, len(words)):
        named = _ALONE.get(words.at(at))
        if named is None or words.is_word(at - 1) or words.is_word(at + 1):
            continue
        listed = {words.at(at - 2), words.at(at + 2), words.at(at + 3)} & {*_ALONE, "life", "still"}
        if not listed and any(words.is_claimed(k) for k in range(len(words))):
            words.claim(at, at + 1)
            return named
    return ""


_ALONE: dict[str, AspectRatio] = {"portrait": "9:16", "landscape": "16:9"}


def _is_product(words: Words, i: int) -> bool:
    """The name is also what is made: "music video", "album cover", "instagram reel"."""
    return words.at(i) in one_of("music album avatar reel profile cover youtube") and (
        words.at(i + 1) in one_of("video cover art picture pic thumbnail intro")
    )


def _claim(words: Words, i: int, j: int) -> None:
    while words.at(i - 1) in _BEFORE and words.at(i - 1) not in ("a", "an"):
        i -= 1
    while words.at(j) in one_of("format aspect ratio orientation version resolution"):
        j += 1
    if words.at(j) in ("in", "im", "en") and words.at(j + 1) in ("format",):
        j += 2
    words.claim(i, j)
