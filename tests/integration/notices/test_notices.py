"""Each kind of notice: who is told, once, by which ways, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey, MailAddress, User
from accounts.services import ensure_system_user
from comments import services as comments
from core import clock, durable
from creations import likes, remixing
from creations.models import Share
from moderation import services as moderation
from notices import create_notice
from notices.models import Choice, Mail, Notice
from notices.notice_types import KINDS
from runs.engine import advance, cancelling, periodic, reclaiming, transitions
from runs.engine.periodic import PeriodicTasks
from runs.interaction import waits
from runs.log.changes import changing
from runs.models import Run, Wait
from templates_app.documents import invitations
from tests.support.at_once import at_once
from tests.support.builders.collaborating import let_in
from tests.support.builders.creations import completed, shared
from tests.support.builders.exports import account_data
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.leaving import delete_account
from tests.support.builders.moderation import case_of, crowd, forget_the_log, make_moderator, report
from tests.support.builders.plans import question, run_plan, step
from tests.support.builders.running import chain, finish, start, start_template, take, work_off
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import signed_in
from tests.support.fakes import tools  # noqa: F401  the tools of these runs

pytestmark = pytest.mark.django_db(transaction=True)

NEVER = {"retryable": False}
STAGES = [
    {
        "id": "one",
        "label": "Harbor",
        "type": "fixed",
        "tool": "note",
        "produces": ["one"],
        "args": {"text": "$inputs.say"},
    }
]
INPUTS = [{"name": "say", "type": "text", "required": True}]


@pytest.fixture
def sends_mail(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"


@pytest.fixture
def creation(alice: User) -> Share:
    """Alice's, with Remix allowed."""
    template = make_template(alice, name="Harbor", stages=STAGES, inputs=INPUTS)
    run = start_template(alice, template, say="a secret harbor")
    share = shared(completed(run), remix="on")
    Notice.objects.all().delete()
    return share


def told(person: User) -> list[tuple[str, str]]:
    """Kind and text of what someone was told, oldest first."""
    return list(Notice.objects.filter(person=person).order_by("id").values_list("kind", "text"))


def tell(person: User, *texts: str) -> None:
    """Tell someone of runs that are done."""
    for text in texts:
        create_notice.tell(person.pk, "run_done", about=text, text=text, url="/me")


def choose(person: User, kind: str, *ways: str) -> None:
    """Switch on these ways of this kind and no other, on the settings page."""
    fields = {"page": "in_page", "browser": "in_browser", "mail": "by_mail"}
    sent = {
        f"{key}.{way}": "on"
        for key, chosen in create_notice.all_ways(person).items()
        for way, field in fields.items()
        if (way in ways if key == kind else getattr(chosen, field))
    }
    assert signed_in(person).post("/me/notices/settings", sent).status_code == 302


def titled(run: Run, title: str) -> Run:
    Run.objects.filter(pk=run.pk).update(title=title)
    run.title = title
    return run


def named(name: str) -> User:
    """Someone who is called so on pages."""
    person = make_user(name)
    person.display_name = name.title()
    person.save()
    return person


# Runs


def test_a_run_started_on_a_page_tells_its_starter_how_it_ended(alice: User, bob: User) -> None:
    done = titled(run_plan(alice, step("a"), step("b", "noop", "a")), "Postcards")
    work_off()
    assert told(alice) == [("run_done", "“Postcards” is done.")]
    titled(run_plan(alice, step("bad", "fail", arguments=NEVER)), "Trouble")
    work_off()
    assert told(alice)[1:] == [("run_failed", "“Trouble” failed.")]
    assert told(bob) == []
    assert Notice.objects.earliest("id").url == f"/runs/{done.public_id}"


def test_a_run_that_failed_in_part_says_so(alice: User) -> None:
    bad = step("bad", "fail", arguments=NEVER, on_error="continue")
    titled(run_plan(alice, bad, step("good")), "Half")
    work_off()
    assert told(alice) == [("run_failed", "“Half” is done in part: some stages failed.")]


