"""What a moderator took down is not public again under another name or id."""

from __future__ import annotations

import copy
import html
import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from creations.models import Share
from moderation import appeals
from moderation.models import AuditEntry, Case, Decision, Report
from notices.models import Notice
from templates_app.models import Template
from tests.support.builders.creations import completed
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import case_of, decide, report, undo
from tests.support.builders.running import start_template
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import TEMPLATES, make_public, make_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db

WORDS = "Meet the secret gulls behind the old pier"
STAGES: list[dict[str, Any]] = [
    {
        "id": "shot",
        "label": "Pier",
        "type": "fixed",
        "tool": "generate_image",
        "produces": ["shot"],
        "args": {"prompt": WORDS, "width": 512, "height": 512},
    },
    {
        "id": "clip",
        "type": "fixed",
        "tool": "generate_video",
        "args": {"prompt": "$inputs.move", "duration": 5, "sourceImageIndex": 0},
    },
]
INPUTS = [{"name": "move", "type": "text", "required": True}]
BODY: dict[str, Any] = {
    "name": "Old pier",
    "visibility": "public",
    "inputs": INPUTS,
    "stages": STAGES,
}


def api_of(person: User) -> Api:
    return Api(make_key(person))


def published(person: User, **fields: Any) -> dict[str, Any]:
    """The answer to a program that publishes the body with some fields changed."""
    answer = api_of(person).post(TEMPLATES, {**copy.deepcopy(BODY), **fields})
    assert answer.status_code == 201, answer.content.decode()
    return dict(answer.json()["data"]["template"])


def disguised() -> dict[str, Any]:
    """The same words under another name, with other ids, sizes, places and capitals."""
    stages = copy.deepcopy(STAGES)
    stages[0] |= {"id": "a1", "label": "Something else", "produces": ["b"]}
    stages[0]["args"] |= {
        "prompt": "  meet THE secret\u200b gulls behind — the old  pier!",
        "width": 640,
    }
    stages[1]["args"]["prompt"] = "$inputs.other"
    return {
        "name": "Quiet harbor",
        "stages": stages[::-1],
        "inputs": [{**INPUTS[0], "name": "other"}],
        "graph": {"nodes": [{"stageId": "a1", "x": 40, "y": 80}]},
    }


@pytest.fixture
def first(alice: User) -> Template:
    return Template.objects.get(public_id=published(alice)["id"])


@pytest.fixture
def takedown(first: Template, bob: User, moderator: User) -> Decision:
    return decide(moderator, report(first, bob, reason="hate"), "take_down")


def is_found(public_id: str) -> bool:
    """Whether a visitor can open it."""
    return Client().get(f"/t/{public_id}").status_code == 200


@pytest.mark.parametrize("fields", [{}, {"name": "Another pier"}, disguised()])
def test_the_same_words_again_are_private_and_open_a_case(
    alice: User, takedown: Decision, fields: dict[str, Any]
) -> None:
    again = published(alice, **fields)
    assert again["visibility"] == "private"
    assert not is_found(again["id"])
    row = Template.objects.get(public_id=again["id"])
    case = case_of(row)
    assert (case.state, case.owner) == ("open", alice)
    assert "Old pier" in Report.objects.get(case=case).note
    assert AuditEntry.objects.filter(action="case.auto_hide", subject_id=str(row.pk)).exists()
    page = signed_in(User.objects.get(username="mo")).get(f"/admin/moderation/cases/{case.pk}")
    assert "behind" in page.content.decode()
    # What happened, and how to appeal: in the answer, on the page and among the notices.
    assert "same words as something we took down" in again["moderation"]["message"]
    assert "appeal" in again["moderation"]["message"]
    page = signed_in(alice).get(f"/t/{row.public_id}").content.decode()
    assert "same words as something we took down" in html.unescape(page)
    assert Notice.objects.filter(person=alice, kind="moderation").count() == 2


