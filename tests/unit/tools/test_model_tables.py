"""The tables of models: every row makes of every example call what its service takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fakes.makers.maker_schemas import problem_of
from tests.support.fakes.makers.runway_server import problem_of as runway_problem_of
from tools.catalog import catalogue
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import Tool
from tools.declaration.schema import model_argument, parameter_schemas
from tools.providers.argument_nouns import NOUNS
from tools.providers.base import Facts, Misconfigured
from tools.providers.makers import composition, prices, slot_tables, slots, table
from tools.providers.makers.body import Body, Missing, build

FIXTURES = Path(__file__).parents[2] / "fixtures"
PAGE = Path(__file__).parents[3] / "docs" / "howto" / "add-a-provider.md"
SERVICES = ("comfy-router", "fal", "runway")
TOOLS = {declared.name: declared for declared in catalogue()}
CALLS: list[dict[str, Any]] = json.loads((FIXTURES / "calls.json").read_text())
ROWS = [(service, one) for service in SERVICES for one in table.offered_at(service)]
IDS = [f"{one.row.name}@{service}" for service, one in ROWS]


def facts_of(media: dict[str, Any]) -> dict[str, tuple[Facts | None, ...]]:
    return {
        port: tuple(None if one is None else Facts(**one) for one in files)
        for port, files in media.items()
    }


def requests_at(one: table.Offered, tool: str, params: Any, media: Any) -> list[slots.Slots[Any]]:
    filled = fill_defaults(TOOLS[tool], params)
    return composition.requests_of(one.for_tool(tool), tool, filled, media, seed=99)


def built(one: table.Offered, request: slots.Slots[Any]) -> Body | str:
    def to_field(file: Any, slot: str, encoding: str) -> str:
        return f"{encoding} of {slot}"

    try:
        return build(one.place, one.row.title, request, to_field)
    except Missing as missing:
        return str(missing)


def quoted(one: table.Offered, requests: list[slots.Slots[Any]]) -> tuple[int, bool]:
    """Thousandths of a credit at a cent each, and whether it may cost less."""
    each = [prices.dollars(one.place, request) for request in requests]
    return prices.milli(sum(usd for usd, _ in each), 100), any(at_most for _, at_most in each)


def name_of(place: table.Place, call: slots.Slots[Any]) -> tuple[str, str]:
    """Return the model's id and the route of a call."""
    ids, paths = place.id_with.items(), place.path_with.items()
    return (
        next((id for slot, id in ids if call.has(slot)), place.id),
        next((path for slot, path in paths if call.has(slot)), place.path),
    )


def problem_with(place: table.Place, call: slots.Slots[Any], fields: dict[str, Any]) -> str | None:
    id, path = name_of(place, call)
    if place.service == "runway":
        return runway_problem_of(path.rpartition("/")[2], fields)
    return problem_of(place.service, id, fields)


def examples_of(one: table.Offered) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for call in CALLS:
        if call["tool"] in one.tools:
            yield call["tool"], call["params"], facts_of(call["media"])


def test_example_calls_are_valid_and_of_every_tool():
    for call in CALLS:
        tool = TOOLS[call["tool"]]
        files = frozenset(port.index for port in tool.ports() if port.name in call["media"])
        read = read_arguments(tool, call["params"], bound=files)
        assert (read.problems, read.params) == ((), call["params"])
        assert set(call["media"]) <= {port.name for port in tool.ports()}
    assert {call["tool"] for call in CALLS} == {name for name, one in TOOLS.items() if one.durable}


@pytest.mark.slow
@pytest.mark.parametrize(("service", "one"), ROWS, ids=IDS)
def test_a_row_makes_of_every_call_what_its_service_takes_or_says_why_not(service, one):
    bodies = 0
    for tool, params, media in examples_of(one):
        for request in requests_at(one, tool, params, media):
            body = built(one, request)
            if isinstance(body, str):
                assert body.startswith(one.row.title)
                continue
            bodies += 1
            # By then all of its files are there.
            if not any(None in files for files in request.media.values()):
                assert problem_with(one.place, request, body.fields) is None
    assert bodies


