"""A film: new images or the person's own that move, title cards, sound, joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from compose.brief.brief import Brief, Scene
from compose.template_plan.open_texts import Roles, roles_of, with_values
from compose.template_plan.shots import (
    Camera,
    Scale,
    another_place,
    given_media,
    overlaid_media,
    prompt_of,
    scene_texts,
    shared_images,
    subjects,
    title_text,
)
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import (
    is_recording,
    joined,
    motion_prompt,
    music,
    narration,
    scene_cues,
    subtitled,
    voice,
)
from compose.template_plan.stills_film import film_of_stills
from compose.template_plan.timing import (
    LONGEST_SHOT_S,
    SHORTEST_SHOT_S,
    SHORTEST_VIDEO_S,
    TRANSITION_S,
    Timing,
    split,
    spoken_seconds,
    takes_of,
)
from compose.template_plan.words import one_line

_CARD_S = 3.0


def film(sk: Skeleton, brief: Brief, scale: Scale) -> None:
    """Add the stages of a film. Every shot is a stage of its own, so that each can be redone."""
    roles = roles_of(brief)
    given = given_media(sk, brief.media)
    listed = list(brief.scenes) if scale.as_listed and brief.scenes else scenes_of(brief)
    scenes = with_media(brief, listed, given)
    # Only the prompts of new images and videos become inputs.
    scenes = [
        replace(scene, text=with_values(brief, scene.text))
        if scene.media or (scale.stills and scene.type == "shot")
        else scene
        for scene in scenes
    ]
    timing = timing_of(brief, scenes, scale)
    if brief.seconds and not 0.8 <= timing.total / brief.seconds <= 1.2:
        shots = "1 shot" if len(scenes) == 1 else f"{len(scenes)} shots"
        sk.warn(
            f"The film lasts {timing.total:g} s instead of {brief.seconds:g} s, with {shots} of"
            f" at least {SHORTEST_SHOT_S:g} s and at most {LONGEST_SHOT_S:g} s."
        )
    audio = [made for each in given.values() for made in each if made.kind == "audio"]
    if scale.stills:
        film_of_stills(sk, brief, roles, scene_texts(brief, scenes), timing, audio)
        return
    if any(made[0].kind == "image" for made in given.values()):
        # A video that names no image would take the person's photo.
        scale = replace(scale, direct=False)
    camera = Camera(sk, replace(brief, scenes=tuple(scenes)), scale)
    clips = _clips(sk, brief, roles, scenes, timing, camera, given)
    finished(sk, brief, roles, clips, timing, scenes, audio=audio)


def scenes_of(brief: Brief) -> list[Scene]:
    """The brief's scenes; a long film of one scene becomes several shots of it."""
    scenes = list(brief.scenes) or [Scene(brief.topic)]
    if len(scenes) == 1 and scenes[0].type == "shot" and not scenes[0].media:
        takes = takes_of(scenes[0].seconds or brief.seconds or 0.0)
        scenes = [replace(scenes[0], seconds=None)] * takes if takes > 1 else scenes
    return scenes


def with_media(
    brief: Brief, scenes: Sequence[Scene], given: Mapping[str, Sequence[Made]]
) -> list[Scene]:
    """The scenes, each with the file it starts from; files that no scene names are spread."""
    named = {scene.media for scene in scenes}
    overlaid = {name for name in given if name in overlaid_media(brief)}
    free = [
        name
        for name, made in given.items()
        if name not in named | overlaid and made[0].kind in ("image", "video")
    ]
    spread = [name for name in free for _ in given[name]]
    seen = {name for name, made in given.items() if made[0].kind in ("image", "video")}
    scenes = [s if s.media in seen else replace(s, media="") for s in scenes]
    # One photo and several scenes without a file: it is the subject of them all.
    if len(spread) == 1 and given[spread[0]][0].kind == "image":
        spread = spread * sum(s.type == "shot" and not s.media for s in scenes)
    done = []
    for scene in scenes:
        if spread and scene.type == "shot" and not scene.media:
            scene = replace(scene, media=spread.pop(0))
        done.append(scene)
    return done + [Scene("", media=name) for name in spread]


def timing_of(brief: Brief, scenes: Sequence[Scene], scale: Scale) -> Timing:
    """Seconds of each scene: a voice is not cut off where the brief leaves the length open."""
    wished = [s.seconds or (_CARD_S if s.type == "title" and _some_shots(scenes) else None)
              for s in scenes]  # fmt: skip
    total = brief.seconds
    if total is None and not all(scene.seconds for scene in scenes):
        told = spoken_seconds(narration(brief)) + 1.0 if brief.sound.speech else 0.0
        usual = sum(seconds or 4.0 for seconds in wished) if len(scenes) > 1 else 5.0
        total = max(told, usual)
    elif total is not None and total < 2.5 * len(scenes):
        wished = [scene.seconds for scene in scenes]
    transition = TRANSITION_S if brief.transition and len(scenes) > 1 else 0.0
    least = [
        SHORTEST_VIDEO_S if scale.direct or scene.type == "title" else SHORTEST_SHOT_S
        for scene in scenes
    ]
    return split(wished, total, transition=transition, on_the_beat=brief.on_the_beat, least=least)