def test_sending_it_once_more_changes_nothing(alice: User, takedown: Decision) -> None:
    ids = {published(alice)["id"] for _ in range(3)}
    assert len(ids) == 1
    [held] = ids
    for _ in range(2):
        answer = api_of(alice).patch(f"{TEMPLATES}/{held}", {"visibility": "public"})
        assert answer.json()["data"]["template"]["visibility"] == "private"
    assert Case.objects.count() == 2
    assert Report.objects.filter(note__contains="same words").count() == 1
    assert Notice.objects.filter(person=alice, kind="moderation").count() == 2


def test_publishing_a_draft_with_the_words_is_held_on_the_page_and_in_the_editor(
    alice: User, takedown: Decision
) -> None:
    draft = make_template(alice, **{**BODY, "name": "Draft", "visibility": "private"})
    editor = signed_in(alice).post(
        f"/app/documents/{draft.public_id}/publish",
        json.dumps({"number": 1}),
        content_type="application/json",
    )
    assert editor.status_code == 409
    assert "A moderator will review it" in editor.json()["error"]["message"]
    other = make_template(alice, **{**BODY, "name": "Other", "visibility": "private"})
    page = signed_in(alice).post(f"/t/{other.public_id}/publish", {"preview": "none"}, follow=True)
    assert "Not published yet" in page.content.decode()
    for one in (draft, other):
        one.refresh_from_db()
        assert (one.visibility, one.moderation) == ("private", "quarantined")


def test_a_public_template_that_gets_the_words_is_private(alice: User, takedown: Decision) -> None:
    good = make_public(alice, name="Good one")
    changes = {"stages": STAGES, "inputs": INPUTS}
    answer = api_of(alice).patch(f"{TEMPLATES}/{good.public_id}", changes)
    assert answer.json()["data"]["template"]["visibility"] == "private"
    assert not is_found(good.public_id)


def test_a_template_that_shows_the_words_inside_is_held(alice: User, takedown: Decision) -> None:
    make_template(alice, id="inside", name="Another", inputs=INPUTS, stages=STAGES)
    tool = "template:inside@0.0.1"
    stages = [{"id": "a", "type": "fixed", "tool": tool, "args": {"move": "slow"}}]
    body = {"name": "Around", "stages": stages, "visibility": "public", "showsStagesOf": [tool]}
    answer = api_of(alice).post(TEMPLATES, body)
    assert answer.status_code == 201, answer.content
    template = Template.objects.get(name="Around")
    assert (template.visibility, template.moderation) == ("private", "quarantined")
    assert "Old pier" in case_of(template).reports.get().note


def test_who_remixed_it_is_held_and_others_are_not(
    alice: User, bob: User, first: Template, moderator: User
) -> None:
    fork = api_of(bob).post(f"{TEMPLATES}/{first.public_id}/fork", {"name": "Mine"})
    assert fork.status_code == 201
    decide(moderator, report(first, make_user("carol"), reason="hate"), "take_down")
    mine = fork.json()["data"]["template"]["id"]
    answer = api_of(bob).patch(f"{TEMPLATES}/{mine}", {"visibility": "public"})
    assert answer.json()["data"]["template"]["visibility"] == "private"
    assert published(bob, name="Fresh")["visibility"] == "private"
    # Two people may have the same idea.
    assert published(make_user("dora"), name="Same idea")["visibility"] == "public"


def test_words_that_are_anyones_are_not_known_again(
    alice: User, bob: User, moderator: User
) -> None:
    short = copy.deepcopy(STAGES)
    short[0]["args"]["prompt"] = "a red fox"
    case = report(make_public(alice, name="Fox", stages=short, inputs=INPUTS), bob)
    decide(moderator, case, "take_down")
    assert published(alice, name="Vixen", stages=short)["visibility"] == "public"
    assert published(alice, name="fox!", stages=short)["visibility"] == "private"


