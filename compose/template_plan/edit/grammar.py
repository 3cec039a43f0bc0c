"""What can be asked: all rules in the order in which they are tried, and reading one clause."""

from __future__ import annotations

import re
from typing import Final

from compose.template_plan.edit import formats, lengths, shots, sounds
from compose.template_plan.edit.mentions import Mentions, NotPossible
from compose.template_plan.edit.request import Request, Rule
from compose.template_plan.edit.working_template import WorkingTemplate

EXAMPLES: Final = (
    "“make it vertical”, “make it 10 seconds”, “add soft piano”, “remove shot 2” or “make it night”"
)
RULES: Final[tuple[Rule, ...]] = (
    *sounds.RULES,
    *shots.RULES,
    *formats.RULES,
    *lengths.RULES,
)
# Several things can be said in one breath: "a 10 second vertical version".
_MOST_IN_A_CLAUSE: Final = 6
_FILLER = re.compile(
    r"\b(?:please|can|could|would|you|i|we|want|need|like|to|make|makes|made|it|this|that|the|a|an|be|is|"
    r"should|just|now|also|and|then|my|our|me|with|for|of|in|on|as|so|set|change|use|turn|into|have|"
    r"whole|thing|film|video|movie|clip|version|everything|all|let|us|be|do|instead|too|at|"
    r"bitte|mach|mache|es|das|den|die|der|ein|eine|und|auf|zu|film|im|in|"
    r"fais|le|la|les|un|une|et|en|s'il|vous|plaît|plait|haz|hazlo|el|lo|los|y|por|favor|que|sea|"
    r"format|long|lang|total|each|overall|about|around|only|bit)\b",
    re.IGNORECASE,
)


def apply_clause(work: WorkingTemplate, mentions: Mentions, clause: str) -> None:
    """Do what one clause asks, or say what of it was not understood."""
    rest, is_understood = clause, False
    for _ in range(_MOST_IN_A_CLAUSE):
        left = _one(work, mentions, rest)
        if left is None:
            break
        rest, is_understood = left, True
    words = " ".join(re.findall(r"[^\W_][\w'’:-]*", _FILLER.sub(" ", rest)))
    if not words and is_understood:
        return
    said = " ".join((rest if is_understood else clause).split()).strip(" ,.;:")
    said = said if len(said) <= 120 else said[:119].rstrip() + "…"
    if is_understood:
        work.warnings.append(f"Not changed: “{said}”.")
    else:
        work.warnings.append(f"“{said}” wasn't understood. You can ask for {EXAMPLES}.")


def _one(work: WorkingTemplate, mentions: Mentions, text: str) -> str | None:
    """Do the first change that a text asks for. Returns the words left; None: there is none."""
    for rule in RULES:
        found = rule.pattern.search(text)
        if found is None:
            continue
        left = f"{text[: found.start()]} {text[found.end() :]}"
        try:
            mention = None
            if rule.is_scoped:
                mention, left = mentions.take(left)
            if rule.act(Request(work, mentions, left, mention, found)):
                return left
        except NotPossible as problem:
            if str(problem) not in work.warnings:
                work.warnings.append(str(problem))
            return left
    return None
