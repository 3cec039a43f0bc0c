"""A decision goes along remixes and same files, and is taken back whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from creations.models import Share, ShareMedia
from media.models import Blob
from moderation.models import AuditEntry, Case, Decision, Effect
from notices.models import Notice
from templates_app.lifecycle import forking
from templates_app.lifecycle import services as template_services
from templates_app.models import Listing, Template, TemplateUse, TemplateVersion
from tests.support.builders.blobs import make_blob
from tests.support.builders.drafts import note
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import decide, make_moderator, report, undo
from tests.support.builders.sharing import make_share
from tests.support.builders.stage_bodies import stage
from tests.support.builders.templates import HOSTS, make_public
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
REMIXES = 200
# Five for each remix: its row, and what the gallery lists of it.
MOST_QUERIES = 6 * REMIXES
# Queries of a decision about a template that nothing uses.
QUERIES_OF_ONE = 60
RUNS = "/v1/creative-agent/workflows"


def remix(person: User, template: Template) -> Template:
    return forking.fork_template(
        actor=person, public_id=template.public_id, own_hosts=HOSTS
    ).template


def everything() -> dict[str, list[Any]]:
    """All rows that a decision may change."""
    return {
        "templates": list(Template.objects.order_by("pk").values()),
        "shares": list(Share.objects.order_by("pk").values()),
        "blobs": list(Blob.objects.order_by("pk").values("pk", "blocked_at")),
        "listed": list(Listing.objects.order_by("pk").values_list("pk", flat=True)),
        "people": list(User.objects.order_by("pk").values("pk", "suspended_until")),
    }


def states(*templates: Template) -> list[str]:
    for one in templates:
        one.refresh_from_db()
    return [one.moderation for one in templates]


def file_of(share: Share) -> Blob:
    return ShareMedia.objects.filter(share=share, role="result").select_related("blob")[0].blob


def same_file(share: Share, other: Share) -> Blob:
    """Have another creation show the first file of one."""
    blob = file_of(share)
    ShareMedia.objects.filter(share=other, role="result").update(blob=blob)
    return blob


def case_about(share: Share, reporter: User) -> Case:
    client = signed_in(reporter)
    answer = client.post(f"/s/{share.public_id}/report", {"reason": "copyright"})
    assert answer.status_code == 302
    return Case.objects.get(subject_kind="share", subject_id=str(share.pk))


def taken_down(console: Client, case: Case, measure: str) -> None:
    """Take it down by the form with all that a measure reaches."""
    sent = {"case": case.pk, "version": case.version, "action": "take_down", measure: "1"}
    path = f"/admin/moderation/cases/{case.pk}/decide"
    assert console.post(path, {**sent, "reason": "copyright"}).status_code == 302
    decision = case.decisions.get()
    usual = {"remixes": False, "holders": False, "same_media": False}
    assert decision.reach == {**usual, measure: True, "count": REMIXES}
    assert Effect.objects.filter(decision=decision).count() == REMIXES


@pytest.mark.slow
def test_two_hundred_remixes_are_taken_down_in_one_decision_and_come_back(
    open_template: Template,
    bob: User,
    console: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    authors = [make_user(f"author{number}") for number in range(10)]
    level = [remix(author, open_template) for author in authors]
    for one in level:
        template_services.patch_template(
            actor=one.owner,
            public_id=one.public_id,
            changes={"visibility": "public"},
            own_hosts=HOSTS,
        )
    # Remixes of remixes, which are private.
    made = [remix(authors[number % 10], level[number % 10]) for number in range(REMIXES - 10)]
    case = report(open_template, bob, reason="copyright")
    before = everything()
    path = f"/admin/moderation/cases/{case.pk}"
    assert f"{REMIXES} remixes" in console.get(path).content.decode()
    with django_assert_max_num_queries(MOST_QUERIES):
        taken_down(console, case, "remixes")
    assert set(states(open_template, *level, *made)) == {"removed"}
    entry = AuditEntry.objects.get(action="case.take_down")
    assert entry.data["reach"] == REMIXES
    # Each author hears of all theirs once.
    told = Notice.objects.filter(kind="moderation", about__startswith="decision:")
    assert told.filter(person__in=authors).count() == len(authors)
    assert " and 19 more of yours were taken down." in told.filter(person=authors[0]).get().text
    case.refresh_from_db()
    with django_assert_max_num_queries(MOST_QUERIES):
        assert console.post(f"{path}/undo?version={case.version}").status_code == 302
    assert everything() == before


@pytest.mark.slow
def test_two_hundred_templates_that_use_it_are_taken_down_in_one_decision_and_come_back(
    open_template: Template,
    bob: User,
    console: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    authors = [make_user(f"author{number}") for number in range(10)]
    first = make_holder(authors[0], open_template)
    level = [first, *copies_of(first, authors, REMIXES - 11)]
    # These use one that uses it.
    second = make_holder(authors[1], first)
    level += [second, *copies_of(second, authors, 9)]
    assert len(level) == REMIXES
    # It used it once: only a row is left of that.
    past = make_holder(authors[2], open_template)
    TemplateVersion.objects.filter(template=past).update(spec={**past.head.spec, "stages": []})
    case = report(open_template, bob, reason="copyright")
    before = everything()
    path = f"/admin/moderation/cases/{case.pk}"
    with django_assert_max_num_queries(100):
        page = " ".join(console.get(path).content.decode().split())
    assert f"{REMIXES} templates that use it" in page
    with django_assert_max_num_queries(MOST_QUERIES):
        taken_down(console, case, "holders")
    assert set(states(open_template, *level)) == {"removed"}
    assert states(past) == ["visible"]
    case.refresh_from_db()
    with django_assert_max_num_queries(MOST_QUERIES):
        assert console.post(f"{path}/undo?version={case.version}").status_code == 302
    assert everything() == before


@pytest.mark.slow
def test_runs_of_two_hundred_templates_are_refused_until_what_they_use_is_back(
    api: Callable[..., Api],
    alice: User,
    bob: User,
    moderator: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    authors = [make_user(f"author{number}") for number in range(10)]
    inner = make_public(alice, id="inner", name="Inner", inputs=[], stages=[note("fox")])
    first = make_holder(authors[0], inner)
    holders = [first, *copies_of(first, authors, REMIXES - 1)]
    own = make_holder(alice, first)
    keys = {one.pk: make_key(one) for one in (*authors, alice)}
    case = report(inner, bob, reason="copyright")
    console, path = signed_in(moderator), f"/admin/moderation/cases/{case.pk}"
    before = everything()

    def answers(templates: Iterable[Template]) -> set[tuple[int, bool]]:
        """Statuses of starts, and whether they say that something inside is hidden."""
        return {
            (answer.status_code, "template_hidden" in answer.content.decode())
            for one in templates
            for answer in [api(keys[one.owner_id]).post(RUNS, {"workflow_id": one.public_id})]
        }

    form = {"action": "take_down", "reason": "copyright", "case": case.pk, "version": case.version}
    with django_assert_max_num_queries(QUERIES_OF_ONE):
        assert console.post(f"{path}/decide", form).status_code == 302
    assert case.decisions.get().reach == {}
    # One of each author.
    assert answers(holders[:10]) == {(422, True)}
    assert set(states(*holders)) == {"visible"}
    # To its author nothing has changed.
    assert answers([own]) == {(201, False)}
    case.refresh_from_db()
    with django_assert_max_num_queries(QUERIES_OF_ONE):
        assert console.post(f"{path}/undo?version={case.version}").status_code == 302
    assert everything() == before
    assert answers(holders[:10]) == {(201, False)}


def test_what_uses_an_earlier_version_that_uses_it_is_reached(
    open_template: Template, bob: User, moderator: User
) -> None:
    carl, dora = make_user("carl"), make_user("dora")
    scene = make_holder(carl, open_template)
    film = make_holder(dora, scene)
    changes = {"visibility": "private", "stages": [note("own")]}
    template_services.patch_template(
        actor=carl, public_id=scene.public_id, changes=changes, own_hosts=HOSTS
    )
    decision = decide(moderator, report(open_template, bob), "take_down", holders=True)
    assert states(scene, film) == ["visible", "removed"]
    assert decision.reach["count"] == 1


def make_holder(person: User, inner: Template) -> Template:
    """A template of a person's that has the public `inner` as a stage; published, too."""
    reference = f"template:{inner.public_id}@{inner.head.semver}"
    fields = {"inputs": [], "stages": [stage(reference, "used")]}
    return make_public(person, id=f"holder-of-{inner.public_id}-{person.username}", **fields)


