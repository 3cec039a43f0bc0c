"""Places show what makes them: an even backdrop, the sea behind a cliff, fronts along a street."""

import cv2
import numpy as np
import pytest

from studio.artist.drawing.camera import pose
from studio.artist.drawing.stage import Shot
from studio.artist.prompt.brief import read
from studio.artist.scenes.build import build

SIZE = (320, 180)


def still(prompt, seed=7, negative=""):
    return build(read(prompt, seed=seed, negative=negative), *SIZE).still()


def filmed(prompt, seconds, seed=7):
    """A moment of a film of it, before a locked camera."""
    stage = build(read(prompt, seed=seed), *SIZE)
    return stage.frame(Shot(stage.space, *SIZE, pose("static", 0.0, 1.0), seconds, 0.0, True))


def changed(prompt, box, one=0.0, other=0.25):
    """The share of pixels in a box (x0, y0, x1, y1) that differ between two moments."""
    x0, y0, x1, y1 = box
    first, later = (cv2.blur(filmed(prompt, now), (3, 3)).astype(int) for now in (one, other))
    apart = np.abs(first - later).max(axis=2)[y0:y1, x0:x1]
    return float((apart > 12).mean())


@pytest.mark.parametrize(
    ("prompt", "colour"),
    [
        ("a fox, centred, on a plain white background", (240, 238, 232)),
        ("a robot on a grey background", (141, 146, 152)),
        ("a red car, isolated, blue background", (58, 111, 196)),
        ("a bottle, dark background", (36, 38, 43)),
        ("a cat before a seamless studio backdrop", (185, 188, 193)),
    ],
)
def test_a_plain_background_is_nearly_even_and_of_the_colour_asked_for(prompt, colour):
    brief = read(prompt)
    picture = still(prompt)
    around = np.concatenate([picture[:, :16], picture[:, -16:]]).reshape(-1, 3)

    assert brief.setting == "backdrop"
    assert not brief.unknown
    assert around.std(axis=0).max() < 10
    assert np.abs(np.median(around, axis=0) - colour).max() < 30


def test_what_stands_before_a_plain_background_throws_a_shadow():
    grey = cv2.cvtColor(still("a robot on a plain white background"), cv2.COLOR_RGB2GRAY)

    # Under its feet the floor is darker than at the picture's edge.
    assert grey[150:172, 130:190].min() < grey[150:172, :20].mean() - 25


@pytest.mark.parametrize(
    ("prompt", "setting"),
    [
        ("a wide plain under clouds", "land"),
        ("an isolated cabin in the mountains", "land"),
        ("a bottle on a marble table, white background", "tabletop"),
        ("a robot in a neon city, dark background", "city"),
    ],
)
def test_a_place_stays_a_place(prompt, setting):
    assert read(prompt).setting == setting


LIGHTHOUSE = "An old lighthouse on a cliff above the sea at dusk, mist, gulls"


def test_a_cliff_above_the_sea_has_the_sea_beside_it():
    brief, picture = read(LIGHTHOUSE), still(LIGHTHOUSE).astype(int)
    open_side = slice(0, 60) if np.ptp(picture[150:, :40].mean(axis=(0, 2))) < 40 else slice(-60, 0)
    sky = picture[88:98, open_side].mean(axis=(0, 1))
    water = picture[112:128, open_side].mean(axis=(0, 1))

    assert brief.setting == "sea"
    assert not brief.unknown
    # A level horizon: paler and warmer above it, bluer below.
    assert sky[0] - sky[2] > water[0] - water[2] + 30


@pytest.mark.parametrize("word", ["gulls", "seagulls", "birds"])
def test_birds_in_the_sky_are_many_small_ones(word):
    prompt = f"a man by the sea, {word}"
    brief = read(prompt)
    sky = np.abs(still(prompt).astype(int) - still(prompt, negative=word).astype(int)).max(axis=2)
    count, _, boxes, _ = cv2.connectedComponentsWithStats((sky[:80] > 40).astype(np.uint8))

    assert [role.name for role in brief.roles] == ["person"]
    assert brief.flock
    assert not brief.unknown
    assert count - 1 >= 4
    assert boxes[1:, cv2.CC_STAT_WIDTH].max() < 30


def test_one_bird_is_the_subject_of_its_picture():
    assert [role.name for role in read("a seagull over the sea").roles] == ["bird"]


def verticals(prompt):
    """How upright the edges on both sides of the picture are: fronts, windows and lamp posts."""
    grey = cv2.cvtColor(still(prompt), cv2.COLOR_RGB2GRAY)
    parts = grey[30:140, :90], grey[30:140, -90:]
    return sum(float(np.abs(cv2.Sobel(part, cv2.CV_32F, 1, 0)).mean()) for part in parts)


@pytest.mark.parametrize(
    "prompt", ["a street at noon", "a village at noon", "a snowy street", "a market at noon"]
)
def test_a_street_has_fronts_on_both_sides(prompt):
    assert read(prompt).setting == "street"
    assert not read(prompt).unknown
    assert verticals(prompt) > 3 * verticals("a meadow at noon")


@pytest.mark.parametrize("hour", ["noon", "night"])
def test_snow_lies_in_a_snowy_street(hour):
    bare, white = still(f"a street at {hour}"), still(f"a snowy street at {hour}")

    assert white[150:, :].mean() > bare[150:, :].mean() + 20


def test_lamps_are_lit_in_a_street_at_night():
    picture = still("a street at night").astype(int)
    yellow = (picture[..., 0] > 200) & (picture[..., 0] > picture[..., 2] + 40)

    assert yellow.mean() > 0.004


def test_a_desert_road_is_seen():
    with_road, without = still("a desert road at noon"), still("a desert at noon")
    sand, road = (part[158:176, 40:280].astype(int) for part in (without, with_road))

    assert np.ptp(sand.mean(axis=(0, 1))) > np.ptp(np.median(road, axis=(0, 1))) + 15


def test_a_harbour_has_houses_and_masts_across_the_water():
    def edges(prompt):
        band = cv2.cvtColor(still(prompt), cv2.COLOR_RGB2GRAY)[72:112]
        return float(np.abs(cv2.Sobel(band, cv2.CV_32F, 1, 0)).mean())

    assert edges("a harbour at noon") > 2 * edges("the ocean at noon")


@pytest.mark.parametrize("room", ["kitchen", "library"])
def test_a_room_is_furnished_as_what_it_is(room):
    def detail(prompt):
        grey = cv2.cvtColor(still(prompt), cv2.COLOR_RGB2GRAY)[20:120]
        return float(np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)).mean())

    assert read(f"a {room}").setting == "room"
    assert detail(f"a {room}") > 2 * detail("an empty room")


def test_a_stage_is_lit_by_spotlights():
    brief, picture = read("an empty stage with spotlights"), still("an empty stage with spotlights")
    floor = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[158:170].mean(axis=0)

    assert brief.setting == "theatre"
    assert not brief.unknown
    # A round of light in the middle of the boards, dark beside it.
    assert floor[140:180].mean() > 2 * floor[40:70].mean()


@pytest.mark.parametrize(
    "prompt", ["the sea, a cliff, gulls", "a snowy village market", "a kitchen", "a stage"]
)
def test_equal_seeds_draw_equal_places(prompt):
    assert np.array_equal(still(prompt), still(prompt))
