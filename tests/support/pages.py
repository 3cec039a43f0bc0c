"""Every page of the product, once: what the pictures and the accessibility tests go through.

A new page appends itself to PAGES. It may be an address or a function of what `furnish` made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.support.builders.by_hand import BY_HAND, TOOLS, open_tool
from tests.support.builders.film import choosing, film, unfinished
from tests.support.builders.moderated_work import ModeratedWork, Moderating, send_report
from tests.support.builders.shared_work import SharedWork, Sharing
from tests.support.builders.site_apps import app_at
from tests.support.clients.app_listener import connected_app
from tests.support.clients.browser import WAIT_MS
from tests.support.clients.browser_actions import EditorActions
from tests.support.server import Site, finished, start
from tests.support.waiting import wait_for

TEASER = "wf_two-shot-product-teaser_a1b2c3d4"
# Another sample, so that a notice of its case changes no picture of the teaser.
REPORTED = "wf_the-last-lamp_5c1e40aa"
BRIEF = "A translucent speaker on a glossy black table, neon rim light"
DESCRIBED = (
    "A fishing boat comes home at dusk. Gulls circle over the harbor. Lanterns in the fog."
    " 12 seconds, 16:9, slow piano."
)
ANNOUNCED = "New models arrive on Sunday. The server is down from 6:00 to 7:00 UTC."
TERMS = "Be kind.\n\nShare only what is yours, and ask the people you show.\n\nNo harm to children."
SAYS = """
from core import clock
from core.models import ServerSetting
ServerSetting.objects.update_or_create(
    name={name!r}, defaults={{"value": {text!r}, "changed_at": clock.now()}})
"""
TEMPLATES = "/v1/creative-agent/workflows/templates"


LOOKS: dict[str, Any] = {
    "id": "looks",
    "label": "Looks",
    "type": "fixed",
    "tool": "generate_image",
    "produces": ["looks"],
    "args": {
        "prompt": "A harbour at night in the rain",
        "numberOfVariations": 4,
        "width": 512,
        "height": 512,
    },
}
CHOICE: dict[str, Any] = {
    "id": "pick",
    "label": "Choose the looks",
    "type": "interactive",
    "produces": ["pick"],
    "select": {"from": "$artifacts.looks", "min": 3, "max": 3},
    "userMessage": "Which of them go into the film? The rest is kept.",
}
# Pictures of some places, and tries of which two fail.
BATCHES: dict[str, Any] = {
    "name": "Postcards",
    "inputs": [
        {
            "name": name,
            "type": "text",
            "required": True,
            "multiple": {"min": 1, "max": 20},
            "default": values,
        }
        for name, values in (
            ("places", [f"A harbour at {hour}" for hour in ("dawn", "noon", "dusk", "night")]),
            ("times", ["50" if place in (3, 8) else "0" for place in range(12)]),
        )
    ],
    "stages": [
        {
            "id": name.lower(),
            "label": name,
            "type": "batch",
            "produces": [name.lower()],
            "overBinding": over,
            "itemName": "it",
            "itemLabelTemplate": label,
            "partialExecutionEnabled": True,
            "maxAttemptsPerItem": 1,
            "itemStage": {"type": "fixed", "tool": tool, "args": args},
        }
        for name, over, label, tool, args in (
            (
                "Cards",
                "$inputs.places",
                "{value}",
                "generate_image",
                {"prompt": "$item.value", "width": 320, "height": 180},
            ),
            (
                "Shots",
                "$inputs.times",
                "Shot {index}",
                "fail",
                {"times": "$item.value", "retryable": False},
            ),
        )
    ],
}
PRODUCT_SHOTS: dict[str, Any] = {
    "name": "Product shots",
    "inputs": [
        {"name": "product", "type": "text", "required": True},
        {
            "name": "width",
            "type": "number",
            "jsonSchema": {"type": "integer", "minimum": 64, "maximum": 512},
        },
        {"name": "mood", "type": "text", "default": "calm"},
    ],
    "stages": [
        {
            "id": "shot",
            "type": "fixed",
            "tool": "generate_image",
            "args": {"prompt": "$inputs.product", "width": "$inputs.width", "height": 180},
            "produces": ["shot"],
        }
    ],
}
PRODUCTS = """SKU\tProduct\tWidth
L-100\tA brass lamp on a desk\t320
C-200\tA red chair in the rain\t320
T-300\tA teapot made of glass\t9000
B-400\tA boat at dusk\t320
"""
ASKS: dict[str, Any] = {
    "toolName": "ask_clarifying_question",
    "arguments": {
        "question": "Which season is it set in?",
        "reason": "It decides the light and the clothes.",
    },
}


@dataclass(frozen=True)
class Furnished:
    """What is in a server that pages are looked at in. The ids are public ones.

    session: storage of a browser in which the owner, a moderator, is signed in. own_template: the
    owner's remix of the teaser. run_*: the owner's runs, one in each state that looks different;
    run_question, run_choice and run_checkpoint wait for someone;
    run_shared is one of film that is shared.
    film: a template of eight stages, run, then changed; storm: one whose run goes on; choosing: one
    whose run waits for a choice among what a batch made; by_hand: one of
    tests/support/builders/by_hand.py, run once; empty: one without stages. shared: creations, the
    first of which is film's run, and someone else, who edits film. moderated: someone suspended.
    app: the address with which an app asks to be connected; another one of the owner is.
    own_app: the slug of an app of own_template, with a link.
    for_guests: an app of the owner's, with the token of a link to it.
    table_to_check, table_run: addresses of table runs, of which one has a problem and the other is
    over.
    """

    site: Site
    session: Any
    template: str
    own_template: str
    run_done: str
    run_failed: str
    run_live: str
    run_batches: str
    run_question: str
    run_choice: str
    run_checkpoint: str
    run_shared: str
    film: str
    storm: str
    choosing: str
    by_hand: str
    empty: str
    shared: SharedWork
    moderated: ModeratedWork
    app: str
    own_app: str
    for_guests: str
    table_to_check: str
    table_run: str


Address = str | Callable[[Furnished], str]


@dataclass(frozen=True)
class Shown:
    """One page as one person sees it.

    name: of its picture. address: may name fields of what `furnish` made, as
    "/t/{made.film}/edit". signed_in: as the owner; as_member: as the other person; as_suspended: as
    someone whose account is suspended. before: what is done on the page first, such as opening a
    menu. status: of the answer.
    """

    name: str
    address: Address
    signed_in: bool = False
    as_member: bool = False
    as_suspended: bool = False
    before: Callable[[Page], None] | None = None
    status: int = 200

    def path(self, furnished: Furnished) -> str:
        if isinstance(self.address, str):
            return self.address.format(made=furnished)
        return self.address(furnished)

    def session(self, furnished: Furnished) -> Any:
        """Of the browser that looks, None for a visitor's."""
        if self.as_member:
            return furnished.shared.member
        if self.as_suspended:
            return furnished.moderated.suspended
        return furnished.session if self.signed_in else None

    def visit(self, page: Page, furnished: Furnished) -> None:
        """Go there and let it come to rest: fonts and pictures are there, media stand still."""
        answer = page.goto(self.path(furnished))
        assert answer is not None
        assert answer.status == self.status, (self.name, answer.status)
        if self.before:
            self.before(page)
        page.evaluate(STILL)


