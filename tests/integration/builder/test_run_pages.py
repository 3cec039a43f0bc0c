"""/runs/<id>, /me/runs and what their forms do, without a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from runs.engine import cancelling
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.drafts import Desk, note
from tests.support.builders.running import start, start_template, work_off
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import list_pages, signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

STAGES = [
    {"id": "one", "label": "One", "type": "fixed", "tool": "note", "args": {"text": "$inputs.say"}}
]
INPUTS = [{"name": "say", "type": "text", "required": True}]
NOTE = {"toolName": "note", "arguments": {"text": "x"}}


def text(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content
    return flat(answer.content)


def listed(page: str) -> list[str]:
    return re.findall(r'data-row="([^"]+)"', page)


# --- my runs ------------------------------------------------------------------------------------


def test_every_run_is_on_exactly_one_page_newest_first(alice: User, browser: Client) -> None:
    made = []
    for _ in range(45):
        run = start(alice, [{"toolName": "noop"}])
        cancelling.cancel_run(run=run)
        made.append(run.public_id)
    pages = [listed(page) for page in list_pages(browser, "/me/runs")]
    assert [len(rows) for rows in pages] == [20, 20, 5]
    assert [row for rows in pages for row in rows] == made[::-1]


def test_filters_let_through_their_states(alice: User, bob: User, browser: Client) -> None:
    stopped = start(alice, [NOTE])
    cancelling.cancel_run(run=stopped)
    failed = start(alice, [{"toolName": "fail", "arguments": {"retryable": False}}])
    done = start(alice, [NOTE])
    work_off()
    queued = start(alice, [NOTE])
    start(bob, [NOTE])
    wanted = {
        "": [queued, done, failed, stopped],
        "running": [queued],
        "done": [done],
        "failed": [failed],
        "stopped": [stopped],
        "turn": [],
        "nonsense": [queued, done, failed, stopped],
    }
    for state, runs in wanted.items():
        page = text(browser, f"/me/runs?state={state}")
        assert listed(page) == [run.public_id for run in runs], state
    assert "Running 1" in text(browser, "/me/runs")


def test_rows_that_go_on_are_asked_for_again_and_new_ones_come(
    alice: User, browser: Client
) -> None:
    first = start(alice, [NOTE])
    page = text(browser, "/me/runs")
    asks = re.search(r'hx-get="([^"]+)" hx-trigger="every 3s"', page)
    assert asks
    work_off()
    second = start(alice, [{"toolName": "noop"}])
    fresh = text(browser, asks[1].replace("&amp;", "&"), hx_request="true")
    assert set(listed(fresh)) == {first.public_id, second.public_id}
    assert f'id="row-{first.public_id}"' in fresh
    assert 'data-state="completed"' in fresh
    # The finished one is not asked about any more.
    [again] = re.findall(r'hx-get="([^"]+)"', fresh)
    assert first.public_id not in again.partition("&")[0]
    assert f"since={second.public_id}" in again


def test_runs_of_one_name_are_told_apart_by_how_their_main_input_begins(
    alice: User, browser: Client
) -> None:
    inputs = [
        {"name": "size", "type": "number", "required": True},
        {"name": "note", "type": "text", "internal": True, "default": "for the author"},
        *INPUTS,
        {"name": "more", "type": "text"},
    ]
    repeated = make_template(alice, name="Teaser", inputs=inputs, stages=STAGES)
    alone = make_template(alice, name="Alone", inputs=INPUTS, stages=STAGES)
    runs = [
        start_template(alice, repeated, size=1, say=f"{animal} \n on the shore, {'x' * 400}")
        for animal in ("A heron", "An otter")
    ]
    start_template(alice, alone, say="A seal")
    desk = Desk(alice, [note("one", "$inputs.say")], inputs=[{**INPUTS[0], "default": "A gull"}])
    desk.run()
    desk.run()
    page = text(browser, "/me/runs")
    live = text(browser, f"/me/runs?rows={runs[0].public_id}&since=")
    for words in ("A heron on the shore, xxx", "An otter on the shore, xxx", "A gull"):
        assert words in page
    assert "A heron on the shore, xxx" in live
    assert "x" * 200 not in page
    assert "A seal" not in page
    assert "for the author" not in page
    assert {run.title for run in runs} == {"Teaser"}


def test_anothers_runs_cannot_be_asked_for(alice: User, bob: User, browser: Client) -> None:
    secret = start(bob, [{**NOTE, "title": "bob's own words"}])
    page = text(browser, f"/me/runs?rows={secret.public_id}&since=")
    assert "bob's own words" not in page
    assert listed(page) == []
    for query in (f"before={secret.public_id}", f"since={secret.public_id}", "before=nonsense"):
        assert browser.get(f"/me/runs?{query}").status_code == 404


# --- one run ------------------------------------------------------------------------------------


def test_a_double_click_on_run_again_starts_one_run(alice: User, browser: Client) -> None:
    run = start(alice, [NOTE])
    work_off()
    page = text(browser, f"/runs/{run.public_id}")
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    for seeds in ("same", "same", "new", "new"):
        answer = browser.post(f"/app/runs/{run.public_id}/again", {"key": key[1], "seeds": seeds})
        assert answer.status_code == 302
    assert Run.objects.count() == 3


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_finished_run_says_how_it_ended(alice: User, browser: Client, status: str) -> None:
    fail = {"toolName": "fail", "arguments": {"retryable": False}}
    run = start(alice, [NOTE, fail if status == "failed" else NOTE])
    if status == "cancelled":
        cancelling.cancel_run(run=run)
    work_off()
    page = text(browser, f"/runs/{run.public_id}")
    said = {
        "completed": "2 stages,",
        "failed": "The test provider refuses.",
        "cancelled": "Stopped after 0 of 2 stages. No credits used.",
    }
    assert said[status] in page
    assert "data-over" in page


def test_a_template_one_may_no_longer_see_is_not_linked(alice: User, bob: User) -> None:
    template = make_public(bob, name="Birds", stages=STAGES, inputs=INPUTS)
    run = start_template(alice, template, say="herons")
    link = f'href="/t/{template.public_id}?run='
    assert link in text(signed_in(alice), f"/runs/{run.public_id}")
    Template.objects.filter(pk=template.pk).update(visibility="private", published=None)
    assert link not in text(signed_in(alice), f"/runs/{run.public_id}")


def test_usual_times_tell_how_long_it_may_take(alice: User, browser: Client) -> None:
    start(alice, [{"toolName": "sleep", "arguments": {"seconds": 1.2}}])
    work_off()
    waiting = start(alice, [{"toolName": "sleep"}])
    page = text(browser, f"/runs/{waiting.public_id}")
    assert re.search(r"about 1 s", page)
    state = browser.get(f"/app/runs/{waiting.public_id}/page").json()
    [stage] = state["page"]["stages"].values()
    assert 1 <= stage["usual"] < 2


def test_a_run_of_a_draft_leads_back_to_the_editor(alice: User, bob: User, browser: Client) -> None:
    desk = Desk(alice, [note("one"), note("two", "two", "one")])
    assert desk.template is not None
    desk.run()
    run = desk.run()
    page = text(browser, f"/runs/{run.public_id}")
    assert "(draft)" in page
    assert f'href="/t/{desk.template.public_id}/edit"' in page
    actions = browser.get(f"/app/runs/{run.public_id}/page").json()["page"]["actions"]
    assert (actions["template"], actions["isDraft"]) == (desk.template.public_id, True)
    assert "same inputs as an earlier run" in page
    assert "Draft, " in text(browser, "/me/runs")
    again = browser.post(f"/app/runs/{run.public_id}/again", {"key": "k", "seeds": "same"})
    assert again.status_code == 302
    assert Run.objects.order_by("-id")[0].draft_of == desk.template
    theirs = Desk(bob, desk.stages, template=desk.template).run()
    page = text(signed_in(bob), f"/runs/{theirs.public_id}")
    assert desk.template.public_id not in page, "they may not edit it any more"


# --- the preview of a template ------------------------------------------------------------------


def previews_of(version: Any) -> list[dict[str, Any]]:
    return list(version.spec.get("previewArtifacts", []))


def test_a_run_becomes_the_preview_of_its_own_private_template(
    alice: User, browser: Client
) -> None:
    template = make_template(alice, name="Birds", stages=STAGES, inputs=INPUTS)
    run = start_template(alice, template, say="herons")
    work_off()
    answer = browser.post(f"/app/runs/{run.public_id}/preview")
    assert answer.status_code == 302
    template.refresh_from_db()
    assert template.head is not None
    [shown] = previews_of(template.head)
    assert (shown["stageId"], shown["mediaType"]) == ("one", "image")
    assert (template.visibility, template.head.semver) == ("private", "0.0.2")


def test_the_preview_of_a_public_template_waits_for_its_publication(
    alice: User, bob: User, browser: Client
) -> None:
    template = make_public(alice, name="Birds", stages=STAGES, inputs=INPUTS)
    published = template.published
    run = start_template(alice, template, say="herons")
    work_off()
    browser.post(f"/app/runs/{run.public_id}/preview")
    template.refresh_from_db()
    assert template.published == published
    assert template.head is not None
    assert previews_of(template.head)
    assert template.visibility == "public"
    assert previews_of(template.published) == []
