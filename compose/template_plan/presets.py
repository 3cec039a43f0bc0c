"""A plan with its presets, as stages are made of it. Pure."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

from compose.plan import USUAL_BEAT, USUAL_MUSIC, EditKind, EditPlan, Plan, Shot
from compose.plan.fields import Part
from compose.template_plan.template_text import one_line, sentence

# Operations whose prompt is what the person's words say.
_WITH_PROMPT: Final = ("style", "edit", "animate", "replace_segment", "extend", "analyze", "join")
_LONGEST_TOPIC: Final = 60
_PLACEHOLDER: Final = re.compile(r"[{\[<]([^{}\[\]<>\n]+)[}\]>]")
_Part = TypeVar("_Part", bound=Part)


def with_seen_presets(plan: Plan) -> Plan:
    """Return a plan that says what its music is like where no words do, for people to see.

    Not for a plan whose person emptied these words.
    """
    sound, has_own = plan.sound, any(medium.kind == "audio" for medium in plan.media)
    if not _has_music(plan) or sound.music_words.strip() or has_own:
        return plan
    words = USUAL_BEAT if plan.on_the_beat else USUAL_MUSIC
    return with_fields(plan, sound=with_fields(sound, music=True, music_words=words))


def with_presets(plan: Plan, text: str) -> Plan:
    """Return a plan that leaves nothing open that stages need. text: the person's words, whole.

    Music without words is that of what is shown.
    """
    sound, has_music = plan.sound, _has_music(plan)
    title = plan.title or title_of(plan, text)
    keeps_sound = sound.keep_original or (plan.kind == "clip_edit" and sound.music is None)
    return with_fields(
        plan,
        title=title,
        scenes=[
            with_fields(shot, text=sentence([shot.text, shot.framing]), framing="")
            if shot.framing.strip()
            else shot
            for shot in plan.scenes
        ],
        sound=with_fields(
            sound,
            music=has_music or sound.music,
            music_words=sound.music_words.strip() or (title if has_music else ""),
            keep_original=keeps_sound,
        ),
        edits=_edits(plan),
    )


def _has_music(plan: Plan) -> bool:
    """Return whether music is made: of a film or a song unless it is switched off."""
    is_usual = plan.kind in ("film", "slideshow", "song")
    return is_usual if plan.sound.music is None else plan.sound.music


def with_fields(part: _Part, **fields: Any) -> _Part:
    """Return a part of a plan with other values of some fields."""
    return part.model_copy(update=fields)


def edit_of(kind: EditKind, words: str = "") -> EditPlan:
    """Return an operation with nothing more than a prompt, which may be longer than a person's."""
    return with_fields(EditPlan.read({"type": kind}), words=words)


def shot_of(text: str, uses: str = "") -> Shot:
    """Return a shot with nothing more than a text and a file."""
    return with_fields(Shot.read({}), text=text, uses=uses)


def _edits(plan: Plan) -> list[EditPlan]:
    """Return the operations; the first that takes a prompt and has none gets the plan's words."""
    edits = list(plan.edits)
    without_words = (
        place
        for place, edit in enumerate(edits)
        if edit.type in _WITH_PROMPT and not edit.words.strip()
    )
    place = next(without_words, None) if plan.is_own_file and plan.shows.strip() else None
    if place is not None:
        edits[place] = with_fields(edits[place], words=plan.shows)
    return edits


def title_of(plan: Plan, text: str) -> str:
    """Return the beginning of what a plan shows as a name, with the words of its placeholders.

    text: the person's words, whole. They are the name where what is shown is a placeholder and
    hardly anything else: "a poster for {city}".
    """
    words = _PLACEHOLDER.sub(r"\1", plan.shows)
    is_name = words == plan.shows or len(words.split()) > 2
    name = words if is_name and words else _PLACEHOLDER.sub(r"\1", text)
    lines = name.strip().splitlines()
    return one_line(lines[0], _LONGEST_TOPIC).rstrip(" ,;:-") if lines else ""
