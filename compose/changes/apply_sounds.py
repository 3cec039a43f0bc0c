"""Changes of what is heard and read: music, a voice, silence and subtitles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from compose.changes.adding import SHORTEST_MUSIC_S, add_soundtrack, new_stage, put_on
from compose.changes.change import Change, Refused
from compose.changes.film import JOIN, Film, scope, set_value, stages_of, titles
from compose.changes.prompting import prompts_of, write
from compose.changes.removal import NothingLeft, remove
from compose.changes.words import MORE, MUSIC
from compose.changes.working_template import StageView, WorkingTemplate
from compose.template_plan.template_text import capital, clean, literal

USUAL_MUSIC: Final = "Calm cinematic music with piano and strings"
_LONGEST_LINE_S: Final = 60.0
_NONE: Final = "none"


def sound(work: WorkingTemplate, change: Change) -> None:
    """Add, change or remove what `field` names; a value "none" removes it."""
    kind = change.field.partition(" ")[0]
    if kind not in _ACTS:
        raise Refused(f"A sound is one of: {', '.join(_ACTS)}.")
    if change.value == _NONE and kind == "voice":
        take_out(work, work.with_tool("generate_speech"), "voice")
    elif change.value == _NONE and kind == "music":
        _no_music(work)
    else:
        _ACTS[kind](work, change)


def take_out(
    work: WorkingTemplate, views: list[StageView], noun: str, *, is_whole: bool = False
) -> None:
    """Remove what is heard or put on the film. is_whole: with what only it needs."""
    if not views:
        work.warn(f"Nothing to remove: no {noun} here.")
        return
    try:
        work.say(f"Removed {titles(remove(work, views, is_whole=is_whole))}.")
    except NothingLeft:
        work.warn(f"The {noun} stays: without it nothing would be left.")


def _music(work: WorkingTemplate, change: Change) -> None:
    """Write music by these words, new or instead of what there is; without words, where none is.

    field: with "music", words such as "softer" are added to those that are there.
    """
    words = change.value
    music = [view for view in stages_of(work, change) if view.tool_name == "generate_music"]
    music = music or work.with_tool("generate_music")
    if music and not words:
        work.warn(f"There is music already: {titles(music)}.")
    elif music:
        is_more = change.field == "music" and MORE.match(words) is not None
        new = words if is_more else capital(words)
        write(work, prompts_of(work, music), new, is_more=is_more)
    else:
        seconds = max(Film(work).seconds or SHORTEST_MUSIC_S, SHORTEST_MUSIC_S)
        prompt = capital(words) if words else USUAL_MUSIC
        if words and not MUSIC.search(words) and len(words.split()) < 2:
            prompt = f"{prompt} music"
        args = {"prompt": literal(clean(prompt)), "duration": round(min(seconds, 600.0), 1)}
        _add(work, new_stage(work, "music", "Music", "generate_music", args))


def _add(work: WorkingTemplate, raw: dict[str, Any]) -> None:
    taker = add_soundtrack(work, raw)
    work.say(f"Added {raw['label']}{f', connected to {taker.title}' if taker else ''}.")


def _no_music(work: WorkingTemplate) -> None:
    music = work.with_tool("generate_music")
    tracks = [
        (view, key)
        for view in work.with_tool(JOIN)
        if (key := view.port_key("audio")) and work.bound_input(view.args[key]) is not None
    ]
    if music or not tracks:
        take_out(work, music, "music")
        return
    names_before = work.used_inputs()
    for view, key in tracks:
        del view.args[key]
        work.say(f"{view.title}: no music.")
    work.delete_inputs(names_before - work.used_inputs())


def _silence(work: WorkingTemplate, change: Change) -> None:
    """Take out all sound: nothing is added, and clips are made without theirs."""
    makers = [] if change.target else work.with_tool("generate_music", "generate_speech")
    if makers:
        take_out(work, makers, "sound")
    clips = [v for v in scope(work, change) if v.takes("generateAudio")]
    loud = [view for view in clips if work.value(view, "generateAudio") is not False]
    for view in loud:
        set_value(work, view, "generateAudio", value=False)
    if loud:
        work.say(f"{titles(loud)}: no sound.")
    elif not makers:
        work.warn("There is no sound to remove.")


def _voice(work: WorkingTemplate, change: Change) -> None:
    """Add a voice that says `value`, else what people enter; what is there says it instead.

    field: behind its first word, how the voice sounds.
    """
    voices = work.with_tool("generate_speech")
    how, text = change.field.partition(" ")[2], change.value
    if voices and text:
        write(work, prompts_of(work, voices[:1]), capital(text))
        return
    if voices:
        work.warn(f"There is a voice already: {voices[0].title}.")
        return
    prompt = literal(capital(text))[:4000]
    if not text:
        limits = {"maxLength": 4000}
        name = work.add_text("narration", "What the voice says", jsonSchema=limits)
        prompt = f"$inputs.{name}"
    args = {"prompt": prompt, **({"voiceDescription": how[:500]} if how else {})}
    _add(work, new_stage(work, "voice", "Voice", "generate_speech", args))


def _language(work: WorkingTemplate, change: Change) -> None:
    """Have the voice speak a language. field: "language of its text" where the text is in it."""
    voices = work.with_tool("generate_speech")
    if not voices or change.value not in voices[0].schema("language").get("enum", ()):
        raise Refused(f"There is no voice here that could speak {change.value.title()}.")
    for view in voices:
        if set_value(work, view, "language", change.value):
            work.say(f"{view.title}: {change.value.title()}.")
    if change.field == "language":
        work.warn(f"The text that is spoken isn't translated: write it in {change.value.title()}.")


_ACTS: Final = {
    "music": _music,
    "other": _music,
    "voice": _voice,
    "language": _language,
    "all": _silence,
}


def subtitles(work: WorkingTemplate, change: Change) -> None:
    """Subtitles of these words, else of what is spoken, else of what people enter."""
    present, text = work.with_tool("add_subtitles"), change.value
    if text == _NONE:
        take_out(work, present, "subtitles")
        return
    if present:
        work.warn(f"There are subtitles already: {titles(present)}.")
        return
    film = film_of(work, Change("subtitles"))
    voice = work.with_tool("generate_speech")
    args: dict[str, Any] = {"style": {"position": "bottom", "fontSizePct": 6}}
    if voice and not text:
        args["cues"] = f"$artifacts.{work.artifact_of(voice[-1])}.cues"
    elif not text and any(one.get("type") == "video" for one in work.inputs):
        args["auto_transcribe"] = True
    else:
        if not text:
            name = work.add_text("subtitles", "Subtitle", jsonSchema={"maxLength": 500})
        seconds = round(Film(work).seconds or _LONGEST_LINE_S, 1)
        line = {"startSeconds": 0, "endSeconds": seconds}
        args["cues"] = [{**line, "text": literal(text) if text else f"$inputs.{name}"}]
    add_over(work, film, ("subtitled", "With subtitles", "add_subtitles"), args)


def film_of(work: WorkingTemplate, change: Change) -> StageView:
    """Return the video that the change is for, else the last. Raises Refused without one."""
    film = Film(work)
    videos = (view for view in stages_of(work, change) if film.kind(view) == "video")
    last = next(videos, film.last("video"))
    if last is None:
        raise Refused("There is no video to put this on.")
    return last


def add_over(
    work: WorkingTemplate,
    view: StageView,
    stage: tuple[str, str, str],
    args: Mapping[str, Any],
    how: str = "",
) -> None:
    """Work on a video by a new stage, and say so. stage: its id, label and tool."""
    raw = new_stage(work, *stage, {"reference_video_url": work.reference(view), **args})
    put_on(work, view, raw)
    work.say(f"Added {raw['label']}{how}, connected to {view.title}.")