# Media stop at their first frame, and whatever comes into view late is loaded now.
STILL = """async () => {
  for (const one of document.querySelectorAll("img[loading=lazy]")) one.loading = "eager";
  for (const one of document.querySelectorAll("video, audio")) {
    one.autoplay = false;
    one.pause();
    if (one.currentTime) one.currentTime = 0;
    one.preload = "auto";
  }
  const wait = new Promise(done => setTimeout(done, 5000));
  const pictures = [...document.images].filter(one => one.checkVisibility());
  const films = [...document.querySelectorAll("video")].filter(one => one.checkVisibility());
  await Promise.race([wait, Promise.allSettled([
    document.fonts.ready, ...pictures.map(one => one.decode()),
    ...films.map(one => one.readyState >= 3 || new Promise(done => one.oncanplay = done)),
  ])]);
}"""


def furnish(site: Site, browser: Browser) -> Furnished:
    """Sign the owner in, remix a sample, and start a run of each kind."""
    link = re.search(r"http\S+", site.manage("signin-link", "owner"))
    assert link
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(link[0])
    page.get_by_role("main").get_by_role("button", name="Continue as").click()
    page.wait_for_url("**/")
    expect(account_button(page)).to_be_visible()
    session = context.storage_state()
    send_report(page, f"/t/{REPORTED}/report", details="The second stage. <b>Look</b>")
    app = connected_app(page, site)
    actions = EditorActions(page)
    empty = actions.new_template("Untitled template")
    with site.client(site.key("owner")) as client:
        shots = _saved(client, PRODUCT_SHOTS)
        table_to_check, table_run = _table_run(page, shots), _table_run(page, shots, starts=True)
        forked = client.post(f"{TEMPLATES}/{TEASER}/fork", json={})
        assert forked.status_code == 201, forked.text
        own = forked.json()["data"]["template"]["id"]
        done = start(client, {"workflow_id": own, "inputs": {"brief": BRIEF}})
        own_app = _shared_app(page, own)
        picture = {"toolName": "generate_image", "title": "Keyframe"}
        picture["arguments"] = {"prompt": "Rain over a harbour at night"}  # type: ignore[assignment]
        refused = {"toolName": "fail", "title": "Shots", "arguments": {"retryable": False}}
        failed = _steps(client, "Rain over the harbour", [picture, refused])
        waits = {"toolName": "sleep", "title": "Shots", "arguments": {"seconds": 3000}}
        batches = start(client, {"workflow_id": _saved(client, BATCHES), "inputs": {}})
        question = _steps(client, "A short film", [ASKS])
        choice = _run_of(client, [LOOKS, CHOICE])
        checkpoint = _run_of(client, [{**LOOKS, "checkpointRequired": True}])
        cut = _saved(client, film())
        # Run in the editor, which keeps the seeds: what is not changed afterwards is reused.
        actions.open(cut)
        made = actions.start_run()
        by_hand = _saved(client, BY_HAND)
        actions.open(by_hand)
        set_once = actions.start_run()
        choose = _saved(client, choosing())
        actions.open(choose)
        actions.start_run()
        actions.ended("waiting_for_user")
        context.close()
        for run in (done["id"], failed["id"], batches["id"], made, set_once):
            finished(client, run)
        for run in (choice, checkpoint):
            wait_for(partial(_asks, client, run), "a run that asks", 60)
        shared = Sharing(site, browser, session).share(
            film=made, pictures=batches["id"], template=cut, stage="Dusk shot"
        )
        moderated = Moderating(site, browser, session).moderate(creation=shared.film)
        moved = client.patch(f"{TEMPLATES}/{cut}", json={"stages": film("The sky turns")["stages"]})
        assert moved.status_code == 200, moved.text
        # Each of the two keeps a worker busy from here on.
        storm = _saved(client, unfinished())
        waiting = start(client, {"workflow_id": storm, "inputs": {}})
        wait_for(lambda: _is_under_way(client, waiting["id"], 2), "the storm", 60)
        live = _steps(client, "Storm over the rock", [picture, waits])
        token = app_at(site, own, slug="teasers", title="Teasers", intro="For a product of yours.")
        wait_for(lambda: _is_under_way(client, live["id"], 1), "the stage that takes its time", 60)
    return Furnished(
        site=site,
        session=session,
        template=TEASER,
        own_template=own,
        run_done=done["id"],
        run_failed=failed["id"],
        run_live=live["id"],
        run_batches=batches["id"],
        run_question=question["id"],
        run_choice=choice,
        run_checkpoint=checkpoint,
        run_shared=made,
        film=cut,
        storm=storm,
        choosing=choose,
        by_hand=by_hand,
        empty=empty,
        shared=shared,
        moderated=moderated,
        app=app,
        own_app=own_app,
        for_guests=f"/a/teasers#k={token}",
        table_to_check=table_to_check,
        table_run=table_run,
    )