def test_their_tools_take_any_name_of_a_model():
    for tool in {tool for _, one in ROWS for tool in one.tools}:
        argument = model_argument(TOOLS[tool])
        assert argument in ("model", "videoModel"), tool
        assert parameter_schemas(TOOLS[tool])[argument]["x-reelgraph"]["open_enum"], tool


def test_names_choose_one_model_at_a_service():
    for service in SERVICES:
        rows = [one.row for one in table.offered_at(service)]
        names = [name for row in rows for name in (row.name, *row.also)]
        assert len(set(names)) == len(names)


def test_our_tools_names_choose_the_same_models():
    rows = {name: one.row.name for _, one in ROWS for name in (one.row.name, *one.row.also)}
    known = {"seedance2-5", "seedance2", "seedance2-mini", "gpt-image-2", "gpt-image-2.5-flare"}
    assert known | {"wan3.0-video", "minimax-h3-t2v"} <= rows.keys()
    assert rows["minimax-h3-r2v"] == "minimax-h3"


def test_every_argument_of_these_tools_has_a_noun():
    arguments = {name for tool in slot_tables.TOOLS for name in parameter_schemas(TOOLS[tool])}
    assert arguments - slot_tables.HANDLED <= NOUNS.keys()


IMAGE, FRAME = Facts(1024, 1024), Facts(1920, 1080)
VIDEO, SHORT, SOUND = Facts(1280, 720, 8.4), Facts(1280, 720, 0.9), Facts(duration_s=6.0)


def call_of(name: str, tool: str, params: Any, media: Any) -> tuple[table.Offered, Any]:
    model, _, service = name.partition("@")
    one = next(one for at, one in ROWS if at == service and one.row.name == model)
    return one, requests_at(one, tool, params, media)


def test_a_body_is_what_its_service_documents():
    """Comfy Router's and fal's pages as they were read on 23 November 2026."""
    for known in json.loads((FIXTURES / "provider_bodies.json").read_text()):
        media = facts_of(known["media"])
        one, (request,) = call_of(known["model"], known["tool"], known["params"], media)
        body = built(one, request)
        assert isinstance(body, Body), body
        assert body.fields == known["body"]


@pytest.mark.parametrize(
    ("name", "tool", "params", "media", "milli", "at_most"),
    [
        # By size, by quality, by each of several results.
        ("nano-banana-pro@fal", "generate_image", {"aspectRatio": "16:9"}, {}, 15_000, False),
        ("nano-banana-pro@fal", "generate_image", {"aspectRatio": "4096x2160"}, {}, 30_000, False),
        ("nano-banana-pro@fal", "edit_image", {}, {"image": [None]}, 30_000, True),
        ("gpt-image-2@fal", "generate_image", {"gptImageQuality": "high"}, {}, 21_100, True),
        ("ideogram-4@runway", "generate_image", {"numberOfVariations": 3}, {}, 21_000, False),
        # By megapixels of the result and of what is sent: 2 + 2, the first one dearer.
        ("flux-2-pro@comfy-router", "edit_image", {}, {"image": [IMAGE]}, 7_500, True),
        ("seedvr2@fal", "upscale_image", {"scale": 4}, {"image": [IMAGE]}, 1_700, False),
        ("seedvr2@fal", "upscale_image", {"scale": 4}, {"image": [None]}, 25_600, True),
        # By the length that is made, with sound, by resolution; by that of a file.
        ("veo-3.1@runway", "generate_video", {"duration": 5}, {}, 240_000, False),
        ("veo-3.1@runway", "generate_video", {"generateAudio": False}, {}, 120_000, False),
        ("kling-3-pro@fal", "animate_photo", {"duration": 1}, {"image": [None]}, 100_800, False),
        ("seedance2-5@runway", "generate_video", {"targetResolution": 1080}, {}, 340_000, False),
        # The video that is changed costs half as much; a short one as much as the least.
        ("seedance2-5@runway", "video_to_video", {}, {"video": [VIDEO]}, 405_000, False),
        ("seedance2-5@runway", "video_to_video", {}, {"video": [None]}, 1_800_000, True),
        ("seedance2-mini@runway", "generate_video", {"duration": 4}, {}, 64_000, False),
        ("aleph2@runway", "video_to_video", {}, {"video": [SHORT]}, 56_000, False),
        ("aleph2@runway", "video_to_video", {}, {"video": [VIDEO]}, 252_000, False),
        ("eleven-v4@runway", "generate_speech", {"prompt": "a" * 250}, {}, 5_000, True),
        ("eleven-v4@runway", "generate_speech", {"prompt": None}, {}, 81_920, True),
        # By started minutes of music, by the size that a video or an image becomes.
        ("elevenlabs-music@fal", "generate_music", {"duration": 90}, {}, 160_000, True),
        (
            "flashvsr@comfy-router",
            "upscale_video",
            {"targetResolution": 2160},
            {"video": [VIDEO]},
            28_800,
            False,
        ),
        ("trellis-2@fal", "image_to_3d", {}, {"image": [IMAGE]}, 30_000, False),
    ],
)
def test_a_price_follows_size_length_and_sound(name, tool, params, media, milli, at_most):
    one, requests = call_of(name, tool, {"prompt": "a cup", **params}, media)
    assert quoted(one, requests) == (milli, at_most)


