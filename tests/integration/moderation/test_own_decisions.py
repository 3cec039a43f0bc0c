"""What people read about decisions about their work, and how they appeal."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from comments import services as comments
from comments.services import Place
from core import clock, jsonsafe
from creations.models import Share
from moderation import appeals, reporting, services
from moderation.models import Appeal, AuditEntry, Case, Decision, Effect, Sanction
from notices.models import Notice
from tests.support.builders.exports import export_of
from tests.support.builders.factories import make_user
from tests.support.builders.leaving import delete_account
from tests.support.builders.moderation import decide, make_moderator, undo
from tests.support.builders.moderation import report as report_template
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import csrf_of, signed_in
from tests.support.markup import flat, without_tokens

pytestmark = pytest.mark.django_db
PAGE = "/me/decisions"


@pytest.fixture
def share(alice: User) -> Share:
    return make_share(alice, title="Harbor at dawn")


@pytest.fixture
def second(db: None) -> User:
    """Another moderator."""
    return make_moderator(make_user("mia"))


def report(share: Share, person: User | None = None) -> Case:
    reporter = person or make_user(f"reporter{User.objects.count()}")
    reporting.report_share(actor=reporter, public_id=share.public_id, reason="spam")
    return Case.objects.filter(subject_kind="share", subject_id=str(share.pk)).latest("pk")


def read(person: User, path: str = PAGE, status: int = 200) -> str:
    answer = signed_in(person).get(path)
    assert answer.status_code == status, answer.content.decode()
    return unescape(without_tokens(flat(answer.content)))


def send(person: User, decision: Decision, text: str) -> Any:
    return signed_in(person).post(f"{PAGE}/{decision.pk}", {"text": text})


def answer(moderator: User, appeal: Appeal, outcome: str, text: str = "") -> None:
    version = Case.objects.get(pk=appeal.decision.case_id).version
    appeals.answer(actor=moderator, appeal=appeal, version=version, outcome=outcome, text=text)


def latest_notice(person: User) -> Notice:
    return Notice.objects.filter(person=person, kind="moderation").latest("pk")


# --- reading ------------------------------------------------------------------------------------


def test_a_person_without_decisions_reads_that_and_has_no_link(bob: User) -> None:
    assert "No decisions" in read(bob)
    assert f'href="{PAGE}"' not in read(bob, "/me")


def test_visitors_sign_in_first(share: Share, mo: User) -> None:
    for path in (PAGE, f"{PAGE}/1"):
        answered = Client().get(path)
        assert (answered.status_code, answered["Location"]) == (302, f"/sign-in?next={path}")


def test_a_decision_says_what_why_and_until_when(
    share: Share, alice: User, moderator: User
) -> None:
    decision = decide(moderator, report(share), "hide", message="Please cut the logo.", strike=True)
    until = decision.created_at + appeals.LIFE
    expires = Sanction.objects.get().expires_at
    listed, alone = read(alice), read(alice, f"{PAGE}/{decision.pk}")
    for page in (listed, alone):
        for words in (
            "Harbor at dawn",
            "Hidden",
            "Please cut the logo.",
            "Spam or misleading",
            f"Strike 1 of 3, until {expires.day} {expires:%b %Y}",
            f"until {until.day} {until:%b %Y}.",
        ):
            assert words in page, words
        assert "mo" not in [word.strip(".,<>\"'") for word in page.split()]
        assert "reporter" not in page
    assert "1 of 3 strikes." in listed
    assert f'href="{PAGE}"' in read(alice, "/me")
    # The notice and the creation's own page lead to it.
    assert latest_notice(alice).url == f"{PAGE}/{decision.pk}"
    assert "Please cut the logo." in latest_notice(alice).text
    assert f'href="{PAGE}/{decision.pk}"' in read(alice, f"/s/{share.public_id}")


def test_a_hidden_creation_offers_the_appeal_until_its_day(
    share: Share, alice: User, moderator: User
) -> None:
    decision = decide(moderator, report(share), "hide")
    page, until = f"/s/{share.public_id}", decision.created_at + appeals.LIFE
    assert f'">Appeal</a> <span class="muted">until {until.day} {until:%b}<' in read(alice, page)
    send(alice, decision, "It is my own boat.")
    assert "See the decision" in read(alice, page)
    assert ">Appeal<" not in read(alice, page)


def test_no_one_else_reads_it(share: Share, alice: User, bob: User, moderator: User) -> None:
    decision = decide(moderator, report(share, bob), "hide")
    for person in (bob, moderator):
        read(person, f"{PAGE}/{decision.pk}", status=404)
        assert send(person, decision, "Mine").status_code == 404
        assert "Harbor at dawn" not in read(person)
    assert not Appeal.objects.exists()
    for number in (decision.pk + 99, 2**70):
        read(alice, f"{PAGE}/{number}", status=404)


def test_dismissed_reports_are_not_told(share: Share, alice: User, moderator: User) -> None:
    decision = decide(moderator, report(share), "dismiss")
    assert "No decisions" in read(alice)
    read(alice, f"{PAGE}/{decision.pk}", status=404)
    assert not Notice.objects.filter(person=alice, kind="moderation").exists()


def test_what_is_decided_is_not_pending_any_more(
    alice: User, moderator: User, settings: Any
) -> None:
    settings.HIDE_WEIGHT = 1
    case = report_template(make_public(alice), make_user("reporter"))
    pending = "Hidden pending review"
    mine = "/me/templates"
    assert pending in read(alice)
    assert read(alice, mine).count(pending) == 2
    decide(moderator, case, "hide")
    assert pending not in read(alice, mine)
    page = read(alice)
    assert pending not in page
    assert "Hidden automatically" in page


def test_later_decisions_and_undone_ones_say_so(share: Share, alice: User, moderator: User) -> None:
    case = report(share)
    first = decide(moderator, case, "hide")
    second = decide(moderator, case, "take_down")
    page = read(alice)
    assert page.index("Taken down") < page.index("Replaced by a later decision")
    undo(moderator, second)
    assert "Undone on" in read(alice, f"{PAGE}/{second.pk}")
    assert "Appeal" not in read(alice, f"{PAGE}/{second.pk}").split("<main")[1]
    # What it replaced holds again.
    assert "Replaced" not in read(alice, f"{PAGE}/{first.pk}")
    assert "Send appeal" in read(alice, f"{PAGE}/{first.pk}")


def test_a_warning_is_told_with_what_it_gave_and_that_it_was_undone(
    bob: User, alice: User, moderator: User
) -> None:
    share = make_share(alice)
    reporting.report_person(actor=bob, public_id=share.owner.public_id, reason="harassment")
    case = Case.objects.get(subject_kind="user")
    decision = decide(moderator, case, "warn")
    assert latest_notice(alice).url == f"{PAGE}/{decision.pk}"
    page = read(alice, f"{PAGE}/{decision.pk}")
    assert "Your account" in page
    assert "Warning" in page
    undo(moderator, decision)
    assert latest_notice(alice).text == "A decision about you was undone."
    assert latest_notice(alice).url == f"{PAGE}/{decision.pk}"


def test_a_comment_s_author_reads_and_appeals_the_decision_though_the_comment_is_gone(
    share: Share, bob: User, moderator: User, second: User
) -> None:
    comment = comments.comment_on_share(actor=bob, share=share, text="Buy pills", place=Place())
    reporting.report_comment(
        actor=make_user("carl"),
        comment_id=comment.pk,
        public_id=share.public_id,
        reason="spam",
    )
    case = Case.objects.get(subject_kind="comment")
    decision = decide(moderator, case, "hide", suspend_days=30)
    assert latest_notice(bob).url == f"{PAGE}/{decision.pk}"
    comments.remove(actor=bob, comment=comment)
    assert "Buy pills" in read(bob, f"{PAGE}/{decision.pk}")
    assert send(bob, decision, "It was a joke.").status_code == 302
    # The suspension is taken back all the same.
    answer(second, Appeal.objects.get(), "overturned")
    bob.refresh_from_db()
    assert bob.suspended_until is None
    assert "Overturned after an appeal" in read(bob)


# --- what a decision about something else changed -----------------------------------------------


@pytest.fixture
def remixed(share: Share, moderator: User, bob: User) -> tuple[Decision, Share]:
    """A decision about alice's creation that also reached one of bob's."""
    other = make_share(bob, title="Life is good")
    decision = decide(
        moderator, report(share), "hide", message="Alice, this is about your boat.", strike=True
    )
    Share.objects.filter(pk=other.pk).update(moderation="quarantined")
    Effect.objects.create(
        decision=decision,
        subject_kind="share",
        subject_id=str(other.pk),
        before="visible",
        after="quarantined",
    )
    return decision, other


def test_others_who_are_hit_read_of_their_own_alone(
    remixed: tuple[Decision, Share], alice: User, bob: User
) -> None:
    decision, other = remixed
    for path in (PAGE, f"{PAGE}/{decision.pk}", f"/s/{other.public_id}"):
        page = read(bob, path)
        assert "We hid “Life is good” because it is misleading." in page
        for private in ("Alice", "boat", "Harbor at dawn", "strike", "Strike"):
            assert private not in page, (path, private)
    assert "Life is good" not in read(alice)


def test_their_appeal_gives_back_their_own_alone(
    remixed: tuple[Decision, Share], share: Share, alice: User, bob: User, second: User
) -> None:
    decision, other = remixed
    assert send(bob, decision, "I drew this.").status_code == 302
    answer(second, Appeal.objects.get(), "overturned", "You did.")
    other.refresh_from_db()
    share.refresh_from_db()
    assert (other.moderation, share.moderation) == ("visible", "quarantined")
    page = read(bob)
    for words in ("Overturned for your work", "Decision overturned", "You did."):
        assert words in page, words
    assert "You did." not in read(alice)


# --- appealing ----------------------------------------------------------------------------------


def test_an_appeal_is_sent_once_and_answered_by_another(
    share: Share, alice: User, moderator: User, second: User
) -> None:
    decision = decide(moderator, report(share), "take_down", strike=True)
    path = f"{PAGE}/{decision.pk}"
    sent = send(alice, decision, "  It is my own boat.\r\nLook at its name. ")
    assert (sent.status_code, sent["Location"]) == (302, path)
    page = read(alice, path)
    assert "It is my own boat.<br>Look at its name." in page
    assert "A different moderator will look at it." in page
    assert "Send appeal" not in page
    again = send(alice, decision, "And another thing")
    assert again.status_code == 409
    assert "You appealed this decision already." in unescape(again.content.decode())
    assert "And another thing" in again.content.decode()
    appeal = Appeal.objects.get()
    answer(second, appeal, "overturned", "You are right.")
    share.refresh_from_db()
    assert share.moderation == "visible"
    page = read(alice, path)
    for words in ("Overturned after an appeal on", "Strike 1 of 3, ended on", "You are right."):
        assert words in page, words
    assert "strikes." not in read(alice)
    assert "mia" not in page.lower()
    assert latest_notice(alice).url == path
    log = AuditEntry.objects.filter(action__startswith="appeal.").order_by("pk")
    assert [(one.action, one.actor_id) for one in log] == [
        ("appeal.file", alice.pk),
        ("appeal.overturned", second.pk),
    ]


def test_an_upheld_appeal_says_so(share: Share, alice: User, moderator: User, second: User) -> None:
    decision = decide(moderator, report(share), "hide")
    send(alice, decision, "Why?")
    answer(second, Appeal.objects.get(), "upheld", "The logo is there.")
    page = read(alice)
    for words in ("Decision stays", "The logo is there."):
        assert words in page
    share.refresh_from_db()
    assert share.moderation == "quarantined"


def test_what_cannot_be_sent_names_the_problem_and_keeps_the_words(
    share: Share, alice: User, moderator: User
) -> None:
    decision = decide(moderator, report(share), "hide")
    for text, problem in (
        (" \r\n ", "Write why the decision is wrong"),
        ("x" * 1001, "Too long: 1,001 of 1,000 characters."),
        ("a\x00b", "Remove the invalid character."),
    ):
        refused = send(alice, decision, text)
        page = unescape(refused.content.decode())
        assert refused.status_code == 422, problem
        assert problem in page, problem
        assert text.strip().replace("\x00", "") in page, problem
        assert not Appeal.objects.exists(), problem


def test_the_form_needs_no_scripts_and_checks_where_it_comes_from(
    share: Share, alice: User, moderator: User
) -> None:
    decision = decide(moderator, report(share), "hide")
    path = f"{PAGE}/{decision.pk}"
    browser = signed_in(alice, enforce_csrf_checks=True)
    assert browser.post(path, {"text": "Mine"}).status_code == 403
    token = csrf_of(browser, path)
    sent = browser.post(path, {"text": "Mine", "csrfmiddlewaretoken": token})
    assert sent.status_code == 302


def test_after_its_day_a_decision_is_not_appealed(
    share: Share, alice: User, moderator: User
) -> None:
    decision = decide(moderator, report(share), "hide")
    Decision.objects.filter(pk=decision.pk).update(
        created_at=clock.now() - appeals.LIFE - timedelta(minutes=1)
    )
    assert "Send appeal" not in read(alice, f"{PAGE}/{decision.pk}")
    refused = send(alice, decision, "Too late?")
    assert refused.status_code == 409
    assert "can't be appealed any more" in unescape(refused.content.decode())
    assert "Too late?" in refused.content.decode()


def test_a_suspended_person_reads_and_appeals(
    share: Share, alice: User, moderator: User, second: User
) -> None:
    decision = decide(moderator, report(share), "hide", suspend_days=7)
    alice.refresh_from_db()
    until = alice.suspended_until
    assert until is not None
    for path in (PAGE, f"{PAGE}/{decision.pk}", "/", "/me/templates"):
        assert f"Your account is suspended until {until.day} {until:%b %Y}" in read(alice, path)
    assert f"Suspended, until {until.day} {until:%b %Y}" in read(alice)
    assert send(alice, decision, "Not me.").status_code == 302
    answer(second, Appeal.objects.get(), "overturned")
    assert "Your account is suspended" not in read(alice, "/me/templates")


# --- taking it along, and leaving ---------------------------------------------------------------


def test_the_export_has_decisions_appeals_and_reports_and_no_moderator(
    share: Share, alice: User, moderator: User, second: User
) -> None:
    other = make_share(make_user("dora"), title="Dunes")
    reporting.report_share(actor=alice, public_id=other.public_id, reason="spam", note="An ad")
    decision = decide(moderator, report(share), "hide", message="Cut the logo.", strike=True)
    send(alice, decision, "It is my own boat.")
    answer(second, Appeal.objects.get(), "upheld", "It is not.")
    contents = export_of(alice)
    data = jsonsafe.loads(contents["account.json"])
    [told] = data["decisions"]
    assert (told["decision"], told["reason"]) == ("Hidden", "Spam or misleading")
    assert told["about"] == [{"kind": "creation", "name": "Harbor at dawn"}]
    assert told["message"].startswith("Cut the logo.")
    assert told["strikesAndSuspensions"][0].startswith("Strike 1 of 3, until ")
    appeal = {name: told["appeal"][name] for name in ("text", "outcome", "answer")}
    assert appeal == {
        "text": "It is my own boat.",
        "outcome": "upheld",
        "answer": "It is not.",
    }
    [sent] = data["reports"]
    assert (sent["about"], sent["details"], sent["outcome"]) == ("Dunes", "An ad", "In review")
    for name in (b'"mia"', b'"mo"'):
        assert name not in b"".join(contents.values())


def test_a_deleted_account_leaves_its_cases_decisions_and_appeals_to_be_decided(
    share: Share, alice: User, bob: User, moderator: User, second: User
) -> None:
    decision = decide(moderator, report(share), "hide", strike=True)
    send(alice, decision, "It is my own boat.")
    reporting.report_person(actor=bob, public_id=alice.public_id, reason="harassment")
    delete_account(user=alice)
    answer(second, Appeal.objects.get(), "overturned")
    assert Appeal.objects.get().outcome == "overturned"
    assert not Sanction.objects.filter(ended_at=None).exists()
    case = Case.objects.get(subject_kind="user")
    decide(moderator, case, "warn", strike=True)
    case.refresh_from_db()
    assert case.state == "upheld"


def test_the_notice_of_a_long_message_leads_to_where_all_of_it_is_read(
    share: Share, alice: User, bob: User, moderator: User
) -> None:
    said = comments.comment_on_share(actor=bob, share=share, text="Rude words", place=Place())
    message = " ".join(f"Reason {number}." for number in range(80))
    reporting.report_comment(
        actor=alice, comment_id=said.pk, public_id=share.public_id, reason="harassment"
    )
    of_comment = Case.objects.get(subject_kind="comment")
    for person, decision in (
        (bob, decide(moderator, of_comment, "hide", message=message)),
        (alice, decide(moderator, report(share), "hide", message=message, strike=True)),
    ):
        notice = latest_notice(person)
        assert len(notice.text) <= 300 < len(message)
        assert notice.url == f"{PAGE}/{decision.pk}"
        assert message in read(person, notice.url)
    undone = undo(moderator, of_comment.decisions.get())
    assert latest_notice(bob).url == f"{PAGE}/{undone.reverses_id}"


def test_cases_keep_the_words_of_a_deleted_person_only_while_they_are_open(
    share: Share, alice: User, bob: User, moderator: User
) -> None:
    User.objects.filter(pk=bob.pk).update(display_name="Robert Roe")
    bob.refresh_from_db()
    about = {"actor": alice, "reason": "harassment"}
    for number in range(2):
        said = comments.comment_on_share(
            actor=bob, share=share, text=f"Rude words {number}", place=Place()
        )
        reporting.report_comment(comment_id=said.pk, public_id=share.public_id, **about)
    reporting.report_person(public_id=bob.public_id, **about)
    closed, waiting, of_person = Case.objects.order_by("pk")
    decide(moderator, closed, "hide", message="Please be kind.")
    delete_account(user=bob)
    delete_account(user=bob)

    def quoted(case: Case) -> tuple[str, list[str]]:
        case.refresh_from_db()
        return case.title, list(case.reports.values_list("subject_text", flat=True))

    assert quoted(closed) == quoted(of_person) == ("", [""])
    assert quoted(waiting) == ("Rude words 1", ["Rude words 1"])
    console = "/admin/moderation/cases"
    for case in (closed, waiting, of_person):
        shown = read(moderator, f"{console}/{case.pk}")
        for words in ("Robert Roe", ">bob<", "Rude words 0"):
            assert words not in shown, case.pk
    services.close_gone(actor=moderator, case=waiting, version=waiting.version)
    assert quoted(waiting) == ("", [""])


def test_a_case_about_a_template_that_stays_keeps_its_name(alice: User, moderator: User) -> None:
    template = make_public(alice, name="Marsh maker")
    reporting.report_template(actor=make_user("carl"), public_id=template.public_id, reason="spam")
    case = Case.objects.get()
    delete_account(user=alice)
    decide(moderator, case, "dismiss")
    case.refresh_from_db()
    assert case.title == "Marsh maker"
