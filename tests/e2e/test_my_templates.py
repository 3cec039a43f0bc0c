"""My templates: found while typing, kept in folders, several changed at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import check
from tests.support.builders.templates import documented
from tests.support.clients.browser import Visit, expect_title
from tests.support.server import SHARED

SITE_OPTIONS = SHARED
PERSON = "tilda"

pytestmark = pytest.mark.browser

TEMPLATES = "/v1/creative-agent/workflows/templates"
PATH = "/me/templates"
WIDE = {"viewport": {"width": 1440, "height": 900}}


def make(rest: httpx.Client, *names: str) -> None:
    for name in names:
        answer = rest.post(TEMPLATES, json={**documented(), "name": name})
        assert answer.status_code == 201, answer.text


def row(page: Page, name: str) -> Locator:
    return page.locator(".mine > li").filter(has_text=name)


def names(page: Page) -> list[str]:
    return page.locator(".mine__name h2").all_inner_texts()


def test_words_and_orders_change_the_list_while_typing_and_keys_reach_its_rows(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    make(rest, "Zebra crossing", "Night train", "Airport at night")
    with visit(**WIDE) as page:
        page.goto(PATH)
        field = page.get_by_label("Search my templates")
        field.press_sequentially("night")
        expect(page.locator(".mine__name")).to_have_count(2)
        expect(page.locator("#live")).to_have_text("2 shown")
        page.get_by_label("Sort by").select_option("name")
        expect(page.locator(".mine__name h2").first).to_have_text("Airport at night")
        expect(page).to_have_url(re.compile(r"\?q=night&sort=name$"))
        page.reload()
        assert names(page) == ["Airport at night", "Night train"]
        actions = ("", "Run ", "Publish ", "Delete ")
        wanted = [f"{action}Night train" for action in actions]
        reached = dict.fromkeys(names_in_order(page, 60))
        assert [name for name in reached if name in wanted] == wanted
        field.fill("nothing of this")
        expect(page.get_by_text("No results for")).to_be_visible()


def names_in_order(page: Page, count: int) -> list[str]:
    """What the Tab key reaches, by the name that is read out."""
    named = "(e => (e.ariaLabel || e.labels?.[0]?.textContent || e.textContent).trim())"
    reached = []
    for _ in range(count):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"{named}(document.activeElement)"))
    return reached


def test_several_go_into_a_folder_and_are_deleted(
    visit: Callable[..., Visit], rest: httpx.Client
) -> None:
    make(rest, "Fold one", "Fold two", "Fold three")
    with visit(**WIDE) as page:
        page.goto(f"{PATH}?q=fold")
        expect(page.get_by_role("region", name="Selected templates")).to_be_hidden()
        row(page, "Fold one").get_by_role("checkbox").check()
        row(page, "Fold three").get_by_role("checkbox").click(modifiers=["Shift"])
        expect(page.locator("#live")).to_have_text("3 selected")
        row(page, "Fold two").get_by_role("checkbox").uncheck()
        bar = page.get_by_role("region", name="Selected templates")
        check(page, "my templates, some selected")
        bar.get_by_role("button", name="New folder").click()
        check(page, "the dialog of a folder")
        page.get_by_label("Name", exact=True).fill("Films")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Moved 2 templates to Films.")).to_be_visible()
        page.get_by_role("navigation", name="Folder").get_by_role("link", name="Films").click()
        expect(page.locator(".mine__name")).to_have_count(2)

        page.get_by_role("button", name="Rename").click()
        page.get_by_role("dialog").get_by_label("Name").fill("Movies")
        page.keyboard.press("Enter")
        expect(page.locator(".folder-head h2")).to_have_text("Movies")
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Select all").click()
        bar.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted 2 templates.")).to_be_visible()
        page.get_by_role("button", name="Delete folder").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete folder").click()
        expect(row(page, "Fold two")).to_be_visible()


def test_without_scripts_all_of_it_works(visit: Callable[..., Visit], rest: httpx.Client) -> None:
    make(rest, "Plain boat", "Plain anchor")
    with visit(java_script_enabled=False, **WIDE) as page:
        page.goto(PATH)
        page.get_by_label("Search my templates").fill("plain")
        page.get_by_label("Sort by").select_option("name")
        page.get_by_role("button", name="Show").click()
        assert names(page) == ["Plain anchor", "Plain boat"]
        row(page, "Plain boat").get_by_role("checkbox").check()
        bar = page.get_by_role("region", name="Selected templates")
        bar.get_by_role("button", name="New folder").click()
        page.get_by_label("Name", exact=True).fill("Boats")
        page.get_by_role("dialog").get_by_role("button", name="Create").click()
        expect(page.get_by_text("Moved 1 template to Boats.")).to_be_visible()
        page.get_by_role("link", name="Boats 1").click()
        assert names(page) == ["Plain boat"]
        page.goto(PATH)
        page.get_by_label("Template name").fill("Day train")
        page.get_by_role("button", name="New template").click()
        page.wait_for_url("**/t/*/edit")
        expect_title(page, "Day train, editor · Reelgraph")
        page.goto(f"{PATH}?q=day+train")
        row(page, "Day train").get_by_role("button", name="Delete Day train").click()
        dialog = page.get_by_role("dialog", name="Delete Day train?")
        dialog.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Deleted Day train.")).to_be_visible()
