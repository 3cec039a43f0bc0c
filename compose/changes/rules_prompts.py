"""Requests about what is seen: "replace cat by dog", "make it night", "in watercolor"."""

from __future__ import annotations

import re
from typing import Final

from compose.changes.apply_prompts import description
from compose.changes.change import Change, says_something, search, without
from compose.changes.clause import QUOTE, Clause, Rule
from compose.changes.film import scope
from compose.changes.prompting import prompts_of

_LONGEST: Final = 600
_NO_LOOK: Final = r"^\W*(?:(?:{much}|{more}|really|very) )*{empty}\W*$"
# What no prompt says: work on the template itself.
_NO_SIGHT: Final = r"^(?:.*(?<!\w))?(?:account|template|workflow|run|everything|all|it|that|this)$"


def _look(clause: Clause, words: str, about: str = "") -> list[Change] | None:
    """Return words for the prompts; None: they say nothing that could be seen."""
    if not says_something(words) or len(words) > _LONGEST or search(_NO_LOOK, words):
        return None
    if search(r"{process}|{languages}|^for |\d *[:x] *\d", words):
        return None
    return [Change("look", clause.target, about, words)]


def _replace(clause: Clause) -> list[Change] | None:
    old, new = clause.words("old"), clause.words("new")
    quote = re.match(rf"\W*({QUOTE})(.*)", clause.match.groupdict().get("new") or "")
    if quote:
        new, clause.rest = clause.full(quote[1]).strip("“”"), f"{clause.rest} {quote[2]}"
    if not old or not says_something(new):
        return None
    if search(r"^(?:{the} )?{attribute}$", old):
        return _look(clause, description(without("{the}", old), new))
    return [Change("replace_words", clause.target, old, new)]


def _replace_known(clause: Clause) -> list[Change] | None:
    """ "make the cat a dog", where some prompt says "cat"."""
    old = re.compile(rf"(?<!\w){re.escape(clause.words('old'))}(?!\w)", re.IGNORECASE)
    work = clause.mentions.work
    prompts = prompts_of(work, scope(work, Change("look", clause.target)))
    return _replace(clause) if any(old.search(one.text) for one in prompts) else None


def _show(clause: Clause) -> list[Change] | None:
    """Read what a shot that is named shows now."""
    if clause.mention is None or not says_something(clause.words("new")):
        return None
    return [Change("show", clause.target, "", clause.words("new"))]


def _should(clause: Clause) -> list[Change] | None:
    words = re.sub(r"\s{1,9}(?:should|must)\s+be\s+", " is ", clause.words("words"))
    return _look(clause, words, clause.words("thing"))


def _attribute(clause: Clause) -> list[Change] | None:
    value = clause.words("value")
    return _look(clause, description(clause.words("attribute"), value)) if value else None


def _make(clause: Clause) -> list[Change] | None:
    # "make shot 2 darker" without the shot; "make it look like a comic".
    words = without("{subject_start}", clause.words("words"))
    of = re.fullmatch(
        r"the\s+(?P<thing>\w+)\s+(?P<how>(?!of\b|in\b|on\b|is\b|are\b)[\w-][\w\s-]*)", words
    )
    if of:
        words = f"the {of['thing']} is {of['how']}"
    if search(r"^(?:night|nighttime|dawn|dusk|noon|sunset|sunrise|midnight)$", words):
        words = f"at {words}"
    if search(r"^(?:winter|summer|autumn|fall|spring|day(?:time)?)$", words):
        words = f"in {words}"
    return _look(clause, words)


def _with(clause: Clause) -> list[Change] | None:
    words = without("some|a few|more", clause.words("words"))
    return _look(clause, f"with {words}") if says_something(words) else None


def _never(clause: Clause) -> list[Change] | None:
    """Keep things out of what is seen."""
    words = without("{a}|{the}", clause.words("words"))
    if not says_something(words) or len(words) > 300:
        return None
    if search(_NO_SIGHT, words) or search("{except}|{process}", words):
        return None
    field = "erase" if clause.match.groupdict().get("erase") else ""
    text = clause.words("words").removesuffix(" too") if field else words
    return [Change("without", clause.target, field, text)]


RULES: Final = (
    Rule(
        r"^\W*(?:{replace}|{set})?\s+(?:should )?(?:to|into|by|with|for|shows?|be|durch|par|por)"
        r" (?:an? (?:shot|scene|image|picture|clip|close-?up) (?:of|with) )?(?P<new>.+)",
        _show,
        is_free=True,
    ),
    Rule(
        r"(?:(?:{replace}|{set}) (?:{the} |{a} |its )?|^\W*(?:{the} )?)(?P<attribute>{attribute})"
        r"(?: *(?::|=) *| (?:should be|must be|to be|{to}|be)? *)(?!like(?!\w))(?P<value>.+)",
        _attribute,
        is_free=True,
    ),
    Rule(r"{replace} (?P<old>.+?) {by} (?P<new>.+)", _replace, is_free=True),
    Rule(
        r"(?:(?:use|show|with|have) )?(?P<new>(?!\W).{1,80}?) {instead} (?P<old>.+)"
        r"|^\W*{instead} (?P<old_>.+?), (?P<new_>.+)",
        _replace,
        is_free=True,
    ),
    Rule(
        r"^\W*(?P<words>(?:the|my) (?P<thing>[\w-]+(?: [\w-]+)?) {should}(?!\w).+)",
        _should,
        is_free=True,
    ),
    Rule(r"(?:{no}|avoid|never show|(?P<erase>{drop})) (?P<words>.+)", _never, is_free=True),
    Rule(
        r"make (?:{the}|{a}) (?P<old>\w+(?: \w+)?) (?:into )?(?P<new>an? .+)",
        _replace_known,
        is_free=True,
    ),
    Rule(
        r"^\W*(?:(?:{start_words}|{everything}|it|this) )*{set} (?P<words>.+)", _make, is_free=True
    ),
    Rule(
        r"^\W*(?:{start_words} )*(?:{insert}|{with}|there should be) (?P<words>.+)",
        _with,
        is_free=True,
    ),
    Rule(
        r"^\W*(?:{everything} )?(?P<words>(?:{look_starts}|(?:{much} )?{more}) .+"
        r"|(?:{much} )?(?:{looks}|{kinds}|\w+ier)(?: [\w\s-]+)?\W*$)",
        _make,
        is_free=True,
    ),
)
