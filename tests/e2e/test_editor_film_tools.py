"""Stretches, subtitles and overlays set by hand in real Chromium, and the films made of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from studio.media.video.writer import VideoWriter
from studio.tests.support.films import all_frames, difference, make_clip, picture
from tests.support.axe import broken
from tests.support.builders.editor_templates import PHONE, THEMES, post, stage
from tests.support.clients.browser import Visit
from tests.support.clients.browser_actions import EditorActions
from tests.support.clients.positions import ScreenPosition, point
from tests.support.server import SHARED
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

BLUE = (40, 90, 140)
FRAMES = 48
TOOLS = {
    "cut": ("Choose on timeline…", "Choose start and end"),
    "titles": ("Edit with video…", "Edit subtitles"),
    "badge": ("Place on video…", "Place overlays"),
}
SRT = """1
00:00:00,000 --> 00:00:00,500
First line

2
00:00:01,000 --> 00:00:01,500
Second line
"""


@pytest.fixture
def template(rest: httpx.Client) -> Callable[..., str]:
    """`template(stage, …)`: a new one with these of the tools' stages, all for one input."""

    def make(*stages: str) -> str:
        inputs = [
            {"name": name, "type": kind, "required": False}
            for name, kind in (("clip", "video"), ("logo", "image"))
        ]
        stages_of_it = [_stage(one) for one in stages]
        return post(rest, {"name": "By hand", "inputs": inputs, "stages": stages_of_it})

    return make


def _stage(name: str) -> dict[str, Any]:
    tool = {"cut": "replace_video_segment", "titles": "add_subtitles", "badge": "overlay_video"}
    words = {"prompt": "Red fog over the sea"} if name == "cut" else {}
    return stage(name, tool[name], reference_video_url="$inputs.clip", **words)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a blue wall with a square that moves, and a tone."""
    return make_clip(tmp_path_factory.mktemp("clip") / "wall.mp4", frames=FRAMES, colour=BLUE)


class Studio:
    """The editor with one of the tools open on a clip of one's own."""

    def __init__(self, page: Page, template: str, clip: Path) -> None:
        self.page = page
        self.template = template
        self.clip = clip

    def open(self, stage: str) -> Locator:
        """Open a stage's tool; the first time, with the clip chosen there."""
        button, title = TOOLS[stage]
        self.page.goto(f"/t/{self.template}/edit")
        self.choose_stage(stage)
        self.page.get_by_role("button", name=button).first.click()
        dialog = self.page.get_by_role("dialog", name=title)
        choose = dialog.get_by_role("button", name="Choose a video")
        expect(choose.or_(dialog.get_by_role("button", name="Play", exact=True))).to_be_visible()
        if choose.is_visible():
            choose.click()
            self.bring(self.clip, "Choose a video")
        expect(dialog.locator(".clip-time")).to_contain_text("/ 0:02.000")
        return dialog

    def choose_stage(self, stage: str) -> None:
        if (self.page.viewport_size or {"width": 0})["width"] < 760:
            self.page.get_by_role("treeitem", name=re.compile(stage, re.I)).first.click()
            return
        actions = EditorActions(self.page)
        actions.ready()
        actions.select(stage)

    def bring(self, file: Path, title: str) -> None:
        picker = self.page.get_by_role("dialog", name=title)
        with self.page.expect_file_chooser() as chooser:
            picker.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(file)
        expect(picker).to_be_hidden()

    def arguments(self, stage: str) -> dict[str, Any]:
        """What the server has of a stage."""
        body = self.page.request.get(f"/app/documents/{self.template}").json()
        found: dict[str, Any] = body["state"]["stages"]["rows"][stage]["args"]
        return found

    def overlay(self, at: int = 0) -> dict[str, Any]:
        """An overlay as the server has it; nothing while it has none."""
        found = self.arguments("badge").get("overlays", [])
        return dict(found[at]) if at < len(found) else {}

    def texts(self) -> list[str]:
        return [one["text"] for one in self.arguments("badge")["overlays"]]

    def settles(self, stage: str, wanted: dict[str, Any]) -> None:
        def matches() -> bool:
            found = self.arguments(stage)
            return all(found.get(name) == value for name, value in wanted.items())

        wait_for(matches, f"{stage} to be {wanted}, not {self.arguments(stage)}")

    def run(self, stage: str, into: Path) -> Path:
        """Close the tool, run up to the stage, and fetch what it made."""
        self.page.get_by_role("button", name="Done", exact=True).click()
        self.page.locator(".inspector").get_by_role("button", name="Run to here").click()
        actions = EditorActions(self.page)
        actions.ended()
        self.page.locator(".inspector").get_by_role("tab", name="Result").click()
        video = self.page.locator(".inspector video")
        expect(video).to_be_visible()
        answer = self.page.request.get(str(video.get_attribute("src")))
        assert answer.ok
        into.write_bytes(answer.body())
        return into