def _shared_app(page: Page, template: str) -> str:
    """Make an app of a template, with a link; its slug."""
    page.goto(f"/t/{template}/app")
    page.get_by_role("button", name="Create guest link").click()
    link = page.get_by_label("Guest link", exact=True).input_value()
    return link.partition("/a/")[2].partition("#")[0]


def _table_run(page: Page, template: str, *, starts: bool = False) -> str:
    """Paste a table with a problem, and maybe run its rows to their end; the address."""
    page.goto(f"/t/{template}/table")
    page.get_by_text("Paste cells").click()
    page.get_by_label("Cells, copied").fill(PRODUCTS)
    page.get_by_role("button", name="Check the table").click()
    run = page.get_by_role("button", name=re.compile("^Run 3 rows"))
    expect(run).to_be_visible()
    if starts:
        run.click()
        expect(page.get_by_text("3 of 4 done")).to_be_visible()
    return page.url


def _make_guest_link(page: Page) -> None:
    page.get_by_text("Change limits").click()
    page.get_by_label("Label, only you").fill("Friends of Ana")
    page.get_by_role("button", name="Create guest link").click()
    expect(page.get_by_role("heading", name="Your guest link")).to_be_visible()


def _hide_what_runs_need(page: Page) -> None:
    page.get_by_role("switch", name=re.compile("^Hide ")).first.check()
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("alert").first).to_contain_text("Not saved")


def _run_of(client: Any, stages: list[dict[str, Any]]) -> str:
    """A run of a template with these stages; its id."""
    saved = _saved(client, {"name": "Harbour looks", "stages": stages})
    return str(start(client, {"workflow_id": saved, "inputs": {}})["id"])


def _asks(client: Any, run_id: str) -> bool:
    run = client.get(f"/v1/creative-agent/workflows/{run_id}").json()["data"]["workflow"]
    return bool(run["status"] == "waiting_for_user")


def _saved(client: Any, body: dict[str, Any]) -> str:
    """A new template of the owner's; its id."""
    answer = client.post(TEMPLATES, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["template"]["id"])


