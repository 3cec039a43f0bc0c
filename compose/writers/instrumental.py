"""`compose_instrumental`: sections in bars that fill the length, and what is played. Pure."""

from __future__ import annotations

from typing import Any, Final

from compose.brief.read import read_brief
from compose.writers.ideas import UNTOLD, idea_of, own_scenes
from compose.writers.music import Music, music_of
from compose.writers.wording import (
    capital,
    clipped,
    sentence,
    tidy,
    without_request,
    word_set,
    words_of,
)
from tools.catalog.compose_instrumental import ComposeInstrumental

_LONGEST_TEXT = 6_000
_LONGEST_WORDS = 240

# Sections and their lengths to each other, by the fewest bars that they need.
_FORMS: Final[tuple[tuple[int, tuple[tuple[str, float], ...]], ...]] = (
    (1, (("Theme", 1),)),
    (4, (("Intro", 1), ("Theme", 3))),
    (8, (("Intro", 1), ("Theme", 4), ("Outro", 1))),
    (16, (("Intro", 1), ("Theme", 2), ("Build", 1.5), ("Climax", 2), ("Outro", 1))),
    (
        32,
        (
            ("Intro", 1),
            ("Theme", 2),
            ("Development", 2),
            ("Break", 1),
            ("Climax", 2),
            ("Outro", 1),
        ),
    ),
    (
        64,
        (
            ("Intro", 1),
            ("Theme", 2),
            ("Second theme", 2),
            ("Break", 1),
            ("Return", 2),
            ("Development", 2),
            ("Climax", 2),
            ("Outro", 1),
        ),
    ),
    (
        160,
        (
            ("Intro", 1),
            ("Theme", 2),
            ("Second theme", 2),
            ("Return", 2),
            ("Break", 1),
            ("Development", 2),
            ("Build", 1.5),
            ("Climax", 2),
            ("Second break", 1),
            ("Last return", 2),
            ("Outro", 1),
        ),
    ),
)
# `{base}`, `{rhythm}`, `{lead}`, `{color}`: the style's instruments.
_PLAYED: Final = {
    "Intro": "{base} alone, quiet, with room to breathe",
    "Theme": "{lead} with the main melody above {base}; {rhythm} underneath, held back",
    "Second theme": "{color} with an answer to the melody; {rhythm} fuller than before",
    "Build": "{rhythm} in shorter notes, rising from bar to bar; {lead} in fragments",
    "Development": "{lead} and {color} in turn, the melody in a new register",
    "Break": "{base} and {color} only, almost silent, {rhythm} drops out",
    "Second break": "{color} alone with the melody at half speed",
    "Return": "The main melody again on {lead}, with {color} around it",
    "Last return": "The main melody one last time on {lead}, everything warmer",
    "Climax": "All instruments: {base}, {rhythm}, {lead} and {color}, the melody at its highest",
    "Outro": "{base} alone again, slower, the last chord held",
}
# Where nothing drives the music, nothing is to burst out of it either.
_GENTLE: Final = {
    "Build": "{rhythm} a little fuller from bar to bar; {lead} in fragments",
    "Climax": "{base}, {rhythm}, {lead} and {color} together, warm and unhurried",
}


def compose_instrumental(form: ComposeInstrumental.Params) -> dict[str, Any]:
    """The answer's body; see `docs/reference/tools.md` for the arguments."""
    text = form.prompt[:_LONGEST_TEXT]
    brief = read_brief(text)
    own = without_request(tidy(brief.text))
    words = form.music_prompt or clipped(own, _LONGEST_WORDS)
    idea = idea_of(brief.text)
    music = music_of(text, words, form.duration_seconds)
    return {
        "structure": structure_of(music, _seen(own_scenes(brief))),
        "title": capital(clipped(own if idea == UNTOLD else idea, 60)),
        "bpm": music.bpm,
        "keyscale": music.keyscale,
        "timesig": music.timesig,
        "music_prompt": music.prompt,
        "duration_seconds": music.seconds,
    }


def _seen(scenes: list[str]) -> list[str]:
    """The scenes without those that are about the music itself."""
    return [scene for scene in scenes if not _ABOUT_MUSIC & set(words_of(scene))]


_ABOUT_MUSIC = word_set("music soundtrack score track piece song instrumental musik musique musica")


def structure_of(music: Music, scenes: list[str]) -> list[dict[str, Any]]:
    """The sections in order. Their bars fill the length within half a bar.

    scenes: what is seen meanwhile, spread over the sections; may be empty.
    """
    form = next(form for least, form in reversed(_FORMS) if music.bars >= least)
    base, rhythm, lead, color = music.instruments
    found = []
    for number, ((section, _), bars) in enumerate(zip(form, _bars(music.bars, form), strict=True)):
        pattern = _PLAYED[section] if music.style.drums else _GENTLE.get(section, _PLAYED[section])
        played = pattern.format(base=base, rhythm=rhythm, lead=lead, color=color)
        described = sentence(played)
        if scenes:
            seen = clipped(scenes[number * len(scenes) // len(form)], 160)
            described = f"{described} On screen: {sentence(seen)}"
        found.append({"section": section, "bars": bars, "description": described})
    return found


def _bars(total: int, form: tuple[tuple[str, float], ...]) -> list[int]:
    """Bars of each section, at least one, in phrases of four or two where there is room."""
    step = 4 if total >= 8 * len(form) else 2 if total >= 4 * len(form) else 1
    whole = sum(weight for _, weight in form)
    lengths = [max(step, round(total * weight / whole / step) * step) for _, weight in form]
    # What doesn't fit a phrase goes to the longest section, which bears it best.
    longest = max(range(len(form)), key=lambda n: (lengths[n], -n))
    lengths[longest] += total - sum(lengths)
    return lengths
