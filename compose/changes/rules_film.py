"""Requests about the film: its shots, what joins them, the camera, titles and a logo."""

from __future__ import annotations

import re
from typing import Final

from compose.changes.change import (
    LENGTH,
    Change,
    NotUnderstood,
    key_in,
    key_of,
    says_something,
    search,
    without,
)
from compose.changes.clause import QUOTE, Clause, Rule
from core.language.numbers import ordinal_of

_ADD: Final = "(?:{insert}|{add})"
_PLACES: Final = (
    r"(?P<at>(?:{before}|{after}|between) .*?$|{at} (?:{the} )?(?:very )?(?:{beginning}"
    r"|{ending})(?!\w)"
    r"|(?:as (?:the )?)?(?:first|last) {shot})"
)
_TITLE_PLACE: Final = (
    r"(?:{at} )?(?:{the} )?(?:very )?(?P<where>{beginning}|{ending}|{corners})(?!\w)|{at} "
    r"(?:{the} )?"
    r"(?:film|video|it|them|everything|screen)(?!\w)"
)


def _except(clause: Clause) -> list[Change]:
    """ "delete everything except the music": what is named stays, with all that it needs."""
    work = clause.mentions.work
    queue = [
        view for stage_id in clause.ids_in(clause.words("kept")) if (view := work.find(stage_id))
    ]
    if not queue:
        raise NotUnderstood
    remaining_ids: set[str] = set()
    while queue:
        view = queue.pop()
        if view.id not in remaining_ids:
            remaining_ids.add(view.id)
            queue += work.sources(view)
    removals = tuple(view.id for view in work.stages if view.id not in remaining_ids)
    return [Change("remove", removals, "rest")] if removals else []


def _shot(clause: Clause) -> list[Change]:
    words = clause.full(clause.match["words"])
    place = search(_PLACES, words)
    at = place["at"] if place else ""
    if place:
        words = f"{words[: place.start()]} {words[place.end() :]}"
    at = clause.match.groupdict().get("where") or at
    text = without("of|with|showing|where|in which|that shows|:|von|mit|de|con|d'", words)
    text = text.strip(" ,.:;“”\"'„").removesuffix(" hinzu").strip()
    if search("^(?:{before}|{after}|between)", at):
        is_before = search("^{before}", at) is not None
        field = "before" if is_before else "between" if at.startswith("between") else "after"
        return [Change("shot", _neighbors(clause, at), field, text)]
    if search("{beginning}|first", at):
        return [Change("shot", (), "start", text)]
    return [Change("shot", clause.target if not at else (), "end" if at else "after", text)]


def _neighbors(clause: Clause, at: str) -> tuple[str, ...]:
    """Return the shots that a place is beside: by name, or by what they show."""
    if search("{title}", at):
        cards = [s.stage for s in clause.film.shots if s.stage.tool_name == "overlay_video"]
        if cards:
            return (cards[0 if re.search("first|opening", at, re.IGNORECASE) else -1].id,)
    ids = clause.ids_in(at)
    shots = {shot.stage.id for shot in clause.film.shots}
    if ids and not shots.intersection(ids):
        # The film is no shot of itself: at its end.
        return ()
    return tuple(ids or clause.mentions.showing(without("{before}|{after}|between|{the}", at)))


def _remove(clause: Clause) -> list[Change] | None:
    what = clause.full(clause.match["what"])
    if search("{except}", what):
        raise NotUnderstood
    if search(LENGTH, what):
        # "cut the first two shots to 2 seconds" shortens them.
        return None
    ids = clause.ids_in(what)
    if not ids and search(r"^\W*(?:it|this|these|them|that)(?!\w)", what):
        ids = [view.id for view in clause.mentions.work.selection]
    if not ids and search(r"{shot}\W*$", what):
        ids = clause.mentions.showing(without("{the}", what))
    return [Change("remove", tuple(ids))] if ids else None