def test_a_prompt_that_is_too_long_is_refused_and_not_cut():
    one, (request,) = call_of("veo-3.1@runway", "generate_video", {"prompt": "😀" * 501}, {})
    assert built(one, request) == (
        "Veo 3.1 takes prompts of at most 1,000 characters, and this one has 1,002. Shorten it, or"
        " choose another model."
    )
    one, (request,) = call_of("veo-3.1@runway", "generate_video", {"prompt": "😀" * 500}, {})
    assert isinstance(built(one, request), Body)


def test_what_a_model_leaves_out_is_said_in_words():
    params = {"prompt": "a kite", "negativePrompt": "blur", "watermark": True, "duration": 40}
    media = {"image": [FRAME, IMAGE], "end": [FRAME]}
    one, (request,) = call_of("seedance2-5@runway", "generate_video", params, media)
    body = built(one, request)
    assert isinstance(body, Body)
    assert body.warnings == (
        "Seedance 2.5 made 30 s instead of 40 s.",
        "Seedance 2.5 can't mix a first frame with references. They were ignored.",
        "Seedance 2.5 ignores the negative prompt and the watermark.",
    )


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        (
            {"startSeconds": 5, "endSeconds": 2},
            "endSeconds (2 s) must be after startSeconds (5 s).",
        ),
        ({"startSeconds": 2, "endSeconds": 40}, "endSeconds is 40 s, but the video is 8.4 s long."),
        (
            {"startSeconds": -9, "endSeconds": 2},
            "startSeconds is -9 s, but the video is 8.4 s long.",
        ),
    ],
)
def test_a_segment_outside_of_its_video_is_refused(params, problem):
    one, requests = call_of("veo-3.1@runway", "replace_video_segment", params, {"video": [VIDEO]})
    assert built(one, requests[0]) == f"Veo 3.1 wasn't asked: {problem}"


@pytest.mark.parametrize(
    ("name", "tool", "params", "media", "lengths"),
    [
        # One continuous shot is as few parts as the model makes; cut, they are of about 5 s.
        ("veo-3.1@fal", "dance_montage", {"duration": 15, "singleClip": True}, {}, [8, 8]),
        ("veo-3.1@fal", "dance_montage", {"duration": 15}, {}, [6, 6, 4]),
        ("seedance2@fal", "extend_video", {"duration": 20}, {}, [10, 10]),
        (
            "kling-4@runway",
            "replace_video_segment",
            {"startSeconds": -6, "endSeconds": -1},
            {},
            [5],
        ),
        # Of a video that isn't there yet, the most that it may be.
        (
            "veo-3.1@runway",
            "replace_video_segment",
            {"startSeconds": 1, "endSeconds": -1},
            {"video": [None]},
            [None] * 8,
        ),
    ],
)
def test_parts_are_as_long_as_their_model_makes_them(name, tool, params, media, lengths):
    media = {"image": [IMAGE], "video": [VIDEO], **media}
    one, requests = call_of(name, tool, {"dance": "chanel", **params}, media)
    assert [request.get("seconds") for request in requests] == lengths
    assert quoted(one, requests)[1] is (None in lengths or one.place.price.at_most)


