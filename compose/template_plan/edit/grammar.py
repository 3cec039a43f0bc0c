"""What can be asked: all rules in the order in which they are tried, and reading one clause."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit import (
    finishing,
    formats,
    lengths,
    looks,
    models,
    names,
    overlays,
    people,
    prompts,
    repeating,
    savings,
    shot_order,
    shots,
    sounds,
    undoing,
    voices,
)
from compose.template_plan.edit.clauses import QUOTED
from compose.template_plan.edit.mentions import Mention, Mentions, NotPossible
from compose.template_plan.edit.request import Request, Rule
from compose.template_plan.edit.words import says_something
from compose.template_plan.edit.working_template import WorkingTemplate

EXAMPLES: Final = (
    "“make it vertical”, “make it 10 seconds”, “add soft piano”, “remove shot 2” or “make it night”"
)
RULES: Final[tuple[Rule, ...]] = (
    *overlays.TITLE_WORDS,
    *names.RULES,
    *undoing.RULES,
    *people.RULES,
    *repeating.RULES,
    *savings.RULES,
    *voices.RULES,
    *finishing.RULES,
    *overlays.RULES,
    *looks.BEAT,
    *sounds.RULES,
    *shot_order.RULES,
    *shots.RULES,
    *looks.RULES,
    *formats.RULES,
    *lengths.RULES,
    *models.RULES,
    *prompts.RULES,
)
# Patterns take time by the square of a clause.
LONGEST_CLAUSE: Final = 1_200
# Several things can be said in one breath: "a 10 second vertical version".
_MOST_IN_A_CLAUSE: Final = 6
_LEADING: Final = re.compile(
    r"^\W*(?:(?:make|turn|set|have|mache?|fais|haz)\s+)?(?:(?:it|this|everything|es|le|lo)\s+){0,6}",
    re.IGNORECASE,
)


def apply_clause(work: WorkingTemplate, mentions: Mentions, clause: str) -> None:
    """Do what one clause asks, or say what of it was not understood."""
    titles = {view.title.lower() for view in work.stages}
    quotes: list[str] = []

    def hidden(found: re.Match[str]) -> str:
        if found[0][1:-1].lower() in titles:
            return found[0][1:-1]
        quotes.append(found[0][1:-1])
        return f"“q{len(quotes) - 1}”"

    rest, is_understood = re.sub(QUOTED, hidden, clause), False
    if len(rest) > LONGEST_CLAUSE:
        work.warnings.append(
            f"“{rest[:80]}…” is too long for one change. Put long texts in quotes."
        )
        return
    for _ in range(_MOST_IN_A_CLAUSE):
        left = _one(work, mentions, rest, quotes)
        if left is None:
            break
        # "make it vertical" is done: its verb asks for nothing more.
        rest, is_understood = _LEADING.sub("", left), True
    rest = re.sub(r"“q(\d+)”", lambda found: f"“{quotes[int(found[1])]}”", rest)
    if not says_something(rest) and is_understood:
        return
    said = " ".join((rest if is_understood else clause).split()).strip(" ,.;:")
    said = said if len(said) <= 120 else said[:119].rstrip() + "…"
    if is_understood:
        work.warnings.append(f"Not changed: “{said}”.")
    else:
        work.warnings.append(f"“{said}” wasn't understood. You can ask for {EXAMPLES}.")


def _one(work: WorkingTemplate, mentions: Mentions, text: str, quotes: list[str]) -> str | None:
    """Do the first change that a text asks for. Returns the words left; None: there is none."""
    left = ""
    try:
        for rule in RULES:
            mention, said = _named(mentions, text, rule)
            found = rule.pattern.search(said)
            if found is None:
                continue
            left = f"{said[: found.start()]} {said[found.end() :]}"
            if rule.is_scoped and not rule.is_free:
                mention, left = mentions.take(left)
            if rule.act(Request(work, mentions, left, mention, found, tuple(quotes))):
                mentions.last = mention or mentions.last
                return left
    except NotPossible as problem:
        if str(problem) not in work.warnings:
            work.warnings.append(str(problem))
        return left
    return None


def _named(mentions: Mentions, text: str, rule: Rule) -> tuple[Mention | None, str]:
    """What `Mentions.take` finds, for a rule that takes any words; nothing for all others."""
    if not rule.is_free:
        return None, text
    try:
        return mentions.take(text, is_free=True)
    except NotPossible:
        # What isn't there matters only to the rule that would change it.
        if rule.pattern.search(text):
            raise
        return None, text