def _move(clause: Clause) -> list[Change] | None:
    ids, where = clause.ids_in(clause.words("what")), clause.words("where")
    if not ids and search("^(?:it|this|them|these)$", clause.words("what")):
        ids = list(clause.target)
    if not where:
        return [Change("move", tuple(ids), "swap")] if len(ids) == 2 else None
    if not ids:
        return None
    if search("{before}|{after}", where):
        field = "before" if search("{before}", where) else "after"
        others = _neighbors(clause, where)
        return [Change("move", (ids[0], *others[:1]), field)]
    return [Change("move", (ids[0],), "start" if search("{beginning}|first", where) else "end")]


def _duplicate(clause: Clause) -> list[Change] | None:
    mention, rest = clause.mentions.take(clause.words("what"))
    ids = [view.id for view in mention] if mention else list(clause.target)
    words = rest.strip(" ,.") if mention else ""
    return [Change("duplicate", tuple(ids), "", words)] if ids else None


def _title(clause: Clause) -> list[Change] | None:
    """Return words over the film: quoted, or what is left besides their place and their color."""
    tail = clause.match["rest"] or clause.match["quote"]
    verb, text, field = clause.match[0].removesuffix(tail), clause.first_quote(), list[str]()
    tail = re.sub(QUOTE, " ", tail, count=1)
    if text and search(r"(?<!\w)prompts?(?!\w)", tail):
        is_not = "negative" in tail
        text = re.sub(r"(?<!\w)no\s+", "", text) if is_not else text
        return [Change("without" if is_not else "look", clause.target, "", text)]
    if search("^\\W*(?:between|{before}|{after})", tail):
        raise NotUnderstood
    if color := search(
        r"(?:in|en|mit|with) (?:{the} )?(?P<color>{colors})(?: (?:letters|color))?(?!\w)", tail
    ):
        field.append(key_of("colors", color["color"]))
        tail = f"{tail[: color.start()]} {tail[color.end() :]}"
    target: tuple[str, ...] = ()
    if search(r"(?:{at}|of) (?:{the} )?(?:\w+ )?{shot}(?!\w)", tail):
        mention, tail = clause.mentions.take(tail)
        target = tuple(view.id for view in mention) if mention else ()
    while place := search(_TITLE_PLACE, tail):
        field += [key_in("corners", place[0])] if place["where"] else []
        verb += f" {place[0]}"
        tail = f"{tail[: place.start()]} {tail[place.end() :]}"
    if search(r"{ending}|outro|last|(?:end|close)(?: it)? with|end ?card", verb):
        field.append("end")
    if search("{card}", f"{verb} {tail}"):
        field.append("card")
    rest = without("{saying}|{becomes}|{title}|{a}|of|with|{card}", tail.strip(" ,.:")).strip(
        " ,.:"
    )
    rest = rest.removesuffix(" hinzu").removesuffix("hinzu").strip()
    if text:
        clause.rest = f"{clause.rest} {rest}"
    elif says_something(rest):
        text = clause.full(rest).strip(" .,:“”\"'")
    return [Change("title", target, " ".join(filter(None, field)), text)]


def _other_title(clause: Clause) -> list[Change] | None:
    """New words for a title that is there."""
    views = clause.mentions.work.with_tool("overlay_video")
    if not any("text" in repr(view.get("overlays")) for view in views):
        return None
    place = ordinal_of(clause.words("place"))
    return [Change("title", (), f"change {place or ''}".strip(), clause.words("new"))]


def _logo(clause: Clause) -> list[Change]:
    mention, tail = clause.mentions.take(clause.match["rest"])
    field = []
    while place := search(_TITLE_PLACE, tail):
        if where := place["where"] or "":
            moment = "end" if search("^{ending}$", where) else "start"
            field.append(key_in("corners", where) or moment)
        tail = f"{tail[: place.start()]} {tail[place.end() :]}"
    clause.rest = f"{clause.rest} {tail}"
    ids = [view.id for view in mention] if mention else []
    return [Change("logo", tuple(ids), " ".join(field))]


def _transition(clause: Clause) -> list[Change]:
    kind = key_of("transitions", clause.words("type"))
    return [Change("transition", (), "", kind or ("beat" if clause.words("beat") else "cut"))]


