"""What is set by hand on a picture: masks painted, points and boxes placed, results compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from studio.tests.support.measures import iou
from tests.support.axe import broken
from tests.support.builders.editor_templates import post, stage
from tests.support.clients.browser import Visit
from tests.support.server import SHARED, finished, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

NODE = '.surface-node[data-id="{}"]'
WIDTH, HEIGHT = 320, 180
# The disc that is drawn on the picture: its middle and radius as fractions of width and height.
DISC = (0.3, 0.5, 40)


def picture() -> bytes:
    """A green ground with an orange disc and a blue bar."""
    drawn = np.full((HEIGHT, WIDTH, 3), (70, 120, 60), np.uint8)
    cv2.circle(drawn, (int(DISC[0] * WIDTH), int(DISC[1] * HEIGHT)), DISC[2], (40, 140, 240), -1)
    cv2.rectangle(drawn, (220, 40), (290, 140), (200, 60, 40), -1)
    ok, packed = cv2.imencode(".png", drawn)
    assert ok
    return packed.tobytes()


def template_of(rest: httpx.Client, *stages: dict[str, Any]) -> str:
    """A template whose first input is the drawn picture; its stages work on it."""
    inputs = [{"name": "photo", "type": "image", "required": False}]
    return post(rest, {"name": "By hand", "inputs": inputs, "stages": list(stages)})


def open_stage(page: Page, template: str, key: str) -> Locator:
    """The inspector at a stage of a template that is open."""
    page.goto(f"/t/{template}/edit")
    expect(page.get_by_role("main", name="Canvas")).to_have_attribute("aria-busy", "false")
    page.locator(NODE.format(key)).click(position={"x": 60, "y": 20})
    return page.get_by_role("complementary", name="Inspector")


def choose_picture(page: Page, dialog: Locator, folder: Path) -> None:
    """What the control says is missing, brought from the device."""
    file = folder / "disc.png"
    file.write_bytes(picture())
    dialog.get_by_role("button", name="Choose an image").click()
    picker = page.get_by_role("dialog", name="Choose an image")
    with page.expect_file_chooser() as chooser:
        picker.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(picker).to_be_hidden()


def shown(dialog: Locator) -> dict[str, float]:
    """Where the picture lies in the window, once it is there."""
    expect(dialog.locator(".on-picture-in img")).to_be_visible()
    wait_for(
        lambda: (dialog.locator(".on-picture-in").bounding_box() or {"width": 0})["width"] > 50,
        what="the picture to be fitted",
    )
    box = dialog.locator(".on-picture-in").bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def place(box: dict[str, float], x: float, y: float) -> tuple[float, float]:
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def stored(page: Page, template: str) -> dict[str, Any]:
    state: dict[str, Any] = page.request.get(f"/app/documents/{template}").json()
    return state


def arguments(page: Page, template: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = stored(page, template)["state"]["stages"]["rows"][key]["args"]
    return found


def pixels(content: bytes) -> np.ndarray:
    read = cv2.imdecode(np.frombuffer(BytesIO(content).read(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert read is not None
    return np.asarray(read)


def made_by(
    page: Page, rest: httpx.Client, template: str, key: str
) -> tuple[bytes, dict[str, Any]]:
    """Run the template from the editor; the first result of a stage, and the run."""
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/runs" in answer.url
    ) as started:
        page.get_by_role("button", name="Run", exact=True).last.click()
    run = finished(rest, started.value.json()["id"])
    assert run["status"] == "completed", run.get("error")
    step = next(one for one in run["steps"] if one["id"] == key)
    return rest.get(step["artifacts"][0]["url"]).content, run


def mask_of(page: Page, template: str) -> np.ndarray:
    """The painted mask as the server keeps it."""
    document = stored(page, template)
    inputs = document["state"]["inputs"]
    key = inputs["order"][-1]
    assert inputs["rows"][key]["internal"] is True
    url = document["media"][inputs["rows"][key]["default"]]["url"]
    return pixels(page.request.get(url).body())


def test_a_mask_drawn_with_the_mouse_is_where_the_picture_changes(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    template = template_of(
        rest,
        stage("fix", "edit_image", prompt="Make it bright red", source_image_url="$inputs.photo"),
    )
    with visit() as page:
        inspector = open_stage(page, template, "fix")
        inspector.get_by_role("button", name="Draw mask").click()
        dialog = page.get_by_role("dialog", name="Draw mask")
        choose_picture(page, dialog, tmp_path)
        box = shown(dialog)
        dialog.get_by_role("button", name="Rectangle").click()
        page.mouse.move(*place(box, 0.1, 0.2))
        page.mouse.down()
        page.mouse.move(*place(box, 0.5, 0.8), steps=5)
        page.mouse.up()
        dialog.get_by_role("button", name="Brush").click()
        page.mouse.click(*place(box, 0.8, 0.5))
        dialog.get_by_role("button", name="Undo").click()
        expect(dialog.get_by_text("24% of the image")).to_be_visible()
        dialog.get_by_role("button", name="Use mask").click()
        expect(dialog).to_be_hidden()
        wait_for(lambda: "mask_image_url" in arguments(page, template, "fix"), what="the mask")
        mask = mask_of(page, template)
        assert mask.shape == (HEIGHT, WIDTH, 4)
        chosen = mask[..., 3] == 0
        wanted = np.zeros((HEIGHT, WIDTH), bool)
        wanted[36:144, 32:160] = True
        assert iou(chosen, wanted) > 0.97
        made, _ = made_by(page, rest, template, "fix")
        before, after = pixels(picture()), pixels(made)[..., :3]
        outside = mask[..., 3] == 255
        assert np.array_equal(before[outside], after[outside])
        assert np.abs(before[chosen].astype(int) - after[chosen]).mean() > 4


def test_an_earlier_mask_is_painted_further_also_by_keys_and_closing_loses_nothing(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    template = template_of(
        rest, stage("fix", "edit_image", prompt="Red", source_image_url="$inputs.photo")
    )
    with visit() as page:
        inspector = open_stage(page, template, "fix")
        draw = inspector.get_by_role("button", name="Draw mask")
        draw.press("Enter")
        dialog = page.get_by_role("dialog", name="Draw mask")
        choose_picture(page, dialog, tmp_path)
        box = shown(dialog)
        dialog.get_by_role("application").focus()
        for key in ("r", "Enter", *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 2, "Enter"):
            page.keyboard.press(key)
        expect(dialog.get_by_text("0% of the image")).to_be_hidden()
        page.keyboard.press("Control+z")
        expect(dialog.get_by_text("0% of the image")).to_be_visible()
        dialog.get_by_role("button", name="Lasso").click()
        page.mouse.move(*place(box, 0, 0))
        page.mouse.down()
        for x, y in ((0.5, 0), (0.5, 1), (0, 1)):
            page.mouse.move(*place(box, x, y), steps=4)
        page.mouse.up()
        # Escape leaves; what was painted is there when it is opened again.
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        draw.click()
        shown(dialog)
        expect(dialog.get_by_text("50% of the image")).to_be_visible()
        dialog.get_by_role("button", name="Use mask").press("Enter")
        expect(dialog).to_be_hidden()
        wait_for(lambda: "mask_image_url" in arguments(page, template, "fix"), what="the mask")
        first = stored(page, template)["state"]["inputs"]
        page.reload()
        inspector = open_stage(page, template, "fix")
        draw.click()
        shown(dialog)
        expect(dialog.get_by_text("50% of the image")).to_be_visible()
        dialog.get_by_role("button", name="Invert").click()
        dialog.get_by_role("button", name="Use mask").click()
        expect(dialog).to_be_hidden()
        wait_for(lambda: mask_of(page, template)[90, 300, 3] == 0, what="the inverted mask")
        assert stored(page, template)["state"]["inputs"]["order"] == first["order"]
        page.locator(NODE.format("fix")).press("Control+z")
        wait_for(lambda: mask_of(page, template)[90, 300, 3] == 255, what="the first mask again")
        # A region by numbers is what is chosen, and nothing else of its side.
        draw.click()
        shown(dialog)
        dialog.get_by_text("Region by numbers").click()
        for side, value in (("Left", 50), ("Top", 0), ("Width", 50), ("Height", 50)):
            dialog.get_by_role("spinbutton", name=side).fill(str(value))
        dialog.locator("details").get_by_role("button", name="Add").press("Enter")
        expect(dialog.get_by_text("75% of the image")).to_be_visible()
        dialog.get_by_role("button", name="Use mask").click()
        expect(dialog).to_be_hidden()
        wait_for(lambda: mask_of(page, template)[20, 300, 3] == 0, what="the region")
        mask = mask_of(page, template)[..., 3]
        assert mask[:90, 160:].max() == 0
        assert mask[90:, 162:].min() == 255


def test_boxes_and_points_are_placed_and_a_point_on_the_disc_selects_it(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    template = template_of(rest, stage("cut", "segment_image", source_image_url="$inputs.photo"))

    def boxes() -> list[dict[str, Any]]:
        return list(arguments(page, template, "cut").get("boxes", []))

    with visit() as page:
        inspector = open_stage(page, template, "cut")
        inspector.get_by_role("button", name="Select in image").click()
        dialog = page.get_by_role("dialog", name="Select in image")
        choose_picture(page, dialog, tmp_path)
        box = shown(dialog)
        page.mouse.move(*place(box, 0.2, 0.2))
        page.mouse.down()
        page.mouse.move(*place(box, 0.4, 0.6), steps=4)
        page.mouse.up()
        wait_for(lambda: len(boxes()) == 1, what="the box")
        assert boxes()[0]["x1"] == pytest.approx(0.4, abs=0.01)
        included = dialog.get_by_role("button", name="Box 1: included")
        expect(included).to_be_visible()
        # By hand, by the edge of its middle.
        page.mouse.move(*place(box, 0.3, 0.4))
        page.mouse.down()
        page.mouse.move(*place(box, 0.5, 0.5), steps=4)
        page.mouse.up()
        wait_for(lambda: abs(boxes()[0]["x0"] - 0.4) < 0.01, what="the box to be moved")
        assert boxes()[0]["x1"] == pytest.approx(0.6, abs=0.01)
        # By keys: moved, stretched, turned to what is left out.
        mark = dialog.locator(".mark-box")
        mark.focus()
        before = boxes()[0]
        for key in (*["ArrowLeft"] * 5, *["Shift+ArrowDown"] * 5, "Enter"):
            page.keyboard.press(key)
        wait_for(lambda: boxes()[0]["label"] == "negative", what="the box to be turned")
        assert boxes()[0]["x0"] < before["x0"]
        assert boxes()[0]["y1"] > before["y1"]
        assert boxes()[0]["y0"] == before["y0"]
        expect(included).to_be_hidden()
        expect(dialog.get_by_role("button", name="Box 1: excluded")).to_be_visible()
        page.keyboard.press("Delete")
        wait_for(lambda: boxes() == [], what="the box to be gone")
        page.keyboard.press("Control+z")
        wait_for(lambda: len(boxes()) == 1, what="the box to be back")
        mark.focus()
        page.keyboard.press("Delete")
        wait_for(lambda: boxes() == [], what="the box to be gone again")
        # A point from the list, without a pointer.
        dialog.get_by_role("button", name="Point", exact=True).press("Enter")
        middle = [{"x": 0.5, "y": 0.5, "label": "positive"}]
        wait_for(lambda: arguments(page, template, "cut").get("points") == middle, what="a point")
        page.keyboard.press("Control+z")
        wait_for(lambda: not arguments(page, template, "cut").get("points"), what="no point")
        # Points select what they are on, and leave out what they are on with Alt.
        page.mouse.click(*place(box, 0.3, 0.5))
        page.keyboard.down("Alt")
        page.mouse.click(*place(box, 0.8, 0.5))
        page.keyboard.up("Alt")
        expect(dialog.get_by_role("listitem")).to_have_count(2)
        wait_for(lambda: len(arguments(page, template, "cut").get("points", [])) == 2, what="both")
        points = arguments(page, template, "cut")["points"]
        assert [point["label"] for point in points] == ["positive", "negative"]
        assert points[0]["x"] == pytest.approx(0.3, abs=0.01)
        assert points[0]["y"] == pytest.approx(0.5, abs=0.01)
        dialog.get_by_role("button", name="Done").click()
        made, _ = made_by(page, rest, template, "cut")
        mask = pixels(made)
        selected = (mask if mask.ndim == 2 else mask[..., 0]) > 127
        disc = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.circle(disc, (int(DISC[0] * WIDTH), int(DISC[1] * HEIGHT)), DISC[2], 1, -1)
        assert iou(selected, disc > 0) >= 0.8


def test_on_a_wide_screen_controls_fit_in_the_dark_and_run_what_they_lack(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    url = "$artifacts.still.items[0].selectedVersion.url"
    template = template_of(
        rest,
        stage("still", "generate_image", prompt="A lighthouse at dusk"),
        stage("cut", "segment_image", source_image_url=url),
        stage("fix", "edit_image", prompt="Red", source_image_url=url),
    )
    with visit(color_scheme="dark", reduced_motion="reduce") as page:
        for key, name in (("cut", "Select in image"), ("fix", "Draw mask")):
            inspector = open_stage(page, template, key)
            inspector.get_by_role("button", name=name).click()
            dialog = page.get_by_role("dialog", name=name)
            if key == "cut":
                # Without a result, the stage before is run from there.
                expect(dialog.get_by_text("Run Still, or choose one")).to_be_visible()
                check(page, f"{name}, empty")
                dialog.get_by_role("button", name="Run Still").click()
            page.mouse.click(*place(shown(dialog), 0.3, 0.5))
            check(page, name)
            bounds = dialog.bounding_box()
            assert bounds
            assert bounds["x"] >= 0
            assert bounds["x"] + bounds["width"] < 1280


def test_on_a_phone_controls_fit_and_two_fingers_enlarge_and_paint_nothing(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    cut = stage("cut", "segment_image", source_image_url="$inputs.photo")
    fix = stage("fix", "edit_image", prompt="Red", source_image_url="$inputs.photo")
    template = template_of(rest, cut, fix)
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with visit(**phone, color_scheme="light", reduced_motion="reduce") as page:
        page.goto(f"/t/{template}/edit")
        for key, name in (("cut", "Select in image"), ("fix", "Draw mask")):
            page.get_by_role("treeitem", name=re.compile(key, re.IGNORECASE)).first.click()
            page.get_by_role("button", name=f"{name}…").click()
            dialog = page.get_by_role("dialog", name=name)
            if key == "cut":
                expect(dialog.get_by_role("button", name="Choose an image")).to_be_visible()
                check(page, f"{name}, empty")
                choose_picture(page, dialog, tmp_path)
                page.touchscreen.tap(*place(shown(dialog), 0.3, 0.5))
            x, y = place(shown(dialog), 0.5, 0.5)
            check(page, name)
            bounds = dialog.bounding_box()
            assert bounds
            assert (bounds["x"], bounds["width"]) == (0, 390)
            if key == "cut":
                page.keyboard.press("Escape")
                expect(dialog).to_be_hidden()
                page.keyboard.press("Escape")

        touch = page.context.new_cdp_session(page)

        def fingers(kind: str, *apart: float) -> None:
            points = [{"x": x + by, "y": y, "id": at} for at, by in enumerate(apart)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        fingers("touchStart", -20)
        fingers("touchStart", -20, 20)
        for spread in (30, 50, 80):
            fingers("touchMove", -spread, spread)
        fingers("touchEnd")
        expect(dialog.get_by_label("Zoom", exact=True)).to_have_text("400%")
        expect(dialog.get_by_text("0% of the image")).to_be_visible()
        # One finger paints.
        fingers("touchStart", 0)
        fingers("touchMove", 30)
        fingers("touchEnd")
        expect(dialog.get_by_text("0% of the image", exact=True)).to_be_hidden()


def check(page: Page, what: str) -> None:
    found = broken(page, what)
    assert not found, "\n".join(found)


def compared(rest: httpx.Client) -> tuple[str, str]:
    """A template whose second stage enlarges what the first drew, and a finished run of it."""
    url = "$artifacts.still.items[0].selectedVersion.url"
    template = template_of(
        rest,
        stage("still", "generate_image", prompt="A lighthouse at dusk", seed=5),
        stage("style", "apply_style", prompt="pencil drawing", source_image_url=url),
    )
    run = finished(rest, start(rest, {"workflow_id": template, "inputs": {}})["id"])
    assert run["status"] == "completed", run.get("error")
    return template, str(run["id"])


def test_a_result_is_compared_with_what_it_was_made_of(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    template, run = compared(rest)
    with visit() as page:
        inspector = open_stage(page, template, "style")
        inspector.get_by_role("tab", name="Result").click()
        # Also where the result is seen large.
        inspector.get_by_role("button", name="Enlarge Style").click()
        page.get_by_role("dialog", name="Style").get_by_role("button", name="Compare").click()
        dialog = page.get_by_role("dialog", name="Before and after")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.keyboard.press("Escape")
        inspector.get_by_role("button", name="Compare").click()
        divider = dialog.get_by_role("slider", name="Divider")
        expect(divider).to_have_attribute("aria-valuetext", "50% before, 50% after")
        divider.press("ArrowRight")
        expect(divider).to_have_attribute("aria-valuetext", "52% before, 48% after")
        divider.press("Home")
        expect(divider).to_have_attribute("aria-valuenow", "0")
        pane = dialog.locator(".wipe-pane").bounding_box()
        assert pane
        page.mouse.click(pane["x"] + pane["width"] * 0.25, pane["y"] + pane["height"] / 2)
        expect(divider).to_have_attribute("aria-valuenow", "25")
        check(page, "the wipe")
        dialog.get_by_role("button", name="Zoom in").click()
        dialog.get_by_role("button", name="Side by side").click()
        frames = dialog.locator(".wipe-frame")
        expect(frames).to_have_count(2)

        def are_side_by_side() -> bool:
            first, second = frames.first.bounding_box(), frames.last.bounding_box()
            assert first
            assert second
            return (first["width"], first["y"]) == (second["width"], second["y"])

        # A frame has its size once its picture is there.
        wait_for(are_side_by_side, "two frames of one size")
        check(page, "side by side")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

        page.goto(f"/runs/{run}")
        page.get_by_text("Before and after").click()
        slider = page.get_by_role("slider", name="Divider")
        slider.focus()
        page.keyboard.press("Home")
        expect(slider).to_have_attribute("aria-valuetext", "0% before, 100% after")
        page.get_by_role("button", name="Side by side").click()
        expect(slider).to_be_hidden()
        check(page, "the run's page")