def _steps(client: Any, title: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    return start(client, {"input": {"title": title, "steps": steps}})


def _is_under_way(client: Any, run_id: str, done: int) -> bool:
    """Whether that many stages are done, and another is at work."""
    run = client.get(f"/v1/creative-agent/workflows/{run_id}").json()["data"]["workflow"]
    states = [step["status"] for step in run["steps"]]
    return "running" in states and states.count("completed") == done


def account_button(page: Page) -> Any:
    """The button of the account menu, which only people who are signed in have."""
    return page.get_by_role("banner").get_by_role("button", name="'s account")


def _open_account_menu(page: Page) -> None:
    account_button(page).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _press(name: str, shows: Any, *, of: Any = "button") -> Callable[[Page], None]:
    """Press the button, or what else is of that role, which shows something of another role."""

    def press(page: Page) -> None:
        page.get_by_role(of, name=name, exact=True).click()
        expect(page.get_by_role(shows)).to_be_visible()

    return press


def _headed(name: str) -> Callable[[Page], None]:
    """Wait for a heading, which a script brings."""
    return lambda page: expect(page.get_by_role("heading", name=name)).to_be_visible()


def _unfold(summary: str) -> Callable[[Page], None]:
    def unfold(page: Page) -> None:
        page.locator("summary", has_text=summary).click()

    return unfold


def _open_bell(page: Page) -> None:
    page.locator("notice-bell > a").click()
    expect(
        page.get_by_role("dialog", name="Latest notices").locator("strong").first
    ).to_be_visible()


def _wrong_password(page: Page) -> None:
    page.get_by_label("Username").fill("mira")
    page.get_by_label("Password").fill("lamplight")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _check_a_file(page: Page) -> None:
    said = "DigitalSourceType http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    file: Any = {"name": "harbor.png", "mimeType": "image/png", "buffer": said.encode()}
    page.locator("#check-file").set_input_files(file)
    expect(page.get_by_role("heading", name="What the file says of itself")).to_be_visible()


def _fresh_link(furnished: Furnished) -> str:
    link = re.search(r"/sign-in/\S+", furnished.site.manage("signin-link", "owner"))
    assert link
    return link[0]


def _set_up_second_factor(page: Page) -> None:
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_label("Code")).to_be_visible()


def _new_key(page: Page) -> None:
    page.get_by_label("Name, e.g.").fill("night job")
    page.get_by_role("button", name="New key").click()
    expect(page.get_by_role("heading", name="Your new key")).to_be_visible()


def _ask_to_revoke(page: Page) -> None:
    _new_key(page)
    page.get_by_role("button", name="Revoke night job").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _open_in_list(page: Page) -> None:
    """The first of the queue, or the first person that a search found."""
    page.locator(".moderation-row, .moderation-cases a").first.click()
    # The console shows its next page in the same document, and this one is inert until then.
    expect(page.locator("main[inert]")).to_have_count(0)
    expect(page.locator(".moderation-case, .moderation-who").first).to_be_visible()


def _open_limits(page: Page) -> None:
    """The studio with limits, and the form of its pause."""
    card = page.locator("#provider-studio")
    card.locator("summary", has_text="Limits").click()
    card.get_by_label("At once").fill("4")
    card.get_by_label("One person, %").fill("50")
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("of 4 at work")
    card.locator("summary", has_text="Pause").click()


def _weak_password(page: Page) -> None:
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("Confirm new password").fill("short")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _prepare_data(page: Page) -> None:
    """While it is prepared, or once it is ready: a worker may be faster than the page."""
    button = page.get_by_role("button", name=re.compile("^Prepare"))
    if button.count():
        button.click()
    data = page.get_by_role("region", name="Your data")
    expect(data.get_by_text(re.compile("preparing your data|is ready, until"))).to_be_visible()


def _open_invitation(page: Page) -> None:
    """The form of someone new, in a window that has signed out."""
    page.get_by_label("For (note to yourself)").fill("Ada")
    page.get_by_role("button", name="Create invitation").click()
    link = page.get_by_label("The link", exact=True).input_value()
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("heading", name="You're invited")).to_be_visible()


def _open_person(page: Page) -> None:
    """The newest account, which isn't the owner's."""
    page.get_by_role("list", name="People").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Limits")).to_be_visible()


def _ask_to_delete_person(page: Page) -> None:
    _open_person(page)
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete the account?")).to_be_visible()


def _editor(page: Page) -> None:
    """Until the editor shows what it knows of the last run and of the next one."""
    expect(page.locator('.work-area[aria-busy="false"], .outline')).to_be_visible()
    if page.locator(".quote, .run-status").count():
        expect(page.locator(".quote:not(.is-old), .run-status").first).to_be_attached()


def _editor_with_media(page: Page) -> None:
    _editor(page)
    expect(page.locator("main img").first).to_be_visible()
    expect(page.locator(".quote:not(.is-old), .run-status").first).to_be_attached()


def _go_to(stage: str) -> Callable[[Page], None]:
    """Go to a stage: by the command palette, or on phones by touching it in the outline."""

    def go(page: Page) -> None:
        _editor_with_media(page)
        actions = EditorActions(page)
        if actions.canvas.count():
            actions.command(stage)
        else:
            page.get_by_role("treeitem", name=re.compile(f"^{re.escape(stage)},")).click()
        expect(actions.inspector.get_by_role("heading", name=stage, exact=True)).to_be_visible()

    return go


def _result(page: Page) -> None:
    _go_to("Final cut")(page)
    page.get_by_role("tab", name="Result").click()
    expect(page.locator(".inspector video")).to_be_visible()


def _describe(page: Page) -> None:
    """The box of an empty canvas, with something in it."""
    _editor(page)
    page.get_by_label("What should it make?").fill(DESCRIBED)


def _change(page: Page) -> None:
    """The box over a graph, with two stages as its context where there is a canvas."""
    _editor_with_media(page)
    actions = EditorActions(page)
    refuse = page.get_by_role("region", name="Proposal").get_by_role("button", name="Refuse")
    if refuse.is_visible():
        # The proposal of an earlier visit waits.
        refuse.click()
        expect(refuse).to_have_count(0)
    if actions.canvas.count():
        actions.select("dusk-shot")
        actions.node("night-shot").locator(".node-head b").click(modifiers=["Shift"])
        page.keyboard.press("d")
    else:
        page.get_by_role("button", name="Change it").click()
    box = page.locator(".describe")
    box.get_by_label("Format").select_option("9:16")
    box.get_by_label("Music", exact=True).select_option("Off")


