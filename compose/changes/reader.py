"""Reading a request clause by clause: all rules in the order in which they are tried."""

from __future__ import annotations

import re
from typing import Final

from compose.changes import rules_film, rules_prompts, rules_sounds, rules_values
from compose.changes.applier import apply
from compose.changes.change import (
    NotUnderstood,
    Refused,
    brief,
    expression,
    key_in,
    says_something,
    search,
)
from compose.changes.clause import Clause, Rule
from compose.changes.clauses import QUOTE_PATTERN
from compose.changes.mentions import Mention, Mentions

EXAMPLES: Final = (
    "“make it vertical”, “make it 10 seconds”, “add soft piano”, “remove shot 2” or “make it night”"
)
RULES: Final[tuple[Rule, ...]] = (
    *rules_film.EXCEPT,
    *rules_film.TITLE_WORDS,
    *rules_values.NAMES,
    *rules_values.PEOPLE,
    *rules_film.CUTS,
    *rules_sounds.REMOVALS,
    *rules_sounds.VOICES,
    *rules_sounds.SUBTITLES,
    *rules_values.FINISHING,
    *rules_film.TITLES,
    *rules_sounds.RULES,
    *rules_film.RULES,
    *rules_values.RULES,
    *rules_values.MODELS,
    *rules_prompts.RULES,
)
# What people ask for and no tool does: said, and never put into a prompt.
_BEYOND: Final = {
    "fade": "no tool here fades a film in or out; a fade between its shots can be set",
    "translate": "no tool here translates or dubs",
    "publish": "a change can't publish, send or delete a template",
    "undo": "undo it in the editor",
    "cheaper": "ask for fewer variations, shorter shots or fewer of them",
}
_BEYOND_WORDS: Final = (
    r"^\W*(?:(?:{start_words}|{set}|{insert}|{with}|{a}|{the}|i|want|to|it|everything|{beginning}|"
    r"{ending}|{at})\s+)*{beyond}"
)
# Patterns take time by the square of a clause.
LONGEST_CLAUSE: Final = 1_200
# Several things can be said in one breath: "a 10 second vertical version".
_MOST_IN_A_CLAUSE: Final = 6
_LEADING: Final = (
    r"^\W*(?:(?:make|turn|set|have|mache?|fais|haz) )?(?:(?:it|this|everything|es|le|lo) ){0,6}"
)


def read_clause(mentions: Mentions, clause: str) -> None:
    """Do what one clause asks, or say what of it was not understood."""
    work = mentions.work
    names = {view.title.lower() for view in work.stages}
    quotes: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        if match[0][1:-1].lower() in names:
            return match[0][1:-1]
        quotes.append(match[0][1:-1])
        return f"“q{len(quotes) - 1}”"

    rest, is_understood = re.sub(QUOTE_PATTERN, placeholder, clause), False
    if len(rest) > LONGEST_CLAUSE:
        work.warn(f"“{rest[:80]}…” is too long for one change. Put long texts in quotes.")
        return
    if search("{conditions}", rest):
        work.warn(_not_understood(clause))
        return
    if beyond := search(_BEYOND_WORDS, rest):
        why = _BEYOND[key_in("beyond", beyond[0])]
        work.warn(f"“{brief(clause.strip(' ,.;:'), 120)}” wasn't done: {why}.")
        return
    for _ in range(_MOST_IN_A_CLAUSE):
        remainder = _one(mentions, rest, quotes, is_rest=is_understood)
        if remainder is None:
            break
        # "make it vertical" is done: its verb asks for nothing more.
        rest, is_understood = expression(_LEADING).sub("", remainder), True
    rest = re.sub(r"“q(\d+)”", lambda match: f"“{quotes[int(match[1])]}”", rest)
    if not says_something(rest) and is_understood:
        return
    words = brief(rest.strip(" ,.;:"), 120)
    work.warn(f"Not changed: “{words}”." if is_understood else _not_understood(clause))


def _not_understood(clause: str) -> str:
    words = brief(clause.strip(" ,.;:"), 120)
    return f"“{words}” wasn't understood. You can ask for {EXAMPLES}."


def _one(mentions: Mentions, text: str, quotes: list[str], *, is_rest: bool) -> str | None:
    """Do the first change that a text asks for. Returns the words left; None: there is none.

    is_rest: some of the clause is done; what is left of it is no description.
    """
    remainder = ""
    try:
        for rule in RULES:
            if is_rest and rule.is_free:
                continue
            mention, words = _mention_in(mentions, text, rule)
            match = rule.pattern.search(words)
            if match is None:
                continue
            remainder = f"{words[: match.start()]} {words[match.end() :]}"
            if rule.is_scoped and not rule.is_free:
                mention, remainder = mentions.take(remainder)
            clause = Clause(mentions, remainder, mention, match, tuple(quotes))
            changes = rule.changes(clause)
            if changes is not None:
                remainder = clause.rest
                for change in changes:
                    apply(mentions.work, change)
                if mention is not None:
                    mentions.last = mention
                return remainder
    except NotUnderstood:
        return None
    except Refused as refusal:
        mentions.work.warn(str(refusal))
        return remainder
    return None


def _mention_in(mentions: Mentions, text: str, rule: Rule) -> tuple[Mention | None, str]:
    """Return what `Mentions.take` finds, for a rule that takes any words; else nothing."""
    if not rule.is_free:
        return None, text
    try:
        return mentions.take(text, is_free=True)
    except Refused:
        # What isn't there matters only to the rule that would change it.
        if rule.pattern.search(text):
            raise
        return None, text