def _camera(clause: Clause) -> list[Change]:
    return [Change("camera", clause.target, "", " ".join(clause.words("move").split()))]


def _pace(clause: Clause) -> list[Change]:
    words = clause.words("words") or f"{clause.words('late')} camera"
    return [Change("camera", clause.target, "pace", words)]


_BEAT: Final = r"{cut} (?:it |the shots )?(?:on|to|in time with|with|im|auf) (?:the |den )?{beat}"
_NOUN: Final = r"(?:{image}(?= (?:of|with|showing|where|von|mit|de|con)(?!\w))|{shot})"
# "Change the title to …" is tried before a template is renamed.
TITLE_WORDS: Final = (
    Rule(
        r"(?:{replace}|{set}) (?:{the} )?(?:(?P<place>{ordinals}|{last}) )?{title}(?: text)? "
        r"(?:{becomes}|:) *(?P<new>.+)",
        _other_title,
        is_scoped=False,
    ),
)
EXCEPT: Final = (
    Rule(r"(?:{drop} {everything} {except}|{keep_only}) (?P<kept>.+)", _except, is_scoped=False),
)
TITLES: Final = (
    Rule(
        rf"(?:{_ADD}|{{set}}) (?:(?:{{at}} )?(?:{{the}} )?(?:{{beginning}}|{{ending}}) )?(?:"
        rf"(?:{{a}}|{{the}}) )?"
        rf"(?:\w+ )?{{title}}(?!\w)(?P<rest>.*)|{_ADD} (?P<quote>{QUOTE}.*)",
        _title,
        is_scoped=False,
    ),
    Rule(
        rf"{_ADD} (?:(?:{{a}}|{{the}}) )?(?:[\w'’]+ ){{0,3}}{{logo}}(?!\w)(?P<rest>.*)",
        _logo,
        is_scoped=False,
    ),
)
CUTS: Final = (
    Rule(
        rf"(?P<beat>{_BEAT})|(?:{{hard_cuts}}|(?:{{no}}|{{drop}}) (?:{{the}} )?{{transition}})"
        r"(?: {transition}| {between})*",
        _transition,
        is_scoped=False,
    ),
)
RULES: Final = (
    Rule(
        rf"{_ADD} (?:{{at}} (?:{{the}} )?(?P<where>{{beginning}}|{{ending}}) )?(?:{{a}} )?"
        rf"(?:(?:new|more|neue|closing|final|opening|short) ){{0,2}}{_NOUN}(?!\w)(?P<words>.*)",
        _shot,
        is_scoped=False,
    ),
    Rule(
        r"{swap} (?P<what>.+)|{move} (?P<what_>.+?) (?P<where>(?:{at} (?:{the} )?(?:very )?"
        r"(?:{beginning}|{ending})|(?:{before}|{after}) .+|first|last))\W*$",
        _move,
        is_scoped=False,
    ),
    Rule(r"{duplicate} (?P<what>.+)", _duplicate, is_scoped=False),
    Rule(r"{drop} (?P<what>.+)", _remove, is_scoped=False),
    Rule(
        r"(?:{transition_starts} ){0,6}(?P<type>{transitions})(?! (?:in|out|to black|from "
        r"black)(?!\w))(?: transitions?| {between})*(?: instead(?: of .*)?)?",
        _transition,
        is_scoped=False,
    ),
    Rule(
        r"(?P<words>(?:{much} )?{calmer} camera(?: (?:moves?|movements?|work))?)"
        r"|camera (?P<late>{calmer})",
        _pace,
    ),
    Rule(
        r"(?:(?:use|with|make|have|let|the|an?|set|change|add|to|by) ){0,6}"
        r"(?:camera(?: (?:move(?:ment)?s?|work|motion))? ?(?:(?::|should|to|be|do|does|an?) ?)*)?"
        r"(?P<move>(?:{pace} )*{camera}(?: (?!in (?:{the} )?(?:{shot}"
        r"|{ordinals})){camera_after})*(?: {pace})*)(?: (?:shot|camera|move"
        r"(?:ment)?))?(?: instead)?",
        _camera,
    ),
)