def test_seeds_of_results_differ_and_stay_in_range():
    params = fill_defaults(TOOLS["generate_image"], {"prompt": "a", "numberOfVariations": 2})
    requests = slots.requests_of("generate_image", params, {}, frozenset(["seed"]), 2**32 - 1)
    assert [request.get("seed") for request in requests] == [2**32 - 1, 0]


def test_the_pages_row_in_the_data_folder_replaces_ours_and_bad_ones_are_named(settings, tmp_path):
    """As docs/howto/add-a-provider.md says."""
    [row] = re.findall(r"```toml\n(schema = 1.*?)```", PAGE.read_text(), re.DOTALL)
    settings.HOME = tmp_path
    (tmp_path / "models.d").mkdir()
    mine = tmp_path / "models.d" / "mine.toml"
    mine.write_text(row)
    (one,) = [one for one in table.offered_at("fal") if one.row.name == "kling-3-pro"]
    params = {"prompt": "it turns", "duration": 6}
    (request,) = requests_at(one, "animate_photo", params, {"image": [FRAME]})
    body = built(one, request)
    assert isinstance(body, Body)
    assert body.fields["duration"] == "10"
    mine.write_text(row.replace('body.prompt = "prompt"', 'body.prompt = "promt"'))
    with pytest.raises(Misconfigured, match=r"mine\.toml: model\.0\.at\.0: .*promt are unknown"):
        table.offered_at("fal")
    mine.write_text(row.replace("usual_s = 180", 'containers = ["mp4", "mp5"]'))
    with pytest.raises(Misconfigured, match=r"mine\.toml: model\.0\.at\.0: .*mp5 are unknown"):
        table.offered_at("fal")
    mine.write_text("schema = ")
    with pytest.raises(Misconfigured, match=r"mine\.toml is no TOML"):
        table.offered_at("fal")


def test_an_old_table_is_said_with_its_models_and_its_date():
    offered = table.offered_at("runway")
    read = offered[0].read
    assert table.stale(offered, read + timedelta(days=table.STALE_DAYS)) == ()
    (sentence,) = table.stale(offered, read + timedelta(days=table.STALE_DAYS + 1))
    assert "Seedance 2.5" in sentence
    assert f"{read:%d %b %Y}" in sentence
    assert isinstance(read, date)


@st.composite
def valid_values(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    low, high = schema.get("minimum", 0), schema.get("maximum", 100_000)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(int(low), int(high)),
        "number": st.floats(low, high),
        "boolean": st.booleans(),
        "string": st.one_of(
            st.text(max_size=40), st.sampled_from(["16:9", "1080x1350", "9999:1", "0.1:9", "clone"])
        ),
        "array": st.lists(st.text(max_size=9), max_size=4),
    }
    kind = schema.get("type", "string")
    return draw(kinds.get(kind if isinstance(kind, str) else kind[0], st.none()))


FILES = st.one_of(
    st.none(),
    st.builds(
        Facts,
        st.one_of(st.none(), st.integers(1, 20_000)),
        st.one_of(st.none(), st.integers(1, 20_000)),
        st.one_of(st.none(), st.floats(0, 400)),
    ),
)


@st.composite
def any_calls(draw: st.DrawFn) -> tuple[table.Offered, str, dict[str, Any], Any]:
    _, one = draw(st.sampled_from(ROWS))
    tool: type[Tool] = TOOLS[draw(st.sampled_from(one.tools))]
    schemas = parameter_schemas(tool)
    names = draw(st.lists(st.sampled_from(sorted(schemas)), unique=True, max_size=8))
    raw = {name: draw(valid_values(schemas[name])) for name in names}
    params = read_arguments(tool, raw).params
    media = {port.name: draw(st.lists(FILES, max_size=4)) for port in tool.ports()}
    return one, tool.name, params, {port: tuple(files) for port, files in media.items() if files}


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_calls())
def test_any_arguments_give_a_body_or_a_sentence(call):
    one, tool, params, media = call
    requests = requests_at(one, tool, params, media)
    if requests:
        assert quoted(one, requests)[0] > 0
    for request in requests:
        body = built(one, request)
        if isinstance(body, str):
            assert body.startswith(one.row.title)
        else:
            json.dumps(body.fields, allow_nan=False)
