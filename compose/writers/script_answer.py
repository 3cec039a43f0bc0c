"""`compose_script`: the order read from the arguments, and the answer around the scenes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from compose.brief.read import read_brief
from compose.writers import script, tables
from compose.writers.ideas import idea_of, require_topic
from compose.writers.script import Order, ScriptScene, own_scenes, scenes_of, topic_of
from compose.writers.script_layout import Page, script_text
from compose.writers.wording import sentence
from core.language.numbers import LANGUAGES
from core.language.sentences import capital, shorten, tidy
from tools.catalog.compose_script import ComposeScript

_LONGEST_BRIEF: Final = 12_000
# In bytes: script and scenes together, with room for what is around them.
_LONGEST_ANSWER: Final = 17_000
_HEADING: Final = re.compile(r"\b(INT|EXT)\. *")

# Title and scenes → the same in other words.
Rewrite: TypeAlias = Callable[[str, list[ScriptScene]], tuple[str, list[ScriptScene]]]


def compose_script(form: ComposeScript.Params, rewrite: Rewrite | None = None) -> dict[str, Any]:
    """Write the answer's body; see `docs/reference/tools.md` for the arguments.

    rewrite: gives the title and the scenes other words; their lengths stay. Raises InvalidInput
    where the brief doesn't say what the film is about.
    """
    # The stop of a scene heading ends no sentence.
    brief = read_brief(_HEADING.sub(r"\1 ", form.brief[:_LONGEST_BRIEF]))
    require_topic(idea_of(brief.text), "brief", "the film is about", "a candle shop in Bristol")
    # What a revision asks for, such as punchier, isn't a look.
    looks = "" if form.script_type == "revision" else brief.style
    order = Order(
        kind=form.script_type,
        brief=brief,
        seconds=form.duration_seconds,
        count=form.scene_count,
        style=shorten(tidy(form.style or looks), 300),
        first_frame=_first_frame(form),
        last_frame="It ends on the given last frame." if form.last_frame_data_url else "",
    )
    title, scenes = shorten(capital(topic_of(order)), 80), scenes_of(order)
    if rewrite is not None:
        title, scenes = rewrite(title, scenes)
    page = Page(
        kind=order.kind,
        title=title,
        facts=_facts(form, order, scenes),
        scenes=scenes,
        text=shorten(brief.text, 2_000),
        changes=_changes(order, scenes),
    )
    page = _short_enough(page, form.return_format)
    notes = _notes(form, order, scenes)
    if page.scenes is not scenes:
        notes.append("Long scenes were shortened, so that the answer isn't too long to send.")
    return {
        "script": script_text(page, form.return_format),
        "scenes": page.records(),
        "title": page.title,
        "script_type": page.kind,
        "duration_seconds": sum(scene.milliseconds for scene in scenes) / 1000,
        "notes": notes,
    }


def _short_enough(page: Page, form: str) -> Page:
    """Return the page, with shorter scenes where the answer would be too long to send."""
    for most in (300, 200, 120, 60, 30):
        # Quoted twice in JSON: the text of a script is a value of the answer.
        whole = json.dumps([script_text(page, form), page.records()], ensure_ascii=False)
        if len(whole.encode("utf-8", "replace")) <= _LONGEST_ANSWER:
            break
        page = replace(page, scenes=[_shorter(scene, most) for scene in page.scenes])
    return page


def _shorter(scene: ScriptScene, most: int) -> ScriptScene:
    names = ("visual", "action", "camera", "line", "music")
    texts: dict[str, Any] = {name: shorten(getattr(scene, name), most) for name in names}
    return replace(scene, **texts)


def _first_frame(form: ComposeScript.Params) -> str:
    if form.first_frame_description:
        return sentence(f"First frame: {shorten(tidy(form.first_frame_description), 400)}")
    return "It starts from the given first frame." if form.first_frame_data_url else ""


def _facts(form: ComposeScript.Params, order: Order, scenes: list[ScriptScene]) -> tuple[str, ...]:
    seconds = sum(scene.milliseconds for scene in scenes) / 1000
    platform = shorten(tidy(form.platform or ""), 60)
    shape = tidy(form.aspect_ratio or "") or order.brief.aspect
    if not shape and tables.names("film", "vertical", platform):
        shape = "9:16"
    facts = (f"{seconds:g} s", shorten(shape, 20), platform, order.style.rstrip("."))
    return tuple(filter(None, facts))


def _notes(form: ComposeScript.Params, order: Order, scenes: list[ScriptScene]) -> list[str]:
    sound, language = order.brief.sound, order.brief.language
    notes = []
    if tables.names("film", "vertical", form.platform or ""):
        notes.append("Keep text in the middle of the frame: the app covers the top and bottom.")
    lines = {scene.line for scene in scenes if scene.line}
    if lines and not any(line in order.brief.text for line in lines) and not sound.spoken:
        languages = "English, German, French and Spanish"
        is_foreign = language not in ("", *LANGUAGES)
        notes.append(
            f"Without a language model, spoken lines are written in {languages}."
            if is_foreign
            else "The spoken lines are general. Write what is said in the brief: a voice says “…”."
        )
    if sound.speech and not any(scene.line for scene in scenes):
        notes.append("A voice is asked for, but the brief doesn't say what it says.")
    seconds = sum(scene.seconds for scene in scenes)
    needs = len(sound.spoken.split()) / script.WORDS_A_SECOND
    if needs > seconds:
        notes.append(f"The spoken text takes about {needs:.0f} s, the film {seconds:g} s.")
    if any(scene.seconds < 1 for scene in scenes):
        notes.append("Some scenes are shorter than a second. Fewer scenes would be easier to read.")
    return notes


def _changes(order: Order, scenes: list[ScriptScene]) -> tuple[str, ...]:
    """Say what a revision did with the text, one sentence each."""
    if order.kind != "revision":
        return ()
    before, after = len(own_scenes(order)), len(scenes)
    merging = (f"{before} scenes became {after}: neighbors were joined.",) if before > after else ()
    return (
        *merging,
        "Each scene has one movement, a light and a camera of its own.",
        "The words are yours: without a language model, only the form is revised.",
    )
