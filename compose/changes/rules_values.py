"""Requests about format, length and model; about what people do in a run; and about names."""

from __future__ import annotations

import re
from typing import Final

from compose.changes.change import (
    ANY_LENGTH,
    LENGTH,
    NUMBER,
    PLAIN_NUMBER,
    Change,
    expression,
    figure,
    key_of,
    says_something,
    search,
    seconds_of,
    without,
)
from compose.changes.clause import Clause, Rule
from compose.changes.working_template import input_title
from core.language.numbers import number_of, ordinal_of
from tools.declaration.schema import model_names

_FACTORS: Final = {"half": "x0.5", "double": "x2", "triple": "x3"}
_MEDIA: Final = (
    ("image", r"(?:images?|pictures?|stills?|photos?|bilder?)(?!\w)"),
    ("video", r"(?:videos?|clips?|shots?|animations?|motion)(?!\w)"),
    ("audio", r"(?:music|songs?|audio|voice|speech)(?!\w)"),
)
# "The landscape is green" names no format, nor does a town square.
_SCENES: Final = frozenset(["landscape", "square", "paysage"])
# Parts of models' names that are words of their own.
_NO_NAMES: Final = frozenset(["voice", "real", "one", "auto", "design", "clone", "dark", "art"])
_FILM: Final = (
    r"(?:film|video|movie|final|result|join(?:ing|ed)?|stitch(?:ing)?|everything|rest|end)(?!\w)"
)
# Stages that no one can find by these words.
_SOME: Final = r"(?<!\w)(?:(?:this|these|that|those) (?:ones?|two|three)|the (?:rest|one)(?!\w))"
_ASK_ENDS: Final = (
    r"(?<!\s)\s{1,9}"
    r"(?:myself|(?:each|every)\s{1,9}time|when\s{1,9}(?:it\s{1,9}runs|i\s{1,9}run\s{1,9}it))$"
)
_TOOLS: Final = {
    "animate_photo": ("animate_photo", "orbit_video"),
    "upscale": ("upscale_image", "upscale_video"),
    "apply_style": ("apply_style", "video_to_video"),
    "analyze": ("analyze_video", "analyze_image", "extract_metadata"),
}


def _format(clause: Clause) -> list[Change] | None:
    words = clause.match["format"].lower()
    before, after = clause.match.string[: clause.match.start()], clause.rest
    if words in _SCENES and (search(r"{the}\W*$|town\W*$", before) or says_something(after)):
        return None
    ratio = key_of("formats", words) or "9:16"
    return [Change("format", clause.target, "", ratio)]


def _length(clause: Clause) -> list[Change] | None:
    groups = clause.match.groupdict()
    if factor := groups.get("factor"):
        return [Change("length", clause.target, "", _FACTORS[key_of("factors", factor)])]
    if not clause.target and search(_SOME, clause.rest):
        return None
    seconds = seconds_of(clause.match["amount"], clause.match["unit"])
    target = clause.target
    if not target and search("{every}", f"{clause.match[0]} {clause.rest}"):
        target = tuple(shot.stage.id for shot in clause.film.shots)
    if search("(?:{shorten}|{lengthen}).* (?:by|um)(?!\\w)", clause.rest):
        groups["longer" if search("{lengthen}", clause.rest) else "shorter"] = "by"
    clause.rest = expression(r"(?:{shorten}|{lengthen})(.*?)(?: (?:by|to|um|auf)(?!\w))?").sub(
        r"\1", clause.rest
    )
    sign = "+" if groups.get("longer") else "-" if groups.get("shorter") else ""
    return [Change("length", target, "", f"{sign}{seconds:g}")] if seconds else None


def _somewhat(clause: Clause) -> list[Change] | None:
    if search("{process}", clause.rest) or (not clause.target and search(_SOME, clause.rest)):
        return None
    by = "x1.25" if clause.match["longer"] else "x0.8"
    return [Change("length", clause.target, "", by)]


def _model(clause: Clause) -> list[Change] | None:
    """ "use flux for the image": a model by its name, or by how that begins."""
    words_in_text, by_name = clause.full(clause.match[0]), dict[str, str]()
    for view in clause.mentions.work.stages:
        for name in model_names(view.tool) if view.tool is not None else ():
            by_name[_plain(name)] = name
    words = [word for word in re.split(r"[^\w.-]+", words_in_text) if word][:40]
    kind = next((kind for kind, noun in _MEDIA if search(noun, words_in_text)), "")
    for length in (6, 5, 4, 3, 2, 1):
        for start in range(len(words) - length + 1):
            name = by_name.get(_plain("".join(words[start : start + length])), "")
            if name:
                return [Change("model", clause.target, kind, name)]
    for plain in map(_plain, words):
        alike = [name for key, name in by_name.items() if len(plain) > 2 and key.startswith(plain)]
        if alike and plain not in _NO_NAMES:
            return [Change("model", clause.target, kind, min(alike, key=len))]
    is_model = search("{model}", words_in_text) or (
        kind and search(r"(?<!\w)for(?!\w)", words_in_text)
    )
    return [Change("model", clause.target, kind, clause.words("words"))] if is_model else None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _checkpoint(clause: Clause) -> list[Change]:
    words_in_text, when = clause.full(clause.match["what"] or ""), clause.words("when")
    ids = tuple(clause.ids_in(words_in_text))
    is_after = bool(search("^{after}", when))
    is_seen = bool(ids and not when and search("{review}", clause.match[0]))
    if not ids and clause.mentions.work.selection and not search(_FILM, words_in_text):
        ids, is_after = clause.target, True
    return [Change("checkpoint", ids, "" if is_after or is_seen else "before")]


