"""Reading what to change about a picture: an instruction in words becomes steps, in order.

Pure: nothing here touches a picture. What no rule understands is given back as it was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from studio.artist import art_vocabulary
from studio.artist.instructions import object_rules, shape_rules, tone_rules, vocabulary
from studio.artist.instructions.clauses import Clause, Rule, Step
from studio.artist.instructions.lettered_texts import QUOTE
from studio.artist.instructions.phrases import (
    drawable,
    noun_before_change,
    noun_in,
    region_in,
    thing_in,
)

# Steps whose text is a description: words that follow without a verb belong to it.
DESCRIBED = frozenset({"background", "add", "paint", "replace"})
_JOINT = re.compile(
    r"[.;!?\n]{1,99}(?:\s+|$)|,?\s{1,9}(?:and\s{1,9})?(?:then|afterwards|also|finally)\s+|"
    r",\s*(?:and\s+)?|\s{1,9}(?:and|but|&)\s+"
)
_KEEP = re.compile(
    r"\b(?:keep\w*|leave|leaving|preserv\w+|maintain\w*|do not (?:change|touch|alter)|"
    r"don't (?:change|touch|alter)|without changing)\s+(.+)"
)

_ALL = r"everything|everyone|everybody|anything|all|the rest"
_BUT = r"(?:except|apart from|aside from|other than|besides|excluding|save for)"
_EXCEPT = re.compile(rf"(?P<all>\b(?:{_ALL})\s+)?\b{_BUT}(?:\s+for)?\s+")
_COLOURS = "|".join(sorted(art_vocabulary.COLOURS, key=len, reverse=True))
# Two colors are one look at the end or before such words; in "a red and white boat" they are not.
_PAIR = re.compile(rf"\b({_COLOURS})\s+(?:and|&)\s+({_COLOURS})\b")
_NO_LOOK = re.compile(
    r"-and-([a-z]+)(?=\s+(?!look|grad\w+|palette|tones?|toning|split|style|filter|wash|colou?r))"
)


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
        if not found and masked and drawable(clause.text):
            found = [Step("paint", clause.said, what=clause.filled())]
        if found:
            steps.extend(found)
        else:
            unknown.append(clause.said)
    return Reading(tuple(_weather_before_hours(steps)), tuple(unknown))


def _clauses(prompt: str) -> list[Clause]:
    """Cut where a new instruction starts; what is none by itself stays with the one before."""
    quotes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quotes.append((match[1] or match[2]).strip())
        return f"⟦{len(quotes) - 1}⟧"

    # The marks of quotations are ours alone.
    text = QUOTE.sub(keep, re.sub("[⟦⟧]", " ", prompt))
    found: list[Clause] = []
    for part in _cut(text.lower()):
        clause = Clause(part, quotes)
        if found and _continues(found[-1], clause):
            found[-1].text += f" and {part}"
        else:
            found.append(clause)
    return found


def _cut(text: str) -> Iterator[str]:
    # "Black and white" is one thing, and so is what stands between "from … and …".
    text = re.sub(r"\bblack\s+(?:and|&)\s+white\b", "black-and-white", text)
    text = _PAIR.sub(r"\1-and-\2", text)
    text = re.sub(rf"\b({_ALL})\s+but\b|,?\s{{0,9}}\bbut not\b", _excepting, text)
    text = re.sub(rf",\s*(?={_BUT}\b)", " ", text)
    text = re.sub(r"(\d)\.(\d)", r"\1·\2", text)
    for part in _JOINT.split(text):
        trimmed = _NO_LOOK.sub(_apart, part.strip().replace("·", "."))
        before = ""
        while trimmed != before:
            before, trimmed = trimmed, vocabulary.FILLER.sub("", trimmed).strip()
        if trimmed:
            yield trimmed


def _apart(match: re.Match[str]) -> str:
    return match[0] if match[1] == "white" and "black-and" in match.string else f" and {match[1]}"


def _excepting(match: re.Match[str]) -> str:
    return f"{match[1]} except" if match[1] else " except"


def _continues(before: Clause, clause: Clause) -> bool:
    first = clause.text.split()[0]
    if first in vocabulary.IMPERATIVES or _KEEP.match(clause.text):
        return False
    dialled = tone_rules.dials(clause, 1) or tone_rules.lean(clause, 1)
    if re.match(r"\w+(?:er|ed)\b", first) and dialled:
        return False
    earlier = _read_clause(before, 2)
    if any(step.verb in DESCRIBED for step in earlier):
        return True
    # "keep the pose, the face and the hair" is one wish.
    if _KEEP.match(before.text):
        return True
    return bool(earlier) and not _read_clause(clause, 2)


def _read_clause(clause: Clause, pictures: int) -> list[Step]:
    if found := _EXCEPT.search(clause.text):
        return _all_but(clause, pictures, found)
    if kept := _KEEP.match(clause.text):
        return [Step("keep", clause.said, where=region_in(kept[1]) or thing_in(kept[1]))]
    for rule in _RULES:
        steps = rule(clause, pictures)
        if steps:
            return [replace(step, said=clause.said) for step in steps]
    return []


def _all_but(clause: Clause, pictures: int, found: re.Match[str]) -> list[Step]:
    """What is asked for everything, with the things it is not for."""
    before = f"{clause.text[: found.start()]} {'everything' if found['all'] else ''}".strip()
    after = clause.text[found.end() :]
    rest = Clause(before, clause.quotes)
    steps = [] if found["all"] else _read_clause(rest, pictures)
    if steps:
        things = after
    else:
        things, wanted = noun_before_change(after)
        rest = Clause(f"{before} {wanted}".strip(), clause.quotes)
        steps = _read_clause(rest, pictures)
    names = [region_in(one) or noun_in(one) for one in re.split(r",|\s{1,9}and\s+", things)]
    where = " and ".join(name for name in names if name)
    if not where:
        return []
    return [_sparing(replace(step, said=clause.said), where) for step in steps]


def _sparing(step: Step, where: str) -> Step:
    if step.verb in ("remove", "cut out"):
        return replace(step, verb="cut out", where=where)
    if step.verb in DESCRIBED | shape_rules.VERBS:
        return step
    return replace(step, where=f"except {where}")


def _weather_before_hours(steps: list[Step]) -> list[Step]:
    """Snow lies before night falls over it, and what falls then is lit: it comes last."""
    dark = [n for n, step in enumerate(steps) if step.what in ("night", "blue hour")]
    if not dark:
        return steps
    weather = [s for s in steps if s.verb == "air" and s.what in vocabulary.FALLS]
    others = [s for s in steps if s not in weather]
    at = next(n for n, step in enumerate(others) if step.what in ("night", "blue hour"))
    still = [replace(step, what=f"still {step.what}") for step in weather]
    falling = [replace(step, what=f"falling {vocabulary.FALLS[step.what]}") for step in weather]
    return [*others[:at], *still, others[at], *falling, *others[at + 1 :]]


_RULES: tuple[Rule, ...] = (
    object_rules.lettering,
    object_rules.compose,
    object_rules.background,
    shape_rules.reshape,
    object_rules.remove,
    object_rules.exchange,
    object_rules.add,
    tone_rules.split_tone,
    tone_rules.effect,
    tone_rules.recolour,
    tone_rules.air,
    tone_rules.lean,
    tone_rules.tint,
    tone_rules.dials,
    tone_rules.style,
)