def test_a_run_that_waits_tells_each_time_it_waits(alice: User) -> None:
    run = run_plan(alice, question("one"), question("two", "one"), step("go", "noop", "two"))
    for key in ("one", "two"):
        assert told(alice)[-1][0] == "your_turn"
        wait = Wait.objects.get(run=run, step__key=key, answered_at=None)
        with changing(run.id) as change:
            waits.close_wait(change, wait, answer={"type": "answer", "text": "x"}, by=None)
            assert wait.step is not None
            waits.complete_step(change, wait.step, {"answer": "x"})
    work_off()
    assert [kind for kind, _ in told(alice)] == ["your_turn", "your_turn", "run_done"]


def test_who_stops_a_run_is_not_told_of_it(alice: User) -> None:
    run = start(alice, chain("noop", 1))
    assert cancelling.cancel_run(run=run)
    work_off()
    assert told(alice) == []


def test_runs_of_keys_and_of_the_background_tell_no_one(
    alice: User, alice_key: str, api: Callable[..., Any]
) -> None:
    body = {"input": {"steps": chain("noop", 1)}}
    assert api(alice_key).post("/v1/creative-agent/workflows", body).status_code in (200, 201, 202)
    quiet = start(alice, chain("noop", 1))
    Run.objects.filter(pk=quiet.pk).update(priority=-1)
    work_off()
    assert not Run.objects.exclude(status="completed").exists()
    assert told(alice) == []


def test_a_killed_worker_and_its_successor_tell_once(alice: User, settings: Any) -> None:
    settings.RETRY_BASE_S = 0.0
    run = titled(run_plan(alice, step("a")), "Twice")
    lost = take(run, "killed")
    assert reclaiming.release_worker("killed") == 1
    finish(take(run, "successor"))
    # The first one was only slow, and ends its work after all.
    finish(lost)
    assert told(alice) == [("run_done", "“Twice” is done.")]


def test_what_is_rolled_back_was_not_told(alice: User) -> None:
    claim = take(start(alice, chain("noop", 1)))
    with transaction.atomic():
        with changing(claim.step.run_id) as change:
            transitions.move(change, claim.step, "completed")
            advance.step_ended(change, claim.step, "completed")
        assert [kind for kind, _ in told(alice)] == ["run_done"]
        transaction.set_rollback(True)
    assert told(alice) == []


def test_workers_at_once_tell_each_run_once(alice: User) -> None:
    runs = [titled(run_plan(alice, step("a")), f"Run {number}") for number in range(12)]
    at_once([work_off] * 3)
    assert sorted(text for _, text in told(alice)) == sorted(
        f"“{run.title}” is done." for run in runs
    )


def statements(run: Run, settings: Any) -> tuple[list[str], int]:
    """What working it off asks of the tables of notices, and how often it flushes."""
    settings.FLUSH_BEFORE_TELLING = True
    before = durable.syncs()
    with CaptureQueriesContext(connection) as seen:
        work_off()
    asked = [one["sql"] for one in seen.captured_queries if "notices_" in one["sql"]]
    return asked, durable.syncs() - before