def _no_checkpoint(clause: Clause) -> list[Change]:
    ids = () if clause.mention is None else clause.target
    return [Change("checkpoint", ids, "", "none")]


def _leave_out(clause: Clause) -> list[Change] | None:
    work = key_of("work", clause.words("work"))
    views = clause.mentions.work.with_tool(*_TOOLS.get(work, (work,)))
    ids = tuple(view.id for view in views)
    selection = tuple(one for one in ids if one in clause.target)
    return [Change("remove", selection or ids, "step")] if ids else None


def _choose(clause: Clause) -> list[Change]:
    pick, count = clause.words("pick"), clause.words("count")
    picks = figure(number_of(pick) or 1) if pick else ""
    return [Change("choice", clause.target, picks, figure(number_of(count) or 4) if count else "")]


def _variations(clause: Clause) -> list[Change] | None:
    count, before = number_of(clause.words("count")), number_of(clause.words("was"))
    if count is None or not 1 <= count <= 16:
        return None
    return [Change("variations", clause.target, figure(before) if before else "", figure(count))]


def _ask(clause: Clause) -> list[Change] | None:
    words_in_text = without("{the}|{a}|which|what", clause.words("what"))
    words_in_text = re.sub(_ASK_ENDS, "", words_in_text, flags=re.IGNORECASE)
    if not words_in_text:
        return None
    return [Change("ask", tuple(clause.ids_in(words_in_text)), "", words_in_text)]


def _upscale(clause: Clause) -> list[Change]:
    text, film = clause.match[0], clause.film
    views = [view for view in clause.mentions.work.stages if view.id in clause.target]
    views = [view for view in views if film.kind(view) in ("image", "video")]
    views = views or [view for view in (film.result,) if view is not None]
    pixels = "1440" if re.search(r"4\s*k|2\s*k|1440|2160", text, re.IGNORECASE) else "1080"
    scale = "4" if re.search(r"4\s*[xk×]|four", text, re.IGNORECASE) else "2"
    return [
        Change("insert_after", (view.id,), "upscale_video", pixels)
        if film.kind(view) == "video"
        else Change("insert_after", (view.id,), "upscale_image", scale)
        for view in views
    ]


def _background(clause: Clause) -> list[Change]:
    film, work = clause.film, clause.mentions.work
    images = [i for i in clause.target if (v := work.find(i)) and film.kind(v) == "image"]
    return [Change("insert_after", tuple(images), "remove_background")]


def _list_input(clause: Clause) -> str:
    """Return the name of a list with a default among the inputs, by its singular or plural."""
    work, words_in_text = clause.mentions.work, clause.words("name").lower().removesuffix("s")
    over = {view.raw.get("overBinding") for view in work.stages if view.is_batch}
    for one in work.inputs:
        name, default = str(one.get("name")), one.get("default")
        is_list = isinstance(default, list) or f"$inputs.{name}" in over
        names = [text.lower().removesuffix("s") for text in (name, input_title(one))]
        if is_list and words_in_text and words_in_text in names:
            return name
    return ""


def _items(clause: Clause) -> list[Change] | None:
    """ "add Venice to the places", "remove the second place": where they are a list."""
    name = _list_input(clause)
    if clause.words("place"):
        place = ordinal_of(clause.words("place")) or -1
        return [Change("list", (name,), str(place))] if name else None
    parts = re.split(r"\s{0,9}(?:,|;|\b(?:and|und|et|y)\b|&)\s*", clause.words("items"))
    lines = [part.strip(" “”\"'") for part in parts if part.strip(" “”\"'")]
    return [Change("list", (name,), "", "\n".join(lines))] if name else None


def _rename(clause: Clause) -> list[Change] | None:
    what, new = clause.words("what"), clause.words("new")
    if not new:
        return None
    if ids := clause.ids_in(what):
        return [Change("label", tuple(ids[:1]), "", new)]
    work = clause.mentions.work
    bare = without("{the}|input", what).lower().removesuffix(" input")
    for one in work.inputs:
        name = str(one.get("name"))
        if bare in (name.lower(), input_title(one).lower()):
            return [Change("name", (name,), "", new)]
    is_whole = search(r"^(?:it|this|es|das|le|lo|template|workflow|film|video|name|title|)$", bare)
    return [Change("name", (), "", new)] if is_whole else None


