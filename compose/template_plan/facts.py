"""Facts of a template about its brief's wishes, read from the template itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from compose.brief.brief import Brief
from compose.template_plan.sizes import size_of

# What is read by whom (`brief.read.READERS`), and the words for it.
Fact: TypeAlias = tuple[str, str]
_SHOTS: Final = ("animate_photo", "generate_video")
_EDITS: Final = ("clip_edit", "photo_edit")


def facts_of(brief: Brief, body: Mapping[str, Any], seconds: float | None) -> tuple[Fact, ...]:
    """Return the facts, in the order of a person's interest. seconds: of the film that is made."""
    calls = [stage.get("itemStage") or stage for stage in body["stages"]]
    text = "\n".join(texts_of(body)).lower()
    facts = [
        *_scenes(brief, body),
        *_length(brief, calls, seconds),
        *_shape(brief, calls),
        *_sound(brief, calls, text),
        *_looks(brief, calls, text),
        *_operations(brief, body),
        *_decisions(brief, body),
        *_inputs(brief, body),
    ]
    return tuple(dict.fromkeys(facts))


def texts_of(value: Any) -> Iterator[str]:
    """Yield the texts of a template, but for the brief itself and the names of its stages."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name not in ("brief", "id", "name", "produces", "category", "tags"):
                yield from texts_of(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts_of(part)


def _scenes(brief: Brief, body: Mapping[str, Any]) -> Iterator[Fact]:
    if brief.kind in _EDITS:
        return
    counts = {"scene": 0, "title card": 0, "image": 0}
    for stage in body["stages"]:
        tool = (stage.get("itemStage") or stage).get("tool", "")
        if tool in _SHOTS and stage["id"].startswith("shot"):
            counts["scene"] += _results(stage, body)
        elif stage["id"].startswith("title_"):
            counts["title card"] += 1
            yield "cards", "title"
        elif tool in ("generate_image", "edit_image") and not stage["id"].startswith("cover"):
            counts["image"] += _results(stage, body)
    if counts["scene"] or counts["title card"]:
        counts["image"] = 0
    for what, count in counts.items():
        if count:
            yield "counts", f"{count} {what}" if count == 1 else f"{count} {what}s"
    if any(stage["id"].startswith("cover") for stage in body["stages"]):
        yield "has_cover", "cover"
    if brief.is_model:
        yield "product", "3D model"


def _results(stage: Mapping[str, Any], body: Mapping[str, Any]) -> int:
    """Return how many results a stage makes."""
    if stage["type"] != "batch":
        return int(stage["args"].get("numberOfVariations", 1))
    over = stage["overBinding"]
    if not over.startswith("$inputs."):
        source = over.split(".")[1].removesuffix("[*]")
        from_stage = next((one for one in body["stages"] if one["id"] == source), None)
        if from_stage is None or from_stage["type"] == "interactive":
            return int(from_stage["select"]["max"]) if from_stage else 1
        return _results(from_stage, body)
    name = over.removeprefix("$inputs.")
    declaration: Mapping[str, Any] = next(
        (one for one in body["inputs"] if one["name"] == name), {}
    )
    default = declaration.get("default")
    return (
        len(default) if isinstance(default, list) else declaration.get("multiple", {}).get("min", 1)
    )


def _length(
    brief: Brief, calls: Sequence[Mapping[str, Any]], seconds: float | None
) -> Iterator[Fact]:
    each = {scene.seconds for scene in brief.scenes if scene.seconds}
    lengths = {call.get("args", {}).get("duration") for call in calls}
    spans = [edit for edit in brief.edits if edit.end is not None]
    if len(brief.scenes) > 1 and len(each) == 1 and each & lengths:
        yield "lengths", f"{each.pop():g} s each"
    if brief.seconds and seconds:
        near = abs(brief.seconds - seconds) < 0.5
        yield "lengths", f"{brief.seconds if near else round(seconds, 1):g} s"
    elif brief.seconds and brief.seconds in lengths:
        yield "lengths", f"{brief.seconds:g} s"
    elif brief.kind == "audio" and brief.seconds:
        yield "lengths", f"{brief.seconds:g} s, by the length of the text"
    elif each & lengths:
        yield "lengths", f"{', '.join(f'{one:g} s' for one in sorted(each & lengths))}"
    elif spans:
        yield "lengths", f"{spans[0].start or 0:g}–{spans[0].end:g} s"
    elif brief.edits and (durations := [one for one in lengths if isinstance(one, (int, float))]):
        yield "lengths", f"{durations[0]:g} s"


def _shape(brief: Brief, calls: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    if not brief.aspect:
        return
    size = size_of(brief.aspect)
    for call in calls:
        args = call.get("args", {})
        if args.get("aspectRatio") == brief.aspect or size.items() <= args.items():
            yield "format", brief.aspect


def _sound(brief: Brief, calls: Sequence[Mapping[str, Any]], text: str) -> Iterator[Fact]:
    sound = brief.sound
    tools = {call.get("tool") for call in calls}
    if "generate_music" in tools:
        words = sound.music_words or sound.effect_words
        yield "sound", words if words and words.lower() in text else "music"
        if any(call.get("args", {}).get("lyrics") for call in calls):
            yield "sound", "lyrics"
    if "generate_speech" in tools:
        words = sound.voice_words
        yield "sound", words if words and words.lower() in text else "voice"
    if "add_subtitles" in tools:
        yield "sound", "subtitles"
        yield "edits", "subtitles"
    if sound.is_silent and not tools & {"generate_music", "generate_speech"}:
        yield "sound", "no sound"
    elif sound.music is False and "generate_music" not in tools:
        yield "sound", "no music"
    elif sound.speech is False and "generate_speech" not in tools:
        yield "sound", "no voice"
    if brief.on_screen and brief.on_screen.lower() in text:
        yield "sound", f"“{brief.on_screen}”"
    if sound.kept and not tools & {"generate_music", "generate_speech"} and tools:
        yield "sound", "its own sound"


def _looks(brief: Brief, calls: Sequence[Mapping[str, Any]], text: str) -> Iterator[Fact]:
    for words in (brief.style, brief.camera):
        if words and all(part.strip() in text for part in words.lower().split(",")):
            yield "looks", words
    if brief.unwanted and any("negativePrompt" in call.get("args", {}) for call in calls):
        yield "unwanted", f"without {', '.join(brief.unwanted)}"
    if any(call.get("args", {}).get("transition") for call in calls) and brief.transition:
        yield "looks", TRANSITION_WORDS.get(brief.transition, brief.transition)
    if brief.on_the_beat and "generate_music" in {call.get("tool") for call in calls}:
        yield "looks", "cuts on the beat"


TRANSITION_WORDS: Final = {
    "wipeleft": "wipe",
    "wiperight": "wipe to the right",
    "slideup": "slide up",
    "slidedown": "slide down",
}
_LATER: Final = ("upscale", "loop", "overlay", "restore", "background", "crop", "logo")


def _operations(brief: Brief, body: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield what is done to the person's own files, and to a film that is made."""
    for stage in body["stages"]:
        call = stage.get("itemStage") or stage
        work = f"{call.get('tool', '')} {stage['id']}"
        if stage["type"] != "interactive" and (
            brief.kind in _EDITS or any(word in work for word in _LATER)
        ):
            yield "edits", stage["label"][:1].lower() + stage["label"][1:]


