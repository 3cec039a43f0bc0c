"""Tables of each tool's arguments and files by slot, as rows of models name them."""

from __future__ import annotations

from collections.abc import Mapping

# fmt: off
MEDIA_SLOTS = frozenset(
    [
        "references", "start", "end", "source_image", "mask", "source_video", "reference_video",
        "reference_audio", "speech", "voice_sample", "left", "back", "right"
    ]
)
VALUE_SLOTS = frozenset(
    [
        "prompt", "negative", "seed", "count", "aspect", "width", "height", "longest", "shortest",
        "seconds", "sound", "container", "last_frame", "quality", "transparent", "strength",
        "guidance", "voice", "language", "lyrics", "bpm", "scale", "faces", "target", "detail",
        "cutout", "draft_job", "texture"
    ]
)
# Worked out of others, see `makers.sizes`: width and height together, the side of a square and the
# short side of 16:9 with as many pixels, and how many times larger a side becomes.
COMPUTED_SLOTS = frozenset(["size", "side", "tier", "factor"])
# fmt: on
SLOTS = MEDIA_SLOTS | VALUE_SLOTS | COMPUTED_SLOTS

_SIZE = {"aspectRatio": "aspect", "width": "width", "height": "height"}
_COMMON = {
    "prompt": "prompt",
    "negativePrompt": "negative",
    "seed": "seed",
    "numberOfVariations": "count",
    "outputFormat": "container",
    **_SIZE,
}
_IMAGE = {
    **_COMMON,
    "gptImageQuality": "quality",
    "gptImageBackground": "transparent",
    "starting_image_strength": "strength",
    "guidance": "guidance",
}
_VIDEO = {
    **_COMMON,
    "ratio": "aspect",
    "duration": "seconds",
    "targetResolution": "shortest",
    "generateAudio": "sound",
    "returnLastFrame": "last_frame",
}
# By tool, the slot of each argument. What isn't here no model takes, or is handled before.
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "generate_image": _IMAGE,
    "edit_image": _IMAGE,
    "refine_result": {**_COMMON, "scale": "scale"},
    "apply_style": {**_COMMON, "scale": "scale"},
    "restore_photo": {**_COMMON, "scale": "scale"},
    "change_angle": {**_COMMON, "description": "prompt"},
    "upscale_image": {"scale": "scale", "targetLongestEdge": "target"},
    "remove_background": {"applyMask": "cutout"},
    "segment_image": {"text": "prompt", "applyMask": "cutout"},
    "image_to_3d": {"meshTargetFaces": "faces", "textureSize": "texture"},
    "generate_video": _VIDEO,
    "animate_photo": _VIDEO,
    "sound_to_video": _VIDEO,
    "video_to_video": _VIDEO,
    "extend_video": {"prompt": "prompt", "duration": "seconds", "seed": "seed"},
    "upscale_video": {"targetResolution": "shortest", "seed": "seed"},
    "generate_speech": {
        "prompt": "prompt",
        "voice": "voice",
        "language": "language",
        "seed": "seed",
        "outputFormat": "container",
        "numberOfVariations": "count",
    },
    "generate_music": {
        "prompt": "prompt",
        "lyrics": "lyrics",
        "duration": "seconds",
        "bpm": "bpm",
        "seed": "seed",
        "outputFormat": "container",
        "numberOfVariations": "count",
    },
    "orbit_video": {
        "prompt": "prompt",
        "elevation": "prompt",
        "distance": "prompt",
        "angles": "prompt",
        "dialogue": "sound",
        "dialogues": "sound",
        "dialogueSegment": "sound",
        "seed": "seed",
    },
    "dance_montage": {
        "dance": "prompt",
        "imagePrompt": "prompt",
        "duration": "seconds",
        "seed": "seed",
    },
    "replace_video_segment": {"prompt": "prompt", "seed": "seed"},
}
# No model has these: several of its results are put together, see `makers.composition`.
COMPOSED = frozenset(["orbit_video", "dance_montage", "replace_video_segment"])
# What a row may name.
TOOLS = frozenset(ARGUMENTS) - COMPOSED
# Arguments that need no slot: they choose the model, the number of requests or the role of a file,
# or they are said in the prompt; `keepOriginalAudio` has no effect anywhere.
# fmt: off
HANDLED = frozenset(
    [
        "model", "videoModel", "numberOfVariations", "frameRole", "prompts", "bpm", "keyscale",
        "timesig", "keepOriginalAudio", "singleClip", "startSeconds", "endSeconds",
        "replacementStartSeconds", "replacementEndSeconds"
    ]
)
# fmt: on
SIZES = frozenset(["size", "side", "tier", "longest", "shortest"])
# By the slot of an argument, the slots that it has a say in, where these are others.
USES: Mapping[str, frozenset[str]] = {
    "aspect": frozenset(["aspect", "size"]),
    "width": frozenset(["aspect", "width"]) | SIZES,
    "height": frozenset(["aspect", "height"]) | SIZES,
    "shortest": SIZES,
    "scale": frozenset(["scale", "factor"]) | SIZES,
    "target": frozenset(["target", "factor"]) | SIZES,
}
# By tool, the slot of each port, in the order of the files.
PORTS: Mapping[str, Mapping[str, str]] = {
    "generate_image": {"image": "references"},
    "edit_image": {"image": "references", "mask": "mask"},
    "refine_result": {"image": "references"},
    "apply_style": {"image": "references"},
    "restore_photo": {"image": "references"},
    "change_angle": {"image": "references"},
    "upscale_image": {"image": "source_image"},
    "remove_background": {"image": "source_image"},
    "segment_image": {"image": "source_image"},
    "image_to_3d": {"image": "source_image", "left": "left", "back": "back", "right": "right"},
    "generate_video": {
        "image": "references",
        "end": "end",
        "video": "reference_video",
        "audio": "reference_audio",
        "voice": "voice_sample",
    },
    "animate_photo": {"image": "start", "end": "end", "voice": "voice_sample"},
    "sound_to_video": {"audio": "speech", "image": "start", "end": "end"},
    "video_to_video": {
        "video": "source_video",
        "image": "references",
        "mask": "mask",
        "audio": "reference_audio",
    },
    "extend_video": {"video": "source_video"},
    "upscale_video": {"video": "source_video"},
    "generate_speech": {"voice": "voice_sample"},
    "generate_music": {},
    "orbit_video": {"image": "start"},
    "dance_montage": {"image": "start"},
    "replace_video_segment": {"video": "source_video", "replacement": "source_video"},
}
# What is asked for besides the person's words; {} is where these go.
INSTRUCTIONS: Mapping[str, str] = {
    "apply_style": "Redraw this image in this style: {}. Keep its content and composition.",
    "restore_photo": "Restore this photo: remove scratches, dust, stains and fading, and sharpen"
    " it. Keep faces, clothes and composition as they are. {}",
    "refine_result": "Improve this image. Keep its content and composition. {}",
    "change_angle": "Show the same subject and place from another camera angle: {}.",
}
