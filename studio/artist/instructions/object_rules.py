"""Wishes about what is in a picture: text, subjects, backgrounds, a second picture."""

from __future__ import annotations

import re

from studio.artist import art_vocabulary
from studio.artist.instructions import vocabulary
from studio.artist.instructions.clauses import Clause, Step
from studio.artist.instructions.lettered_texts import WORDS_FOR_TEXT, unquoted_text
from studio.artist.instructions.phrases import (
    colour_in,
    drawable,
    names_subjects,
    noun_in,
    place_in,
    size_in,
)
from studio.media.image.refining import strength_of


def compose(clause: Clause, pictures: int) -> list[Step]:
    """What to do with a second picture."""
    text = clause.text
    if pictures < 2:
        return []
    other = (
        r"(?:second|2nd|other|next|last|third|reference)\s+(?:image|picture|photo|one)|"
        r"(?:image|picture|photo)\s*(?:#\s*)?[2-9]|(?:both|all|two|these|the)\s+(?:images|pictures|photos)"
    )
    if re.search(
        r"side.by.side|next to each other|collage|diptych|triptych|grid\b|split.?screen", text
    ):
        return [Step("collage")]
    if re.search(
        rf"(?:style|colou?rs?|palette|look|mood|tones?|lighting|grade|grading)\b.*(?:{other})", text
    ):
        return [Step("palette", amount=strength_of(text))]
    if re.search(
        rf"(?:{other}).*\bas (?:the |a )?back(?:ground|drop)|"
        rf"\b(?:into|in|onto|on|in front of|over|against)\b.*(?:{other})|"
        rf"back(?:ground|drop)\b.*(?:{other})",
        text,
    ):
        return [Step("behind")]
    if re.search(r"\b(?:blend|double exposure|mix|fade|superimpose|overlap)", text):
        return [Step("blend", amount=strength_of(text))]
    if re.search(
        rf"(?:put|place|add|insert|paste|overlay|include|use)\b.*(?:{other}|logo|sticker|stamp)",
        text,
    ):
        return [Step("inset", place=place_in(text), amount=size_in(text))]
    if re.search(rf"\b(?:combine|merge|compose|join)\b|{other}", text):
        return [Step("behind")]
    return []


def lettering(clause: Clause, pictures: int) -> list[Step]:
    text = clause.text
    quoted = clause.quoted()
    if not quoted:
        quoted = unquoted_text(text)
        if not quoted:
            return []
        quoted = re.sub(
            r"\s{1,9}(?:at|on|in) the (?:top|bottom|left|right|cent|middle|corner).*", "", quoted
        )
        quoted = quoted[:1].upper() + quoted[1:]
    elif not re.search(
        rf"\b(?:{WORDS_FOR_TEXT}|write|add|put|say|says|saying|print|type|with)\b", text
    ):
        return []
    rest = re.sub(r"⟦\d+⟧", " ", text)
    kind = (
        "watermark"
        if re.search(r"watermark|signature", rest)
        else ("caption" if re.search(r"caption|subtitle|small", rest) else "title")
    )
    return [
        Step(
            "letter",
            what=quoted,
            place=place_in(rest),
            colour=colour_in(rest),
            amount=size_in(rest),
            where=kind,
        )
    ]