def _decisions(brief: Brief, body: Mapping[str, Any]) -> Iterator[Fact]:
    stages = body["stages"]
    choice_stage = next((one for one in stages if one["type"] == "interactive"), None)
    if brief.choice and choice_stage:
        yield "wishes", f"you choose {choice_stage['select']['max']} of {brief.choice.candidates}"
    if any(stage.get("checkpointRequired") for stage in stages):
        yield "wishes", "you approve before it goes on"
    if brief.max_units is not None:
        yield "wishes", f"at most {brief.max_units:g} credits"
    elif brief.is_cheap:
        yield "wishes", "at low cost"
    if brief.repeat and any(stage["type"] == "batch" for stage in stages):
        yield "repeat", f"one for each {brief.repeat.item_name}"


def _inputs(brief: Brief, body: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield what the person brings: files, and texts that a run asks for."""
    own = {one.name for one in brief.open_texts}
    for declaration in body["inputs"]:
        is_file = declaration["type"] in ("image", "video", "audio")
        if is_file or declaration["name"] in own or "default" not in declaration:
            title = declaration.get("description") or declaration["name"]
            count = (declaration.get("multiple") or {}).get("min", 1)
            fact = f"{title} × {count}" if is_file and count > 1 else title
            yield ("files" if is_file else "open_texts"), fact
