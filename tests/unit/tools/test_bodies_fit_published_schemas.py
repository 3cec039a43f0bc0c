"""Requests of every model, over a grid of sizes, lengths and counts of files: makers take them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from typing import Any, TypeAlias

import pytest

from tests.support.fakes.makers.maker_schemas import FileText, is_published
from tests.unit.tools.test_model_tables import (
    IDS,
    ROWS,
    TOOLS,
    call_of,
    name_of,
    problem_with,
    requests_at,
)
from tools.declaration.schema import parameter_schemas
from tools.providers.base import Facts
from tools.providers.makers import paths, prices, table
from tools.providers.makers.body import Body, Missing, build
from tools.providers.makers.slot_tables import PORTS
from tools.providers.makers.slots import Slots, ignored_arguments

pytestmark = pytest.mark.slow

Media: TypeAlias = Mapping[str, Sequence[Facts]]
OFFERS = [one for _, one in ROWS]
# The models whose services publish no arguments of them.
UNPUBLISHED = {
    ("comfy-router", "ltx/ltx-2-5-fast"),
    ("comfy-router", "ltx/ltx-2-5-pro"),
    ("fal", "google/nano-banana-2.1"),
    ("fal", "openai/gpt-image-2"),
    ("fal", "openai/gpt-image-2/edit"),
    ("fal", "openai/gpt-image-2.5/flare/text-to-image"),
    ("fal", "openai/gpt-image-2.5/flare/edit"),
    ("fal", "fal-ai/sync-lipsync/v3"),
    ("fal", "fal-ai/kling-video/o3/4k/image-to-video"),
}
# By argument, what it may be.
GRID: Mapping[str, tuple[Any, ...]] = {
    "aspectRatio": (
        *("1:1", "2:3", "16:9", "9:16", "21:9", "9:21", "1:4", "4:1", "8:1", "1:8"),
        *("64x64", "256x256", "640x480", "1024x1024", "1920x1080", "2048x2048", "4096x4096"),
        *("4096x512", "300x4000"),
    ),
    "ratio": ("1:1", "16:9", "9:16", "21:9"),
    "duration": (1, 4, 5, 7.5, 15, 30),
    "targetResolution": (480, 720, 1080, 1440, 2160),
    "generateAudio": (False,),
    "gptImageQuality": ("low", "medium", "high", "xhigh", "max"),
    "gptImageBackground": ("auto", "opaque", "transparent"),
    "outputFormat": ("png", "jpg", "webp", "mp4", "mov", "wav", "mp3"),
    "seed": (2**32 - 1,),
    "frameRole": ("start", "end", "both"),
    "numberOfVariations": (3,),
    "scale": (1.5, 4),
    "targetLongestEdge": (2048, 7680),
    "negativePrompt": ("blur",),
}
# Sizes and lengths, which are crossed, also with counts of files; of a video by a few values.
AXES = ("aspectRatio", "duration", "targetResolution", "scale", "targetLongestEdge")
FEW = ("1:1", "21:9", 4, 30, 480, 2160)
FILES: Mapping[str, tuple[Facts, ...]] = {
    "image": (Facts(1024, 1024), Facts(200, 250), Facts(4000, 500), Facts(300, 2000)),
    "video": (Facts(1280, 720, 8.4), Facts(1280, 720, 0.9), Facts(720, 1280, 29.0)),
    "audio": (Facts(duration_s=6.0), Facts(duration_s=0.9), Facts(duration_s=14.0)),
}
MANY = 12
# What each tool needs beside a prompt.
USUAL: Mapping[str, dict[str, Any]] = {
    "change_angle": {"description": "from above"},
    "segment_image": {"text": "the cup"},
    "dance_montage": {"dance": "chanel"},
    "replace_video_segment": {"startSeconds": 1, "endSeconds": 7},
}


def calls_of(offer: table.Offered, tool: str) -> Iterator[tuple[dict[str, Any], Media]]:
    """Every argument's values with no files and with some, and every set of files."""
    usual, ports = usual_of(tool), ports_of(tool)
    yield from ((usual, media) for media in media_of(ports, ports_used(offer, tool)))
    for name, values in values_of(offer, tool).items():
        for value in values:
            counts = counts_of(ports)[:2]
            yield from (({**usual, name: value}, media) for media in counts[name in AXES :])


def crossed_calls_of(offer: table.Offered, tool: str) -> Iterator[tuple[dict[str, Any], Media]]:
    """Sizes, lengths and counts of files."""
    axes = axes_of(offer, tool)
    for chosen in product(*axes.values()):
        params = {**usual_of(tool), **dict(zip(axes, chosen, strict=True))}
        yield from ((params, media) for media in counts_of(ports_of(tool)))


