"""The caller's own arguments, which win over the words of a brief. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.plain_settings import shots_of
from compose.plan import LONGEST_S, MOST_SHOTS, File, OpenText, Plan, SoundPlan
from compose.template_plan.build import spread
from compose.template_plan.presets import with_fields
from compose.template_plan.sizes import SIZES
from compose.template_plan.template_text import clean, name_of, one_line
from tools.declaration.ports import ToolTable
from tools.declaration.schema import model_argument, model_names

_MEDIA: Final = ("image", "video", "audio")
# Which tools a caller's model is for.
_MADE_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("generate_image", "edit_image"),
    "video": ("animate_photo", "generate_video", "video_to_video"),
    "music": ("generate_music",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """A caller's wishes beside the words; None and empty leave it to them."""

    scene_count: int | None = None
    duration_seconds: float | None = None
    aspect_ratio: str = ""
    style: str = ""
    include_audio: bool | None = None
    inputs: Sequence[Mapping[str, Any]] = ()

    def summary(self) -> dict[str, Any]:
        """Return what is asked for, for a model that plans; inputs by name and type."""
        inputs = [{"name": one.get("name"), "type": one.get("type")} for one in self.inputs]
        wishes = {
            "scene_count": self.scene_count,
            "seconds": self.duration_seconds,
            "aspect": self.aspect_ratio,
            "style": self.style,
            "sound": self.include_audio,
            "inputs": inputs,
        }
        return {name: value for name, value in wishes.items() if value not in (None, "", [])}


def with_wishes(plan: Plan, wishes: Wishes) -> Plan:
    """Return the plan as the caller wants it."""
    changes: dict[str, Any] = {}
    if wishes.aspect_ratio in SIZES:
        changes["aspect"] = wishes.aspect_ratio
    if wishes.duration_seconds:
        changes["seconds"] = min(max(float(wishes.duration_seconds), 1.0), LONGEST_S)
    if wishes.style.strip():
        changes["style"] = one_line(wishes.style, 200)
    if wishes.scene_count:
        changes |= _with_shots(plan, min(max(wishes.scene_count, 1), MOST_SHOTS))
    if wishes.include_audio is not None:
        changes["sound"] = _with_audio(plan.sound, wishes.include_audio)
    return _with_inputs(with_fields(plan, **changes), wishes.inputs)


def _with_shots(plan: Plan, count: int) -> dict[str, Any]:
    if plan.repeat is not None and plan.kind == "slideshow":
        return {"repeat": with_fields(plan.repeat, count=count)}
    shots = [shot for shot in plan.scenes if shot.type == "shot"]
    # A song and a recording have none to count.
    if plan.is_own_file or not shots:
        return {}
    if len({shot.text for shot in shots}) == 1 and len(shots) == len(plan.scenes):
        return {"scenes": shots_of(shots[0].text, count)}
    # What the words do not tell is seen once more.
    missing = count - len(plan.scenes)
    more = [with_fields(shots[i % len(shots)], seconds=None) for i in range(missing)]
    return {"scenes": spread([*plan.scenes, *more], count)}


def _with_audio(sound: SoundPlan, is_on: bool) -> SoundPlan:
    if not is_on:
        return with_fields(sound, music=False, speech=False, lyrics=False, keep_original=False)
    is_said = sound.music or sound.speech or sound.keep_original
    return sound if is_said else with_fields(sound, music=True)


def _with_inputs(plan: Plan, inputs: Sequence[Mapping[str, Any]]) -> Plan:
    """Make declared files and texts that the plan does not name its own."""
    media, texts, scenes = list(plan.media), list(plan.open_texts), list(plan.scenes)
    names = {one.name for one in media} | {one.name for one in texts}
    free_media = {one.kind: place for place, one in reversed(list(enumerate(media)))}
    for declaration in inputs:
        name, kind = str(declaration.get("name", "")), declaration.get("type")
        if not name_of(name) or name in names or name_of(name) != name:
            continue
        title = one_line(str(declaration.get("description") or name.replace("_", " ")))
        if kind in _MEDIA and kind in free_media:
            # The caller's name for the file that the words speak of.
            place = free_media.pop(kind)
            old = media[place].name
            scenes = [with_fields(s, uses=name) if s.uses == old else s for s in scenes]
            media[place] = with_fields(media[place], name=name, title=title)
        elif kind in _MEDIA:
            media.append(File(name=name, kind=kind, title=title, count=1))
        elif kind in ("text", "select") and not declaration.get("multiple"):
            texts.append(_open_text(name, title, declaration))
        names.add(name)
    return with_fields(plan, media=media, open_texts=texts, scenes=scenes)


def _open_text(name: str, title: str, declaration: Mapping[str, Any]) -> OpenText:
    options = declaration.get("options")
    values = [
        str(one.get("value", "") if isinstance(one, Mapping) else one)
        for one in (options if isinstance(options, list) else ())
    ]
    default = declaration.get("default")
    text = clean(default) if isinstance(default, str) else ""
    return OpenText(name=name, title=title, default=text, options=list(filter(None, values)))


def with_declared(
    inputs: list[dict[str, Any]], declarations: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the inputs with the caller's declarations, which win where names match."""
    mine = {one["name"]: one for one in inputs}
    for declaration in declarations:
        name = declaration.get("name")
        if not isinstance(name, str) or not name:
            continue
        own = mine.get(name, {})
        existing = own if own.get("type") in (None, declaration.get("type")) else {}
        values = {key: value for key, value in declaration.items() if value is not None}
        mine[name] = {**existing, **values}
    return list(mine.values())


def with_models(
    body: dict[str, Any], models: Mapping[str, str], tools: ToolTable
) -> tuple[str, ...]:
    """Write the caller's models into the stages of `body` that know them; warnings for others."""
    warnings = []
    stages = [stage.get("itemStage") or stage for stage in body["stages"]]
    calls = [(call, tools.get(str(call.get("tool", "")))) for call in stages]
    for kind, model in models.items():
        name = one_line(str(model), 100) if isinstance(model, str) else ""
        if not name or kind not in _MADE_BY:
            continue
        is_used = False
        for call, tool in calls:
            if tool and tool.name in _MADE_BY[kind] and name in model_names(tool):
                call["args"][model_argument(tool)] = name
                is_used = True
        if not is_used:
            warnings.append(
                f"“{name}” was not used: no stage of this draft makes its {kind} by that model."
            )
    return tuple(warnings)