def _proposal(page: Page) -> None:
    _change(page)
    page.locator(".describe").get_by_label("Format").press("Control+Enter")
    expect(page.get_by_role("region", name="Proposal")).to_be_visible()
    expect(page.locator(".compare-canvas .node").first).to_be_visible()


def _plan(page: Page) -> None:
    """The plan and the draft of some words, in a template of their own."""
    page.get_by_label("What do you want to make?").fill(DESCRIBED)
    page.get_by_role("button", name="Describe it").click()
    expect(page.get_by_role("region", name="Plan", exact=True)).to_be_visible()
    expect(page.locator(".compare-canvas .node").first).to_be_visible()


def _wipe(page: Page) -> None:
    _go_to("Black and white")(page)
    page.get_by_role("tab", name="Result").click()
    page.locator(".result").get_by_role("button", name="Compare").click()
    expect(page.get_by_role("slider").first).to_be_visible()


def _refused(page: Page) -> None:
    """Let an edge go where it does not fit. There is no drawing in the outline."""
    _editor_with_media(page)
    actions = EditorActions(page)
    if actions.canvas.count():
        actions.draw(
            actions.port("score", "out", "audio"), actions.port("dawn-shot", "in", "image")
        )
        expect(page.locator(".why")).to_be_visible()


def _choosing(page: Page) -> None:
    """The items of a batch, one of which failed, in the inspector."""
    _editor_with_media(page)
    actions = EditorActions(page)
    if actions.canvas.count():
        actions.command("Tries")
    else:
        page.locator("[data-row=tries]").click()
    page.get_by_role("tab", name="Result").click()
    page.locator(".item-list button").nth(1).click()
    expect(page.locator(".item-title")).to_be_visible()


def _choice(page: Page) -> None:
    """What someone is to choose from, beside its node, on phones in the sheet."""
    _editor_with_media(page)
    node = page.locator(".node.is-waiting .do")
    if EditorActions(page).canvas.count():
        node.click()
    else:
        page.locator(".outline-turn").click()
    expect(page.locator(".pick-one").first).to_be_visible()
    page.locator(".pick-one").first.click()


def _run_mode(page: Page) -> None:
    _editor_with_media(page)
    mode = page.get_by_role("group", name="Mode").get_by_role("button", name="Run")
    if mode.is_visible():
        mode.click()


def _command(words: str, dialog: str) -> Callable[[Page], None]:
    def ask(page: Page) -> None:
        _editor_with_media(page)
        EditorActions(page).command(words)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()

    return ask


def _bell_in_the_editor(page: Page) -> None:
    _editor_with_media(page)
    _open_bell(page)


def _stage_menu(page: Page) -> None:
    """The menu of a stage: by the right button, in the outline by its button."""
    _editor_with_media(page)
    actions = EditorActions(page)
    if actions.canvas.count():
        actions.node("dusk-shot").locator(".node-head").click(button="right")
    else:
        page.get_by_role("button", name="More actions for Dusk shot").click()
    expect(page.get_by_role("menuitem", name="Comment")).to_be_visible()


def _palette(page: Page) -> None:
    _editor_with_media(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()


def _compare(page: Page) -> None:
    _command("Versions", "Versions")(page)
    page.get_by_role("dialog").get_by_role("button", name="Compare").last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".compare-list li").first).to_be_visible()


def _outline(page: Page) -> None:
    _editor_with_media(page)
    if page.get_by_role("main", name="Canvas").count():
        page.keyboard.press("o")
    expect(page.get_by_role("tree")).to_be_visible()


def _pick_two(page: Page) -> None:
    for place in (0, 1):
        page.locator(".pick").nth(place).check()
    expect(page.get_by_role("region", name="Selected templates")).to_be_visible()


def _choose_two(page: Page) -> None:
    for place in (1, 2):
        page.locator(".pick label").nth(place).click()
    expect(page.get_by_text("2 of 3")).to_be_visible()


def _make_link(page: Page) -> None:
    page.get_by_role("button", name="Answer on your phone").click()
    expect(page.get_by_label("The link")).to_be_visible()


def _follow_link(page: Page) -> None:
    """The question as someone sees it who only has the link."""
    _make_link(page)
    link = page.get_by_label("The link").input_value()
    page.context.clear_cookies()
    page.goto(link)


def _choose_on_a_phone(page: Page) -> None:
    _follow_link(page)
    _choose_two(page)


def _unfold_failed(page: Page) -> None:
    page.locator('[data-tile][data-state="failed"]').first.click()
    expect(page.get_by_role("button", name="Retry 2 failed")).to_be_visible()


def _other_words(page: Page) -> None:
    page.locator(".turn-redo summary").click()
    expect(page.get_by_role("button", name="Redo", exact=True)).to_be_visible()