def background(clause: Clause, pictures: int) -> list[Step]:
    text = clause.text
    ground = r"(?:back(?:ground|drop)|surroundings|setting|scenery)"
    if re.search(
        rf"\b(?:remove|delete|erase|cut out|no|without|drop|strip|isolate)\b[^,]*\b{ground}|"
        rf"\btransparent\b(?:.*\b{ground})?|{ground} transparent|\bcut ?out\b",
        text,
    ):
        return [Step("cut out")]
    if re.search(
        rf"\bblur\w*\b.*{ground}|{ground}.*\bblur|portrait mode|shallow depth|"
        r"\bdepth of field\b",
        text,
    ):
        return [Step("blur", where="background", amount=strength_of(text))]
    found = re.search(
        rf"\b(?:change|replace|swap|set|make|turn|switch|put|give|use|add)\b.*?{ground}\s+"
        rf"(?:to|with|by|into|for|as|be|look like|of|:)\s+(.+)|"
        rf"\b(?:with|on|against|to|into|give \w+|add|use)\s+(an?\b[^,]*?)\s+{ground}\b|"
        rf"^{ground}(?: of| is|:)\s+(.+)|\b{ground} of (.+)",
        text,
    )
    if found:
        return [_described("background", next(group for group in found.groups() if group))]
    moved = re.search(
        r"\b(?:put|place|set|move|transport|show|teleport|relocate)\s+"
        r"(?:her|him|it|them|this|the (?:subject|person|man|woman|girl|boy|character|product|model|"
        r"figure|dog|cat|object))\s+(?:in|on|at|into|onto|to|by|inside|under|in front of|"
        r"against|near)\s+(.+)",
        text,
    )
    if moved and (drawable(moved[1]) or colour_in(moved[1])):
        return [_described("background", moved[1])]
    plain = re.search(rf"\b(?:make|turn|paint|colou?r)\s+(?:the\s+)?{ground}\s+(.+)", text)
    if (
        plain
        and colour_in(plain[1])
        and not re.search(r"black-and-white|dark|bright|light", plain[1])
    ):
        return [_described("background", plain[1])]
    return []


def _described(verb: str, text: str) -> Step:
    text = re.sub(r"^(?:be|look like|show|a picture of)\s+", "", text.strip())
    text = text.replace("-and-", " and ")
    plain = re.fullmatch(
        r"(?:an?\s+|pure\s+|plain\s+|solid\s+|simple\s+|clean\s+|clear\s+|flat\s+|bright\s+|soft\s+|"
        r"dark\s+|light\s+|pale\s+|deep\s+|seamless\s+|studio\s+){0,9}"
        r"([\w-]+)(?:\s+(?:colou?r|studio|backdrop|background|wall|one)){0,9}",
        text,
    )
    colour = art_vocabulary.COLOURS.get(plain[1]) if plain else None
    return Step(verb, what=text, colour=colour)


def remove(clause: Clause, pictures: int) -> list[Step]:
    found = re.search(
        r"\b(?:remove|erase|delete|get rid of|take out|take away|take off|clean away|hide|"
        r"paint out|eliminate|wipe out|clear away)\s+(.+)",
        clause.text,
    )
    if not found or any(
        re.search(pattern, clause.text)
        for pattern in (vocabulary.EFFECTS[n] for n in ("denoise", "dehaze", "mend", "grey"))
    ):
        return []
    if re.fullmatch(r"(?:the )?shadows?", found[1]):
        return [Step("exposure", where="shadows", amount=1.2)]
    return [Step("remove", where=noun_in(found[1]))]


def exchange(clause: Clause, pictures: int) -> list[Step]:
    found = re.search(
        r"\b(?:replace|swap|exchange|substitute)\s{1,9}(.{1,300}?)\s{1,9}(?:with|by|for)\s+(.+)|"
        r"\b(?:turn|change|transform|convert)\s{1,9}(.{1,300}?)\s{1,9}(?:in)?to\s+(.+)",
        clause.text,
    )
    if not found:
        return []
    old, new = found[1] or found[3], found[2] or found[4]
    noun = noun_in(old)
    if re.search(r"\bsk(?:y|ies)\b", noun):
        return [Step("sky", what=new, colour=colour_in(new))]
    if vocabulary.WHOLE.fullmatch(noun) or not names_subjects(new):
        return []
    return [Step("replace", where=noun, what=new)]


def add(clause: Clause, pictures: int) -> list[Step]:
    found = re.search(
        r"\b(?:add|place|put|insert|include|draw|paint|give (?:it|her|him|them)|show|"
        r"have|let there be|with)\s+(.+)",
        clause.text,
    )
    if not found or not names_subjects(found[1]):
        return []
    # "Add snow" and "add a moon at night" are weather and light, unless a figure is named as well.
    return [Step("add", what=found[1], place=place_in(found[1]), amount=size_in(found[1]))]
