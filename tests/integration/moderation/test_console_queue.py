"""The queue: filters, search, one decision about several cases, and the way from case to case."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from comments import services as comments
from comments.services import Place
from core import clock
from moderation import case_work, reporting, selectors, services
from moderation.models import AuditEntry, Case, Decision
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import report
from tests.support.builders.sharing import make_share
from tests.support.builders.templates import make_public

pytestmark = pytest.mark.django_db
CONSOLE = "/admin/moderation/"


def listed(console: Client, query: str = "") -> list[int]:
    """The numbers of the cases that a filter shows, in order."""
    answer = console.get(f"{CONSOLE}{query}")
    assert answer.status_code == 200, answer.content
    return [row.case.pk for row in answer.context["rows"]]


def made(owner: User, name: str, *reporters: User, reason: str = "spam") -> Case:
    return report(make_public(owner, id=name.lower(), name=name), *reporters, reason=reason)


def send(console: Client, *cases: Case, **fields: Any) -> Any:
    chosen = [f"{case.pk}:{case.version}" for case in cases]
    sent = {"action": "hide", "reason": "spam", **fields, "case": chosen}
    return console.post(f"{CONSOLE}bulk/decide", sent)


def test_the_search_finds_numbers_titles_and_people(
    alice: User, bob: User, moderator: User, console: Client
) -> None:
    carl = make_user("carl")
    carl.display_name = "Ottoline"
    carl.save()
    marsh, fen = made(alice, "Marsh", bob), made(carl, "Fen", bob)
    for q, found in {
        f"%23{marsh.pk}": [marsh.pk],
        "mars": [marsh.pk],
        "CARL": [fen.pk],
        "ottol": [fen.pk],
        carl.public_id: [fen.pk],
        "nothing": [],
        "%2399999999999999999999": [],
        "%23": [],
        "%25": [],
    }.items():
        assert listed(console, f"?q={q}") == found, q
    # A search is of one filter, and keeps it.
    services.dismiss(actor=moderator, case=fen, version=fen.version, reason="spam")
    assert listed(console, "?q=fen") == []
    assert listed(console, "?q=fen&show=closed") == [fen.pk]


def test_the_filters_tell_kinds_and_whose_turn_it_is(
    alice: User, bob: User, colleague: User, moderator: User, console: Client
) -> None:
    template = made(alice, "Marsh", bob)
    share = make_share(alice)
    comment = comments.comment_on_share(actor=bob, share=share, text="Pills", place=Place())
    for send_report, name in (
        (reporting.report_share, {"public_id": share.public_id}),
        (reporting.report_comment, {"public_id": share.public_id, "comment_id": comment.pk}),
        (reporting.report_person, {"public_id": alice.public_id}),
    ):
        send_report(actor=make_user(f"r{len(name)}{send_report.__name__}"), reason="spam", **name)
    cases = {case.subject_kind: case for case in Case.objects.all()}
    for kind in ("template", "share", "comment", "user"):
        assert listed(console, f"?kind={kind}") == [cases[kind].pk], kind
    assert len(listed(console, "?kind=nonsense")) == 4

    case_work.claim(actor=moderator, case=template)
    case_work.claim(actor=colleague, case=cases["share"])
    case_work.ask_opinion(actor=colleague, case=cases["comment"], text="Is it spam?")
    assert listed(console, "?show=mine") == [template.pk]
    assert listed(console, "?show=opinion") == [cases["comment"].pk]
    assert listed(console, "?show=appeals") == []
    shown = console.get(CONSOLE).content.decode()
    assert "max</bdi> is on it" in shown
    assert "second opinion" in shown


def test_the_way_leads_through_the_filter(alice: User, bob: User, console: Client) -> None:
    weights = {"one": "illegal", "two": "privacy", "three": "spam"}
    first, second, third = (
        made(alice, name, bob, reason=reason).pk for name, reason in weights.items()
    )
    ways = {first: (None, second), second: (first, third), third: (second, None)}
    for pk, (before, after) in ways.items():
        context = console.get(f"{CONSOLE}cases/{pk}").context
        assert (context["previous"], context["following"]) == (before, after)
    newest = console.get(f"{CONSOLE}cases/{second}?sort=newest").context
    assert (newest["previous"], newest["following"]) == (third, first)
    # From one that isn't in the filter, to its first.
    narrow = console.get(f"{CONSOLE}cases/{first}?q=thr").context
    assert (narrow["previous"], narrow["following"]) == (None, third)


def decide(console: Client, about: Case, **fields: Any) -> Any:
    about.refresh_from_db()
    sent = {"case": about.pk, "version": about.version, "action": "hide", "reason": "spam"}
    return console.post(f"{CONSOLE}cases/{about.pk}/decide", {**sent, **fields})


def test_the_form_of_another_case_decides_nothing(alice: User, bob: User, console: Client) -> None:
    first, second = made(alice, "One", bob), made(alice, "Two", bob)
    for wrong in (first.pk, "", "x"):
        answer = decide(console, second, case=wrong)
        assert answer.status_code == 409
        assert "Your decision wasn't applied" in unescape(answer.content.decode())
    assert not Decision.objects.exists()


def test_what_someone_else_decided_is_not_next(
    alice: User, bob: User, console: Client, colleague: User
) -> None:
    first, second, third = (made(alice, name, bob) for name in ("One", "Two", "Three"))
    services.dismiss(actor=colleague, case=second, version=second.version, reason="spam")
    assert decide(console, first, next=second.pk)["Location"] == CONSOLE
    assert listed(console) == [third.pk]


def test_the_latest_decision_of_ones_own_is_undone_from_any_page_for_a_day(
    alice: User, bob: User, console: Client, colleague: User
) -> None:
    first, second, third = (made(alice, name, bob) for name in ("One", "Two", "Three"))
    for case in (first, second):
        decide(console, case)
    services.dismiss(actor=colleague, case=third, version=third.version, reason="spam")

    def offered() -> set[str]:
        pages = ("", "?show=closed", "appeals", "audit", f"cases/{third.pk}", "people/")
        texts = [console.get(f"{CONSOLE}{page}").content.decode() for page in pages]
        at_hand = r'<div id="console-undo">\s*(?:<form method="post"\s*action="([^"]+))?'
        return {found[1] or "" for text in texts for found in re.finditer(at_hand, text)}

    for case in (second, first):
        case.refresh_from_db()
        address = f"{CONSOLE}cases/{case.pk}/undo?version={case.version}"
        assert offered() == {address, address.replace("?", "?show=closed&amp;")}
        assert console.post(address)["Location"] == f"{CONSOLE}cases/{case.pk}"
    assert offered() == {""}
    decide(console, first)
    long_ago = clock.now() - selectors.UNDO_AT_HAND
    Decision.objects.update(created_at=long_ago)
    assert offered() == {""}
    # There it can be undone for good.
    assert selectors.undoable(first) is not None


def test_several_cases_are_decided_at_once_and_each_alone(
    alice: User, bob: User, moderator: User, colleague: User, console: Client
) -> None:
    done, stale, taken, asked = (made(alice, name, bob) for name in ("Aa", "Bb", "Cc", "Dd"))
    own = made(moderator, "Ee", bob)
    shown = console.get(f"{CONSOLE}bulk?case={done.pk}:1&case={own.pk}:1&case=x&case=9999:1")
    assert shown.content.decode().count('name="case"') == 2
    assert "your own template" in shown.content.decode()
    services.dismiss(actor=colleague, case=stale, version=stale.version, reason="spam")
    case_work.claim(actor=colleague, case=taken)
    case_work.ask_opinion(actor=moderator, case=asked, text="Hm")
    answer = send(console, done, stale, taken, asked, own, note="One batch")
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    for words in (
        "1 decided, 4 not",
        "max decided it first: dismissed.",
        "max is working on this case.",
        "Another moderator decides this case.",
        "You can't decide on your own template",
        f'href="{CONSOLE}cases/{done.pk}"',
        f'href="{CONSOLE}cases/{own.pk}"',
    ):
        assert words in page, words
    made_ = Decision.objects.filter(actor=moderator)
    assert [(one.case_id, one.action, one.note) for one in made_] == [
        (done.pk, "hide", "One batch")
    ]
    assert AuditEntry.objects.filter(actor=moderator, action="case.hide").count() == 1
    # The same form again: nothing is decided twice.
    again = unescape(send(console, done).content.decode())
    assert "mo decided it first: hidden." in again
    assert made_.count() == 1


def test_one_keep_dismisses_and_restores(
    alice: User, bob: User, colleague: User, console: Client
) -> None:
    visible, hidden = made(alice, "Aa", bob), made(alice, "Bb", bob)
    services.hide(actor=colleague, case=hidden, version=1, reason="spam")
    hidden.refresh_from_db()
    assert "2 decided" in send(console, visible, hidden, action="keep").content.decode()
    latest = {case.pk: case.decisions.latest("pk").action for case in (visible, hidden)}
    assert latest == {visible.pk: "dismiss", hidden.pk: "restore"}


def test_a_bad_bulk_form_decides_nothing_and_keeps_what_was_typed(
    alice: User, bob: User, console: Client
) -> None:
    case = made(alice, "Aa", bob)
    cases: list[tuple[dict[str, str], str]] = [
        ({"action": ""}, "Choose a decision"),
        ({"reason": "x"}, "Choose a reason"),
        ({"note": "x" * 1001}, "Note: Too long"),
        ({"action": "keep", "strike": "1"}, "only with a decision that finds a problem"),
    ]
    for fields, words in cases:
        answer = send(console, case, **{"message": "Kept words", **fields})
        assert answer.status_code == 422, fields
        page = answer.content.decode()
        assert words in page, fields
        assert "Kept words" in page, fields
        assert not Decision.objects.exists(), fields


def test_a_decision_that_is_not_for_a_kind_is_refused_by_name(
    alice: User, bob: User, console: Client
) -> None:
    template = made(alice, "Aa", bob)
    reporting.report_person(actor=bob, public_id=alice.public_id, reason="hate")
    person = Case.objects.get(subject_kind="user")
    page = unescape(send(console, template, person, action="warn").content.decode())
    assert "1 decided, 1 not" in page
    assert "“Warn” isn't a decision about a template." in page


def test_nothing_chosen_leads_back(console: Client) -> None:
    answer = console.get(f"{CONSOLE}bulk")
    assert (answer.status_code, answer["Location"]) == (302, CONSOLE)
