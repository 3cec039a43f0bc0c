"""What a run asks, answered by the forms of its page and by a link on someone's phone."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import OneTimeLink, User
from core import clock
from runs.models import Artifact, Run, Step, Wait
from tests.support.builders.running import start, start_template, statuses, work_off
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
SECRET = "The owner's own title"
ASK = {
    "id": "ask",
    "toolName": "ask_clarifying_question",
    "arguments": {"question": "Which season?", "reason": "It sets the light"},
}


def stage(name: str, **more: Any) -> dict[str, Any]:
    known = {"id": name, "label": name.title(), "type": "fixed", "tool": "note"}
    return {**known, "produces": [name], "args": {"text": f"{name} in rain"}, **more}


LOOKS = stage("looks", args={"text": "a", "copies": 4})
PICK = {
    "id": "pick",
    "label": "Choose the looks",
    "type": "interactive",
    "produces": ["pick"],
    "select": {"from": "$artifacts.looks", "min": 3, "max": 3},
    "userMessage": "Which of them?",
}


def waiting(alice: User, *stages: dict[str, Any]) -> Run:
    template = make_public(alice, name=SECRET, inputs=[], stages=list(stages))
    run = start_template(alice, template)
    work_off()
    run.refresh_from_db()
    assert run.status == "waiting_for_user", (statuses(run), run.error)
    return run


def asked(alice: User) -> Run:
    run = start(alice, [ASK, {"id": "two", "toolName": "noop", "dependsOn": ["ask"]}])
    assert Wait.objects.filter(run=run).count() == 1
    return run


def page(browser: Client, run: Run) -> str:
    return html.unescape(flat(browser.get(f"/runs/{run.public_id}").content))


def send(browser: Client, run: Run, **form: Any) -> str:
    """Send the form of the run's question; the page as it is then."""
    wait = Wait.objects.filter(run=run).order_by("-id").first()
    assert wait is not None
    path = f"/app/runs/{run.public_id}/answer"
    answer = browser.post(path, {"wait": wait.id, **form}, follow=True)
    assert answer.redirect_chain[0][0] == f"/runs/{run.public_id}"
    run.refresh_from_db()
    return html.unescape(answer.content.decode())


def test_questions_stand_in_the_order_of_the_plan(alice: User, browser: Client) -> None:
    """The second stage asks at once, the first only when it has made something."""
    second = {"id": "name", "type": "interactive", "produces": ["name"], "userMessage": "A name?"}
    run = waiting(alice, stage("looks", checkpointRequired=True), second)
    asked_first = Wait.objects.filter(run=run).order_by("id").values_list("step__key", flat=True)
    assert list(asked_first) == ["name", "looks__gate"]
    shown = page(browser, run)
    assert re.findall(r'data-asked-by="([^"]+)"', shown) == ["looks__gate", "name"]
    stages = browser.get(f"/app/runs/{run.public_id}/page").json()["page"]["stages"]
    assert stages["looks__gate"]["title"] == "Approve Looks"


def test_a_question_is_answered_by_its_form(alice: User, browser: Client) -> None:
    run = asked(alice)
    shown = page(browser, run)
    assert "Which season?" in shown
    assert "It sets the light" in shown
    assert "Type an answer first" in send(browser, run, do="answer", text="  ")
    assert "missing in this form" in send(browser, run, do="dance")
    assert run.status == "waiting_for_user"
    send(browser, run, do="answer", text="Winter")
    assert Step.objects.get(run=run, key="ask").result["answer"] == "Winter"
    assert "already answered differently" in send(browser, run, do="answer", text="Summer")
    assert "data-turn=" not in page(browser, run)
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"


def test_media_are_chosen_by_ticking_them(alice: User, browser: Client) -> None:
    run = waiting(alice, LOOKS, PICK, stage("film"))
    shown = page(browser, run)
    picks = re.findall(r'<input type="checkbox" name="pick" value="(art_[^"]+)"', shown)
    assert len(picks) == 4
    assert "Choose first" in send(browser, run, do="select")
    assert "Choose 3 of 4" in send(browser, run, do="select", pick=picks[:2])
    send(browser, run, do="select", pick=picks[1:])
    assert Artifact.objects.filter(run=run, step__key="pick").count() == 3


