"""Reading what to change about a picture: an instruction in words becomes steps, in order.

Pure: nothing here touches a picture. What no rule understands is given back as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tools.providers.studio.pictures import phrasebook
from tools.providers.studio.pictures.refining import strength_of
from tools.providers.studio.pictures.styles import names_a_style
from tools.providers.studio.scenes import words
from tools.providers.studio.scenes.brief import read
from tools.providers.studio.scenes.raster import Colour
from tools.providers.studio.scenes.subjects import SUBJECT_WORDS

# Steps whose text is a description: words that follow without a verb belong to it.
DESCRIBED = frozenset({"background", "add", "paint", "replace"})
_QUOTE = re.compile(r"[\"“”«»]([^\"“”«»]{1,300})[\"“”«»]|(?<!\w)['‘]([^'‘’]{2,300})['’](?!\w)")
_JOINT = re.compile(
    r"[.;!?\n]+(?:\s+|$)|,?\s+(?:and\s+)?(?:then|afterwards|also|finally)\s+|,\s*(?:and\s+)?|"
    r"\s+and\s+|\s+but\s+|\s+&\s+"
)
_KEEP = re.compile(
    r"\b(?:keep\w*|leave|leaving|preserv\w+|maintain\w*|do not (?:change|touch|alter)|"
    r"don't (?:change|touch|alter)|without changing)\s+(.+)"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change. verb: what; said: the words; amount: how strongly, 1 as usual, negative turns a
    dial down; where: the region, "" everywhere; what: a description, text or name; place: where
    to put it; colour: of it."""

    verb: str
    said: str = ""
    amount: float = 1.0
    where: str = ""
    what: str = ""
    place: str = ""
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """steps: in order. unknown: the clauses that no rule understood."""

    steps: tuple[Step, ...]
    unknown: tuple[str, ...]


def read_instructions(prompt: str, *, pictures: int = 1, masked: bool = False) -> Reading:
    """The steps a prompt asks for.

    pictures: how many came along; words about a second one mean something only with it. masked:
    whether a region is marked: then a bare description is what to paint there.
    """
    steps: list[Step] = []
    unknown: list[str] = []
    for clause in _clauses(prompt):
        found = _read_clause(clause, pictures)
        if not found and masked and _drawable(clause.text):
            found = [Step("paint", clause.said, what=clause.filled())]
        if found:
            steps.extend(found)
        else:
            unknown.append(clause.said)
    return Reading(tuple(steps), tuple(unknown))


@dataclass(slots=True)
class _Clause:
    """text: lower case, quotations replaced by ⟦0⟧, ⟦1⟧, …; said: as written."""

    text: str
    quotes: list[str]

    @property
    def said(self) -> str:
        return re.sub(r"⟦(\d+)⟧", lambda m: f"“{self.quotes[int(m[1])]}”", self.text)

    def filled(self) -> str:
        return re.sub(r"⟦(\d+)⟧", lambda m: self.quotes[int(m[1])], self.text)

    def quoted(self) -> str:
        found = re.search(r"⟦(\d+)⟧", self.text)
        return self.quotes[int(found[1])] if found else ""


def _clauses(prompt: str) -> list[_Clause]:
    """Cut where a new instruction starts; what is none by itself stays with the one before."""
    quotes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quotes.append((match[1] or match[2]).strip())
        return f"⟦{len(quotes) - 1}⟧"

    # The marks of quotations are ours alone.
    text = _QUOTE.sub(keep, re.sub("[⟦⟧]", " ", prompt))
    found: list[_Clause] = []
    for part in _cut(text.lower()):
        clause = _Clause(part, quotes)
        if found and _continues(found[-1], clause):
            found[-1].text += f" and {part}"
        else:
            found.append(clause)
    return found


def _cut(text: str) -> Iterator[str]:
    # "Black and white" is one thing, and so is what stands between "from … and …".
    text = re.sub(r"\bblack\s+(?:and|&)\s+white\b", "black-and-white", text)
    text = re.sub(r"(\d)\.(\d)", r"\1·\2", text)
    for part in _JOINT.split(text):
        trimmed = part.strip().replace("·", ".")
        before = ""
        while trimmed != before:
            before, trimmed = trimmed, phrasebook.FILLER.sub("", trimmed).strip()
        if trimmed:
            yield trimmed


