"""One person's hands at an open editor: real mouse and real keyboard, as people use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psutil
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.support.clients.browser import WAIT_MS
from tests.support.clients.positions import Point, ScreenPosition, points
from tests.support.server import Site
from tests.support.waiting import family, wait_for


def upload(page: Page, name: str, kind: str, data: bytes) -> dict[str, Any]:
    """Bring a file as a form does it; what the server says of it. kind: of its media type."""
    page.goto("/me/media")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    file: FilePayload = {"name": name, "mimeType": kind, "buffer": data}
    answer = page.request.post(
        "/app/uploads", multipart={"file": file}, headers={"X-CSRFToken": token}
    )
    assert answer.status == 201, answer.text()
    facts: dict[str, Any] = answer.json()
    return facts


_CLOSING = """
from django.utils.timezone import now
from moderation.models import Appeal, Case
Case.objects.filter(closed_at=None).update(state="dismissed", closed_at=now())
Appeal.objects.filter(decided_at=None).update(outcome="superseded", decided_at=now())
"""


def signed_in(browser: Browser, site: Site, person: str) -> Any:
    """Storage of a browser in which this person is signed in; they are made if needed."""
    site.key(person)
    link = re.search(r"http\S+", site.manage("signin-link", person))
    assert link
    return session_of(browser, site, link[0])


def session_of(browser: Browser, site: Site, link: str) -> Any:
    """Storage of a browser that is signed in by this link. It needs no page: one would go on to
    the gallery, which costs the most to draw."""
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(WAIT_MS)
    page = context.request.get(link).text()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token, page
    fields = {"csrfmiddlewaretoken": token[1]}
    answer = context.request.post(link, form=fields, max_redirects=0)
    assert answer.status == 302, answer.text()
    storage = context.storage_state()
    context.close()
    return storage


def showing(site: Site) -> set[int]:
    """Return the processes that bring a change before people's eyes: the server's web processes,
    Playwright's driver and its Chromium."""
    drivers = [child for child in psutil.Process().children() if child.name().startswith("node")]
    return set(site.webs()).union(*(family(driver.pid) for driver in drivers))


def close_cases(site: Site) -> None:
    """Leave moderators nothing to do: what other tests reported or appealed is over."""
    site.manage("shell", "--no-imports", "-c", _CLOSING)


def withdraw(site: Site, *people: str) -> None:
    """Leave nothing of these people in the gallery, where others look for something."""
    rows = f"Template.objects.filter(owner__username__in={people!r})"
    code = f"from templates_app.models import Template; {rows}.update(visibility='private')"
    site.manage("shell", "--no-imports", "-c", code)