def test_a_checkpoint_is_redone_in_other_words_then_approved(alice: User, browser: Client) -> None:
    run = waiting(alice, stage("look", checkpointRequired=True), stage("film"))
    shown = page(browser, run)
    assert 'name="words.text"' in shown
    assert "look in rain</textarea>" in shown
    send(browser, run, do="redo", **{"words.text": "look in snow"})
    work_off()
    run.refresh_from_db()
    look = Step.objects.get(run=run, key="look")
    assert (look.arguments["text"], look.generation) == ("look in snow", 2)
    assert "look in snow</textarea>" in page(browser, run)
    send(browser, run, do="approve")
    assert run.status == "running"


def test_a_stage_takes_words_and_a_run_may_be_cancelled_instead(
    alice: User, browser: Client
) -> None:
    talk = {"id": "talk", "label": "Talk", "type": "interactive", "userMessage": "About what?"}
    run = waiting(alice, talk, stage("film"))
    assert "About what?" in page(browser, run)
    send(browser, run, do="complete", text="Herons")
    assert Step.objects.get(run=run, key="talk").result["answer"] == "Herons"
    run = waiting(alice, stage("look", checkpointRequired=True), stage("film"))
    send(browser, run, do="cancel")
    assert run.status == "cancelled"


def test_the_canvas_answers_with_json(alice: User, browser: Client, bob: User) -> None:
    run = asked(alice)
    path = f"/app/runs/{run.public_id}/answer"
    body = {"type": "answer", "stepId": "ask", "text": "Winter"}
    assert signed_in(bob).post(path, body, "application/json").status_code == 404
    refused = browser.post(
        path, {"type": "answer", "stepId": "no_one", "text": "x"}, "application/json"
    )
    assert refused.status_code == 404
    taken = browser.post(path, body, "application/json").json()["data"]
    assert (taken["resumed"], taken["workflow"]["status"]) == (True, "running")


def test_a_failed_run_is_tried_again_from_its_page(alice: User, browser: Client) -> None:
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {"retryable": False}}])
    work_off()
    assert "Retry" in page(browser, run)
    Step.objects.filter(run=run).update(arguments={"times": 0})
    path = f"/app/runs/{run.public_id}/resume"
    assert browser.post(path).headers["Location"] == f"/runs/{run.public_id}"
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    assert "There was nothing to do" in browser.post(path, follow=True).content.decode()
    assert browser.post(path, {}, "application/json").json()["data"]["resumed"] is False


def test_what_waits_stands_first_in_the_list_however_old(alice: User, browser: Client) -> None:
    old = asked(alice)
    for _ in range(25):
        run = start(alice, [{"toolName": "noop"}])
        Run.objects.filter(pk=run.pk).update(status="completed", finished_at=clock.now())
    first = flat(browser.get("/me/runs").content)
    rows = re.findall(r'data-row="([^"]+)"', first)
    assert (rows[0], len(rows)) == (old.public_id, 21)
    [following] = re.findall(r'href="(/me/runs\?before=[^"]+)" rel="next"', first)
    assert old.public_id not in browser.get(following).content.decode()


# --- a link for a phone -------------------------------------------------------------------------


def link_to(browser: Client, run: Run) -> str:
    answer = browser.post(f"/app/runs/{run.public_id}/answer-link", {}, "application/json")
    assert answer.status_code == 200, answer.content
    data = answer.json()["data"]
    assert data["url"].startswith("http://testserver/answer/")
    return data["url"].removeprefix("http://testserver")


def test_a_link_shows_one_question_to_no_one_in_particular_and_answers_it_once(
    alice: User, browser: Client
) -> None:
    run = waiting(alice, LOOKS, PICK, stage("film"))
    path = link_to(browser, run)
    token = path.rpartition("/")[2]
    phone = Client(enforce_csrf_checks=True)
    # Chats and scanners open links by themselves, more than once.
    for method in (phone.head, phone.get, phone.get):
        shown = method(path)
        assert shown.status_code == 200
        assert shown.headers["Cache-Control"].startswith("max-age=0")
    text = html.unescape(flat(shown.content))
    assert "Choose the looks" in text
    assert "Which of them?" in text
    picks = re.findall(r'name="pick" value="(art_[^"]+)"', text)
    assert len(picks) == 4
    for hidden in (run.public_id, SECRET, alice.username, "My runs", "answer-link", "cancel"):
        assert hidden not in text, hidden
    assert OneTimeLink.objects.get().used_at is None
    assert token not in str(OneTimeLink.objects.values())

    assert phone.post(path, {"do": "select", "pick": picks[:3]}).status_code == 403
    # Of the form as the server wrote it; scripts, which draw it anew, read the one of the head.
    assert re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    [csrf] = re.findall(r'<meta name="csrf-token" content="([^"]+)">', text)
    form = {"csrfmiddlewaretoken": csrf}
    few = phone.post(path, {**form, "do": "select", "pick": picks[:2]})
    assert few.status_code == 422
    kept = html.unescape(flat(few.content))
    assert "Choose 3 of 4" in kept
    assert re.findall(r'value="(art_[^"]+)" checked', kept) == picks[:2]
    assert phone.post(path, {**form, "do": "cancel"}).status_code == 422
    done = phone.post(path, {**form, "do": "select", "pick": picks[:3]})
    assert done.status_code == 200
    assert "Thank you" in done.content.decode()
    run.refresh_from_db()
    assert run.status == "running"
    assert Wait.objects.get(run=run).answered_by is None

    for again in (phone.get(path), phone.post(path, {**form, "do": "select", "pick": picks[:3]})):
        assert again.status_code == 410
        assert "already used" in again.content.decode()
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"


