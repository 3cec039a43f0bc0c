"""A template whose stages are set by hand in the editor, and how each of its tools is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.builders.stage_bodies import stage

SIZE = {"width": 640, "height": 360}


def _stage(key: str, label: str, tool: str, **args: Any) -> dict[str, Any]:
    return {**stage(tool, key, **args), "label": label}


def _of(key: str) -> str:
    return f"$artifacts.{key}.items[0].selectedVersion.url"


BY_HAND: dict[str, Any] = {
    "name": "Set by hand",
    "stages": [
        _stage("scene", "Scene", "generate_image", prompt="A red car by the sea at dusk", **SIZE),
        _stage(
            "masked",
            "Black and white",
            "edit_image",
            prompt="Make it black and white",
            source_image_url=_of("scene"),
        ),
        _stage(
            "chosen",
            "The car",
            "segment_image",
            source_image_url=_of("scene"),
            points=[{"x": 0.5, "y": 0.7, "label": "positive"}],
        ),
        _stage(
            "clip",
            "Clip",
            "animate_photo",
            prompt="Slow push-in",
            duration=2,
            reference_image_url=_of("scene"),
        ),
        _stage(
            "cut",
            "Red fog",
            "replace_video_segment",
            prompt="Red fog over the sea",
            startSeconds=0.6,
            endSeconds=1.4,
            reference_video_url=_of("clip"),
        ),
        _stage(
            "titles",
            "Subtitles",
            "add_subtitles",
            reference_video_url=_of("clip"),
            cues=[
                {"startSeconds": 0, "endSeconds": 0.9, "text": "He drove to the sea."},
                {"startSeconds": 1, "endSeconds": 1.9, "text": "No one knew why."},
            ],
        ),
        _stage(
            "badge",
            "Titles",
            "overlay_video",
            reference_video_url=_of("clip"),
            overlays=[
                {"kind": "text", "position": "top-left", "text": "The road", "fontSizePct": 9}
            ],
        ),
    ],
}

# The last picture of a filmstrip is drawn, if there is one.
STRIP_IS_DRAWN = """() => {
  const strip = document.querySelector(".film-strip canvas");
  if (!strip) return true;
  const brush = strip.getContext("2d");
  return strip.width > 0 && brush.getImageData(strip.width - 4, strip.height / 2, 1, 1).data[3] > 0;
}"""
# The stage, the button of its inspector, the dialog it opens.
TOOLS = {
    "mask": ("Black and white", "Draw mask"),
    "points": ("The car", "Select in image"),
    "range": ("Red fog", "Choose on timeline"),
    "cues": ("Subtitles", "Edit with video"),
    "overlays": ("Titles", "Place on video"),
}


def open_tool(go_to: Callable[[str], Callable[[Page], None]], tool: str) -> Callable[[Page], None]:
    """What opens a tool on its stage. go_to: what chooses a stage in the editor."""
    name, button = TOOLS[tool]

    def opened(page: Page) -> None:
        go_to(name)(page)
        page.get_by_role("button", name=button).first.click()
        dialog = page.get_by_role("dialog")
        expect(_medium(dialog)).to_be_visible()
        page.wait_for_function(STRIP_IS_DRAWN)

    return opened


def _medium(dialog: Locator) -> Locator:
    return dialog.locator("video, img, canvas").first