def _continues(before: _Clause, clause: _Clause) -> bool:
    first = clause.text.split()[0]
    if first in phrasebook.IMPERATIVES or _KEEP.match(clause.text):
        return False
    if re.match(r"\w+(?:er|ed)\b", first) and _dials(clause):
        return False
    earlier = _read_clause(before, 2)
    if any(step.verb in DESCRIBED for step in earlier):
        return True
    # "keep the pose, the face and the hair" is one wish.
    if _KEEP.match(before.text):
        return True
    return bool(earlier) and not _read_clause(clause, 2)


def _read_clause(clause: _Clause, pictures: int) -> list[Step]:
    text = clause.text
    if kept := _KEEP.match(text):
        return [Step("keep", clause.said, where=region_in(kept[1]) or "")]
    for rule in _RULES:
        found = rule(clause, pictures)
        if found:
            return [replace(step, said=clause.said) for step in found]
    return []


# Rules: each answers the steps it recognises, none when the clause is not its own.


def _compose(clause: _Clause, pictures: int) -> list[Step]:
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
        return [Step("inset", place=place_in(text), amount=_size_in(text))]
    if re.search(rf"\b(?:combine|merge|compose|join)\b|{other}", text):
        return [Step("behind")]
    return []


def _lettering(clause: _Clause, pictures: int) -> list[Step]:
    text = clause.text
    words_for_it = (
        r"text|title|caption|words?|headline|heading|slogan|label|sign|message|letters|lettering|"
        r"watermark|signature|subtitle|logo|name"
    )
    quoted = clause.quoted()
    if not quoted:
        named = re.search(
            rf"\b(?:{words_for_it})\b(?: that)?(?: (?:saying|says|reading|of))?\s*[:=]\s*(.+)|"
            rf"\b(?:{words_for_it}) (?:saying|that says|reading|that reads)\s+(.+)|"
            r"^write\s+(.+)",
            text,
        )
        if not named:
            return []
        quoted = next(group for group in named.groups() if group)
        quoted = re.sub(
            r"\s+(?:at|on|in) the (?:top|bottom|left|right|cent|middle|corner).*", "", quoted
        )
        quoted = quoted[:1].upper() + quoted[1:]
    elif not re.search(
        rf"\b(?:{words_for_it}|write|add|put|say|says|saying|print|type|with)\b", text
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
            amount=_size_in(rest),
            where=kind,
        )
    ]


def _background(clause: _Clause, pictures: int) -> list[Step]:
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
    if moved and (_drawable(moved[1]) or colour_in(moved[1])):
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
    plain = re.fullmatch(
        r"(?:an?\s+|pure\s+|plain\s+|solid\s+|simple\s+|clean\s+|clear\s+|flat\s+|bright\s+|soft\s+|"
        r"dark\s+|light\s+|pale\s+|deep\s+|seamless\s+|studio\s+)*"
        r"([\w-]+)(?:\s+(?:colou?r|studio|backdrop|background|wall|one))*",
        text,
    )
    colour = words.COLOURS.get(plain[1]) if plain else None
    return Step(verb, what=text, colour=colour)


