"""Wishes about light, color, weather and effects."""

from __future__ import annotations

import re

from studio.artist import art_vocabulary
from studio.artist.instructions import vocabulary
from studio.artist.instructions.clauses import Clause, Step
from studio.artist.instructions.phrases import colour_in, percent_in, region_in, target_in
from studio.media.image.refining import strength_of
from studio.media.styles.image_styles import names_a_style


def effect(clause: Clause, pictures: int) -> list[Step]:
    text = clause.text
    found = [
        Step(name, amount=strength_of(text), where=target_in(text), colour=colour_in(text))
        for name, pattern in vocabulary.EFFECTS.items()
        if re.search(rf"\b(?:{pattern})", text)
    ]
    if re.search(r"\bblur\w*|\bdefocus\w*", text) and not re.search(
        r"\bless|remove|un-?blur|de-?blur|reduce", text
    ):
        kind = (
            "motion"
            if re.search(r"motion|speed", text)
            else "radial"
            if re.search(r"radial|zoom", text)
            else ""
        )
        found.append(Step("blur", amount=strength_of(text), where=target_in(text), what=kind))
    elif re.search(r"\b(?:un-?blur|de-?blur|remove the blur|less blur)", text):
        found.append(Step("sharpness", amount=1.0, where=target_in(text)))
    names = [step.verb for step in found]
    if len(names) > 1 and "enhance" in names:
        found = [step for step in found if step.verb != "enhance"]
    return found


def recolour(clause: Clause, pictures: int) -> list[Step]:
    text = clause.text
    ends = r"(?:the |an? |her |his |its |their |my )"
    found = re.search(
        rf"\b(?:change|make|turn|paint|recolou?r|dye|colou?r|convert|set)\s+(?:the colou?r of\s+)?"
        rf"({ends}?[\w' -]+?)(?:'s)?(?:\s+colou?r)?\s+(?:to |into |be |in |from \w+ to )?"
        r"((?:bright |dark |deep |light |pale |pastel |hot |royal |navy |sky |forest )*[\w-]+)$",
        text,
    )
    if not found:
        return []
    colour = colour_in(found[2])
    if colour is None or found[2].strip() in ("clear", "light", "dark", "golden"):
        return []
    noun = re.sub(rf"^{ends}", "", found[1]).strip()
    noun = re.sub(r"\b(?:colou?r|of)\b", "", noun).strip()
    if re.fullmatch(r"(?:sky|skies)", noun):
        return [Step("recolour", where="sky", what=found[2], colour=colour)]
    where = region_in(noun) or ("" if vocabulary.WHOLE.fullmatch(noun) else noun)
    return [Step("recolour", where=where, what=found[2], colour=colour)]


def air(clause: Clause, pictures: int) -> list[Step]:
    """An hour, a season, the weather: one of each kind, as in "a snowy night"."""
    found: dict[bool, Step] = {}
    for name, pattern in vocabulary.AIRS.items():
        if re.search(rf"\b(?:{pattern})", clause.text) and not re.search(
            rf"\b(?:remove|no|less|without|reduce|clear)\b.*(?:{pattern})", clause.text
        ):
            step = Step("air", what=name, amount=strength_of(clause.text))
            found.setdefault(name in vocabulary.HOURS, step)
    return list(found.values())


def lean(clause: Clause, pictures: int) -> list[Step]:
    """ "Greener", "more blue", "too red", "a pinkish tint"."""
    text = clause.text
    found = re.search(
        r"\b(?:(?P<sign>more|less|too)\s+(?P<named>[a-z]+)"
        r"(?=\s*$|\s+(?:tones?|tints?|hues?|casts?|in|and|overall|please)\b)|"
        r"(?P<degree>red|green|blue|yellow|pink|purple|brown|orange)(?:d?er|r|d?ish|ish|y))\b",
        text,
    )
    colour = art_vocabulary.COLOURS.get(found["named"] or found["degree"]) if found else None
    if found is None or colour is None:
        return []
    sign = -1 if found["sign"] in ("less", "too") else 1
    return [Step("lean", colour=colour, where=target_in(text), amount=sign * strength_of(text))]


def split_tone(clause: Clause, pictures: int) -> list[Step]:
    """Shadows in one color, highlights in another: "teal and orange"."""
    text = clause.text
    pair = re.search(r"\b([a-z]+)-and-([a-z]+)\b", text)
    dark, light = (
        re.search(rf"\b([a-z]+) (?:in the )?{part}|\b{part}\s+(?:to |in )?([a-z]+)", text)
        for part in ("shadows", "highlights")
    )
    if dark and light:
        names = [
            next(filter(art_vocabulary.COLOURS.get, one.groups()), "") for one in (dark, light)
        ]
    elif pair and pair[0] != "black-and-white":
        # The darker one goes where it is dark, in whatever order they are named.
        names = sorted(pair.groups(), key=lambda name: sum(art_vocabulary.COLOURS.get(name, ())))
    else:
        return []
    if not all(name in art_vocabulary.COLOURS for name in names):
        return []
    where = target_in(re.sub(r"[a-z]{1,40}-and-[a-z]+", " ", text)) if pair else ""
    return [Step("split tone", what=" ".join(names), where=where, amount=strength_of(text))]


def tint(clause: Clause, pictures: int) -> list[Step]:
    text = clause.text
    asked = re.search(
        r"\b(?:tint\w*|tone\w*|colou?r grad\w+|wash|filter|hue|cast|light(?:ing)?|grade)\b",
        text,
    )
    colour = colour_in(text)
    if colour is None or not asked:
        return []
    return [Step("tint", colour=colour, where=target_in(text), amount=strength_of(text))]


def dials(clause: Clause, pictures: int) -> list[Step]:
    text = clause.text
    less, more = bool(vocabulary.LESS.search(text)), bool(vocabulary.MORE.search(text))
    amount = percent_in(text) or strength_of(text)
    found = []
    for name, dial in vocabulary.DIALS.items():
        up, down = (bool(re.search(rf"\b(?:{p})", text)) for p in (dial.up, dial.down))
        noun = bool(re.search(rf"\b(?:{dial.nouns})", text))
        if up == down and not (noun and (less or more)):
            continue
        sign = (1 if up else -1) * (-1 if less else 1) if up != down else (-1 if less else 1)
        found.append(Step(name, amount=sign * amount, where=target_in(text)))
    return found


def style(clause: Clause, pictures: int) -> list[Step]:
    return (
        [Step("style", what=clause.text, where=target_in(clause.text))]
        if names_a_style(clause.text)
        else []
    )
