"""Work on what the person brings: a chain of operations on a video or a photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from compose.brief.brief import Brief, Edit, EditKind, GivenMedia
from compose.template_plan.edit_needs import edits_of_scenes, has_sound, wish_of
from compose.template_plan.film_shots import CAMERAS, given_media
from compose.template_plan.open_texts import Placeholders, Roles, roles_of, with_values
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.soundtrack import (
    TRANSITIONS,
    joined,
    motion_prompt,
    music,
    subtitled,
    voice,
)
from compose.template_plan.template_text import capital, literal, one_line, sentence
from compose.template_plan.timing import LONGEST_SHOT_S, SHORTEST_VIDEO_S, Timing
from core.language.cleaning import one_of
from tools.declaration.ports import MediaKind

_MOVED_S = 5.0
_ADDED_S = 4.0
_MUSIC_S = 60.0
_SRT: Final = "1\n00:00:00,500 --> 00:00:03,000\nHello, and welcome."
_POSITIONS = one_of("top-left top-center top-right center bottom-left bottom-center bottom-right")


def edits(sk: Skeleton, brief: Brief) -> None:
    """Add one stage for each operation, in the order asked, each on what the one before made."""
    wants_video = brief.kind == "clip_edit"
    media = list(brief.media)
    if not any(medium.kind == ("video" if wants_video else "image") for medium in media):
        media.insert(0, GivenMedia("clip", "video", "Your video") if wants_video else
                     GivenMedia("photo", "image", "Your photo"))  # fmt: skip
    media_by_name = given_media(sk, media)
    kind = "video" if wants_video else "image"
    head = next(one[0] for one in media_by_name.values() if one[0].kind == kind)
    rest = [one for each in media_by_name.values() for one in each if one.ref != head.ref]
    chain = Chain(sk, brief, roles_of(brief), head, rest)
    operations = list(brief.edits) or edits_of_scenes(brief)
    if wants_video and brief.sound.is_silent:
        # `stitch_video` drops a clip's sound only where other sound takes over.
        chain.cannot("take the sound out of a video", "it keeps its sound until music replaces it")
        if not operations:
            chain.unchanged()
            return
    wish = brief.style or wish_of(brief)
    if not operations and not has_sound(brief) and (wish or not brief.impossible):
        operations = [Edit("style" if wants_video or brief.style else "edit", wish)]
    for edit in operations:
        chain.do(edit)
    chain.sounded()
    if not sk.stages:
        chain.unchanged() if wants_video else chain.do(Edit("edit", wish))


@dataclass(slots=True)
class Chain:
    """The result so far, and what else the person brings. done: operations, for their labels."""

    sk: Skeleton
    brief: Brief
    roles: Roles
    head: Made
    rest: list[Made]
    ratio_done: bool = False

    def do(self, edit: Edit) -> None:
        on_video, on_image = _WORK[edit.type]
        (on_video if self.head.kind == "video" else on_image)(self, edit)

    def stage(
        self,
        key: str,
        label: str,
        tool: str,
        args: Mapping[str, Any],
        kind: MediaKind,
        seconds: float | None = None,
    ) -> None:
        is_first = self.head.kind == "image" and tool != "animate_photo"
        name = "source_image_url" if is_first else f"reference_{self.head.kind}_url"
        whole = {name: self.head.ref, **args}
        self.head = self.sk.stage(
            key, label, tool, whole, kind=kind, seconds=seconds or self.head.seconds
        )

    def words(self, edit: Edit, fallback: str) -> str:
        words = with_values(self.brief, edit.words)
        text = capital(one_line(words, 600)) or capital(one_line(self.brief.style, 200))
        open_text = self.roles.take("style") if edit.type == "style" else None
        if open_text is not None:
            options = tuple(open_text.options)
            return self.sk.input(
                open_text.name,
                "select" if options else "text",
                open_text.title,
                default=(open_text.default or (options[0] if options else text or fallback)),
                options=options,
            )
        return literal(text or fallback)

    def unchanged(self) -> None:
        """Leave the video as it is: nothing that was asked can be done to it."""
        args = {"reference_video_urls": [self.head.ref], **self._shape()}
        self.head = self.sk.stage("film", "Film", "stitch_video", args, kind="video")

    def cannot(self, what: str, instead: str) -> None:
        self.sk.warn(f"No tool can {what}, so {instead}.")

    def sounded(self) -> None:
        """Add music, a voice and subtitles for the whole."""
        sound, seconds = self.brief.sound, self.brief.seconds or self.head.seconds
        if self.head.kind == "image":
            if sound.music or sound.speech:
                self.do(Edit("animate"))
            else:
                return
            seconds = self.head.seconds
        tracks = [medium for medium in self.rest if medium.kind == "audio"][:1]
        if sound.music and not tracks:
            tracks.append(music(self.sk, self.brief, self.roles, seconds or _MUSIC_S))
        speech = voice(self.sk, self.brief, self.roles) if sound.speech else None
        if speech is not None:
            tracks.append(speech)
        if tracks:
            timing = Timing((seconds or 0.0,), 0.0)
            self.head = joined(self.sk, self.brief, [self.head], timing, audio=tracks)
        if sound.subtitles and not any(edit.type == "subtitles" for edit in self.brief.edits):
            self.subtitles(Edit("subtitles"), speech)

    def subtitles(self, _edit: Edit, speech: Made | None = None) -> None:
        if speech is not None:
            self.head = subtitled(self.sk, self.head, f"$artifacts.{speech.stage}.cues")
            return
        # No tool here listens to a recording: the person brings the lines.
        self.sk.warn("The subtitles are an example: no tool here listens to a recording.")
        ref = self.roles.bound(self.sk, "subtitles", _SRT) or self.sk.input(
            "subtitles", "text", "Subtitles, as the text of an SRT file", default=_SRT
        )
        args = {"srt": ref, "style": {"position": "bottom", "fontSizePct": 6}}
        self.stage("subtitled", "With subtitles", "add_subtitles", args, "video")

    def overlay(self, edit: Edit) -> None:
        images = [medium for medium in self.rest if medium.kind == "image"]
        text = one_line(with_values(self.brief, edit.words), 200)
        options = edit.options
        spot = str(options.get("position", ""))
        spot = spot if spot in _POSITIONS else ""
        if not images and (options.get("kind") == "text" or self.roles.of.get("title")):
            words = self.roles.bound(self.sk, "title", capital(text) or "Title")
            ref = words or self.sk.input("caption", "text", "Caption", default=capital(text))
            over = {
                "kind": "text",
                "text": ref,
                "position": spot or "bottom-center",
                "startSeconds": edit.start or 0.5,
                "fontSizePct": 7,
            }
            if edit.end:
                over["endSeconds"] = edit.end
            self.stage("captioned", "With caption", "overlay_video", {"overlays": [over]}, "video")
            return
        ref = images[0].ref if images else self.sk.input("logo", "image", "Your logo")
        if images:
            self.rest.remove(images[0])
        over = {
            "kind": "image",
            "position": spot or "bottom-right",
            "widthPct": 16,
            "entrance": "none",
        }
        if edit.start is not None:
            over["startSeconds"] = edit.start
        if edit.end is not None:
            over["endSeconds"] = edit.end
        args = {"overlay_image_urls": [ref], "overlays": [over]}
        self.stage("with_logo", "With logo", "overlay_video", args, "video")

    # -- on a video ---------------------------------------------------------------------------

    def restyled(self, edit: Edit) -> None:
        args = {"prompt": self.words(edit, "Watercolor painting"), "controlMode": "seedance-v2v"}
        self.stage("restyled", "Restyled", "video_to_video", args, "video")

    def bigger_video(self, _edit: Edit) -> None:
        self.stage("upscaled", "Upscaled", "upscale_video", {"targetResolution": 1080}, "video")

    def restored_video(self, _edit: Edit) -> None:
        self.cannot("restore a video", "it is enlarged and made sharper")
        args = {"targetResolution": 1080, "detailPreference": "sharper"}
        self.stage("upscaled", "Sharper", "upscale_video", args, "video")

    def segment(self, edit: Edit) -> None:
        start = edit.start or 0.0
        end = edit.end if edit.end is not None and edit.end > start else start + 2.0
        if self.head.seconds is not None:
            end = min(end, self.head.seconds)
            start = min(start, max(0.0, end - 1.0))
        # Another video is as long as it is: its part can be moved when a run is started.
        args = {
            "startSeconds": self.sk.input("start", "number", "Start in seconds", default=start),
            "endSeconds": self.sk.input("end", "number", "End in seconds", default=end),
            "prompt": self.words(edit, "The same scene in another light"),
            "keepOriginalAudio": True,
        }
        self.stage("replaced", "Part replaced", "replace_video_segment", args, "video")

    def longer(self, edit: Edit) -> None:
        seconds = _clamp(edit.options.get("seconds") or self.brief.seconds or _ADDED_S)
        args: dict[str, Any] = {"duration": seconds}
        if edit.words.strip():
            args["prompt"] = self.words(edit, "")
        whole = None if self.head.seconds is None else self.head.seconds + seconds
        self.stage("extended", "Extended", "extend_video", args, "video", whole)

    def looped(self, _edit: Edit) -> None:
        args: dict[str, Any] = {"reference_video_urls": [self.head.ref, self.head.ref]}
        args["transition"] = {"type": "dissolve", "durationSeconds": 0.5}
        args |= self._shape()
        self.head = self.sk.stage("loop", "Loop", "stitch_video", args, kind="video")

    def cropped_video(self, edit: Edit) -> None:
        shape = str(edit.options.get("aspect") or self.brief.aspect or "1:1")
        if self.ratio_done and shape == self.brief.aspect:
            return
        args = {
            "reference_video_urls": [self.head.ref],
            "aspectRatio": shape,
            "fit": "cover",
        }
        self.ratio_done = True
        self.head = self.sk.stage(
            "cropped", f"Cropped to {shape}", "stitch_video", args, kind="video"
        )

    def _shape(self) -> dict[str, Any]:
        """Return the frame's new shape, where the brief asks for one that is not made yet."""
        if not self.brief.aspect or self.ratio_done:
            return {}
        self.ratio_done = True
        return {"aspectRatio": self.brief.aspect, "fit": "cover"}

    def trimmed(self, edit: Edit) -> None:
        start = edit.start or 0.0
        length = edit.end - start if edit.end is not None else self.brief.seconds
        self.cannot("cut a video without making it again", "its detail pass keeps that part")
        args: dict[str, Any] = {
            "prompt": "The same video",
            "controlMode": "detailer",
            "detailerStrength": 0,
            "videoStart": start,
        }
        if length:
            args["duration"] = _clamp(length)
        self.stage("trimmed", "Trimmed", "video_to_video", args, "video", args.get("duration"))

    def looked_at(self, edit: Edit) -> None:
        tool = "analyze_video" if self.head.kind == "video" else "analyze_image"
        name = "reference_video_url" if self.head.kind == "video" else "source_image_url"
        question = one_line(with_values(self.brief, edit.words), 400)
        args = {name: self.head.ref, "prompt": literal(capital(question)) if question else None}
        self.sk.stage("analysis", "Analysis", tool, args)
        # An analysis makes no file: what follows goes on with what it looked at.

    def skipped_on_video(self, edit: Edit) -> None:
        if edit.type != "remove_background":
            return
        if len(self.brief.edits) > 1:
            self.cannot("remove the background of a video", "that step is left out")
            return
        self.cannot("remove the background of a video", "it is restyled with a plain one")
        self.restyled(Edit("style", sentence([edit.words, "plain white background"])))

    # -- on a photo ---------------------------------------------------------------------------

    def restored(self, _edit: Edit) -> None:
        args = {"prompt": "A clean, clear photograph with natural colors"}
        self.stage("restored", "Restored", "restore_photo", args, "image")

    def animated(self, edit: Edit) -> None:
        seconds = _clamp(self.brief.seconds or _MOVED_S)
        scene = next((s.text for s in self.brief.scenes if s.type == "shot"), "")
        # A scene says what is seen; the operation's own words only ask for it.
        words = one_line(with_values(self.brief, scene or edit.words), 600)
        camera = capital(one_line(self.brief.camera, 200)) or ("" if words else CAMERAS[0])
        args: dict[str, Any] = {
            "prompt": motion_prompt(words, camera),
            "duration": seconds,
        }
        if self.brief.aspect:
            args["aspectRatio"] = self.brief.aspect
        if self.brief.sound.is_silent:
            args["generateAudio"] = False
        self.stage("animated", "In motion", "animate_photo", args, "video", seconds)

    def in_style(self, edit: Edit) -> None:
        args = {"prompt": self.words(edit, "Watercolor painting")}
        self.stage("styled", "In another style", "apply_style", args, "image")

    def edited(self, edit: Edit) -> None:
        size = size_of(self.brief.aspect) if self.brief.aspect else {}
        placeholders = Placeholders(self.sk, self.brief, size)
        if image := placeholders.image("edited", "Edited", edit.words, photo=self.head):
            self.head = image
            return
        args = {"prompt": self.words(edit, "Keep everything as it is"), **size}
        self.stage("edited", "Edited", "edit_image", args, "image")

    def bigger_image(self, _edit: Edit) -> None:
        self.stage("upscaled", "Upscaled", "upscale_image", {"scale": 2}, "image")

    def cut_out(self, _edit: Edit) -> None:
        self.stage("cutout", "Cut-out", "remove_background", {}, "image")

    def cropped_image(self, edit: Edit) -> None:
        shape = str(edit.options.get("aspect") or self.brief.aspect or "1:1")
        args = {"prompt": "The same picture, the subject in the middle", "aspectRatio": shape}
        self.stage("cropped", f"Shaped {shape}", "edit_image", args, "image")

    def wider(self, edit: Edit) -> None:
        args: dict[str, Any] = {
            "prompt": self.words(edit, "Continue the picture beyond its edges"),
            "aspectRatio": self.brief.aspect or "16:9",
        }
        self.stage("wider", "Wider", "edit_image", args, "image")

    def orbited(self, edit: Edit) -> None:
        args = {"prompt": None if len(edit.words.split()) < 4 else self.words(edit, "")}
        self.stage("orbit", "Orbit", "orbit_video", args, "video")

    def modeled(self, _edit: Edit) -> None:
        # A model is a result of its own: what follows goes on with the picture.
        self.sk.stage("model", "3D model", "image_to_3d", {"source_image_url": self.head.ref})

    def joined(self, _edit: Edit) -> None:
        clips = [self.head, *(one for one in self.rest if one.kind == "video")]
        self.rest = [one for one in self.rest if one.kind != "video"]
        args = {"reference_video_urls": [one.ref for one in clips], **self._shape()}
        if self.brief.transition in TRANSITIONS:
            args["transition"] = {"type": self.brief.transition, "durationSeconds": 0.5}
        self.head = self.sk.stage("film", "Joined", "stitch_video", args, kind="video")

    def combined(self, edit: Edit) -> None:
        """Make one picture of all: the first is edited, the others are its references."""
        pictures = [self.head, *(one for one in self.rest if one.kind == "image")]
        self.rest = [one for one in self.rest if one.kind != "image"]
        inputs = list(dict.fromkeys(one.every or one.ref for one in pictures))
        refs = inputs if len(inputs) == 1 else [one.ref for one in pictures]
        args: dict[str, Any] = {
            "source_image_url": refs[0] if len(refs) == 1 else refs,
            "prompt": self.words(edit, "All pictures as one"),
        }
        if self.brief.aspect:
            args |= size_of(self.brief.aspect)
        self.head = self.sk.stage("combined", "Combined", "edit_image", args, kind="image")

    def only_of_image(self, edit: Edit) -> None:
        what = "orbit around a video" if edit.type == "orbit" else "make a 3D model of a video"
        self.cannot(what, "that step is left out")

    def moving_first(self, edit: Edit) -> None:
        """Do an operation on videos: the photo moves before it."""
        self.animated(Edit("animate"))
        self.do(edit)


