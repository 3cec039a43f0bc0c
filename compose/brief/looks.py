"""Style, camera and transitions that a brief asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, Part, clauses
from core.language.phrases import Phrases, Words

_WORDS = TABLES.subject("looks")
_STYLES: Phrases[bool] = TABLES.phrase_list("looks", "styles")
_CLAUSE_LEADS: Phrases[str] = TABLES.phrases("looks", "clause_leads", str)
_CAMERAS: Phrases[bool] = TABLES.phrase_list("looks", "cameras")
_TRANSITIONS: Phrases[str] = TABLES.phrases("looks", "transitions", str)
_BEATS: Phrases[bool] = TABLES.phrase_list("looks", "beats")


@dataclass(frozen=True, slots=True)
class Looks:
    style: str = ""
    camera: str = ""
    transition: str = ""
    on_the_beat: bool = False


def looks_of(words: Words) -> Looks:
    """Read style, camera and cuts; what says them on its own is claimed, adjectives of a thing in
    the picture stay where they are ("a neon city") and count as style too."""
    beats = list(_BEATS.find(words))
    for match in beats:
        words.claim(match.i, match.j)
    transition = _transition(words)
    styles = [*_labels(words), *_style_clauses(words), *_style_words(words)]
    cameras: list[str] = []
    for match in list(_CAMERAS.find(words)):
        i = words.back(match.i, _WORDS["camera_leads"])
        if not words.is_claimed(match.i) and _is_alone(words, i, match.j):
            cameras.append(words.source(match.i, match.j))
            words.claim(i, match.j)
    return Looks(
        style=", ".join(dict.fromkeys(styles))[:300],
        camera=", ".join(dict.fromkeys(cameras))[:200],
        transition=transition,
        on_the_beat=bool(beats),
    )


def _transition(words: Words) -> str:
    transition = ""
    for match in list(_TRANSITIONS.find(words)):
        i, j = words.back(match.i, _WORDS["transition_leads"]), match.j
        if words.at(j) in _WORDS["transition_tails"]:
            j = words.until(j, CLAUSE_ENDS, 6)
        # "the light fades" is a scene; "with a fade" is a transition.
        if _is_alone(words, i, j) or words.at(match.i - 1) in ("with", "a"):
            transition = transition or match.value
            words.claim(i, j)
    return transition


def _labels(words: Words) -> list[str]:
    """Read "style: …"."""
    styles = []
    for at in range(1, len(words) - 1):
        if (
            words.word[at] == ":"
            and words.at(at - 1) in _WORDS["labels"]
            and words.at(at - 2) in CLAUSE_ENDS | {"", "visual", "overall"}
        ):
            last = words.until(at + 1, ("\n", ".", ";"))
            styles.append(words.rest(at + 1, last).strip(" ,"))
            words.claim(at - 1, last)
    return [style for style in styles if style]


def _style_clauses(words: Words) -> list[str]:
    """Read clauses that only say how it looks: "make it dreamy", "a warm mood"."""
    styles = []
    for clause in clauses(words):
        lead = _CLAUSE_LEADS.match(words, clause.i, clause.j)
        if lead and words.at(lead.j - 1) in _WORDS["seeing"]:
            # Someone who "looks under the bed" is a scene.
            lead = None if words.at(lead.j) in _WORDS["seen_from"] else lead
        is_sure = lead.value != "weak" if lead else _ends_as_style(words, clause)
        if (is_sure or _ends_as_style(words, clause)) and words.is_free(clause.i, clause.j):
            first = lead.j if lead and lead.value != "kept" else clause.i
            first = min(words.on(first, _WORDS["style_leads"]), clause.j - 1)
            styles.append(words.source(first, clause.j))
            words.claim(clause.i, clause.j)
    return styles


def _ends_as_style(words: Words, clause: Part) -> bool:
    return (
        words.at(clause.j - 1) in _WORDS["style_ends"]
        and clause.j - clause.i <= 6
        and words.at(clause.i) not in ("the", "a", "an")
        and not any(word in _WORDS["verbs"] for word in words.word[clause.i : clause.j])
    )


def _style_words(words: Words) -> list[str]:
    styles = []
    for match in list(_STYLES.find(words)):
        if words.is_claimed(match.i) or _is_verb(words, match.i):
            continue
        i, j = match.i, words.on(match.j, _WORDS["style_nouns"])
        while words.at(i - 1) in _WORDS["leads"] and not words.is_claimed(i - 1):
            i -= 1
        is_led = any(words.at(k) in _WORDS["in_style"] for k in range(i, match.i))
        ends = not words.is_word(j) or words.at(j) in _WORDS["after_style"]
        if (is_led and ends) or _is_alone(words, i, j):
            styles.append(words.source(match.i, j))
            words.claim(i, j)
        elif words.at(j) in _WORDS["products"]:
            styles.append(words.source(match.i, j))
            words.claim(match.i, j)
        elif words.at(match.i) in _WORDS["telling"]:
            # Said of a thing, these words also tell how the whole is to look.
            styles.append(words.source(match.i, match.j))
    return styles


def _is_verb(words: Words, at: int) -> bool:
    """Return whether "anime" is the French order to animate something."""
    return words.at(at) in _WORDS["animates"] and words.at(at + 1) in _WORDS["animated"]


def _is_alone(words: Words, i: int, j: int) -> bool:
    """Return whether [i, j) is between marks, joins or claimed words."""
    return all(
        words.is_claimed(at) or words.at(at) in _WORDS["edges"] or not words.is_word(at)
        for at in (i - 1, j)
    )