def _set_the_server(page: Page) -> None:
    """What an operator has typed, of which one field can't be saved."""
    page.get_by_label("Announcement").fill("New models arrive on Sunday.")
    page.get_by_label("Sign out after inactivity").fill("90")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Enter a whole number from 1 to 14.")).to_be_visible()


def _set_up_sign_on(page: Page) -> None:
    """What an owner has typed of a provider, without the settings around it."""
    form = page.get_by_role("region", name="Sign-on")
    form.get_by_label("Issuer").fill("https://login.example.org/realms/film")
    form.get_by_label("Client ID").fill("reelgraph")
    form.get_by_label("Client secret").fill("of this server")
    form.get_by_label("Name", exact=True).fill("Film school")
    form.get_by_label("Who may join").select_option("claim")
    form.get_by_label("Claim", exact=True).fill("groups=film")
    others = ".operator-server > section:not([aria-labelledby='sign-on']), div.operator-server"
    page.locator(others).evaluate_all("parts => { for (const part of parts) part.hidden = true }")


def _open_decision(page: Page) -> None:
    """The latest decision about this person, with the form of an appeal."""
    page.get_by_role("link", name="Appeal:").first.click()
    expect(page.get_by_role("button", name="Send appeal")).to_be_visible()


def _add_no_service(page: Page) -> None:
    """What can't be saved, as the form shows it."""
    page.get_by_label("Name").fill("cellar")
    page.get_by_label("URL").fill("not a URL")
    page.get_by_role("button", name="Add service").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _report_comment(page: Page) -> None:
    page.goto(page.locator('.comment a[href$="/report"]').last.get_attribute("href") or "")
    expect(page.get_by_role("heading", name="Report this comment")).to_be_visible()


def _pick_cases(page: Page) -> None:
    for place in (0, 1):
        page.get_by_role("checkbox", name="Select case").nth(place).check()
    expect(page.get_by_text("2 selected")).to_be_visible()


def _decide_in_bulk(page: Page) -> None:
    _pick_cases(page)
    page.get_by_role("button", name="Decide selected").click()
    expect(page.get_by_role("heading", name="Decide 2 cases")).to_be_visible()


def _list_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def _announced(path: str, **settings: str) -> Callable[[Furnished], str]:
    """Where to go once an operator has saved these; the last pages of all, for they hold on."""

    def go(made: Furnished) -> str:
        for name, text in (("ANNOUNCEMENT", ANNOUNCED), *settings.items()):
            made.site.manage("shell", "-c", SAYS.format(name=name, text=text))
        if "TERMS" in settings:
            # A server that has just read its settings doesn't know them yet.
            terms = f"{made.site.url}/terms"
            wait_for(lambda: httpx.get(terms).is_success, "the terms are known")
        return path.format(made=made)

    return go


