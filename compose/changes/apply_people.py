"""Changes of what people do in a run: approve, choose, and enter words."""

from __future__ import annotations

import re
from typing import Any, Final

from compose.changes.adding import put_after
from compose.changes.apply_film import change_list
from compose.changes.change import Change, Refused, brief, listing
from compose.changes.film import Film, scope, stages_of, titles
from compose.changes.prompting import prompt_name
from compose.changes.words import SOUND
from compose.changes.working_template import StageView, WorkingTemplate, input_title
from compose.template_plan.template_text import capital, name_of

_MOST: Final = 16


def checkpoint(work: WorkingTemplate, change: Change) -> None:
    """Stop for approval after stages; "none" stops no more."""
    is_on, film, views = change.value != "none", Film(work), stages_of(work, change)
    if not views:
        last = film.join or film.result
        views = [view for view in (last,) if view is not None] if is_on else work.stages
    if is_on and not views:
        raise Refused("There is no stage to stop at.")
    switches = [view for view in views if view.has_checkpoint != is_on]
    for view in switches:
        view.has_checkpoint = is_on
    approval = "checkpoint, you approve the result before the run goes on"
    summary = f"{titles(switches)}: {approval if is_on else 'no checkpoint'}."
    already = f"There is {'a checkpoint already' if is_on else 'no checkpoint to remove'}."
    work.report(bool(switches), summary, already)


def choice(work: WorkingTemplate, change: Change) -> None:
    """Let people choose `field` of `value` results."""
    pick = int(change.field) if change.field.isdigit() else 1
    count = int(change.value) if change.value.isdigit() else 4
    count = min(max(count, 2, pick), _MOST)
    film, views = Film(work), scope(work, change)
    able = [view for view in views if view.count_name and not view.is_batch]
    images = [view for view in able if film.kind(view) == "image"]
    makers = [view for view in images if view.tool_name == "generate_image"] or images
    makers = makers or [view for view in able if film.kind(view) in ("video", "audio")][-1:]
    if not makers:
        raise Refused("There is nothing to choose from: no stage here makes several results.")
    choices = [view for view in makers if _chooser(work, view)]
    for view in choices or makers:
        chooser = _chooser(work, view)
        if chooser is None:
            _choose(work, view, count, min(pick, count))
            continue
        number = int(work.number(view, view.count_name) or 1)
        if pick > number or not change.field:
            work.warn(f"{view.title} is chosen from already: {number} variations.")
        else:
            chooser.select.update(min=pick, max=pick)
            work.say(f"{chooser.title}: {pick} of {number}.")


def _chooser(work: WorkingTemplate, view: StageView) -> StageView | None:
    return next((user for user in work.users(view) if user.select), None)


def _choose(work: WorkingTemplate, view: StageView, count: int, pick: int) -> None:
    name = work.fresh_id(f"{view.id}_choice" if len(view.id) < 60 else "choice")
    if work.bound_input(view.get(view.count_name)) is None:
        view.set(view.count_name, count)
    raw: dict[str, Any] = {
        "id": name,
        "type": "interactive",
        "label": work.fresh_label(f"Choose {view.title}"),
        "userMessage": f"Which one should be used for {view.title}?",
        "select": {"from": f"$artifacts.{work.artifact_of(view)}", "min": pick, "max": pick},
        "produces": [name],
    }
    put_after(work, view, raw)
    work.say(f"{view.title}: {count} variations, and you choose {pick}.")


def ask(work: WorkingTemplate, change: Change) -> None:
    """Make an input of prompts, with the same words as its default. value: what it asks for."""
    words, views = change.value, scope(work, change)
    free = [view for view in (work.stages if change.target else views) if _own_prompt(view)]
    start = re.compile(rf"(?<!\w){re.escape(words)}", re.IGNORECASE)
    holding = [view for view in free if start.search(_own_prompt(view))]
    ids = {view.id for view in views}
    holding = holding or [view for view in free if change.target and view.id in ids]
    kind = "audio" if SOUND.search(words) else "image"
    film = Film(work)
    holding = holding or [view for view in free if film.kind(view) == kind][:1]
    if holding:
        _to_inputs(work, holding, words)
        return
    inputs = [one for one in work.inputs if words.lower() in repr(one).lower()]
    inputs = inputs or (work.inputs if not free else [])
    if not inputs:
        raise Refused(f"No prompt here says “{brief(words, 60)}”.")
    names = listing([input_title(one) for one in inputs])
    work.warn(f"That is an input already: {names}.")


def _own_prompt(view: StageView) -> str:
    """Return the prompt of a stage; "" where it has none, or a binding."""
    text = str(view.get(prompt_name(view)) or "") if prompt_name(view) else ""
    return "" if text.startswith("$") else text


def _to_inputs(work: WorkingTemplate, views: list[StageView], words: str) -> None:
    """Equal prompts share one input; a binding is a whole argument, so others get one each."""
    by_text: dict[str, list[StageView]] = {}
    for view in views:
        by_text.setdefault(_own_prompt(view), []).append(view)
    for text, users in by_text.items():
        label = capital(words) if len(by_text) == 1 else f"{capital(words)} ({users[0].title})"
        name = work.add_text(name_of(words) or "text", brief(label, 120), default=text)
        for view in users:
            view.set(prompt_name(view), f"$inputs.{name}")
        work.say(f"{titles(users)}: the prompt is now the input “{brief(label, 60)}”.")


def elements(work: WorkingTemplate, change: Change) -> None:
    """Add a line of `value` each to a list input, or take out the element at the place `field`."""
    entry = work.input("".join(change.target))
    if entry is None or not isinstance(entry.get("default"), str | list):
        raise Refused("There is no such list.")
    is_place = bool(re.fullmatch(r"-?\d{1,3}", change.field))
    new = [line for line in change.value.split("\n") if line.strip()]
    change_list(work, entry, new, int(change.field) if is_place else None)