def copies_of(holder: Template, people: list[User], count: int) -> list[Template]:
    """Private templates that hold the same."""
    [use] = holder.uses.all()
    templates = Template.objects.bulk_create(
        Template(
            public_id=f"{holder.public_id}-{number}",
            owner=people[number % len(people)],
            name=holder.name,
        )
        for number in range(count)
    )
    versions = TemplateVersion.objects.bulk_create(
        TemplateVersion(
            template=one,
            number=1,
            semver="0.0.1",
            spec=holder.head.spec,
            content_sha256=holder.head.content_sha256,
            cause="create",
            created_by=one.owner,
            bytes=holder.head.bytes,
        )
        for one in templates
    )
    for one, version in zip(templates, versions, strict=True):
        one.head = version
    Template.objects.bulk_update(templates, ["head"])
    TemplateUse.objects.bulk_create(
        TemplateUse(holder=one, reference=use.reference, version=use.version, created_by=one.owner)
        for one in templates
    )
    return templates


def test_what_was_hidden_before_keeps_its_own_decision(
    open_template: Template, bob: User, moderator: User
) -> None:
    carl, dora = make_user("carl"), make_user("dora")
    first, second = remix(carl, open_template), remix(dora, open_template)
    Template.objects.filter(pk=first.pk).update(moderation="removed")
    decision = decide(moderator, report(open_template, bob), "hide", remixes=True)
    assert states(first, second) == ["removed", "quarantined"]
    # Decided again since: it stays as the later decision left it.
    Template.objects.filter(pk=second.pk).update(moderation="removed")
    undo(moderator, decision)
    assert states(open_template, first, second) == ["visible", "removed", "removed"]