def _clamp(seconds: Any) -> float:
    value = float(seconds) if isinstance(seconds, (int, float)) else _ADDED_S
    return round(min(max(value, SHORTEST_VIDEO_S), LONGEST_SHOT_S), 2)


_Do = Callable[[Chain, Edit], None]
# On a video, and on an image.
_WORK: Final[Mapping[EditKind, tuple[_Do, _Do]]] = {
    "restore": (Chain.restored_video, Chain.restored),
    "animate": (Chain.skipped_on_video, Chain.animated),
    "style": (Chain.restyled, Chain.in_style),
    "edit": (Chain.restyled, Chain.edited),
    "upscale": (Chain.bigger_video, Chain.bigger_image),
    "remove_background": (Chain.skipped_on_video, Chain.cut_out),
    "replace_segment": (Chain.segment, Chain.moving_first),
    "extend": (Chain.longer, Chain.wider),
    "subtitles": (Chain.subtitles, Chain.moving_first),
    "overlay": (Chain.overlay, Chain.moving_first),
    "loop": (Chain.looped, Chain.moving_first),
    "crop": (Chain.cropped_video, Chain.cropped_image),
    "trim": (Chain.trimmed, Chain.moving_first),
    "analyze": (Chain.looked_at, Chain.looked_at),
    "orbit": (Chain.only_of_image, Chain.orbited),
    "model": (Chain.only_of_image, Chain.modeled),
    "join": (Chain.joined, Chain.combined),
}
