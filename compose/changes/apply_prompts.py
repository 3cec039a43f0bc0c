"""Changes of what the prompts say: words added, replaced, kept out, and the camera's."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from compose.changes.change import Change, Refused, brief, listing
from compose.changes.film import Film, scope, stages_of
from compose.changes.prompting import Prompt, prompt_name, prompts_of, with_more, write
from compose.changes.words import CAMERA, opposite, with_words
from compose.changes.working_template import StageView, WorkingTemplate, input_title
from compose.template_plan.template_text import capital
from templates_app.graph.bindings import find_refs

_ITEM: Final = re.compile(r"\$artifacts\.([\w-]+)\.items\[(\d+)\]")
_MAKES_IMAGES: Final = ("generate_image", "edit_image", "generate_video")


def _targets(work: WorkingTemplate, change: Change) -> list[StageView]:
    """Return the stages whose prompts say what is seen: those of images, else all in question."""
    film = Film(work)
    views = [view for view in scope(work, change) if prompt_name(view)]
    if change.type == "look":
        # A look would be read out.
        views = [view for view in views if view.tool_name != "generate_speech"]

    def is_still(view: StageView) -> bool:
        """Leave out videos that start from an image, and the black behind a title."""
        sources = [work.find(one) for one in film.fed_by.get(view.id, ())]
        has_image = any(one is not None and film.kind(one) == "image" for one in sources)
        is_black = str(work.value(view, "prompt")).startswith("Plain black")
        return not is_black and not (view.tool_name == "generate_video" and has_image)

    stills = [view for view in views if view.tool_name in _MAKES_IMAGES and is_still(view)]
    if stills or change.target:
        return stills or views
    return [view for view in views if film.kind(view) in ("image", "video")]


def _prompts(work: WorkingTemplate, change: Change) -> list[Prompt]:
    """Return the prompts in question. Raises Refused where there are none."""
    selection_ids = {view.id for view in work.selection}
    views = [view for view in stages_of(work, change) if view.id not in selection_ids]
    single = [prompt for view in views if (prompt := _list_prompt(work, view))]
    prompts = single or prompts_of(work, _targets(work, change))
    if not prompts:
        raise Refused("There is no prompt to change.")
    return prompts


def _list_prompt(work: WorkingTemplate, view: StageView) -> Prompt | None:
    """Return the words, in a list of one for each shot, that make the image of a shot."""
    for reference in find_refs(view.args):
        item = _ITEM.match(reference.text)
        source = work.source(reference.text, work.position(view.id)) if item else None
        if item is None or source is None or not source.is_batch:
            continue
        entry = work.bound_input(source.raw.get("overBinding")) or {}
        texts, place = entry.get("default"), int(item[2])
        if source.get(prompt_name(source)) != "$item" or not isinstance(texts, list):
            continue
        if place < len(texts) and isinstance(texts[place], str):
            return Prompt(f"{view.title}, in {input_title(entry)}", None, entry, place)
    return None


def look(work: WorkingTemplate, change: Change) -> None:
    """Add words to prompts, in the place of what they rule out."""
    prompts, words = _prompts(work, change), change.value
    additions, replacements = list[str](), dict[str, list[str]]()
    for prompt in prompts:
        current = opposite(words, prompt.text)
        if current is not None:
            old, new = current
            if prompt.rewrite(partial(with_words, old=old, new=new)):
                phrase = f"“{old}” is now “{new}” in the prompt"
                replacements.setdefault(phrase, []).append(prompt.owner)
        elif prompt.rewrite(lambda text: with_more(text, words)):
            additions.append(prompt.owner)
    for phrase, owners in replacements.items():
        work.say(f"{phrase}{_of(owners)}.")
    if additions:
        work.say(f"Added “{brief(words)}” to the prompt{_of(additions)}.")
    if not additions and not replacements:
        work.warn(f"The prompts say “{brief(words, 60)}” already.")


def _of(owners: list[str]) -> str:
    return f"{'s' if len(set(owners)) > 1 else ''} of {listing(owners)}"


def show(work: WorkingTemplate, change: Change) -> None:
    """Have stages show something else: their prompts are the new words."""
    write(work, _prompts(work, change), capital(change.value))


def replace_words(work: WorkingTemplate, change: Change) -> None:
    """Put words in the place of those in `field`, in all prompts that say them."""
    old, new = change.field, change.value
    if not old.strip():
        raise Refused("Say which words should be replaced.")
    owners = [
        prompt.owner
        for prompt in prompts_of(work, scope(work, change))
        if prompt.rewrite(partial(with_words, old=old, new=new))
    ]
    if not owners:
        raise Refused(f"No prompt here says “{brief(old, 60)}”.")
    work.say(f"{listing(owners)}: “{brief(old, 60)}” is now “{brief(new, 60)}”.")


def without(work: WorkingTemplate, change: Change) -> None:
    """Keep something out of images, by their negative prompt."""
    targets, words = _targets(work, change), change.value
    views = []
    for view in targets if Film(work).result else ():
        current = view.get("negativePrompt")
        is_text = isinstance(current, str | None) and work.bound_input(current) is None
        text = with_more(current or "", words) if is_text else current
        if view.takes("negativePrompt") and text != current:
            view.set("negativePrompt", text)
            views.append(view)
    if not views:
        raise Refused(f"Nothing here can be told to leave out “{brief(words, 60)}”.")
    work.say(f"{listing([view.title for view in views])}: without {brief(words, 60)}.")


def camera(work: WorkingTemplate, change: Change) -> None:
    """Move the camera another way."""
    film = Film(work)
    views = [v for v in scope(work, change) if film.kind(v) == "video" and v.takes("prompt")]
    if not views:
        raise Refused("There is no video whose camera could move.")
    words = change.value

    def with_move(prompt: str) -> str:
        match = CAMERA.search(prompt)
        if match is None:
            return f"{prompt.rstrip(' .')}. {capital(words)}" if prompt.strip() else capital(words)
        before = prompt[: match.start()]
        is_start = not before or before.rstrip()[-1:] in ".!"
        return f"{before}{capital(words) if is_start else words}{prompt[match.end() :]}"

    owners = [prompt.owner for prompt in prompts_of(work, views) if prompt.rewrite(with_move)]
    summary = f"{listing(owners)}: {brief(words)}."
    work.report(bool(owners), summary, "The camera moves like that already.")