# As the owner sees a page.
_mine = partial(Shown, signed_in=True)
PAGES: list[Shown] = [
    Shown("gallery", "/"),
    _mine("gallery-signed-in", "/"),
    Shown("gallery-search", "/?q=lighthouse"),
    Shown("gallery-nothing-found", "/?q=neon+otters"),
    _mine("describe", "/describe"),
    Shown("api", "/docs/api"),
    _mine("account-menu", "/", before=_open_account_menu),
    Shown("template", "/t/{made.template}"),
    _mine("template-own", "/t/{made.own_template}"),
    _mine("template-publish", "/t/{made.own_template}/publish"),
    _mine("template-delete", "/t/{made.own_template}/delete"),
    _mine("app-share", "/t/{made.film}/app"),
    _mine("apps", "/me/apps"),
    _mine("app-settings", "/me/apps/{made.own_app}"),
    _mine("app-settings-refused", "/me/apps/{made.own_app}", before=_hide_what_runs_need),
    _mine("app-link", "/me/apps/{made.own_app}/links", before=_make_guest_link),
    _mine("table-form", "/t/{made.film}/table"),
    _mine("table-runs", "/run-sets"),
    _mine("table-run-check", "{made.table_to_check}"),
    _mine("table-run", "{made.table_run}"),
    _mine("template-remixes", "/t/{made.template}?tab=remixes"),
    _mine("template-versions", "/t/{made.own_template}?tab=versions"),
    _mine("run-done", "/runs/{made.run_done}"),
    _mine("run-sharing", "/runs/{made.run_done}", before=_press("Share", "dialog", of="link")),
    Shown("run-as-member", "/runs/{made.run_shared}", as_member=True),
    _mine("share", "/app/runs/{made.run_done}/share"),
    Shown("creations", "/creations"),
    _mine("creations-search", "/creations?q=harbor"),
    Shown("author", "/u/{made.shared.author}"),
    _mine("author-mine", "/u/{made.shared.author}"),
    Shown("creation", "/s/{made.shared.film}"),
    Shown("creation-graph", "/s/{made.shared.film}", before=_unfold("How it was made")),
    _mine("creation-mine", "/s/{made.shared.film}"),
    Shown("creation-as-member", "/s/{made.shared.film}", as_member=True),
    Shown("creation-pictures", "/s/{made.shared.pictures}"),
    _mine("creation-change", "/s/{made.shared.film}", before=_press("Change", "dialog", of="link")),
    Shown("creation-taken-down", "/s/{made.shared.taken_down}", as_member=True),
    Shown("creation-gone", "/s/{made.shared.taken_down}", status=404),
    Shown("embed", "/embed/{made.shared.film}"),
    Shown("embed-gone", "/embed/{made.shared.taken_down}", status=404),
    _mine("run-failed", "/runs/{made.run_failed}"),
    _mine("run-live", "/runs/{made.run_live}"),
    _mine("run-batches", "/runs/{made.run_batches}", before=_unfold_failed),
    _mine("run-question", "/runs/{made.run_question}", before=_make_link),
    _mine("run-choice", "/runs/{made.run_choice}", before=_choose_two),
    _mine("run-checkpoint", "/runs/{made.run_checkpoint}", before=_other_words),
    _mine("answer-question", "/runs/{made.run_question}", before=_follow_link),
    _mine("answer-choice", "/runs/{made.run_choice}", before=_choose_on_a_phone),
    Shown("answer-over", "/answer/look-at-me", status=404),
    Shown("app", "{made.for_guests}", before=_headed("Teasers")),
    Shown(
        "app-embed", lambda made: made.for_guests.replace("#", "/embed#"), before=_headed("Teasers")
    ),
    Shown("app-over", "/a/teasers#k=none", before=_headed("Link not valid")),
    _mine("editor", "/t/{made.film}/edit", before=_editor_with_media),
    _mine("editor-stage", "/t/{made.film}/edit", before=_go_to("Dusk shot")),
    _mine("editor-result", "/t/{made.film}/edit", before=_result),
    _mine("editor-refused", "/t/{made.film}/edit", before=_refused),
    _mine("editor-run", "/t/{made.film}/edit", before=_run_mode),
    _mine("editor-running", "/t/{made.storm}/edit", before=_editor_with_media),
    _mine("editor-choosing", "/t/{made.choosing}/edit", before=_choosing),
    _mine("editor-choice", "/t/{made.choosing}/edit", before=_choice),
    _mine("editor-batch", "/t/{made.choosing}/edit", before=_go_to("Frames")),
    _mine("editor-condition", "/t/{made.choosing}/edit", before=_go_to("Final cut")),
    _mine("editor-compare", "/t/{made.film}/edit", before=_compare),
    _mine("editor-outline", "/t/{made.film}/edit", before=_outline),
    _mine("editor-commands", "/t/{made.film}/edit", before=_palette),
    _mine(
        "editor-keys",
        "/t/{made.film}/edit",
        before=_command("Keyboard shortcuts", "Keyboard shortcuts"),
    ),
    _mine("editor-versions", "/t/{made.film}/edit", before=_command("Versions", "Versions")),
    _mine("editor-share", "/t/{made.film}/edit", before=_command("Share", "Share this draft")),
    *(
        _mine(f"editor-{tool}", "/t/{made.by_hand}/edit", before=open_tool(_go_to, tool))
        for tool in TOOLS
    ),
    _mine("editor-wipe", "/t/{made.by_hand}/edit", before=_wipe),
    _mine("editor-empty", "/t/{made.empty}/edit", before=_editor),
    _mine("editor-describe", "/t/{made.empty}/edit", before=_describe),
    _mine("editor-change", "/t/{made.film}/edit", before=_change),
    _mine("editor-plan", "/describe", before=_plan),
    _mine("editor-proposal", "/t/{made.film}/edit", before=_proposal),
    _mine("editor-menu", "/t/{made.film}/edit", before=_stage_menu),
    _mine("editor-bell", "/t/{made.film}/edit", before=_bell_in_the_editor),
    _mine("editor-comments", "/t/{made.film}/edit", before=_command("Show comments", "Comments")),
    _mine("editor-publish", "/t/{made.film}/edit", before=_command("Publish", "Publish")),
    Shown("editor-as-member", "/t/{made.film}/edit", as_member=True, before=_editor_with_media),
    _mine("editor-look", "/t/{made.template}/edit", before=_editor),
    _mine("my-runs", "/me/runs"),
    _mine("delete-runs", "/me/runs/delete"),
    _mine("my-media", "/me/media"),
    _mine("my-templates", "/me/templates"),
    _mine("my-templates-picked", "/me/templates", before=_pick_two),
    Shown("my-templates-member", "/me/templates", as_member=True),
    _mine("my-templates-none", "/me/templates?show=public"),
    _mine("keys", "/me/keys"),
    _mine("keys-new", "/me/keys", before=_new_key),
    _mine("keys-revoke", "/me/keys", before=_ask_to_revoke),
    _mine("connect-app", "{made.app}"),
    _mine("connect-app-refused", "/oauth/authorize?client_id=x", status=400),
    _mine("account", "/me"),
    _mine("security", "/me/security"),
    _mine("second-factor", "/me/security", before=_set_up_second_factor),
    _mine("account-refused", "/me", before=_weak_password),
    _mine("notices", "/me/notices"),
    _mine("notices-panel", "/me/notices", before=_open_bell),
    Shown("notices-member", "/me/notices", as_member=True),
    _mine("people", "/me/people"),
    Shown("block", "/u/{made.shared.author}/block", as_member=True),
    _mine("address", "/me/address"),
    Shown("reset", "/reset"),
    Shown("help", "/help"),
    _mine("notice-settings", "/me/notices/settings"),
    _mine("delete-account", "/me/delete"),
    _mine("invitations", "/admin/data/accounts/onetimelink/"),
    _mine("invite", "/admin/data/accounts/onetimelink/add/"),
    _mine("invitation", "/admin/data/accounts/onetimelink/add/", before=_open_invitation),
    Shown("invitation-spent", "/invitation/look-at-me", status=404),
    _mine("report", f"/t/{REPORTED}/report"),
    Shown("report-creation", "/s/{made.shared.film}/report", as_member=True),
    Shown("report-person", "/u/{made.shared.author}/report", as_member=True),
    Shown("report-file", "/s/{made.shared.film}/media/0/report", as_member=True),
    _mine("report-comment", "/s/{made.shared.film}", before=_report_comment),
    Shown("my-decisions", "/me/decisions", as_member=True),
    _mine("my-decisions-none", "/me/decisions"),
    Shown("my-decision", "/me/decisions", as_member=True, before=_open_decision),
    Shown("my-decision-appealed", "/me/decisions", as_suspended=True),
    _mine("my-reports", "/me/reports"),
    Shown("suspended", "/", as_suspended=True),
    Shown("suspended-templates", "/me/templates", as_suspended=True),
    Shown("suspended-template", "/t/{made.moderated.template}", as_suspended=True),
    Shown("suspended-editor", "/t/{made.moderated.template}/edit", as_suspended=True),
    _mine("moderation", "/admin/moderation/"),
    _mine("moderation-none", "/admin/moderation/?q=nothing+like+this"),
    _mine("moderation-picked", "/admin/moderation/", before=_pick_cases),
    _mine("moderation-case", "/admin/moderation/cases/1"),
    _mine("moderation-creation", "/admin/moderation/?kind=share&show=closed", before=_open_in_list),
    _mine("moderation-comment", "/admin/moderation/?kind=comment", before=_open_in_list),
    _mine("moderation-about", "/admin/moderation/?kind=user", before=_open_in_list),
    _mine("moderation-file", "/admin/moderation/?kind=media", before=_open_in_list),
    _mine("moderation-keys", "/admin/moderation/cases/1", before=_list_keys),
    _mine("moderation-bulk", "/admin/moderation/", before=_decide_in_bulk),
    _mine("moderation-appeals", "/admin/moderation/appeals"),
    _mine("moderation-people", "/admin/moderation/people/"),
    _mine("moderation-person", "/admin/moderation/people/?q=ria", before=_open_in_list),
    _mine("moderation-audit", "/admin/moderation/audit"),
    _mine("operator-index", "/admin/"),
    _mine("operator-people", "/admin/people"),
    _mine("operator-person", "/admin/people", before=_open_person),
    _mine("operator-delete", "/admin/people", before=_ask_to_delete_person),
    _mine("operator-new-account", "/admin/people/new"),
    _mine("roles", "/admin/data/roles/"),
    _mine("give-role", "/admin/data/roles/add/"),
    _mine("mail", "/admin/data/notices/mail/"),
    _mine("operator-runs", "/admin/runs/"),
    _mine("operator-run", "/admin/runs/{made.run_live}"),
    _mine("operator-run-failed", "/admin/runs/{made.run_failed}"),
    _mine("operator-workers", "/admin/workers"),
    _mine("operator-server", "/admin/server"),
    _mine("operator-health", "/admin/server/health"),
    _mine("operator-backups", "/admin/backups"),
    _mine("operator-server-set", "/admin/server", before=_set_the_server),
    _mine("operator-sign-on", "/admin/server", before=_set_up_sign_on),
    _mine("data", "/admin/data/"),
    _mine("data-list", "/admin/data/accounts/user/"),
    _mine("data-row", "/admin/data/accounts/user/1/change/"),
    _mine("operator-providers", "/admin/providers", before=_open_limits),
    _mine("operator-service", "/admin/providers/add"),
    _mine("operator-service-refused", "/admin/providers/add", before=_add_no_service),
    _mine("operator-people-of", "/admin/providers/studio/people"),
    Shown("check", "/check", before=_check_a_file),
    Shown("check-refused", "/check?sha256=abc", status=422),
    Shown("sign-in", "/sign-in"),
    Shown("sign-in-wrong", "/sign-in", before=_wrong_password),
    Shown("link", _fresh_link),
    Shown("link-spent", "/sign-in/look-at-me", status=404),
    Shown("not-found", "/nothing-here", status=404),
    _mine("account-data", "/me", before=_prepare_data),
    Shown("announced-gallery", _announced("/")),
    _mine("announced", _announced("/me/templates")),
    _mine("announced-editor", _announced("/t/{made.film}/edit"), before=_editor),
    Shown("terms", _announced("/terms", TERMS=TERMS)),
    _mine("terms-new", _announced("/", TERMS=TERMS)),
]
