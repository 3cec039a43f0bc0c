"""Changes of what the prompts say: words added, replaced, kept out, and the camera's."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from compose.changes.change import Change, Refused, brief, expression, listing, opposite, search
from compose.changes.film import Film, scope, stages_of
from compose.changes.prompting import Prompt, list_prompt, prompt_name, prompts_of, with_more
from compose.changes.working_template import StageView, WorkingTemplate, input_title
from compose.template_plan.template_text import capital

_MAKES_IMAGES: Final = ("generate_image", "edit_image", "generate_video")
_ARTICLE: Final = (
    r"^(?:(?:an?|the|my|some|eine?[nmrs]?|der|die|das|den|une?|le|la|les|un[ao]?|el|los|las)\s+)+"
)
_CAMERA: Final = (
    r"(?:the camera )?(?:{pace} )*{camera}(?: {camera_after})*(?: (?:around|to|over|through"
    r"|towards?) (?:the )?\w+)?"
    r"(?: shot)?"
)


def _targets(work: WorkingTemplate, change: Change) -> list[StageView]:
    """Return the stages whose prompts say what is seen: those of images, else all in question."""
    film = Film(work)
    views = [view for view in scope(work, change) if prompt_name(view)]

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
    single = [prompt for view in views if (prompt := list_prompt(work, view))]
    prompts = single or prompts_of(work, _targets(work, change))
    if not prompts:
        raise Refused("There is no prompt to change.")
    return prompts


def look(work: WorkingTemplate, change: Change) -> None:
    """Add words to prompts, in the place of what they rule out. field: a thing they are about."""
    prompts, words = _prompts(work, change), change.value
    thing = re.compile(rf"(?<!\w){re.escape(change.field)}(?!\w)", re.IGNORECASE)
    if change.field:
        prompts = [prompt for prompt in prompts if thing.search(prompt.text)] or prompts
    additions, replacements = list[str](), dict[str, list[str]]()
    for prompt in prompts:
        current = opposite(words, prompt.text)
        if current is not None:
            old, new = current
            if prompt.rewrite(partial(_with_words, old=old, new=new)):
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
    for prompt in _prompts(work, change):
        if prompt.rewrite(lambda text: capital(change.value)):
            work.say(f"{prompt.owner}: “{brief(capital(change.value))}”.")
        else:
            work.warn(f"{prompt.owner} is that already.")


def replace_words(work: WorkingTemplate, change: Change) -> None:
    """Put words in the place of those in `field`, in all prompts that have them."""
    old = re.sub(_ARTICLE, "", change.field, flags=re.IGNORECASE)
    new = re.sub(_ARTICLE, "", change.value, flags=re.IGNORECASE)
    owners = [
        prompt.owner
        for prompt in prompts_of(work, scope(work, change))
        if prompt.rewrite(lambda text: _with_words(text, old, new))
    ]
    entry = work.input(old.lower().replace(" ", "_")) if not owners else None
    if entry is not None and entry.get("type") == "text":
        entry["default"] = capital(change.value)
        work.say(f"{input_title(entry)}: “{brief(change.value)}”.")
    elif owners:
        phrase = f"“{brief(old, 60)}” is now “{brief(new, 60)}”"
        work.say(f"{listing(owners)}: {phrase}.")
    else:
        raise Refused(f"No prompt here says “{brief(old, 60)}”.")


def _with_words(prompt: str, old: str, new: str) -> str:
    """Return a prompt with other words. "Cat" matches "cats" too, but not "catalog"."""

    def one(match: re.Match[str]) -> str:
        is_plural = match["end"] and " " not in new and new[-1:] != "s"
        word = f"{new}{match['end']}" if is_plural else new
        if match["article"]:
            article = "an" if new[:1].lower() in "aeiou" else "a"
            word = f"{article} {word}"
        return capital(word) if match[0][:1].isupper() else word

    return re.sub(
        rf"(?<!\w)(?P<article>an?\s{{1,9}})?{re.escape(old)}(?P<end>s|es|'s)?(?!\w)",
        one,
        prompt,
        flags=re.IGNORECASE,
    )


def without(work: WorkingTemplate, change: Change) -> None:
    """Keep something out of images: told to stages that fix photos, else a negative prompt."""
    targets, words = _targets(work, change), re.sub(_ARTICLE, "", change.value, flags=re.I)
    fixers = [view for view in targets if view.tool_name in ("restore_photo", "edit_image")]
    if change.field == "erase" and fixers:
        look(work, Change("look", (fixers[0].id,), "", f"remove {change.value}"))
        return
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
    """Move the camera another way. field: "pace" only adds to how it moves."""
    film = Film(work)
    views = [v for v in scope(work, change) if film.kind(v) == "video" and v.takes("prompt")]
    if not views:
        raise Refused("There is no video whose camera could move.")
    words = change.value

    def with_move(prompt: str) -> str:
        if change.field == "pace":
            return with_more(prompt, words)
        match = expression(_CAMERA).search(prompt)
        if match is None:
            return f"{prompt.rstrip(' .')}. {capital(words)}" if prompt.strip() else capital(words)
        before = prompt[: match.start()]
        is_start = not before or before.rstrip()[-1:] in ".!"
        return f"{before}{capital(words) if is_start else words}{prompt[match.end() :]}"

    owners = [prompt.owner for prompt in prompts_of(work, views) if prompt.rewrite(with_move)]
    if owners and change.field == "pace":
        work.say(f"Added “{brief(words)}” to the prompt{_of(owners)}.")
    elif owners:
        work.say(f"{listing(owners)}: {brief(words)}.")
    else:
        work.warn("The camera moves like that already.")


def description(attribute: str, value: str) -> str:
    """Return words for a prompt: of a background, a light or another thing that images have."""
    value = re.sub(r"^(?:be|to|into|in)\s+", "", value, flags=re.IGNORECASE)
    if search(rf"(?<!\w){re.escape(attribute)}(?!\w)", value):
        return value
    if re.match(r"background|hintergrund|fondo?$", attribute, re.IGNORECASE):
        return f"with {value} in the background"
    if re.match(r"setting|location|place|scenery|time|season|weather|mood", attribute, re.I):
        return value
    return f"{value} {attribute}"
