"""How many shots a brief asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from compose.brief.clean import one_of
from compose.brief.words import Phrases, Words

# What is counted, and how surely it is a shot.
_STRONG, _WEAK = 2, 1
_COUNTED: Phrases[int] = Phrases(
    any={_STRONG: "сцены, сцена, сцен, кадра, кадров, シーン, カット, 场景, 个镜头, مشاهد, दृश्य"},
    en={
        _STRONG: "shots, shot, scenes, scene, frames, panels, panel, scences, sceens, shotz,"
        " story beats, cuts, sequences, takes, setups, camera angles, tableaux,"
        " close-ups, closeups, vignettes, shorts scenes, storyboard frames",
        _WEAK: "steps, step, parts, moments, looks, variations, versions, angles, images,"
        " pictures, stills, illustrations, slides, chapters, tips, reasons, facts, clips,"
        " segments, sections, icons, posters, photos, postcards, cards, portraits,"
        " places, locations, costumes, roles, jobs, colors, colours, cities,"
        " stages, phases, drawings, stickers, outfits, poses, rules,"
        " videos, designs, styles, views, logos, pages, seasons, settings, options,"
        " variants",
    },
    de={
        _STRONG: "szenen, szene, einstellungen, einstellung, aufnahmen, kameraeinstellungen",
        _WEAK: "schritte, schritten, teile, teilen, bilder, bildern, bild, momente, stationen,"
        " looks, postkarten, fotos, tipps, kapitel",
    },
    fr={
        _STRONG: "plans, plan, scenes, scene, prises",
        _WEAK: "etapes, images, parties, moments, cartes, photos, tableaux, vignettes",
    },
    es={
        _STRONG: "escenas, escena, planos, plano, tomas, toma",
        _WEAK: "pasos, partes, imagenes, momentos, fotos, postales",
    },
    it={
        _STRONG: "scene, scena, inquadrature, inquadratura, riprese",
        _WEAK: "passi, parti, immagini, momenti, foto, cartoline, passaggi",
    },
    pt={
        _STRONG: "cenas, cena, planos, plano, tomadas, tomada",
        _WEAK: "passos, partes, imagens, momentos, fotos, etapas, postais",
    },
)
_NO_ADJECTIVE = one_of(
    "of in and or with to for at on a an the second seconds s sec minute minutes min my our x by"
    " people person men women cats dogs is are from then per each out und mit et avec y"
    " con e com credits photos into times"
)
_SHOWN = {
    "postcards": "postcard",
    "posters": "poster",
    "stickers": "sticker",
    "icons": "icon",
    "logos": "logo",
    "portraits": "portrait",
    "drawings": "drawing",
    "illustrations": "illustration",
    "cards": "card",
    "postkarten": "Postkarte",
    "postales": "postal",
    "cartoline": "cartolina",
    "postais": "postal",
}
# What is printed does not move.
PRINTED = one_of(
    "frames panels panel stills posters stickers icons logos illustrations drawings cards postcards"
    " portraits thumbnails"
)
MOST_ASKED = 500
ONE_OF = one_of(
    "step steps schritte schritten etapes pasos passi passos tips tipps stages phases reasons"
    " facts rules passaggi etapas"
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of shots at [i, j). adjectives: those of "three dramatic shots"."""

    i: int
    j: int
    number: int
    noun: str
    adjectives: str
    is_strong: bool


def counts_of(words: Words) -> tuple[Count, ...]:
    """Numbers of shots, in the order of the text, claimed. "2-3 shots" is the larger number."""
    found: list[Count] = []
    for match in list(_COUNTED.find(words)):
        if words.is_claimed(match.i):
            continue
        before, adjectives = match.i - 1, 0
        while adjectives < 3 and words.number(before) is None:
            if (
                not words.is_word(before)
                or words.at(before) in _NO_ADJECTIVE
                or words.is_claimed(before)
            ):
                break
            before, adjectives = before - 1, adjectives + 1
        number = words.number(before)
        if number is None or words.is_claimed(before) or number != int(number):
            if count := _labeled(words, match.i, match.j, match.value):
                found.append(count)
            continue
        following = words.at(match.j)
        article = words.at(before) in one_of("one a un une ein eine una uno um uma einer")
        if following in one_of("per each pro par por") and number == 1:
            continue
        if article and words.at(before - 1) in one_of("last next each first this that every"):
            continue
        # "1. Scene" numbers a line; "one shot of a cat" is one shot only when strongly said.
        if match.value == _WEAK and article:
            continue
        first = before
        if (
            words.number(before - 1) is not None
            and words.at(before - 2) not in (":",)
            and ("-" in words.between(before - 1).replace("–", "-"))
        ):
            first = before - 1
        elif words.at(before - 1) in one_of("to or – - bis ou oder o a") and (
            words.number(before - 2) is not None
        ):
            first = before - 2
        if not 1 <= number <= MOST_ASKED:
            continue
        while words.at(first - 1) in one_of(
            "in with about exactly only just around the using as has have over maybe mit avec con"
            " em com en into"
        ):
            first -= 1
        count = Count(
            first,
            match.j,
            int(number),
            words.at(match.j - 1),
            words.source(before + 1, match.i),
            match.value == _STRONG,
        )
        found.append(count)
    for count in found:
        # Of "ten postcards" the scene still shows a postcard.
        words.claim(count.i, count.j, _SHOWN.get(count.noun, ""))
    return tuple(found)


def _labeled(words: Words, i: int, j: int, value: int) -> Count | None:
    """A number behind its label: "shots: 5"."""
    if (
        words.at(j) in (":", "=")
        and words.is_digit(j + 1)
        and words.between(j)
        and value == _STRONG
    ):
        number = words.number(j + 1) or 0
        ends = j + 2 >= len(words) or words.at(j + 2) in (",", ".", ";", "\n")
        follows = words.at(j + 2) == "." and words.is_word(j + 3) and words.at(j + 3) != "\n"
        if ends and not follows and number == int(number) and 1 <= number <= MOST_ASKED:
            return Count(i, j + 2, int(number), words.at(j - 1), "", True)
    return None


def main_count(counts: tuple[Count, ...]) -> Count | None:
    """The count that decides: a number of shots before one of images or steps."""
    strong = [count for count in counts if count.is_strong]
    if len(strong) > 1 and counts[0].noun in one_of("scenes szenen escenas cenas parts"):
        return strong[0]
    chosen = strong or list(counts)
    return chosen[0] if chosen else None