def drag(page: Page, start: ScreenPosition, right: float, down: float = 0) -> None:
    """Press, go there in steps, and let go. Pixels."""
    x, y = point(start)
    mouse = page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + right / 2, y + down / 2, steps=4)
    mouse.move(x + right, y + down, steps=4)
    mouse.up()


def test_a_stretch_is_set_by_typing_keys_and_dragging_and_only_that_is_filmed_again(
    visit: Callable[..., Visit], template: Callable[..., str], tmp_path: Path
) -> None:
    film = tmp_path / "two.mp4"
    with VideoWriter(film, 320, 180, 24) as writer:
        for number in range(FRAMES):
            writer.add(shot_of_two(number))
    with visit() as page:
        studio = Studio(page, template("cut"), film)
        tool = studio.open("cut")
        # A range is shown only once it is set.
        expect(tool.get_by_role("status")).to_contain_text("Nothing set yet")
        fields = {
            name: tool.get_by_role("textbox", name=name) for name in ("Start", "End", "Duration")
        }
        for field in fields.values():
            expect(field).to_have_value("")
        for end in tool.get_by_role("slider", name="selected range").all():
            expect(end).to_have_attribute("aria-valuetext", "Not set")
        # To type what an unset field suggests is to set it.
        fields["Start"].click()
        page.keyboard.type("0")
        page.keyboard.press("Enter")
        studio.settles("cut", {"startSeconds": 0, "endSeconds": 2})
        expect(fields["End"]).to_have_value("0:02.000")

        # By keys alone. The clip's rate was counted: a frame is 1/24 s.
        tool.get_by_role("slider", name="Playhead").focus()
        for key in ("Home", "Shift+ArrowRight", "ArrowLeft", "ArrowLeft", "i"):
            page.keyboard.press(key)
        studio.settles("cut", {"startSeconds": 0.917, "endSeconds": 2})
        tool.get_by_role("slider", name="End of selected range").focus()
        for key in ("Shift+ArrowLeft", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        studio.settles("cut", {"startSeconds": 0.917, "endSeconds": 1.083})
        fields["Start"].fill("0")
        fields["Start"].press("Enter")
        fields["End"].fill("2")
        fields["End"].press("Enter")
        studio.settles("cut", {"startSeconds": 0, "endSeconds": 2})

        # An end that is dragged rests on a cut of the clip, or on a whole second.
        expect(page.locator(".track-cut")).to_have_count(1)
        second = page.locator(".track-in").evaluate("one => one.clientWidth") / 2
        start = ScreenPosition(tool.get_by_role("slider", name="Start of selected range"))
        drag(page, start, CUT * second - 5)
        studio.settles("cut", {"startSeconds": CUT, "endSeconds": 2})
        drag(page, start, (1 - CUT) * second + 4)
        studio.settles("cut", {"startSeconds": 1, "endSeconds": 2})
        page.keyboard.down("Alt")
        drag(
            page,
            ScreenPosition(tool.get_by_role("slider", name="End of selected range")),
            -second / 2,
        )
        page.keyboard.up("Alt")
        expect(tool.get_by_role("status")).to_contain_text("0:01.000 to 0:01.50")
        page.keyboard.press("Control+z")
        studio.settles("cut", {"startSeconds": 1, "endSeconds": 2})
        fields["End"].fill("1.5")
        fields["End"].press("Enter")
        studio.settles("cut", {"startSeconds": 1, "endSeconds": 1.5})
        page.keyboard.press("Escape")
        expect(tool).to_be_hidden()
        expect(page.get_by_role("button", name=TOOLS["cut"][0])).to_be_focused()
        page.keyboard.press("Enter")
        expect(tool).to_be_visible()

        frames = all_frames(studio.run("cut", tmp_path / "cut.mp4"))
        assert len(frames) == FRAMES
        # The middle of each part: seams may be softened by a frame or two.
        for number in (4, 12, 20, 40, 46):
            assert difference(frames[number], shot_of_two(number)) < 6, number
        for number in (27, 28):
            assert difference(frames[number], shot_of_two(number)) > 15, number


# When the second shot of the clip of two begins, at its 31st picture.
CUT = 1.25


def shot_of_two(number: int) -> np.ndarray:
    """A picture of a clip that is cut once."""
    return picture(number, BLUE if number < 30 else (190, 120, 60))


def test_lines_are_typed_burnt_in_and_kept_as_a_track(
    visit: Callable[..., Visit], template: Callable[..., str], clip: Path, tmp_path: Path
) -> None:
    with visit() as page:
        studio = Studio(page, template("titles"), clip)
        tool = studio.open("titles")
        # A press of Play with the mouse does not make Enter its key.
        tool.get_by_role("button", name="Play", exact=True).click()
        tool.get_by_role("button", name="Pause").click()
        tool.get_by_role("slider", name="Playhead").press("Home")
        tool.get_by_role("button", name="Previous frame").click()
        page.keyboard.press("Enter")
        # Letters and spaces that are shortcuts outside of a field.
        page.keyboard.type("Moss is on it")
        end = tool.get_by_role("textbox", name="End")
        end.fill("0.7")
        end.press("Enter")
        lines = tool.get_by_role("list", name="Lines").get_by_role("textbox", name="Text of line")
        lines.first.click()
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.keyboard.type("so mild")
        expect(lines).to_have_count(2)
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("I am")
        cues = [
            {"startSeconds": 0, "endSeconds": 0.7, "text": "Moss is on it"},
            {"startSeconds": 0.7, "endSeconds": 2, "text": "so mild\nI am"},
        ]
        studio.settles("titles", {"cues": cues})
        # There is no room for a third: the text is left as it is, and nothing plays.
        page.keyboard.press("Enter")
        expect(lines).to_have_count(2)
        expect(lines.last).to_be_focused()
        expect(tool.get_by_role("button", name="Play", exact=True)).to_be_visible()

        # Back to the player by keys alone, to split a line, and to take that back.
        page.keyboard.press("Escape")
        page.keyboard.press("Home")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("s")
        expect(lines).to_have_count(3)
        page.keyboard.press("Control+z")
        expect(lines).to_have_count(2)
        lines.last.click()
        tool.get_by_title("Remove line (Delete)").last.click()
        expect(lines).to_have_count(1)
        tool.get_by_role("button", name="top", exact=True).click()
        studio.settles("titles", {"cues": cues[:1], "style": {"position": "top"}})

        made = studio.run("titles", tmp_path / "titles.mp4")
        frames = all_frames(made)
        for number, is_there in ((6, True), (12, True), (20, False), (40, False)):
            changed = np.abs(frames[number].astype(int) - picture(number, BLUE)).max(axis=2) > 60
            white = changed & (frames[number].min(axis=2) > 200)
            assert (white[:40].sum() > 40) == is_there, number
            assert white[120:].sum() < 4
        with av.open(str(made)) as container:
            track = container.streams.subtitles[0]
            said = [bytes(packet)[2:].decode() for packet in container.demux(track)]
        assert [words for words in said if words] == ["Moss is on it"]


def test_lines_are_brought_by_paste_and_file_changed_and_given_back(
    visit: Callable[..., Visit], template: Callable[..., str], clip: Path, tmp_path: Path
) -> None:
    file = tmp_path / "lines.srt"
    file.write_text(SRT)
    with visit() as page:
        studio = Studio(page, template("titles"), clip)
        tool = studio.open("titles")
        page.evaluate(
            """text => {
              const data = new DataTransfer()
              data.setData('text/plain', text)
              document.activeElement.dispatchEvent(
                new ClipboardEvent('paste', { clipboardData: data, bubbles: true })
              )
            }""",
            SRT,
        )
        expect(tool.get_by_role("textbox", name="Text of line")).to_have_count(2)
        tool.get_by_role("button", name="Undo", exact=True).click()
        expect(tool.get_by_text("No subtitles yet. Play the video")).to_be_visible()
        tool.get_by_label("Subtitle file").set_input_files(file)
        expect(tool.get_by_role("status")).to_contain_text("2 lines from lines.srt.")
        words = tool.get_by_role("textbox", name="Text of line 2")
        words.fill("A line that no one could ever read in half a second")
        expect(tool.get_by_text(re.compile("characters per second"))).to_be_visible()
        tool.get_by_role("button", name="Merge with next").first.wait_for()
        tool.get_by_role("button", name="Save as SRT text").click()
        wait_for(lambda: "srt" in studio.arguments("titles"), "the lines to be text")
        expect(tool.get_by_text("Saved as SRT text.")).to_be_visible()
        tool.get_by_role("textbox", name="Text of line 1").fill("Changed")
        wait_for(lambda: "srt" not in studio.arguments("titles"), "the lines to be cues again")
        with page.expect_download() as download:
            tool.get_by_role("button", name="SRT", exact=True).click()
        text = Path(download.value.path()).read_text()
        assert download.value.suggested_filename == "By-hand.srt"
        assert "00:00:00,000 --> 00:00:00,500\nChanged\n" in text


def test_overlays_are_dragged_and_lie_there_in_the_film(
    visit: Callable[..., Visit], template: Callable[..., str], clip: Path, tmp_path: Path
) -> None:
    red = tmp_path / "Red.png"
    Image.new("RGB", (64, 64), (230, 20, 20)).save(red)
    with visit() as page:
        studio = Studio(page, template("badge"), clip)
        tool = studio.open("badge")
        tool.get_by_role("button", name="Add image").click()
        studio.bring(red, "Choose an image")
        box = tool.locator(".over-box")
        expect(box.locator("img")).to_be_visible()
        stage = page.locator(".over-stage")
        wide = stage.evaluate("one => one.clientWidth")
        scale = wide / 320
        # From the top right to the lower left, and then half as large again.
        page.keyboard.down("Alt")
        drag(page, ScreenPosition(box), -200 * scale, 90 * scale)
        page.keyboard.up("Alt")
        wait_for(
            lambda: studio.overlay().get("position") == "bottom-left",
            "the picture to be at the bottom left",
        )
        drag(page, ScreenPosition(tool.locator(".over-grip.is-top-right")), 24 * scale, -24 * scale)
        wait_for(
            lambda: studio.overlay().get("widthPct", 15) > 20,
            "the picture to be larger",
        )
        box.focus()
        page.keyboard.press("Shift+ArrowRight")
        # For the second half only.
        field = tool.get_by_role("textbox", name="From", exact=True)
        field.fill("1")
        field.press("Enter")
        wait_for(
            lambda: studio.overlay().get("startSeconds") == 1,
            "the picture to come later",
        )
        said = studio.overlay()
        assert said["sourceImageIndex"] == 0

        frames = all_frames(studio.run("badge", tmp_path / "badge.mp4"))
        size = round(said["widthPct"] / 100 * 320)
        left, bottom = said["offsetX"], 180 - said["offsetY"]
        for number, is_there in ((12, False), (40, True)):
            frame = frames[number].astype(int)
            reddish = (frame[..., 0] > 150) & (frame[..., 1] < 90) & (frame[..., 2] < 90)
            inside = reddish[bottom - size + 3 : bottom - 3, left + 3 : left + size - 3]
            assert inside.mean() == (1 if is_there else 0), number
            assert reddish.sum() <= (size + 4) ** 2


def test_words_are_placed_by_keys_and_what_lies_on_top_is_reordered(
    visit: Callable[..., Visit], template: Callable[..., str], clip: Path
) -> None:
    with visit() as page:
        studio = Studio(page, template("badge"), clip)
        tool = studio.open("badge")
        tool.get_by_role("slider", name="Playhead").focus()
        page.keyboard.press("t")
        expect(tool.get_by_role("textbox", name="Text")).to_be_focused()
        page.keyboard.type("One")
        tool.get_by_role("slider", name="Playhead").focus()
        page.keyboard.press("t")
        expect(tool.get_by_role("textbox", name="Text")).to_be_focused()
        page.keyboard.type("Two")
        box = tool.get_by_role("group", name="Two, 2 of 2")
        box.focus()
        for key in ("ArrowUp", "ArrowUp", "Shift+ArrowUp", "ArrowLeft", "+"):
            page.keyboard.press(key)
        wait_for(
            lambda: studio.overlay(1).get("fontSizePct") == 6.5,
            "the words to be larger",
        )
        two = studio.overlay(1)
        assert (two["position"], two["offsetY"]) == ("bottom-left", 19)
        tool.get_by_role("button", name="top center").click()
        tool.get_by_role("button", name="Move Two, 2", exact=True).press("ArrowUp")
        wait_for(
            lambda: studio.texts() == ["Two", "One"],
            "the other to lie on top",
        )
        assert "offsetY" not in studio.overlay()
        page.keyboard.press("Control+z")
        wait_for(
            lambda: studio.texts() == ["One", "Two"],
            "the order to be back",
        )


def test_all_of_it_is_accessible(
    visit: Callable[..., Visit], template: Callable[..., str], clip: Path
) -> None:
    with visit(reduced_motion="reduce") as page:
        studio = Studio(page, template(*TOOLS), clip)
        for stage in TOOLS:
            tool = studio.open(stage)
            if stage == "titles":
                tool.get_by_role("button", name="Add first line").click()
            elif stage == "badge":
                tool.get_by_role("button", name="Add text").first.click()
            for scheme in THEMES:
                page.emulate_media(color_scheme=scheme)
                found = broken(page, f"{stage}, {scheme}", within=".tool-dialog")
                assert not found, "\n".join(found)


def test_a_phone_has_room_for_all_of_it(
    visit: Callable[..., Visit], template: Callable[..., str], clip: Path
) -> None:
    with visit(**PHONE) as page:
        studio = Studio(page, template(*TOOLS), clip)
        for stage in TOOLS:
            tool = studio.open(stage)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            assert tool.evaluate("one => one.scrollWidth <= one.clientWidth")
            if stage == "titles":
                tool.get_by_role("button", name="Add line").tap()
                page.keyboard.type("Hello")
                expect(tool.locator(".cue-over")).to_have_text("Hello")
        wait_for(
            lambda: studio.arguments("titles")["cues"][0]["text"] == "Hello", "the line to be kept"
        )
