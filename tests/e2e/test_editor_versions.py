"""Versions in the editor in real Chromium: save, compare, take, restore, publish; in and out."""

from __future__ import annotations

import itertools
import json
import struct
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Download, Page, expect

from tests.support import axe
from tests.support.builders.editor_templates import TEMPLATES, THEMES, in_a_row, post, stage
from tests.support.builders.film import made_by
from tests.support.clients.browser import Visit
from tests.support.server import SHARED
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser

_numbers = itertools.count(1)


def picture(key: str, prompt: str, **fields: Any) -> dict[str, Any]:
    return {**stage(key, "generate_image", prompt=prompt), **fields}


def edited(key: str, source: str, prompt: str) -> dict[str, Any]:
    return stage(key, "edit_image", prompt=prompt, source_image_url=made_by(source))


LAMP = (
    picture("lamp", "A lighthouse at dusk, the lamp turns once, long shadows"),
    picture("card", "A title card"),
    edited("night", "lamp", "Make it night"),
)
PLACES = in_a_row("lamp", "card", "night")["nodes"]


def template(rest: httpx.Client, *stages: dict[str, Any], **fields: Any) -> str:
    name = f"editor-versions-{next(_numbers)}"
    body = {"id": name, "name": "The lamp", "inputs": [], "stages": list(stages), **fields}
    return post(rest, body)


def open_editor(page: Page, name: str) -> None:
    page.goto(f"/t/{name}/edit")
    expect(page.locator(".saved")).to_be_visible()


def document(page: Page, name: str) -> dict[str, Any]:
    read: dict[str, Any] = page.request.get(f"/app/documents/{name}").json()
    return read