def _geometry(clause: _Clause, pictures: int) -> list[Step]:
    text = clause.text
    if re.search(r"\b(?:flip|mirror|reflect)", text) and not re.search(
        r"\badd\b|in the mirror|reflection", text
    ):
        upright = re.search(r"vertical|upside|up.?down|top to bottom", text)
        return [Step("flip", what="vertical" if upright else "horizontal")]
    if re.search(r"\b(?:straighten|level)\b|fix (?:the )?(?:tilt|horizon)|crooked", text):
        return [Step("straighten")]
    if re.search(r"upside.?down", text):
        return [Step("rotate", amount=180)]
    if re.search(
        r"\b(?:rotat\w+|turn|tilt\w*|spin)\b.*(?:degrees?|°|left|right|clockwise|quarter|landscape|portrait)",
        text,
    ):
        return [Step("rotate", amount=_degrees(text))]
    if re.search(r"\b(?:crop|trim|close.?up|zoom in|tighter|reframe)\b|\bcut (?:it )?to\b", text):
        return [_crop(text)]
    if re.search(r"\b(?:zoom out|uncrop|outpaint|extend|expand|widen|more space|wider)\b", text):
        return [Step("extend", what=_sides(text), place=_shape_in(text), amount=_size_in(text))]
    if size := re.search(
        r"\b(?:resize|scale|shrink|enlarge|upscale)\b.*?(?:(\d{2,5})\s*[x×]\s*(\d{2,5})|(\d+)\s*%|"
        r"(half|twice|double|two times|2x|3x|4x))?",
        text,
    ):
        return [Step("resize", what=_scaling(text))] if size and _scaling(text) else []
    if re.search(
        r"\b(?:frame|border|passe-?partout|round(?:ed)? (?:the )?corners|polaroid frame)\b",
        text,
    ):
        if re.search(r"\b(?:remove|no|without)\b", text):
            return []
        kind = "rounded" if "round" in text else "polaroid" if "polaroid" in text else "border"
        return [Step("frame", what=kind, colour=colour_in(text), amount=_size_in(text))]
    if re.search(
        r"\b(?:circle|circular|round) (?:crop|mask|shape|picture|image|avatar)|as a circle", text
    ):
        return [Step("frame", what="circle")]
    return []


def _crop(text: str) -> Step:
    shape = _shape_in(text)
    if shape:
        return Step("crop", what=shape)
    where = re.search(r"\b(left|right|top|bottom|upper|lower)\s+(half|third)", text)
    if where:
        side = {"upper": "top", "lower": "bottom"}.get(where[1], where[1])
        return Step("crop", where=f"{side} {where[2]}")
    subject = re.search(
        r"face|person|subject|her\b|him\b|product|object|around|close.?up|\b(?:to|on) the\b",
        text,
    )
    return Step("crop", what="subject" if subject else "tighter", amount=strength_of(text))


def _recolour(clause: _Clause, pictures: int) -> list[Step]:
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
    where = region_in(noun) or ("" if phrasebook.WHOLE.fullmatch(noun) else noun)
    return [Step("recolour", where=where, what=found[2], colour=colour)]


def _remove(clause: _Clause, pictures: int) -> list[Step]:
    found = re.search(
        r"\b(?:remove|erase|delete|get rid of|take out|take away|take off|clean away|hide|"
        r"paint out|eliminate|wipe out|clear away)\s+(.+)",
        clause.text,
    )
    if not found or any(
        re.search(pattern, clause.text)
        for pattern in (phrasebook.EFFECTS[n] for n in ("denoise", "dehaze", "mend", "grey"))
    ):
        return []
    if re.fullmatch(r"(?:the )?shadows?", found[1]):
        return [Step("exposure", where="shadows", amount=1.2)]
    return [Step("remove", where=_noun(found[1]))]


def _replace(clause: _Clause, pictures: int) -> list[Step]:
    found = re.search(
        r"\b(?:replace|swap|exchange|substitute)\s+(.+?)\s+(?:with|by|for)\s+(.+)|"
        r"\b(?:turn|change|transform|convert)\s+(.+?)\s+(?:in)?to\s+(.+)",
        clause.text,
    )
    if not found:
        return []
    old, new = found[1] or found[3], found[2] or found[4]
    noun = _noun(old)
    if re.search(r"\bsk(?:y|ies)\b", noun):
        return [Step("sky", what=new, colour=colour_in(new))]
    if phrasebook.WHOLE.fullmatch(noun) or not _subjects(new):
        return []
    return [Step("replace", where=noun, what=new)]


def _add(clause: _Clause, pictures: int) -> list[Step]:
    found = re.search(
        r"\b(?:add|place|put|insert|include|draw|paint|give (?:it|her|him|them)|show|"
        r"have|let there be|with)\s+(.+)",
        clause.text,
    )
    if not found or not _subjects(found[1]):
        return []
    # "Add snow" and "add a moon at night" are weather and light, unless a figure is named as well.
    return [Step("add", what=found[1], place=place_in(found[1]), amount=_size_in(found[1]))]