def usual_of(tool: str) -> dict[str, Any]:
    usual = {"prompt": "a cup turns", **USUAL.get(tool, {})}
    declared = parameter_schemas(TOOLS[tool])
    return {name: value for name, value in usual.items() if name in declared}


def values_of(offer: table.Offered, tool: str) -> dict[str, list[Any]]:
    """Return by argument what it is tried with: of one that changes nothing a value is enough."""
    declared = parameter_schemas(TOOLS[tool])
    unused = ignored_arguments(tool, offer.place.slots) if tool in offer.own_tools else frozenset()
    return {
        name: [one for one in values if one in declared[name].get("enum", values)][
            : 1 if name in unused else None
        ]
        for name, values in GRID.items()
        if name in declared
    }


def axes_of(offer: table.Offered, tool: str) -> dict[str, list[Any]]:
    """Return by argument what is crossed."""
    axes = {name: ones for name, ones in values_of(offer, tool).items() if name in AXES}
    if "duration" not in axes:
        return axes
    return {name: [one for one in ones if one in FEW] or ones for name, ones in axes.items()}


def ports_of(tool: str) -> dict[str, tuple[Facts, ...]]:
    return {port.name: FILES[port.kind] for port in TOOLS[tool].ports() if port.kind in FILES}


def ports_used(offer: table.Offered, tool: str) -> set[str]:
    """Return the ports that the model has a use for: an image may be a first frame."""
    slots = offer.place.slots | ({"references"} if "start" in offer.place.slots else set())
    is_own = tool in offer.own_tools
    return {port for port in ports_of(tool) if not is_own or PORTS[tool][port] in slots}


def media_of(ports: Mapping[str, Sequence[Facts]], used: set[str]) -> Iterator[Media]:
    """Every choice of ports with a file each; and other files, and many, in each of a few used."""
    for chosen in product((False, True), repeat=len(ports)):
        names = [name for name, is_there in zip(ports, chosen, strict=True) if is_there]
        media = {name: ports[name][:1] for name in names}
        yield media
        for name in names if len(names) < 3 and used >= {*names} else ():
            yield from ({**media, name: (file,)} for file in ports[name][1:])
            yield {**media, name: ports[name][:1] * MANY}


def counts_of(ports: Mapping[str, Sequence[Facts]]) -> list[Media]:
    """No file, one and many of the first port."""
    one = {name: files[:1] for name, files in [*ports.items()][:1]}
    many = {name: files * MANY for name, files in one.items()}
    return [{}, one, many]


def body_of(offer: table.Offered, call: Slots[Any]) -> Body | str:
    def to_field(file: Any, slot: str, encoding: str) -> str:
        return FileText(f"{encoding} of {slot}", file)

    try:
        return build(offer.place, offer.row.title, call, to_field)
    except Missing as missing:
        return str(missing)


def different_calls(offer: table.Offered) -> Iterator[tuple[str, Slots[Any]]]:
    """Each request of a model by what it has beside the prompt, with what was asked for."""
    keys: set[str] = set()
    shapes: set[str] = set()
    for tool in offer.tools:
        calls = calls_of(offer, tool)
        shape = repr((ports_of(tool), axes_of(offer, tool)))
        if tool in offer.own_tools and shape not in shapes:
            shapes.add(shape)
            calls = chain(calls, crossed_calls_of(offer, tool))
        for params, media in calls:
            for call in requests_at(offer, tool, params, media):
                rest = {slot: value for slot, value in call.values.items() if slot != "prompt"}
                key = repr((sorted(rest.items()), sorted(call.media.items())))
                if key not in keys:
                    keys.add(key)
                    yield f"{tool} {params} {media}", call


def test_every_request_is_as_its_service_publishes_it() -> None:
    problems: dict[str, str] = {}
    counts: Counter[str] = Counter()
    compared = 0
    for name, offer in zip(IDS, OFFERS, strict=True):
        keys = set()
        for wish, call in different_calls(offer):
            # A clip that is put in place of another is made already.
            assert prices.dollars(offer.place, call)[0] > 0 or call.has("replacement"), wish
            body = body_of(offer, call)
            if isinstance(body, str):
                assert body.endswith("."), body
                continue
            key = (name_of(offer.place, call), repr(body.fields))
            if key in keys:
                continue
            keys.add(key)
            counts[name] += 1
            compared += (offer.place.service, key[0][0]) not in UNPUBLISHED
            if problem := problem_with(offer.place, call, body.fields):
                problems.setdefault(f"{name}: {problem}", wish)
    assert not problems, "\n".join(f"{problem}: {wish}" for problem, wish in problems.items())
    assert counts.keys() == {*IDS}
    assert compared >= 4_500


