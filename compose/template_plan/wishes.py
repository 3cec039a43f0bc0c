"""The caller's own arguments, which win over the words of a brief. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from compose.brief.brief import AspectRatio, Brief, GivenMedia, OpenText, Scene
from compose.template_plan.build import MOST_SCENES, spread
from compose.template_plan.sizes import SIZES
from compose.template_plan.template_text import clean, name_of, one_line
from tools.declaration.ports import ToolTable
from tools.declaration.schema import model_argument, model_names

LONGEST_S: Final = 600.0
_MEDIA: Final = ("image", "video", "audio")
# Which tools a caller's model is for.
_MADE_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("generate_image", "edit_image"),
    "video": ("animate_photo", "generate_video", "video_to_video"),
    "music": ("generate_music",),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """A caller's wishes beside the words; None and empty leave it to them."""

    scene_count: int | None = None
    duration_seconds: float | None = None
    aspect_ratio: str = ""
    style: str = ""
    include_audio: bool | None = None
    inputs: Sequence[Mapping[str, Any]] = ()

    def told(self) -> dict[str, Any]:
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


def with_wishes(brief: Brief, wishes: Wishes) -> Brief:
    """Return the brief as the caller wants it."""
    if wishes.aspect_ratio in SIZES:
        aspect: AspectRatio = wishes.aspect_ratio  # type: ignore[assignment]
        brief = replace(brief, aspect=aspect)
    if wishes.duration_seconds:
        seconds = min(max(float(wishes.duration_seconds), 1.0), LONGEST_S)
        brief = replace(brief, seconds=seconds)
    if wishes.scene_count:
        brief = _with_scenes(brief, min(max(wishes.scene_count, 1), MOST_SCENES))
    if wishes.style.strip():
        brief = replace(brief, style=one_line(wishes.style, 200))
    if wishes.include_audio is not None:
        brief = _with_audio(brief, wishes.include_audio)
    return _with_inputs(brief, wishes.inputs)


def _with_scenes(brief: Brief, count: int) -> Brief:
    if brief.kind in ("clip_edit", "photo_edit"):
        return brief
    if brief.repeat is not None and brief.kind == "slideshow":
        return replace(brief, repeat=replace(brief.repeat, count=count))
    scenes = list(brief.scenes) or [Scene(brief.topic)]
    shots = [scene for scene in scenes if scene.type == "shot"] or scenes
    missing = count - len(scenes)
    # What the words do not tell is seen from another side.
    scenes += [replace(shots[i % len(shots)], seconds=None) for i in range(missing)]
    return replace(brief, scenes=tuple(spread(scenes, count)))


def _with_audio(brief: Brief, is_on: bool) -> Brief:
    sound = brief.sound
    if not is_on:
        return replace(
            brief,
            sound=replace(sound, music=False, speech=False, lyrics=False, kept=False),
        )
    is_said = sound.music or sound.speech or sound.kept
    return brief if is_said else replace(brief, sound=replace(sound, music=True, speech=None))


def _with_inputs(brief: Brief, inputs: Sequence[Mapping[str, Any]]) -> Brief:
    """Make declared files and texts that the brief does not name its own."""
    media, texts = list(brief.media), list(brief.open_texts)
    names = {name_of(one.name) for one in media} | {name_of(one.name) for one in texts}
    free_media = {one.kind: index for index, one in reversed(list(enumerate(media)))}
    for declaration in inputs:
        name, kind = str(declaration.get("name", "")), declaration.get("type")
        if not name_of(name) or name_of(name) in names or name_of(name) != name:
            continue
        title = one_line(str(declaration.get("description") or name.replace("_", " ")))
        if kind in _MEDIA:
            medium = GivenMedia(name, kind, title)
            if kind in free_media:
                # The caller's name for the file that the words speak of.
                old = media[free_media.pop(kind)]
                media[media.index(old)] = replace(medium, count=old.count)
                brief = _rename_media(brief, old.name, name)
            else:
                media.append(medium)
        elif kind in ("text", "select") and not declaration.get("multiple"):
            texts.append(_open_text(name, title, declaration))
        names.add(name)
    return replace(brief, media=tuple(media), open_texts=tuple(texts))


def _open_text(name: str, title: str, declaration: Mapping[str, Any]) -> OpenText:
    options = declaration.get("options")
    values = [
        str(one.get("value", "") if isinstance(one, Mapping) else one)
        for one in (options if isinstance(options, list) else ())
    ]
    default = declaration.get("default")
    return OpenText(
        name,
        title,
        default=clean(default) if isinstance(default, str) else "",
        options=tuple(value for value in values if value),
    )


def _rename_media(brief: Brief, old: str, new: str) -> Brief:
    scenes = tuple(
        replace(scene, media=new) if scene.media == old else scene for scene in brief.scenes
    )
    return replace(brief, scenes=scenes)


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
        mine[name] = {
            **existing,
            **{key: value for key, value in declaration.items() if value is not None},
        }
    return list(mine.values())


def with_models(
    body: dict[str, Any], models: Mapping[str, str], tools: ToolTable
) -> tuple[str, ...]:
    """Write the caller's models into the stages of `body` that know them; warnings for others."""
    warnings = []
    calls = [stage.get("itemStage") or stage for stage in body["stages"]]
    for kind, model in models.items():
        name = one_line(str(model), 100) if isinstance(model, str) else ""
        if not name or kind not in _MADE_BY:
            continue
        is_used = False
        for call in calls:
            tool = tools.get(str(call.get("tool", "")))
            if tool is None or tool.name not in _MADE_BY[kind]:
                continue
            if name in model_names(tool):
                call["args"][model_argument(tool)] = name
                is_used = True
        if not is_used:
            warnings.append(
                f"“{name}” was not used: no stage of this draft makes its {kind} by that model."
            )
    return tuple(warnings)