def test_the_end_of_a_run_costs_two_statements_and_no_flush(alice: User, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    work_off()
    program = run_plan(alice, step("a"))
    make_key(alice)
    Run.objects.filter(pk=program.pk).update(api_key=ApiKey.objects.get(user=alice))
    asked, flushes = statements(program, settings)
    assert asked == []
    asked, flushes_told = statements(run_plan(alice, step("a")), settings)
    # The person's choice, and the notice itself.
    assert len(asked) == 2
    assert flushes_told == flushes


# People


def test_an_invitation_is_told_to_the_one_invited_once(alice: User, bob: User) -> None:
    template = make_template(alice, name="Harbor")
    # People who work together call each other by their usernames.
    for _ in range(2):
        invitations.invite(actor=alice, public_id=template.public_id, username="bob", role="viewer")
    assert told(bob) == [("invitation", "alice invites you to “Harbor” as viewer.")]
    assert told(alice) == []
    # An offer that was withdrawn leads nowhere.
    invitations.remove(actor=alice, public_id=template.public_id, username="bob")
    assert told(bob) == []


def test_a_remix_is_told_to_the_author(alice: User, creation: Share) -> None:
    remixing.remix(actor=named("fay"), share=creation)
    assert told(alice) == [("remix", "Fay remixed “Dawn”.")]
    remixing.remix(actor=alice, share=creation)
    assert len(told(alice)) == 1


def test_a_remix_of_a_template_is_told_to_its_author(alice: User, bob: User) -> None:
    template = make_public(alice, name="Harbor")
    fork = f"/t/{template.public_id}/fork"

    def remix(person: User) -> None:
        assert signed_in(person).post(fork).status_code == 302

    remix(alice)
    assert told(alice) == []
    remix(named("fay"))
    assert told(alice) == [("remix", "Fay remixed “Harbor”.")]
    path = f"/v1/creative-agent/workflows/templates/{template.public_id}/fork"
    key = {"Authorization": f"Bearer {make_key(named('gus'))}"}
    assert Client(headers=key).post(path, {}, "application/json").status_code == 201
    # One notice, which counts people.
    assert told(alice) == [("remix", "Gus and 1 other remixed “Harbor”.")]
    assert signed_in(alice).get(Notice.objects.get().url).status_code == 200
    signed_in(alice).post("/me/notices/read", {"upTo": Notice.objects.latest("id").pk})
    remix(bob)
    assert told(alice)[1:] == [("remix", "bob remixed “Harbor”.")]
    choose(alice, "remix")
    remix(named("hal"))
    assert len(told(alice)) == 2


def test_who_works_on_a_draft_is_told_of_by_the_name_they_know(alice: User, bob: User) -> None:
    template = make_template(alice, name="Harbor")
    let_in(alice, template.public_id, bob)
    path = f"/v1/creative-agent/workflows/templates/{template.public_id}/fork"
    key = {"Authorization": f"Bearer {make_key(bob)}"}
    assert Client(headers=key).post(path, {}, "application/json").status_code == 201
    assert told(alice) == [("remix", "bob remixed “Harbor”.")]


def test_the_author_of_the_samples_is_told_of_no_remix(alice: User) -> None:
    sample = make_public(ensure_system_user(), name="Lamp")
    assert signed_in(alice).post(f"/t/{sample.public_id}/fork").status_code == 302
    assert not Notice.objects.exists()


def test_thirty_likes_are_one_notice_that_counts(
    alice: User, creation: Share, sends_mail: None
) -> None:
    MailAddress.objects.create(person=alice, address="a@example.org", verified_at=clock.now())
    choose(alice, "like", "page", "mail")
    fans = [named(f"fan{number}") for number in range(32)]
    for fan in fans[:30]:
        likes.like(actor=fan, share=creation)
        likes.like(actor=fan, share=creation)
    assert told(alice) == [("like", "Fan29 and 29 others liked “Dawn”.")]
    assert Mail.objects.count() == 1
    signed_in(alice).post("/me/notices/read", {"upTo": Notice.objects.latest("id").pk})
    for fan in fans[30:]:
        likes.like(actor=fan, share=creation)
    assert told(alice)[1:] == [("like", "Fan31 and 1 other liked “Dawn”.")]


def test_taking_a_like_back_and_giving_it_again_tells_nothing_new(
    alice: User, creation: Share
) -> None:
    bob, carol = named("bob"), named("carol")
    likes.like(actor=bob, share=creation)
    signed_in(alice).post("/me/notices/read", {"upTo": Notice.objects.latest("id").pk})
    likes.like(actor=carol, share=creation)
    for _ in range(3):
        likes.unlike(actor=bob, share=creation)
        likes.like(actor=bob, share=creation)
    assert told(alice) == [("like", "Bob liked “Dawn”."), ("like", "Carol liked “Dawn”.")]


def test_a_like_of_ones_own_tells_nothing(alice: User, creation: Share) -> None:
    likes.like(actor=alice, share=creation)
    assert told(alice) == []


def test_likes_at_once_are_one_notice_with_all_of_them(alice: User, creation: Share) -> None:
    fans = [make_user(f"fan{number}") for number in range(8)]
    at_once([partial(likes.like, actor=fan, share=creation) for fan in fans])
    [(_, text)] = told(alice)
    assert text.endswith("and 7 others liked “Dawn”.")


def test_a_comment_and_a_reply_are_told_to_those_concerned_without_the_words(
    alice: User, creation: Share
) -> None:
    bob, carol = named("bob"), named("carol")
    remark = comments.comment_on_share(
        actor=bob, share=creation, text="a private remark", place=comments.Place()
    )
    comments.answer(actor=carol, comment=remark, text="another")
    assert told(alice) == [
        ("comment", "Bob commented on “Dawn”."),
        ("comment", "Carol replied on “Dawn”."),
    ]
    assert told(bob) == [("comment", "Carol replied on “Dawn”.")]
    assert told(carol) == []
    [notice] = Notice.objects.filter(person=bob)
    assert signed_in(bob).get(notice.url).status_code == 200
    delete_account(user=carol)
    assert told(alice) == [("comment", "Bob commented on “Dawn”.")]


# Moderation


def test_a_decision_is_told_to_the_author_and_to_who_reported(alice: User, mo: User) -> None:
    template = make_public(alice, name="Marsh")
    first, second = crowd(2)
    case = report(template, first, second)
    moderator = make_moderator(mo)
    decision = moderation.hide(actor=moderator, case=case, version=case.version, reason="spam")
    assert told(alice) == [("moderation", "“Marsh” is hidden.")]
    for reporter in (first, second):
        assert told(reporter) == [("moderation", "A moderator answered your report.")]
    case = case_of(template)
    moderation.undo(actor=moderator, decision=decision, version=case.version)
    assert told(alice)[1:] == [("moderation", "“Marsh” is visible again.")]
    assert len(told(first)) == 1
    assert told(mo) == [("moderation", "You're now a moderator of this server.")]
    forget_the_log()


# Ways


def test_each_kind_goes_by_the_ways_chosen_and_no_other(mo: User, sends_mail: None) -> None:
    MailAddress.objects.create(person=mo, address="a@example.org", verified_at=clock.now())
    # Ways; then what there is of them in the page and the browser, and the number of mails.
    choices: list[tuple[tuple[str, ...], list[tuple[bool, bool]], int]] = [
        ((), [], 0),
        (("page",), [(True, False)], 0),
        (("browser",), [(False, True)], 0),
        (("mail",), [], 1),
        (("page", "browser", "mail"), [(True, True)], 1),
    ]
    wrong = []
    for turn in range(len(choices)):
        # Neighbors differ each time, so that a kind that follows another's choice is seen.
        chosen = {kind: choices[(turn + place) % 5] for place, kind in enumerate(KINDS)}
        sent = {f"{kind}.{way}": "on" for kind, (ways, _, _) in chosen.items() for way in ways}
        assert signed_in(mo).post("/me/notices/settings", sent).status_code == 302
        for kind, (ways, rows, mails) in chosen.items():
            Notice.objects.all().delete()
            Mail.objects.all().delete()
            for _ in range(2):
                create_notice.tell(mo.pk, kind, about="it", text="It happened.", url="/me")
            there = list(Notice.objects.values_list("in_page", "in_browser")), Mail.objects.count()
            if there != (rows, mails):
                wrong.append((kind, ways, there))
    assert wrong == []


def test_choosing_for_one_kind_leaves_the_others(alice: User, mo: User) -> None:
    page = signed_in(mo).get("/me/notices/settings").content.decode()
    assert all(f'name="{key}.{way}"' in page for key in KINDS for way in ("page", "browser"))
    # What only operators are told is no one else's choice.
    page = signed_in(alice).get("/me/notices/settings").content.decode()
    assert ('name="like.page"' in page, 'name="server.page"' in page) == (True, False)
    choose(alice, "like")
    assert create_notice.ways_of(alice.pk, "like") == create_notice.Ways(False, False, False)


# Pages


def test_the_list_shows_ones_own_and_reads_what_is_asked(alice: User, bob: User) -> None:
    tell(alice, *(f"Run {number}." for number in range(3)))
    tell(bob, "Bob's run.")
    page = signed_in(alice)
    text = page.get("/me/notices").content.decode()
    assert "Run 0." in text
    assert "Bob&#x27;s run." not in text
    assert "Notices, 3 unread" in text
    assert "Run 2." in page.get("/me/notices/panel").content.decode()
    first, second, last = Notice.objects.filter(person=alice).order_by("id")
    headers = {"Accept": "application/json"}
    answer = page.post("/me/notices/read", {"id": [second.pk]}, headers=headers)
    assert answer.json()["data"] == {"unread": 2}
    # What is another's stays as it is.
    signed_in(bob).post("/me/notices/read", {"id": [first.pk], "upTo": last.pk})
    assert page.get("/me/notices/latest").json()["data"]["unread"] == 2
    assert page.post("/me/notices/read", {"upTo": last.pk}).status_code == 302
    assert page.get("/me/notices/latest").json()["data"]["unread"] == 0
    bobs = signed_in(bob).get("/me/notices/latest").json()["data"]
    assert [one["text"] for one in bobs["notices"]] == ["Bob's run."]


def test_nonsense_reads_nothing(alice: User) -> None:
    tell(alice, "A run.")
    page = signed_in(alice)
    for sent in ("", "x", "-1", "1" * 30, "\x00", "٣", "1.5"):
        assert page.post("/me/notices/read", {"id": sent}).status_code == 302, sent
        if sent != "1" * 30:
            assert page.post("/me/notices/read", {"upTo": sent}).status_code == 302, sent
        status = page.get("/me/notices", {"before": sent}).status_code
        assert status == (400 if "\0" in sent else 200), sent
        assert page.get("/me/notices/latest").json()["data"]["unread"] == 1, sent


def test_a_long_list_has_pages(alice: User) -> None:
    tell(alice, *(f"Run {number}." for number in range(35)))
    page = signed_in(alice)
    text = page.get("/me/notices").content.decode()
    assert "Run 34." in text
    assert "Run 4." not in text
    [older] = [one for one in text.split('"') if one.startswith("?before=")]
    text = page.get(f"/me/notices{older}").content.decode()
    assert "Run 4." in text
    assert "Run 5." not in text


def test_visitors_sign_in_first(client: Client) -> None:
    for page in ("", "/panel", "/latest", "/settings", "/read"):
        ask = client.post if page == "/read" else client.get
        answer = ask(f"/me/notices{page}")
        assert answer.status_code == 302, page
        assert answer["Location"].startswith("/sign-in"), page


def test_what_is_gone_leads_to_a_clear_page(alice: User, creation: Share) -> None:
    likes.like(actor=named("bob"), share=creation)
    [notice] = Notice.objects.filter(person=alice)
    assert signed_in(alice).get(notice.url).status_code == 200
    creation.run.delete()
    answer = signed_in(alice).get(notice.url)
    assert answer.status_code == 404
    assert "Page not found, or you don&#x27;t have access." in answer.content.decode()
    # The notice itself stays readable: it holds no more than names.
    assert "Bob liked “Dawn”." in signed_in(alice).get("/me/notices").content.decode()


# Keeping


def test_old_notices_go(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(alice, *(f"Run {number}." for number in range(4)))
    old = list(Notice.objects.order_by("id").values_list("pk", flat=True)[:2])
    Notice.objects.filter(pk__in=old).update(created_at=clock.now() - timedelta(days=91))
    only = {"notices": periodic._registered["notices"]}
    monkeypatch.setattr(periodic, "_registered", only)
    PeriodicTasks("one").run_due()
    assert [text for _, text in told(alice)] == ["Run 2.", "Run 3."]


def test_the_export_has_them(alice: User, bob: User) -> None:
    tell(alice, "“Postcards” is done.")
    tell(bob, "“Another” is done.")
    choose(alice, "like", "mail")
    data = account_data(alice)
    assert [one["text"] for one in data["notices"]] == ["“Postcards” is done."]
    assert data["noticeChoices"]["like"] == {
        "in_page": False,
        "in_browser": False,
        "by_mail": True,
    }


def test_with_an_account_go_its_notices_and_those_that_name_it(
    alice: User, creation: Share, sends_mail: None
) -> None:
    lea = named("lea")
    MailAddress.objects.create(person=alice, address="a@example.org", verified_at=clock.now())
    choose(alice, "like", "page", "mail")
    choose(alice, "remix", "page", "mail")
    likes.like(actor=lea, share=creation)
    remixing.remix(actor=lea, share=creation)
    tell(lea, "A run.")
    choose(lea, "like", "mail")
    MailAddress.objects.create(person=lea, address="lea@example.org", verified_at=clock.now())
    assert len(told(alice)) == 2
    assert Mail.objects.count() == 2
    delete_account(user=lea)
    assert told(alice) == []
    assert not Notice.objects.exists()
    assert not Mail.objects.exists()
    assert not Choice.objects.filter(person=lea).exists()
    assert not MailAddress.objects.filter(person=lea).exists()