def change(page: Page, name: str, *ops: dict[str, Any]) -> None:
    """Change the draft as another window would, and wait until this one has heard."""
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
    rev = document(page, name)["rev"]
    answer = page.request.post(
        f"/app/documents/{name}/changes",
        data={
            "clientId": str(uuid.uuid4()),
            "base": rev,
            "changes": [{"id": str(uuid.uuid4()), "label": "Try another night", "ops": list(ops)}],
        },
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    assert answer.ok, answer.text()
    assert answer.json()["rejected"] == []
    page.reload()
    expect(page.locator(".saved")).to_be_visible()


def stages_of(page: Page, name: str) -> dict[str, Any]:
    rows: dict[str, Any] = document(page, name)["state"]["stages"]["rows"]
    return rows


def menu(page: Page, entry: str) -> None:
    page.get_by_role("button", name="Template menu").click()
    page.get_by_role("menuitem", name=entry).click()


def changes(page: Page) -> list[str]:
    return [
        text.split("\n")[0] + text.split("\n")[1]
        for text in page.locator(".change-list li").all_inner_texts()
    ]


def breaches(page: Page, what: str) -> None:
    """Expect what is shown to break no rule in either theme."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found = axe.broken(page, f"{what}, {theme}", tags=axe.WCAG)
        assert not found, "\n".join(found)


CHANGED = (
    {
        "op": "set",
        "table": "stages",
        "key": "lamp",
        "path": ["args", "prompt"],
        "value": "A lighthouse at dusk, the lamp turns three times, long shadows",
    },
    {"op": "remove", "table": "stages", "key": "card"},
    {"op": "put", "table": "stages", "key": "dawn", "value": edited("dawn", "night", "Dawn")},
    {"op": "set", "table": "nodes", "key": "night", "path": ["y"], "value": 200},
)


def test_compare_shows_what_differs_and_takes_what_is_ticked(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    name = template(rest, *LAMP, graph={"nodes": PLACES, "frames": [], "notes": []})
    with visit(reduced_motion="reduce") as page:
        open_editor(page, name)
        page.keyboard.press("Control+s")
        page.get_by_label("What changed? (optional)").fill("Before the storm")
        page.get_by_role("button", name="Save version").click()
        expect(page.locator(".toast")).to_contain_text("Before the storm")
        change(page, name, *CHANGED)

        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.locator(".change-list li")).to_have_count(4)
        breaches(page, "compare")
        assert {text.split(",")[0].strip() for text in changes(page)} == {
            "Lamp",
            "Card",
            "Night",
            "Dawn",
        }
        kinds = {
            key: page.locator(f'.compare-canvas [data-node-id="{key}"]').get_attribute("class")
            or ""
            for key in ("lamp", "card", "night", "dawn")
        }
        flags = {"lamp": "changed", "card": "removed", "night": "moved", "dawn": "added"}
        for key, flag in flags.items():
            assert f"is-{flag}" in kinds[key]

        page.locator(".change-list li", has_text="Lamp").get_by_role("button").click()
        fields = page.get_by_role("complementary", name="What changed in Lamp")
        expect(fields.locator(".old-value del")).to_have_text("once")
        expect(fields.locator(".new-value ins")).to_have_text("three times")
        expect(page.locator(".stepper")).to_contain_text("of 4")

        page.keyboard.press("]")
        expect(page.locator("#live")).to_contain_text("of 4")
        page.keyboard.press("[")
        expect(fields).to_be_visible()
        page.keyboard.press("y")
        expect(page.get_by_role("button", name="Apply 1 of 4")).to_be_visible()
        page.get_by_role("button", name="Apply 1 of 4").click()
        expect(page.locator(".change-list li")).to_have_count(3)
        wait_for(
            lambda: "once" in stages_of(page, name)["lamp"]["args"]["prompt"], "the draft has it"
        )
        assert "card" not in stages_of(page, name)

        page.get_by_role("button", name="Apply all").click()
        expect(page.locator(".compare-none")).to_contain_text("are identical.")
        wait_for(
            lambda: set(stages_of(page, name)) == {"lamp", "card", "night"}, "the draft has it"
        )
        page.keyboard.press("Control+z")
        expect(page.locator(".change-list li")).to_have_count(3)
        wait_for(lambda: "dawn" in stages_of(page, name), "the draft has it")
        page.keyboard.press("Escape")
        expect(page.locator(".node").first).to_be_visible()

        menu(page, "History")
        dialog = page.get_by_role("dialog", name="History")
        expect(dialog).to_contain_text("Try another night")
        expect(dialog).to_contain_text("Apply 1 change")
        page.keyboard.press("Escape")

        # A version is compared with another one.
        other = template(rest, *LAMP)
        answer = rest.patch(f"{TEMPLATES}/{other}", json={"stages": list(LAMP[:1])})
        assert answer.status_code == 200, answer.text
        open_editor(page, other)
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.locator(".compare-none")).to_contain_text("are identical.")
        page.get_by_label("Compare", exact=True).select_option(index=2)
        expect(page.locator(".change-list li")).to_have_count(2)
        page.get_by_label("With", exact=True).select_option(index=1)
        expect(page.locator(".change-list li")).to_have_count(2)
        expect(page.locator(".node.is-removed")).to_have_count(2)


def test_a_template_comes_in_by_file_by_drop_and_by_paste_and_becomes_a_new_one(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    name = template(rest, LAMP[0])
    film = {
        "name": "The storm",
        "inputs": [],
        "stages": [LAMP[1], picture("odd", "x", tool="paint")],
    }
    file = tmp_path / "storm.json"
    file.write_text(json.dumps({"status": "success", "data": {"template": film}}))
    with visit(reduced_motion="reduce") as page:
        open_editor(page, name)
        menu(page, "Import a template")
        dialog = page.get_by_role("dialog", name="Import a template")
        dialog.locator("input[type=file]").set_input_files(file)
        expect(dialog).to_contain_text("The storm, 2 stages")
        expect(dialog).to_contain_text("paint isn't available here")
        dialog.get_by_role("button", name="Replace draft").click()
        expect(dialog).to_be_hidden()
        wait_for(lambda: set(stages_of(page, name)) == {"card", "odd"}, "the draft has it")
        page.keyboard.press("Control+z")
        wait_for(lambda: set(stages_of(page, name)) == {"lamp"}, "the draft has it")

        # Dropped on the bar, which takes nothing itself.
        page.evaluate(
            """text => {
              const data = new DataTransfer()
              data.items.add(new File([text], 'storm.json', { type: 'application/json' }))
              const bar = document.querySelector('.editor-bar')
              for (const is of ['dragover', 'drop'])
                bar.dispatchEvent(
                  new DragEvent(is, { bubbles: true, cancelable: true, dataTransfer: data }))
            }""",
            json.dumps(film),
        )
        expect(dialog).to_contain_text("The storm, 2 stages")
        dialog.get_by_role("button", name="Add to draft").click()
        wait_for(lambda: set(stages_of(page, name)) == {"lamp", "card", "odd"}, "the draft has it")

        menu(page, "Import a template")
        breaches(page, "import")
        dialog.get_by_label("Or paste JSON").fill('{"name": "x",\n "stages": [1 2]}')
        expect(dialog).to_contain_text("line 2")
        expect(dialog.get_by_role("button", name="Replace draft")).to_be_disabled()
        strange = picture("card", "x", args={"source_image_url": "reelgraph:object/obj_no/a.png"})
        dialog.get_by_label("Or paste JSON").fill(json.dumps({"name": "Mine", "stages": [strange]}))
        dialog.get_by_role("button", name="Replace draft").click()
        expect(page.locator(".toast")).to_contain_text("belongs to someone else")
        wait_for(
            lambda: stages_of(page, name).get("card", {}).get("args") == {}, "the draft has it"
        )
        expect(page.locator(".saved")).to_contain_text("Saved")

        # From my templates, a file is a new one.
        page.goto("/me/templates")
        page.get_by_role("button", name="Import").click()
        dialog = page.get_by_role("dialog", name="Import a template")
        dialog.locator("input[type=file]").set_input_files(file)
        dialog.get_by_role("button", name="Replace draft").click()
        expect(page.get_by_label("Template name")).to_have_value("The storm")
        expect(page.locator('[data-node-id="card"]')).to_be_visible()


def test_the_draft_goes_out_as_json_svg_and_png(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    name = template(rest, *LAMP, graph={"nodes": PLACES, "frames": [], "notes": []}, ourField=[1])
    with visit() as page:
        open_editor(page, name)

        def download(entry: str) -> Download:
            with page.expect_download() as heard:
                menu(page, entry)
            return heard.value

        out = download("Export as JSON")
        assert out.suggested_filename == "the-lamp.json"
        text = Path(out.path()).read_text()
        spec = json.loads(text)
        assert [one["id"] for one in spec["stages"]] == ["lamp", "card", "night"]
        assert spec["ourField"] == [1]
        assert "extra" not in spec
        again = rest.post(TEMPLATES, json={**spec, "id": f"{name}-again"})
        assert again.status_code == 201, again.text

        tree = ElementTree.parse(download("Export as SVG").path())
        svg = "{http://www.w3.org/2000/svg}"
        ids = [
            group.get("data-id") for group in tree.iter(f"{svg}g") if group.get("class") == "node"
        ]
        assert ids == ["lamp", "card", "night"]
        assert "http" not in ElementTree.tostring(tree.getroot(), encoding="unicode").replace(
            "http://www.w3.org/2000/svg", ""
        )

        image = Path(download("Export as PNG").path()).read_bytes()
        assert image[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", image[16:24])
        # Three nodes 280 apart, 224 wide, margins of 48, twice.
        assert width == 2 * (2 * 280 + 224 + 96)
        assert height > 2 * 96

        # The file that went out comes in as nothing new.
        menu(page, "Import a template")
        dialog = page.get_by_role("dialog", name="Import a template")
        dialog.get_by_label("Or paste JSON").fill(text)
        dialog.get_by_role("button", name="Replace draft").click()
        expect(dialog).to_contain_text("The draft already has these.")
