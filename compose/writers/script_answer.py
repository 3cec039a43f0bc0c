"""`compose_script`: the order read from the arguments, and the answer around the scenes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from compose.brief.brief import Brief
from compose.brief.read import read_brief
from compose.writers import film_words
from compose.writers.beats import TYPES
from compose.writers.script import WORDS_A_SECOND, Order, ScriptScene, idea_for, scenes_of, told
from compose.writers.script_layout import Page, scene_record, written
from compose.writers.spoken_lines import LINES
from compose.writers.wording import capital, clipped, sentence, tidy, words_of
from tools.catalog.compose_script import ComposeScript

_LONGEST_BRIEF = 12_000
# In bytes: script and scenes together, with room for what is around them.
_LONGEST_ANSWER = 17_000
_VERTICAL = frozenset({"tiktok", "reels", "reel", "shorts", "story", "stories", "snapchat"})

_HEADING = re.compile(r"\b(INT|EXT)\. *")

# Title and scenes → the same in other words.
Rewrite: TypeAlias = Callable[[str, list[ScriptScene]], tuple[str, list[ScriptScene]]]


def compose_script(form: ComposeScript.Params, rewrite: Rewrite | None = None) -> dict[str, Any]:
    """The answer's body; see `docs/reference/tools.md` for the arguments.

    rewrite: gives the title and the scenes other words; their lengths stay.
    """
    # The stop of a scene heading ends no sentence.
    brief = read_brief(_HEADING.sub(r"\1 ", form.brief[:_LONGEST_BRIEF]))
    kind = TYPES[form.script_type]
    # What a revision asks for, such as punchier, isn't a look.
    looks = "" if kind.name == "revision" else brief.style
    style = clipped(tidy(form.style or looks), 300)
    order = Order(
        kind=kind,
        brief=brief,
        seconds=form.duration_seconds,
        count=form.scene_count,
        style=style,
        first_frame=_first_frame(form),
        last_frame="It ends on the given last frame." if form.last_frame_data_url else "",
    )
    title, scenes = clipped(capital(idea_for(order)), 80), scenes_of(order)
    if rewrite is not None:
        title, scenes = rewrite(title, scenes)
    page = Page(
        kind=kind.name,
        kind_title=kind.title,
        title=title,
        facts=_facts(form, brief.aspect, scenes, style),
        voice=kind.voice or "voice-over",
        scenes=scenes,
        text=clipped(brief.text, 2_000),
        changes=tuple(_changes(order, scenes)) if kind.name == "revision" else (),
    )
    page = _bounded(page, form.return_format)
    notes = _notes(form, brief, scenes)
    if page.scenes is not scenes:
        notes.append("Long scenes were shortened, so that the answer isn't too long to send.")
    return {
        "script": written(page, form.return_format),
        "scenes": [scene_record(scene, n, page.voice) for n, scene in enumerate(page.scenes, 1)],
        "title": page.title,
        "script_type": kind.name,
        "duration_seconds": sum(scene.milliseconds for scene in scenes) / 1000,
        "notes": notes,
    }


def _bounded(page: Page, form: str) -> Page:
    """The page, with shorter scenes where the answer would be too long to send."""
    for most in (300, 200, 120, 60, 30):
        records = [scene_record(scene, n, page.voice) for n, scene in enumerate(page.scenes, 1)]
        # Quoted twice in JSON: the text of a script is a value of the answer.
        whole = json.dumps([written(page, form), records], ensure_ascii=False)
        if len(whole.encode("utf-8", "replace")) <= _LONGEST_ANSWER:
            break
        shorter = [
            replace(
                scene,
                visual=clipped(scene.visual, most),
                action=clipped(scene.action, most),
                camera=clipped(scene.camera, most),
                line=clipped(scene.line, most),
                music=clipped(scene.music, most),
            )
            for scene in page.scenes
        ]
        page = replace(page, scenes=shorter, changes=page.changes[:3])
    return page


def _first_frame(form: ComposeScript.Params) -> str:
    if form.first_frame_description:
        return sentence(f"First frame: {clipped(tidy(form.first_frame_description), 400)}")
    return "It starts from the given first frame." if form.first_frame_data_url else ""


def _facts(
    form: ComposeScript.Params, aspect: str, scenes: list[ScriptScene], style: str
) -> tuple[str, ...]:
    seconds = sum(scene.milliseconds for scene in scenes) / 1000
    platform = clipped(tidy(form.platform or ""), 60)
    shape = tidy(form.aspect_ratio or "") or aspect
    if not shape and set(words_of(platform)) & _VERTICAL:
        shape = "9:16"
    return tuple(
        fact for fact in (f"{seconds:g} s", clipped(shape, 20), platform, style.rstrip(".")) if fact
    )


def _notes(form: ComposeScript.Params, brief: Brief, scenes: list[ScriptScene]) -> list[str]:
    spoken, language = brief.sound.spoken, brief.language
    notes = film_words.contradictions(clipped(form.brief, 2_000))
    if set(words_of(form.platform or "")) & _VERTICAL:
        notes.append("Keep text in the middle of the frame: the app covers the top and bottom.")
    if any(scene.line for scene in scenes) and language not in ("", *LINES) and not spoken:
        notes.append("The spoken lines are English: the rules have none in the brief's language.")
    if brief.sound.speech and not any(scene.line for scene in scenes):
        notes.append("A voice is asked for, but the brief doesn't say what it says.")
    seconds = sum(scene.seconds for scene in scenes)
    needs = len(spoken.split()) / WORDS_A_SECOND
    if needs > seconds:
        notes.append(f"The spoken text takes about {needs:.0f} s, the film {seconds:g} s.")
    if any(scene.seconds < 1 for scene in scenes):
        notes.append("Some scenes are shorter than a second. Fewer scenes would be easier to read.")
    return notes


def _changes(order: Order, scenes: list[ScriptScene]) -> list[str]:
    """What a revision did with the text, one sentence each."""
    before, after = len(told(order)), len(scenes)
    found = []
    if before > after:
        found.append(f"{before} scenes became {after}: neighbors were joined.")
    elif 0 < before < after:
        found.append(f"{before} scenes became {after}: long moments got a second view.")
    found.append("Each scene has one action that can be seen.")
    dark = [
        str(n)
        for n, text in enumerate(told(order) or [order.brief.text], 1)
        if "light" not in film_words.said(text)
    ]
    if dark and len(dark) <= after:
        which = "Scenes" if len(dark) > 1 else "Scene"
        found.append(f"{which} {', '.join(dark)}: the light is named now.")
    found.append("The camera changes its distance from scene to scene.")
    found += film_words.contradictions(order.brief.text[:2_000])
    return found