def _air(clause: _Clause, pictures: int) -> list[Step]:
    for name, pattern in phrasebook.AIRS.items():
        if re.search(rf"\b(?:{pattern})", clause.text) and not re.search(
            rf"\b(?:remove|no|less|without|reduce|clear)\b.*(?:{pattern})", clause.text
        ):
            return [Step("air", what=name, amount=strength_of(clause.text))]
    return []


def _effect(clause: _Clause, pictures: int) -> list[Step]:
    text = clause.text
    found = [
        Step(name, amount=strength_of(text), where=_target(text), colour=colour_in(text))
        for name, pattern in phrasebook.EFFECTS.items()
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
        found.append(Step("blur", amount=strength_of(text), where=_target(text), what=kind))
    elif re.search(r"\b(?:un-?blur|de-?blur|remove the blur|less blur)", text):
        found.append(Step("sharpness", amount=1.0, where=_target(text)))
    names = [step.verb for step in found]
    if len(names) > 1 and "enhance" in names:
        found = [step for step in found if step.verb != "enhance"]
    return found


def _tone(clause: _Clause, pictures: int) -> list[Step]:
    return _dials(clause)


def _dials(clause: _Clause) -> list[Step]:
    text = clause.text
    less, more = bool(phrasebook.LESS.search(text)), bool(phrasebook.MORE.search(text))
    amount = _percent(text) or strength_of(text)
    found = []
    for name, dial in phrasebook.DIALS.items():
        up, down = (bool(re.search(rf"\b(?:{p})", text)) for p in (dial.up, dial.down))
        noun = bool(re.search(rf"\b(?:{dial.nouns})", text))
        if up == down and not (noun and (less or more)):
            continue
        sign = (1 if up else -1) * (-1 if less else 1) if up != down else (-1 if less else 1)
        found.append(Step(name, amount=sign * amount, where=_target(text)))
    return found


def _tint(clause: _Clause, pictures: int) -> list[Step]:
    text = clause.text
    asked = re.search(
        r"\b(?:tint\w*|tone\w*|colou?r grad\w+|wash|filter|hue|cast|light(?:ing)?|grade)\b",
        text,
    )
    colour = colour_in(text)
    if colour is None or not asked:
        return []
    return [Step("tint", colour=colour, where=_target(text), amount=strength_of(text))]


def _style(clause: _Clause, pictures: int) -> list[Step]:
    return (
        [Step("style", what=clause.text, where=_target(clause.text))]
        if names_a_style(clause.text)
        else []
    )


Rule = Callable[[_Clause, int], list[Step]]
_RULES: tuple[Rule, ...] = (
    _lettering,
    _compose,
    _background,
    _geometry,
    _remove,
    _replace,
    _add,
    _effect,
    _recolour,
    _air,
    _tint,
    _tone,
    _style,
)


# Parts of clauses.


def region_in(text: str) -> str:
    """The named region that words speak of, "" for none."""
    for name, pattern in phrasebook.REGIONS.items():
        if re.search(rf"\b(?:{pattern})", text):
            return name
    return ""


def place_in(text: str) -> str:
    """A place to put something: a key of `phrasebook.PLACES`, "" for none."""
    return next(
        (name for name in phrasebook.PLACES if re.search(rf"\b{name}\b", text.replace("-", " "))),
        "",
    )


def colour_in(text: str) -> Colour | None:
    """The first colour named; light and dark shades of it by the word before."""
    tokens = re.findall(r"[\w-]+", text)
    for position, word in enumerate(tokens):
        colour = words.COLOURS.get(word)
        if colour is None or (word == "golden" and "hour" in tokens):
            continue
        before = tokens[position - 1] if position else ""
        if before in ("dark", "deep"):
            return (colour[0] * 0.6, colour[1] * 0.6, colour[2] * 0.6)
        if before in ("light", "pale", "pastel", "soft"):
            return tuple(c + (1 - c) * 0.5 for c in colour)  # type: ignore[return-value]
        return colour
    return None


def _target(text: str) -> str:
    """The region a change of tone is for: a named one, or the noun after "the"."""
    named = region_in(text)
    if named:
        return named
    found = re.search(
        r"\b(?:make|turn|brighten|darken|blur|sharpen|soften|lighten|warm|cool|desaturate|on|of|in|to)\s+"
        r"(?:the|her|his|its)\s+([\w-]+(?:\s+[\w-]+)?)",
        text,
    )
    if not found or phrasebook.WHOLE.search(found[1]):
        return ""
    noun = " ".join(
        word
        for word in found[1].split()
        if not re.fullmatch(
            r"\w+er|more|less|much|very|slightly|a|to|look|and|with|background", word
        )
    )
    if not noun or any(
        re.search(rf"\b(?:{d.nouns}|{d.up}|{d.down})", noun) for d in phrasebook.DIALS.values()
    ):
        return ""
    return (
        noun
        if re.search(r"\b(?:" + "|".join(words.COLOURS) + r")\b", noun) or _subjects(noun)
        else ""
    )


def _noun(text: str) -> str:
    text = re.sub(
        r"\b(?:completely|entirely|please|"
        r"from (?:the|this) (?:picture|image|photo|scene|background))\b",
        "",
        text,
    )
    return re.sub(
        r"^(?:the|all(?: the)?|any|an?|every|that|this|these|those|her|his|its|my)\s+",
        "",
        text.strip(),
    ).strip()


def _subjects(text: str) -> bool:
    return bool(read(text).roles) and any(
        SUBJECT_WORDS.get(word) or SUBJECT_WORDS.get(word.rstrip("s"))
        for word in re.findall(r"[\w-]+", text)
    )


def _drawable(text: str) -> bool:
    """Whether a description names anything that the studio draws."""
    brief = read(text)
    return bool(brief.roles) or brief.setting != "abstract"


def _degrees(text: str) -> float:
    number = re.search(r"(-?\d+(?:\.\d+)?)\s*(?:degrees?|°)", text)
    degrees = float(number[1]) if number else 90.0
    left = re.search(r"counter.?clockwise|anti.?clockwise|\bleft\b", text)
    # Clockwise is to the right, as a page is turned.
    return degrees if left else -degrees


def _shape_in(text: str) -> str:
    shape = re.search(r"(\d+(?:\.\d+)?)\s*[:x×/]\s*(\d+(?:\.\d+)?)", text)
    if shape:
        return f"{shape[1]}:{shape[2]}"
    for pattern, name in (
        (r"\bsquare", "1:1"),
        (r"widescreen|\bwide\b|youtube", "16:9"),
        (r"cinemascope|anamorphic|ultra.?wide", "21:9"),
        (r"\b(?:vertical|story|stories|reel|tiktok|phone)\b", "9:16"),
        (r"\bportrait\b", "4:5"),
        (r"\blandscape\b", "3:2"),
    ):
        if re.search(pattern, text):
            return name
    return ""


def _sides(text: str) -> str:
    return " ".join(
        side for side in ("left", "right", "top", "bottom") if re.search(rf"\b{side}\b", text)
    )


def _scaling(text: str) -> str:
    exact = re.search(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", text)
    if exact:
        return f"{exact[1]}x{exact[2]}"
    percent = re.search(r"(\d+)\s*%", text)
    if percent:
        return str(int(percent[1]) / 100)
    for pattern, factor in (
        (r"half|50 percent", "0.5"),
        (r"twice|double|2x|two times", "2"),
        (r"3x|three times", "3"),
        (r"4x|four times", "4"),
        (r"smaller|shrink", "0.5"),
        (r"larger|bigger|enlarge|upscale", "2"),
    ):
        if re.search(rf"\b(?:{pattern})\b", text):
            return factor
    return ""


def _size_in(text: str) -> float:
    if re.search(r"\b(?:huge|giant|very large|full.?size|massive)\b", text):
        return 2.0
    if re.search(r"\b(?:big|large|bold|thick|wide)\b", text):
        return 1.5
    if re.search(r"\b(?:tiny|very small)\b", text):
        return 0.4
    return 0.6 if re.search(r"\b(?:small|little|thin|narrow|subtle)\b", text) else 1.0


def _percent(text: str) -> float:
    found = re.search(r"(\d+)\s*(?:%|percent)", text)
    return min(2.0, int(found[1]) / 40) if found else 0.0