@pytest.mark.parametrize("how", ["restore", "undo", "appeal"])
def test_what_is_given_back_may_be_published_again(
    alice: User, takedown: Decision, moderator: User, colleague: User, how: str
) -> None:
    if how == "undo":
        undo(moderator, takedown)
    elif how == "restore":
        decide(moderator, takedown.case, "restore")
    else:
        appeal = appeals.file(person=alice, decision=takedown, text="It is about birds.")
        version = Case.objects.get(pk=takedown.case_id).version
        appeals.answer(actor=colleague, appeal=appeal, version=version, outcome="overturned")
    assert published(alice, name="Once more")["visibility"] == "public"


def test_a_held_template_that_a_moderator_lets_pass_can_be_published(
    alice: User, takedown: Decision, moderator: User
) -> None:
    again = published(alice)
    row = Template.objects.get(public_id=again["id"])
    decide(moderator, case_of(row), "restore")
    answer = api_of(alice).patch(f"{TEMPLATES}/{row.public_id}", {"visibility": "public"})
    assert answer.json()["data"]["template"]["visibility"] == "public"
    assert is_found(row.public_id)


def test_a_deleted_template_is_known_again_all_the_same(alice: User, takedown: Decision) -> None:
    first = takedown.case.subject_id
    public_id = Template.objects.get(pk=first).public_id
    assert api_of(alice).delete(f"{TEMPLATES}/{public_id}").status_code == 200
    assert published(alice)["visibility"] == "private"


def test_remixes_that_go_with_a_decision_are_marked_and_given_back_with_it(
    alice: User, bob: User, first: Template, moderator: User
) -> None:
    api_of(bob).post(f"{TEMPLATES}/{first.public_id}/fork", {"name": "Mine"})
    case = report(first, make_user("carol"), reason="hate")
    decision = decide(moderator, case, "take_down", remixes=True)
    assert published(bob, name="Fresh")["visibility"] == "private"
    undo(moderator, decision)
    assert published(bob, name="Fresher")["visibility"] == "public"


@pytest.mark.parametrize("switches", [{"remix": "on", "prompts": "on"}, {"prompts": "on"}])
def test_a_creation_that_shows_the_words_is_hidden(
    alice: User, bob: User, takedown: Decision, switches: dict[str, str]
) -> None:
    draft = make_template(alice, **{**BODY, "name": "Draft", "visibility": "private"})
    run = completed(start_template(alice, draft, move="slowly"))
    path = f"/app/runs/{run.public_id}/share"
    sent = {"title": "Dawn", "visibility": "public", "license": "cc0", "details": "on"}
    page = signed_in(alice).post(path, {**sent, **switches}, follow=True)
    assert "until a moderator has reviewed it" in page.content.decode()
    share = Share.objects.get(run=run)
    assert share.moderation == "quarantined"
    assert Client().get(f"/s/{share.public_id}").status_code == 404
    assert Case.objects.get(subject_kind="share").state == "open"


def test_a_creation_that_is_taken_down_marks_what_remix_copies(
    alice: User, bob: User, moderator: User
) -> None:
    draft = make_template(alice, **{**BODY, "name": "Draft", "visibility": "private"})
    run = completed(start_template(alice, draft, move="slowly"))
    share = make_share(alice, run, allows_remix=True, shows_prompts=True)
    answer = signed_in(bob).post(f"/s/{share.public_id}/remix")
    assert answer.status_code == 302
    signed_in(make_user("carol")).post(f"/s/{share.public_id}/report", {"reason": "hate"})
    decide(moderator, Case.objects.get(subject_kind="share"), "take_down")
    assert published(alice, name="As a template")["visibility"] == "private"
    remixed = share.remixed_as.get().template
    public = api_of(bob).patch(f"{TEMPLATES}/{remixed.public_id}", {"visibility": "public"})
    # What was typed is in the remix as a default, so its words are the same and more.
    assert public.status_code == 200
    assert published(bob, name="Fresh")["visibility"] == "private"