def test_a_moderators_own_remix_is_left_to_others(
    open_template: Template, bob: User, moderator: User
) -> None:
    mine = remix(moderator, open_template)
    theirs = remix(make_user("carl"), open_template)
    decision = decide(moderator, report(open_template, bob), "take_down", remixes=True)
    assert states(mine, theirs) == ["visible", "removed"]
    assert decision.reach["count"] == 1


def test_without_being_asked_nothing_else_changes(
    open_template: Template, bob: User, moderator: User
) -> None:
    one = remix(make_user("carl"), open_template)
    decision = decide(moderator, report(open_template, bob), "take_down")
    assert states(one) == ["visible"]
    assert (decision.reach, Effect.objects.count()) == ({}, 0)


def test_the_same_file_goes_wherever_it_is_shown_and_comes_back(
    alice: User, bob: User, moderator: User, client: Client
) -> None:
    share, copy = make_share(alice, title="Harbor"), make_share(make_user("carl"), title="Copy")
    other = make_share(make_user("dora"), title="Other")
    ShareMedia.objects.filter(share=other).update(blob=make_blob(b"another picture"))
    blob = same_file(share, copy)
    case = case_about(share, bob)
    before = everything()
    decision = decide(moderator, case, "take_down", same_media=True)
    blob.refresh_from_db()
    assert blob.blocked_at is not None
    assert [client.get(f"/s/{one.public_id}").status_code for one in (share, copy, other)] == [
        404,
        404,
        200,
    ]
    undo(moderator, decision)
    assert everything() == before
    assert client.get(f"/s/{copy.public_id}").status_code == 200


def test_hiding_the_same_media_blocks_no_file(alice: User, bob: User, moderator: User) -> None:
    share, copy = make_share(alice), make_share(make_user("carl"))
    blob = same_file(share, copy)
    decide(moderator, case_about(share, bob), "hide", same_media=True)
    blob.refresh_from_db()
    copy.refresh_from_db()
    assert (copy.moderation, blob.blocked_at) == ("quarantined", None)


def test_a_file_that_two_decisions_block_stays_blocked_until_both_are_undone(
    alice: User, bob: User, moderator: User
) -> None:
    share, copy = make_share(alice), make_share(make_user("carl"))
    blob = same_file(share, copy)
    first = decide(moderator, case_about(share, bob), "take_down", same_media=True)
    Decision.objects.create(
        case=Case.objects.create(subject_kind="media", subject_id=blob.pk, owner=alice),
        actor=moderator,
        action="take_down",
        reason="illegal",
        before={},
    )
    undo(moderator, first)
    blob.refresh_from_db()
    assert blob.blocked_at is not None


def test_a_second_moderator_undoes_all_of_it(
    open_template: Template, bob: User, moderator: User
) -> None:
    theirs = remix(make_user("carl"), open_template)
    decision = decide(moderator, report(open_template, bob), "take_down", remixes=True)
    undo(make_moderator(make_user("max")), decision)
    assert states(open_template, theirs) == ["visible", "visible"]