class EditorActions:
    """What one person does on the editor's canvas. Places are in pixels of the canvas's frame."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # -- Opening ----------------------------------------------------------------------------------

    def new_template(self, name: str) -> str:
        """Make a template from My templates and name it in the bar; its id."""
        self.page.goto("/me/templates")
        self.page.get_by_role("button", name="New template").click()
        self.page.wait_for_url(re.compile("/t/[^/]+/edit"))
        self.ready()
        field = self.page.get_by_label("Template name")
        field.fill(name)
        field.press("Enter")
        found = re.search("/t/([^/]+)/edit", self.page.url)
        assert found
        return found[1]

    def open(self, template: str) -> None:
        self.page.goto(f"/t/{template}/edit")
        self.ready()

    def ready(self) -> None:
        expect(self.canvas).to_have_attribute("aria-busy", "false")

    @property
    def canvas(self) -> Locator:
        return self.page.get_by_role("main", name="Canvas")

    @property
    def inspector(self) -> Locator:
        return self.page.locator(".inspector")

    @property
    def saved(self) -> Locator:
        """What the bar says about where changes are."""
        return self.page.locator(".saved")

    def document(self, template: str) -> dict[str, Any]:
        """The document as the server has it, once everything from here arrived there."""
        expect(self.saved).to_have_text("Saved")
        return state(self.page, template)

    # -- Stages -----------------------------------------------------------------------------------

    @property
    def stages(self) -> Locator:
        return self.page.locator("[aria-roledescription=stage]")

    def node(self, key: str) -> Locator:
        return self.page.locator(f'.work-area [data-node-id="{key}"]')

    def stage_keys(self) -> list[str]:
        return [one.get_attribute("data-node-id") or "" for one in self.stages.all()]

    def added(self, before: list[str]) -> str:
        """The key of the stage that was not there before."""
        expect(self.stages).to_have_count(len(before) + 1)
        (key,) = set(self.stage_keys()) - set(before)
        return key

    def drag_in(self, part: str, x: float, y: float) -> str:
        """Drag a part of the palette onto the canvas; the key of the stage that it became."""
        before = self.stage_keys()
        row = self.page.locator(".palette .tool").filter(
            has=self.page.get_by_text(part, exact=True)
        )
        row.drag_to(self.canvas, target_position={"x": x, "y": y})
        return self.added(before)

    def select(self, key: str) -> None:
        self.node(key).locator(".node-head b").click()
        expect(self.node(key)).to_have_class(re.compile("is-selected"))

    def write(self, key: str, field: str, words: str) -> None:
        """Select a stage and write one of its fields in the inspector."""
        self.select(key)
        self.fill(field, words)

    def fill(self, field: str, words: str) -> None:
        """Write a field of what is selected, unfolding what hides it."""
        name = re.compile(f"^{re.escape(field)}( ?required)?$")
        control = self.inspector.get_by_label(name)
        expect(control).to_be_attached()
        if not control.is_visible():
            self.inspector.locator("details", has=control).locator("summary").first.click()
        control.fill(words)
        control.blur()

    # -- Edges ------------------------------------------------------------------------------------

    def port(self, node: str, side: str, kind: str, place: int = 0) -> ScreenPosition:
        """The middle of a port: of a node, `in` or `out`, the n-th of its kind."""
        selector = f'.port[data-node="{node}"][data-side="{side}"][data-kind="{kind}"]'
        return ScreenPosition(self.page.locator(selector).nth(place))

    def draw(self, start: ScreenPosition | Point, end: ScreenPosition | Point) -> None:
        """Draw an edge with the mouse, and let it go."""
        self.drag(start, end)
        expect(self.canvas).to_have_attribute("data-connecting", "")
        self.page.mouse.up()

    def drag(self, start: ScreenPosition | Point, end: ScreenPosition | Point) -> None:
        """Press at one place and move to the other, once both stand still; nothing is let go."""
        (x, y), (to_x, to_y) = points(start, end)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=4)
        mouse.move(to_x, to_y, steps=4)

    def drop_edge(self, start: ScreenPosition | Point, x: float, y: float, words: str) -> str:
        """Let an edge go over empty ground and choose what takes it; the new stage's key."""
        before = self.stage_keys()
        self.draw(start, ScreenPosition(self.canvas, (x, y)))
        self.choose(words)
        return self.added(before)

    # -- Commands and runs ------------------------------------------------------------------------

    def command(self, words: str) -> None:
        """Do what the command palette finds first."""
        self.page.keyboard.press("Control+k")
        self.choose(words, of=self.page.get_by_role("dialog", name="Commands"))

    def choose(self, words: str, shown: str = "", *, of: Locator | None = None) -> None:
        """Find something in the list that is open by its words, and take it.

        shown: what the entry says, where the words also name what it is under.
        """
        dialog = of or self.page.get_by_role("dialog")
        field = dialog.get_by_role("combobox")
        field.fill(words)
        first = dialog.get_by_role("option").first
        expect(first).to_contain_text(shown or words)
        # Enter takes what is marked, which need not be the first where a pointer moved meanwhile.
        expect(first).to_have_attribute("aria-selected", "true")
        field.press("Enter")
        expect(dialog).to_have_count(0)

    @property
    def quote(self) -> Locator:
        return self.page.locator(".quote:not(.is-old)")

    @property
    def run_status(self) -> Locator:
        return self.page.locator(".run-status")

    @property
    def run_button(self) -> Locator:
        return self.page.locator(".run-button")

    def start_run(self) -> str:
        """Press Run; the run's id once it is on the canvas."""
        shown = self.run_status
        before = shown.get_attribute("data-run") if shown.count() else None
        self.run_button.click()
        if before:
            expect(shown).not_to_have_attribute("data-run", before)
        run = shown.get_attribute("data-run")
        assert run
        return run

    def ended(self, status: str = "completed", within_s: float = 120) -> None:
        expect(self.run_status).to_have_attribute("data-status", status, timeout=1000 * within_s)

    def undo(self) -> None:
        self.canvas.focus()
        self.page.keyboard.press("Control+z")

    def state_becomes(self, template: str, look: Any, what: str) -> None:
        """Wait until the server's document is as wanted."""
        wait_for(lambda: look(self.document(template)), what)


def port(page: Page, stage: str, socket: str) -> ScreenPosition:
    """The middle of a port on the canvas."""
    return ScreenPosition(page.locator(f'.port[data-node="{stage}"][data-socket="{socket}"]'))


def state(page: Page, template: str) -> dict[str, Any]:
    """The document as the server has it now."""
    answer = page.request.get(f"/app/documents/{template}")
    assert answer.ok, answer.status
    read: dict[str, Any] = answer.json()["state"]
    return read


def saved(
    page: Page, template: str, is_so: Callable[[dict[str, Any]], bool], what: str
) -> dict[str, Any]:
    """The document on the server once it is so. what: for the message when it never is."""

    def look() -> dict[str, Any] | None:
        read = state(page, template)
        return read if is_so(read) else None

    found = wait_for(look, what)
    assert found is not None
    return found


def args(read: dict[str, Any], stage: str) -> dict[str, Any]:
    """The arguments of a stage of a document."""
    found: dict[str, Any] = read["stages"]["rows"][stage]["args"]
    return found
