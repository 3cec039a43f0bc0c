"""A table becomes runs, and a table again with what came of them, by pointer alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload, expect

from tests.support.builders.blobs import jpeg_with_place
from tests.support.clients.browser import Visit
from tests.support.pages import PRODUCT_SHOTS, PRODUCTS, TEMPLATES
from tests.support.server import SHARED

SITE_OPTIONS = SHARED
PERSON = "ada"

pytestmark = pytest.mark.browser

PHOTO_EDITS = {
    "name": "Photo edits",
    "inputs": [
        {"name": "photo", "type": "image", "required": True},
        {"name": "prompt", "type": "text", "default": "At noon"},
    ],
    "stages": [
        {
            "id": "edit",
            "type": "fixed",
            "tool": "edit_image",
            "args": {"prompt": "$inputs.prompt", "source_image_url": "$inputs.photo"},
            "produces": ["edit"],
        }
    ],
}


def file(name: str, mime: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": data}


def photo(name: str) -> FilePayload:
    return file(name, "image/jpeg", jpeg_with_place())


def test_from_a_file_to_a_file(
    visit: Callable[..., Visit], rest: httpx.Client, tmp_path: Path
) -> None:
    answer = rest.post(TEMPLATES, json=PRODUCT_SHOTS)
    assert answer.status_code == 201, answer.text
    template = answer.json()["data"]["template"]["id"]
    table = tmp_path / "products.csv"
    table.write_text(PRODUCTS.replace("\t", ","))
    with visit(expected=("status of 422",)) as page:
        page.goto(f"/t/{template}/edit")
        name = page.get_by_label("Template name")
        name.fill("Neon shots")
        name.press("Enter")
        page.get_by_role("button", name="Template menu").click()
        page.get_by_role("menuitem", name="Run for each row…").click()
        # More than a field of a form may hold.
        page.get_by_text("Paste cells").click()
        page.get_by_label("Cells, copied").fill("\t".join(letter * 30_000 for letter in "abcd"))
        page.get_by_role("button", name="Check the table").click()
        expect(page.get_by_role("alert")).to_contain_text("no rows below the names")
        with page.expect_file_chooser() as chooser:
            page.get_by_label("Drop a table here").click()
        # Choosing sends it.
        chooser.value.set_files(table)

        expect(page.get_by_role("heading", name="Neon shots")).to_be_visible()
        width = page.get_by_label("Width, row 3")
        expect(width).to_have_attribute("aria-invalid", "true")
        width.fill("320")
        page.get_by_role("button", name="Save row 3").click()
        page.get_by_role("button", name=re.compile("^Run 4 rows · about 4 credits")).click()
        expect(page.get_by_text("4 of 4 done")).to_be_visible()
        row = page.get_by_role("listitem").filter(has_text="T-300")
        expect(row).to_contain_text("Done")
        expect(row.locator("img")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download CSV").click()
        text = download.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["SKU"], row["Width"], row["status"]) for row in rows] == [
        (sku, "320", "Done") for sku in ("L-100", "C-200", "T-300", "B-400")
    ]


def test_files_that_cells_name_are_dropped_with_the_table(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    answer = rest.post(TEMPLATES, json=PHOTO_EDITS)
    assert answer.status_code == 201, answer.text
    template = answer.json()["data"]["template"]["id"]
    table = file("photos.csv", "text/csv", b"Photo\nshoe.jpg\nhat.jpg\n")
    with visit(expected=()) as page:
        page.goto(f"/t/{template}")
        page.get_by_label("Prompt").fill("At dusk")
        page.get_by_role("button", name="Run for each row…").click()
        # The page's script has several files taken.
        drop = page.get_by_label("Drop a table here")
        expect(drop).to_have_js_property("multiple", True)
        drop.set_input_files([photo("shoe.jpg"), table])
        # One is missing; what the form held is there.
        expect(page.get_by_text("“hat.jpg” isn't among your media")).to_be_visible()
        expect(page.get_by_role("textbox", name="Prompt")).to_have_value("At dusk")
        page.get_by_label("Drop the missing files here").set_input_files(
            [photo("hat.jpg"), file("notes.txt", "text/plain", b"x")]
        )
        expect(page.get_by_role("alert")).to_contain_text("notes.txt isn't an image")
        page.get_by_label("Drop the missing files here").set_input_files([photo("hat.jpg")])
        expect(page.get_by_role("button", name=re.compile("^Run 2 rows"))).to_be_visible()