def _some_shots(scenes: Sequence[Scene]) -> bool:
    return any(scene.type == "shot" for scene in scenes)


def _clips(
    sk: Skeleton,
    brief: Brief,
    roles: Roles,
    scenes: Sequence[Scene],
    timing: Timing,
    camera: Camera,
    given: Mapping[str, Sequence[Made]],
) -> list[Made]:
    texts = scene_texts(brief, scenes)
    bound = subjects(sk, roles, scenes, texts)
    shared = shared_images(sk, brief, bound) if not camera.scale.direct else {}
    videos = camera.shared_videos(bound, timing.shots) if camera.scale.direct else {}
    styled: dict[str, Made] = {}
    uses = Counter(scene.media for scene in scenes if scene.media)
    turn: Counter[str] = Counter()
    clips: list[Made] = []
    cards: dict[float, Made] = {}
    shot = title = 0
    for index, (scene, text, seconds) in enumerate(zip(scenes, texts, timing.shots, strict=True)):
        after = _asked_before(sk, scene, clips)
        if scene.type == "title":
            title += 1
            if seconds not in cards:
                cards[seconds] = camera.black(seconds)
            words = title_text(sk, brief, roles, scene)
            clips.append(camera.card(title, cards[seconds], words, after=after))
            continue
        shot += 1
        source = None
        if scene.media:
            source = given[scene.media][turn[scene.media] % len(given[scene.media])]
            turn[scene.media] += 1
        if source is not None and source.kind == "video":
            clips.append(source)
            continue
        if source is not None and uses[scene.media] > len(given[scene.media]):
            # One photo in several scenes: each shows its subject in another place.
            source = camera.still(shot, another_place(text), source=source, after=after)
            after = ""
        elif source is not None and brief.style.strip():
            if source.ref not in styled:
                styled[source.ref] = camera.in_style(source)
            source = styled[source.ref]
        if index in videos:
            clips.append(videos[index])
            continue
        if source is None:
            source = shared.get(index)
        prompt = bound[index][0] if index in bound else prompt_of(text)
        if source is None and camera.scale.direct:
            moved = prompt if index in bound else motion_prompt(text, camera.motion(shot))
            clips.append(camera.generated(shot, moved, seconds, after=after))
            continue
        if source is None:
            source, after = camera.still(shot, prompt, after=after), ""
        about = "" if index in bound else scene.text
        clips.append(camera.moving(shot, about, seconds, source, after=after))
    return clips


def _asked_before(sk: Skeleton, scene: Scene, clips: Sequence[Made]) -> str:
    """The artifact to wait for: what came before the scene, once the person approves it."""
    if not scene.ask_before or not clips or not clips[-1].stage:
        return ""
    sk.checkpoint(clips[-1].stage)
    return clips[-1].stage


def finished(
    sk: Skeleton,
    brief: Brief,
    roles: Roles,
    clips: Sequence[Made] | str,
    timing: Timing,
    scenes: Sequence[Scene],
    *,
    audio: Sequence[Made] = (),
) -> Made:
    """The clips with their sound and subtitles. audio: tracks that the person brings."""
    sound = brief.sound
    tracks = list(audio[:1])
    speaks = bool(tracks) and is_recording(tracks[0])
    effect = one_line(sound.effect_words, 200)
    if effect and not sound.music and not tracks:
        sk.warn(f"No tool makes sound effects, so “{effect}” is the prompt of a piece of music.")
        brief = replace(brief, sound=replace(sound, music=True, music_words=effect))
    if brief.sound.music and (speaks or not tracks):
        tracks.insert(0, music(sk, brief, roles, timing.total, bpm=timing.bpm))
    spoken = None
    if sound.speech and not speaks:
        spoken = voice(sk, brief, roles, timing.total)
        tracks.append(spoken)
    look = None
    if not isinstance(clips, str) and any(not clip.stage for clip in clips) and len(clips) > 1:
        # The person's own videos have shapes of their own.
        look = {"aspectRatio": brief.aspect or "16:9", "fit": "blur"}
    sk.seconds = timing.total
    made = joined(sk, brief, clips, timing, audio=tracks, look=look)
    if sound.subtitles and spoken is not None:
        made = subtitled(sk, made, f"$artifacts.{spoken.stage}.cues")
    elif sound.subtitles and (cues := scene_cues([scene.text for scene in scenes], timing)):
        made = subtitled(sk, made, cues)
    elif sound.subtitles:
        sk.warn("There are no words to show as subtitles: say what a voice reads.")
    return made