def test_the_models_without_published_arguments_are_these() -> None:
    ids = {
        (offer.place.service, id)
        for offer in OFFERS
        for id in (offer.place.id, *offer.place.id_with.values())
        if offer.place.service != "runway"
    }
    assert {one for one in ids if not is_published(*one)} == UNPUBLISHED


def asked(
    name: str, tool: str, params: dict[str, Any], media: Media
) -> tuple[Body | str, int, table.Offered]:
    """Return the body of one request, and its quote in thousandths of a credit of a cent."""
    offer, (call, *_) = call_of(name, tool, {"prompt": "a cup turns", **params}, media)
    return body_of(offer, call), prices.milli(prices.dollars(offer.place, call)[0], 100), offer


IMAGE, SOUND = Facts(1024, 1024), Facts(duration_s=6.0)
VIDEO, SHORT = Facts(1280, 720, 8.4), Facts(1280, 720, 0.9)
SEEDANCE = ("seedance2-5", "seedance2", "seedance2-fast")


@pytest.mark.parametrize(
    ("name", "tool", "params", "media", "sent", "milli", "words"),
    [
        # Sizes keep their shape within the model's bounds, and are paid for as they are made.
        ("flux-2-pro@comfy-router", "generate_image", {"aspectRatio": "4096x512"}, {},
         {"width": 2048, "height": 256}, 3_000, "FLUX 2 Pro made it 2048 × 256"),
        ("flux-2-pro@comfy-router", "generate_image", {"aspectRatio": "64x64"}, {},
         {"width": 256, "height": 256}, 3_000, ""),
        ("flux-2-pro@comfy-router", "generate_image", {"aspectRatio": "4096x4096"}, {},
         {"width": 2000, "height": 2000}, 7_500, "FLUX 2 Pro made it 2000 × 2000"),
        ("seedream-5-pro@comfy-router", "generate_image", {"aspectRatio": "640x480"}, {},
         {"size": "1183x887", "watermark": False}, 4_510, ""),
        ("nano-banana-2@comfy-router", "generate_image", {"aspectRatio": "1:8"}, {},
         {"generationConfig.imageConfig.aspectRatio": "1:8"}, 9_000, ""),
        ("nano-banana-2@fal", "generate_image", {"aspectRatio": "4:1"}, {},
         {"aspect_ratio": "4:1"}, 8_000, ""),
        # A background that a model can't make is said and not sent.
        ("gpt-image-2@comfy-router", "generate_image", {"gptImageBackground": "transparent"}, {},
         {"background": None}, 6_400, "GPT Image 2 ignores the background"),
        ("gpt-image-2@runway", "generate_image", {"gptImageBackground": "transparent"}, {},
         {"background": None}, 5_000, "GPT Image 2 ignores the background"),
        ("gpt-image-2.5-flare@comfy-router", "generate_image",
         {"gptImageBackground": "transparent"}, {}, {"background": "transparent"}, 1_320, ""),
        ("gpt-image-2.5-flare@comfy-router", "generate_image", {"gptImageQuality": "max"}, {},
         {"quality": "high"}, 5_270, ""),
        # Resolutions and lengths.
        ("seedance2@comfy-router", "generate_video", {"targetResolution": 1080, "duration": 5}, {},
         {"resolution": "720p"}, 180_000, "Seedance 2.0 made it at 720p, the largest it has."),
        ("seedance2-fast@comfy-router", "generate_video", {"targetResolution": 1080, "duration": 5},
         {}, {"resolution": "720p"}, 155_000, "the largest it has."),
        ("seedance2-5@comfy-router", "video_to_video", {}, {"video": [VIDEO]},
         {"duration": -1}, 432_000, ""),
        ("seedance2-5@comfy-router", "video_to_video", {"duration": 20}, {"video": [VIDEO]},
         {"duration": -1}, 432_000, "Seedance 2.5 ignores the length with a video."),
        ("minimax-h3@fal", "generate_video", {"duration": 4}, {}, {"duration": 5}, 30_000,
         "made 5 s instead of 4 s."),
        ("minimax-h3@runway", "generate_video", {"duration": 4}, {}, {"duration": 5}, 50_000,
         "made 5 s instead of 4 s."),
        ("minimax-h3@comfy-router", "generate_video", {"duration": 4}, {}, {"duration": 5}, 64_500,
         "made 5 s instead of 4 s."),
        # Frames and seeds.
        ("seedance2@fal", "animate_photo", {"duration": 5}, {"image": [IMAGE], "end": [IMAGE]},
         {"end_image_url": "url of end", "seed": 99, "aspect_ratio": "1:1"}, 151_700, ""),
        ("seedance2-5@fal", "animate_photo", {"duration": 5, "aspectRatio": "16:9"},
         {"image": [IMAGE], "end": [IMAGE]},
         {"end_image_url": "url of end", "seed": 99, "aspect_ratio": "auto"}, 236_500,
         "Seedance 2.5 ignores the aspect ratio with a first frame."),
    ],
)  # fmt: skip
def test_what_a_service_does_not_take_is_sent_as_it_does_and_paid_for_so(
    name: str,
    tool: str,
    params: dict[str, Any],
    media: Media,
    sent: dict[str, Any],
    milli: int,
    words: str,
) -> None:
    body, quote, _ = asked(name, tool, params, media)
    assert isinstance(body, Body), body
    fields = {path: paths.first_at(body.fields, path) for path in sent}
    assert (fields, quote) == (sent, milli)
    assert words in " ".join(body.warnings)
    assert bool(words) == any("made" in said or "ignores" in said for said in body.warnings)