NAMES: Final = (
    Rule(
        r"{rename} (?:(?P<what>it|this|es|das|(?:{the} )?(?:template|film|video)) (?:{to} )?"
        r"|(?P<what_>.+?) {to} )(?P<new>.+)",
        _rename,
        is_scoped=False,
    ),
)
PEOPLE: Final = (
    Rule(r"{not} (?:{the} |it )?{asking}(?: {asked_for})?", _no_checkpoint),
    Rule(
        r"{not} (?:{the} |it )?(?P<work>{work})(?: (?:step|stage|part|it))?(?:\W+just(?!\w).*)?",
        _leave_out,
    ),
    Rule(
        r"^\W*(?:{start_words} )*{ask_before} *(?:first )?(?:(?P<when>{before}|{after}) "
        r")?(?P<what>(?!to |which |what |for ).*)",
        _checkpoint,
        is_scoped=False,
    ),
    Rule(
        rf"{{let_me}}(?=.*{{choose}})(?: {{choose}})?(?: {{best}})?(?: (?P<pick>{NUMBER}))?"
        rf"(?: *{{from}} (?P<count>{NUMBER}))?(?: {{variations}})?(?: {{choose}})?(?: instead of "
        r"\w+)?",
        _choose,
    ),
    Rule(
        rf"(?:(?:make|generate|create|with|do|want) )?(?P<count>{NUMBER}) "
        r"(?:variations?|versions|varianten|variantes|variaciones)(?: (?:of|for) each(?: "
        rf"{{image}})?)?"
        rf"|(?P<count_>{PLAIN_NUMBER}) \w+ {{instead}} (?P<was>{NUMBER})(?!\w)",
        _variations,
    ),
    Rule(
        r"(?:{replace}|{set}) (?P<what>.+?) {input}(?!\w)|(?:{people} {enter}|add an? input for) "
        r"(?P<what_>.+)",
        _ask,
        is_scoped=False,
    ),
    Rule(
        r"{insert} (?P<items>.+?) {list_of} (?:{the} )?(?:list of )?(?P<name>\w+)(?: list)?\W*$"
        r"|{drop} (?:{the} )?(?P<place>{ordinals}|{last}) (?P<name_>\w+)\W*$",
        _items,
        is_scoped=False,
    ),
)
FINISHING: Final = (
    Rule(
        r"(?:(?:in|to) )?{upscale}(?: of)?(?: (?:the )?(?:result|film|video|final video|final "
        r"image|it|output|to|in))*"
        r"(?: (?:4k|full ?hd|1080p?|1440p?|2k|2x|4x|two times|four times))?",
        _upscale,
    ),
    Rule(
        r"(?:{drop}|{no}|transparent) (?:{the} |l')?{background}"
        r"(?: (?:of|from) (?:the|my) (?:photo|picture|image|product|product photo))?",
        _background,
    ),
)
RULES: Final = (
    Rule(
        r"(?:{format_words} *(?:(?:of|to|:|=|is) *)?)?(?P<format>{formats}|"
        r"(?:(?<=make )|(?<=this )|(?<=it )|(?<=in ))portrait)(?!\w)(?: {format_words})?(?: "
        r"{instead} {formats})?"
        r"(?: (?:for|auf|für|pour|para) (?:instagram|tiktok|youtube|phones?|mobile|facebook"
        r"|snapchat|"
        r"reels|shorts)(?: (?:stories|story|reels?|shorts))?)?",
        _format,
    ),
    Rule(
        rf"{ANY_LENGTH} *(?:(?P<longer>{{longer}})|(?P<shorter>{{shorter}}))"
        r"|(?P<factor>{factors}) (?:{length_end})?",
        _length,
    ),
    Rule(
        rf"(?:(?:{{longer}}|{{shorter}})(?: (?:please|bitte))? *,? *(?:about|around|maybe|say"
        r"|like)? *)?"
        r"(?:(?:last|take|run|be|length|duration|dauer|durée) *(?:(?:of|to|:|=|is) "
        rf"*)?)?{LENGTH}(?: {{each}})?",
        _length,
    ),
    Rule(r"(?:{somewhat} )?(?:(?P<longer>longer|länger)|(?:shorter|kürzer))(?!\w)", _somewhat),
)
MODELS: Final = (
    Rule(
        r"(?:{use_model} |{replace} |{set} )?(?:{the} )?(?P<words>.*{model}.*)"
        r"|(?:{use_model}|(?:generate|render|make) (?:\w+ ){0,3}with) (?P<words_>"
        r"(?:(?!{use_model}).)+)",
        _model,
    ),
)