def test_a_link_says_when_it_is_too_late(alice: User, browser: Client) -> None:
    run = asked(alice)
    path, other = link_to(browser, run), link_to(browser, run)
    no_one = Client()
    OneTimeLink.objects.filter(pk=OneTimeLink.objects.first().pk).update(expires_at=clock.now())
    late = no_one.post(path, {"do": "answer", "text": "x"})
    assert (late.status_code, "expired" in late.content.decode()) == (410, True)
    send(browser, run, do="answer", text="Winter")
    gone = no_one.get(other)
    assert (gone.status_code, "already answered" in gone.content.decode()) == (410, True)
    assert no_one.get("/answer/" + "x" * 43).status_code == 404
    closed = browser.post(
        f"/app/runs/{run.public_id}/answer-link",
        {"waitId": Wait.objects.get().id},
        "application/json",
    )
    assert closed.status_code == 409


def test_a_link_lives_a_day_at_the_public_address_and_comes_with_a_picture(
    alice: User, browser: Client, settings: Any
) -> None:
    run = asked(alice)
    settings.PUBLIC_URL = "https://films.example"
    wait = Wait.objects.get(run=run)
    path = f"/app/runs/{run.public_id}/answer-link"
    shown = browser.post(path, {"wait": wait.id}).content.decode()
    assert "https://films.example/answer/" in shown
    assert 'class="qr"' in shown
    assert "A phone can't" not in shown
    left = OneTimeLink.objects.get().expires_at - clock.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    for wrong in (wait.id + 1, "x", "9" * 30):
        answer = browser.post(path, {"waitId": wrong}, "application/json")
        assert answer.status_code == 404, wrong


def test_a_link_to_this_computer_says_so_and_is_no_picture_for_phones(
    alice: User, browser: Client
) -> None:
    run = asked(alice)
    wait = Wait.objects.get(run=run)
    path = f"/app/runs/{run.public_id}/answer-link"
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        shown = browser.post(path, {"wait": wait.id}, headers={"host": host}).content.decode()
        assert f"http://{host}/answer/" in shown
        assert "A phone can't open this link yet" in shown, host
        assert "REELGRAPH_PUBLIC_URL" in shown, host
        assert 'class="qr"' not in shown, host


def test_no_one_makes_links_for_others_or_for_money(
    alice: User, browser: Client, bob: User
) -> None:
    run = asked(alice)
    path = f"/app/runs/{run.public_id}/answer-link"
    assert signed_in(bob).post(path, {}, "application/json").status_code == 404
    Wait.objects.filter(run=run).update(reason="cost_reauthorization_required")
    assert browser.post(path, {}, "application/json").status_code == 409
    assert OneTimeLink.objects.count() == 0


@pytest.mark.parametrize(
    ("reason", "approve", "decline"),
    [
        ("permission_required", "Retry", "Don't retry"),
        ("safety_review_required", "Approve", "Reject"),
        ("other", "Continue", "Don't continue"),
    ],
)
def test_the_answers_to_a_provider_that_waits_read_as_its_reason_asks(
    alice: User, browser: Client, reason: str, approve: str, decline: str
) -> None:
    run = start(alice, [{"id": "held", "toolName": "held", "arguments": {"reason": reason}}])
    work_off()
    shown = page(browser, run)
    assert f"{approve}</button>" in shown
    assert f"{decline}</button>" in shown
    [wait] = browser.get(f"/app/runs/{run.public_id}/state").json()["waits"]
    assert (wait["approve"], wait["decline"]) == (approve, decline)
    send(browser, run, do="reject")
    run.refresh_from_db()
    assert run.status == "failed"