@pytest.mark.parametrize("model", SEEDANCE)
def test_a_frame_that_comes_with_sound_is_sent_as_a_reference(model: str) -> None:
    body, _, offer = asked(
        f"{model}@comfy-router", "sound_to_video", {}, {"audio": [SOUND], "image": [IMAGE]}
    )
    assert isinstance(body, Body), body
    roles = [item.get("role") for item in body.fields["content"]]
    assert roles == [None, "reference_image", "reference_audio"]
    assert body.warnings[0] == (
        f"{offer.row.title} can't mix frames with audio. They were used as reference images."
    )


NEEDS = "a first frame, a reference image, a video or a reference video"


@pytest.mark.parametrize(
    ("name", "tool", "media", "problem"),
    [
        *(
            (f"{model}@comfy-router", "sound_to_video", {"audio": [SOUND]},
             f"needs {NEEDS} to go with audio.")
            for model in SEEDANCE
        ),
        *(
            (f"{model}@comfy-router", "video_to_video", {"video": [SHORT]},
             "takes a video of at least 1.8 s, and this is 0.9 s long. Use a longer file, or choose"
             " another model.")
            for model in SEEDANCE
        ),
        ("seedance2@comfy-router", "sound_to_video",
         {"image": [IMAGE], "audio": [Facts(duration_s=1.2)]},
         "takes audio of at least 1.8 s, and this is 1.2 s long. Use a longer file, or choose"
         " another model."),
        ("minimax-h3@runway", "sound_to_video", {"audio": [SOUND]},
         f"needs {NEEDS} to go with audio."),
        ("seedance2@fal", "generate_video", {"end": [IMAGE]},
         "needs a first frame to go with a last frame."),
        ("kling-3-pro@fal", "animate_photo", {"image": [Facts(280, 640)]},
         "takes a first frame with sides of at least 300 pixels, and this is 280 × 640. Enlarge it,"
         " or choose another model."),
        ("kling-4@fal", "animate_photo", {"image": [Facts(2600, 1000)]},
         "takes a first frame whose width is 0.4 to 2.5 times its height, and this is 2600 × 1000."
         " Crop it, or choose another model."),
        ("kling-3-pro@fal", "animate_photo", {"image": [IMAGE], "end": [Facts(399, 1000)]},
         "takes a last frame whose width is 0.4 to 2.5 times its height, and this is 399 × 1000."
         " Crop it, or choose another model."),
    ],
)  # fmt: skip
def test_files_that_a_service_refuses_are_named_before_anything_is_sent(
    name: str, tool: str, media: Media, problem: str
) -> None:
    body, _, offer = asked(name, tool, {}, media)
    assert body == f"{offer.row.title} {problem}"


def test_at_most_three_films_and_three_sounds_are_sent() -> None:
    media = {"image": [IMAGE], "video": [VIDEO] * 5, "audio": [SOUND] * 5}
    short = {**media, "video": [Facts(1280, 720, 2.0)] * 5, "audio": [Facts(duration_s=2.0)] * 5}
    for model in SEEDANCE:
        body, _, offer = asked(f"{model}@comfy-router", "generate_video", {}, short)
        assert isinstance(body, Body), body
        kinds = [item["type"] for item in body.fields["content"]]
        assert (kinds.count("video_url"), kinds.count("audio_url")) == (3, 3)
        assert f"{offer.row.title} takes 3 of 5 files. The first were used." in body.warnings


def test_models_are_off_as_long_as_what_they_need_is_not_there() -> None:
    off = {f"{one.row.name}@{one.place.service}" for one in OFFERS if one.place.is_off}
    assert {"kling-4@fal", "ideogram-4-5@comfy-router"} <= off
    assert "seedream-5-pro@comfy-router" not in off


def test_images_of_seedream_go_to_it_in_a_list_without_a_watermark() -> None:
    body, _, _ = asked("seedream-5-pro@comfy-router", "edit_image", {}, {"image": [IMAGE] * 12})
    assert isinstance(body, Body), body
    assert len(body.fields["image"]) == 10
    assert body.fields["watermark"] is False
