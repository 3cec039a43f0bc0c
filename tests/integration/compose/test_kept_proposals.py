"""A proposal waits for its person's answer: found again, theirs alone, and gone with the answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from pytest_django import Settings

from accounts import storage
from accounts.models import User
from compose import kept_proposals
from compose.models import KeptProposal
from core import clock
from runs.engine import periodic
from templates_app import selectors
from templates_app.document_ops.convert import to_spec
from templates_app.documents import invitations
from templates_app.lifecycle import services, waiting
from templates_app.models import Template
from tests.integration.templates_app.test_changes_at_once import at_once
from tests.support.builders.collaborating import let_in
from tests.support.builders.document_plans import answer, keep, open_document, put_plan
from tests.support.builders.drafts import note
from tests.support.builders.editing import apply
from tests.support.builders.exports import account_data
from tests.support.builders.factories import make_user
from tests.support.builders.leaving import delete_account
from tests.support.builders.templates import HOSTS, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
WORD = "bittern"
RENAMED = {"op": "set", "table": "root", "key": "template", "path": ["name"], "value": "Marsh"}


@pytest.fixture
def template(alice: User) -> Template:
    made = make_template(alice, name="Sky", stages=[note("a")], inputs=[])
    open_document(alice, made)
    return made


def ask(person: User, template: Template, method: str = "GET") -> Any:
    client = signed_in(person)
    return client.generic(method, f"/app/compose/{template.public_id}")


def rows_with(word: str) -> set[str]:
    """The tables with a row that holds this word."""
    return {
        model._meta.label
        for model in apps.get_models()
        for row in model._default_manager.values_list()
        if word in repr(row)
    }


def test_a_proposal_is_found_again_as_it_was_given(alice: User, template: Template) -> None:
    given = answer(WORD)
    assert keep(alice, template, WORD, answer=given)

    found = ask(alice, template)

    assert found.status_code == 200
    assert found["cache-control"].startswith("max-age=0, no-cache, no-store")
    assert found.json() == {
        "proposal": given,
        "brief": f"3 shots of {WORD}",
        "isStale": False,
        "controls": None,
        "selection": [],
    }


def described(person: User, template: Template, **body: Any) -> Any:
    """Ask for a proposal as the editor does."""
    body["template"] = to_spec(open_document(person, template).state)
    sent = json.dumps({"templateId": template.public_id, **body})
    return signed_in(person).post("/app/compose", sent, "application/json")


def test_what_is_asked_in_the_editor_is_found_again(alice: User) -> None:
    template = make_template(alice, name="Untitled template", stages=[], inputs=[])
    brief = "A harbor at dawn, 2 shots"
    given = described(alice, template, brief=brief)
    assert given.status_code == 200, given.content
    found = ask(alice, template).json()
    assert (found["proposal"], found["brief"]) == (given.json(), brief)
    assert found["isStale"] is False
    assert described(alice, template, brief=brief, templateId="unknown").status_code == 404


def test_the_controls_of_a_stale_proposal_are_set_on_what_the_draft_is_by_now(alice: User) -> None:
    image = {"type": "fixed", "tool": "generate_image", "args": {"prompt": "a heron"}}
    a, b, c = ({"id": name, "produces": [name], **image} for name in "abc")
    template = make_template(alice, name="Sky", stages=[a, b], inputs=[])
    wide = {"format": "21:9", "replace": {"from": "heron", "to": "egret"}}
    given = described(alice, template, controls=wide, selection=["b"])
    document = open_document(alice, template)
    apply(alice, document, {"op": "put", "table": "stages", "key": "c", "value": c})

    kept = ask(alice, template).json()

    assert kept["isStale"] is True
    assert kept["proposal"] == given.json()
    assert (kept["controls"], kept["selection"]) == (wide, ["b"])
    again = described(alice, template, controls=kept["controls"], selection=kept["selection"])
    stages = {one["id"]: one["args"] for one in again.json()["template"]["stages"]}
    prompts = {name: one["prompt"] for name, one in stages.items()}
    assert prompts == {"a": "a heron", "b": "a egret", "c": "a heron"}
    assert ("width" in stages["b"], "width" in stages["c"]) == (True, False)
    fresh = ask(alice, template).json()
    assert (fresh["isStale"], fresh["controls"]) == (False, wide)


def test_the_last_one_that_changes_something_takes_the_place_of_others(
    alice: User, template: Template
) -> None:
    keep(alice, template, "a longer first proposal")
    now = clock.now()
    keep(alice, template, WORD, asked_at=now)
    same = {**answer(WORD), "template": to_spec(open_document(alice, template).state)}
    assert keep(alice, template, "Hm", answer=same)
    assert keep(alice, template, "late", asked_at=now - timedelta(seconds=1))
    assert ask(alice, template).json()["brief"] == f"3 shots of {WORD}"
    assert KeptProposal.objects.count() == 1
    assert storage.recount(alice) == {}


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_stays_whole(alice: User, template: Template) -> None:
    pages = {brief: signed_in(alice) for brief in ("A harbor at dawn", "A heron, 4 shots")}

    def request(brief: str) -> Any:
        body = {"brief": brief, "templateId": template.public_id}
        return pages[brief].post("/app/compose", json.dumps(body), "application/json")

    # None is kept at first; later the one before is replaced.
    for _ in range(4):
        answers = at_once([lambda brief=brief: request(brief) for brief in pages])
        assert [one.status_code for one in answers] == [200, 200], [one.content for one in answers]
        kept = ask(alice, template).json()
        given = dict(zip(pages, (one.json() for one in answers), strict=True))
        assert kept["proposal"] == given[kept["brief"]]
        assert KeptProposal.objects.count() == 1
        assert storage.recount(alice) == {}


def test_nothing_is_left_after_the_answer(alice: User, template: Template) -> None:
    asked_at = clock.now()
    keep(alice, template, WORD)

    assert ask(alice, template, "DELETE").status_code == 204

    assert ask(alice, template).status_code == 204
    assert rows_with(WORD) == set()
    assert storage.used(alice.pk)["proposals"] == 0
    # A request that was under way ends after the answer.
    assert keep(alice, template, WORD, asked_at=asked_at)
    assert rows_with(WORD) == set()
    assert keep(alice, template, WORD)
    assert ask(alice, template).status_code == 200
    assert storage.recount(alice) == {}


def test_an_answer_without_a_proposal_changes_nothing(alice: User, template: Template) -> None:
    assert ask(alice, template, "DELETE").status_code == 204
    assert not KeptProposal.objects.exists()


def test_it_is_stale_once_the_draft_has_changed(alice: User, template: Template) -> None:
    document = open_document(alice, template)
    keep(alice, template, WORD)
    apply(alice, document, {"op": "put", "table": "seeds", "key": "a", "value": {"seed": 1}})
    apply(alice, document, put_plan())
    assert ask(alice, template).json()["isStale"] is False
    apply(alice, document, RENAMED)
    assert ask(alice, template).json()["isStale"] is True
    keep(alice, template, WORD)
    assert ask(alice, template).json()["isStale"] is False


def test_one_that_no_one_has_opened_is_not_stale(alice: User) -> None:
    template = make_template(alice, stages=[note("a")], inputs=[])
    keep(alice, template, WORD)
    assert ask(alice, template).json()["isStale"] is False


def test_an_accepted_one_is_gone_even_if_the_answer_was_lost(
    alice: User, template: Template
) -> None:
    document = open_document(alice, template)
    keep(alice, template, WORD)
    proposed = answer(WORD)["template"]
    ops = [
        {"op": "remove", "table": "stages", "key": "a"},
        {"op": "put", "table": "stages", "key": "shot", "value": proposed["stages"][0]},
        {**RENAMED, "value": proposed["name"]},
    ]
    apply(alice, document, *ops)
    assert ask(alice, template).status_code == 204
    assert KeptProposal.objects.get().answer is None


def test_only_the_person_who_asked_reads_it(
    alice: User, bob: User, mo: User, template: Template
) -> None:
    let_in(alice, template.public_id, bob)
    let_in(alice, template.public_id, mo, "viewer")
    keep(alice, template, WORD)

    assert [ask(one, template).status_code for one in (alice, bob, mo)] == [200, 204, 403]
    assert Client().get(f"/app/compose/{template.public_id}").status_code == 401
    keep(bob, template, "egret")
    assert ask(bob, template).json()["brief"] == "3 shots of egret"
    assert ask(bob, template, "DELETE").status_code == 204
    assert ask(mo, template, "DELETE").status_code == 204
    unknown = make_template(alice)
    services.delete_template(actor=alice, public_id=unknown.public_id)
    stranger = make_user("stranger")
    for method in ("GET", "DELETE"):
        answers = [ask(stranger, one, method) for one in (template, unknown)]
        assert [one.status_code for one in answers] == [404, 404]
    assert ask(alice, template).json()["brief"] == f"3 shots of {WORD}"


def test_who_leaves_a_template_leaves_no_proposal(
    alice: User, bob: User, template: Template
) -> None:
    let_in(alice, template.public_id, bob)
    keep(bob, template, WORD)
    invitations.remove(actor=alice, public_id=template.public_id, username=bob.username)
    assert rows_with(WORD) == set()
    assert storage.used(bob.pk)["proposals"] == 0
    assert storage.recount(bob) == {}


def test_it_takes_storage_and_is_not_kept_without_room(
    alice: User, template: Template, settings: Settings
) -> None:
    keep(alice, template, WORD)
    row = KeptProposal.objects.get()
    assert storage.used(alice.pk)["proposals"] == row.bytes > len(json.dumps(answer(WORD)["plan"]))
    assert storage.recount(alice) == {}
    other = make_template(alice, name="Other")
    settings.STORAGE_PER_USER_BYTES = sum(storage.used(alice.pk).values())
    assert not keep(alice, template, "an egret in the reeds " * 50)
    assert not keep(alice, other, WORD)
    assert ask(alice, template).json()["brief"] == f"3 shots of {WORD}"
    assert keep(alice, template, "egret")
    assert [row.template_id for row in KeptProposal.objects.all()] == [template.pk]
    assert storage.recount(alice) == {}


def test_texts_are_kept_without_what_no_column_takes(alice: User, template: Template) -> None:
    assert keep(alice, template, "half \ud800 a \0 pair")
    assert ask(alice, template).json()["brief"].startswith("3 shots of half")


def test_old_and_answered_ones_go_and_those_of_deleted_templates(
    alice: User, template: Template
) -> None:
    templates = [make_template(alice, name=f"T{one}", stages=[note("a")]) for one in range(4)]
    for one in [template, *templates]:
        keep(alice, one, WORD)
    old, deleted, refused, just_refused = templates
    kept_proposals.forget(alice, refused)
    kept_proposals.forget(alice, just_refused)
    for one, age in ((old, timedelta(days=30)), (refused, timedelta(hours=1))):
        KeptProposal.objects.filter(template=one).update(asked_at=clock.now() - age)
    services.delete_template(actor=alice, public_id=deleted.public_id)
    assert ask(alice, old).status_code == 204
    assert kept_proposals.names_of(alice) == {template.pk: "Heron"}

    tasks = periodic.PeriodicTasks("one")
    for _ in range(20):
        tasks.run_due()

    left = KeptProposal.objects.values_list("template", flat=True)
    assert set(left) == {template.pk, just_refused.pk}
    assert storage.recount(alice) == {}


def test_words_stay_while_their_proposal_waits(alice: User) -> None:
    body = {"name": "Untitled template", "brief": WORD}
    template = services.create_template(
        actor=alice, body=body, own_hosts=HOSTS, cause=selectors.DESCRIBED
    ).template
    created_at = clock.now() - timedelta(days=20)
    Template.objects.filter(pk=template.pk).update(created_at=created_at)
    open_document(alice, template)
    keep(alice, template, WORD)
    assert waiting.delete_left() == 0
    assert ask(alice, template).status_code == 200
    KeptProposal.objects.update(asked_at=clock.now() - timedelta(days=30))
    kept_proposals.tend()
    assert waiting.delete_left() == 1


def test_they_are_in_ones_own_export_alone(alice: User, bob: User, template: Template) -> None:
    let_in(alice, template.public_id, bob)
    keep(alice, template, WORD)
    keep(bob, template, "egret")
    [mine] = account_data(alice)["proposals"]
    assert (mine["templateId"], mine["brief"]) == (template.public_id, f"3 shots of {WORD}")
    assert mine["proposal"]["template"]["stages"] == answer(WORD)["template"]["stages"]
    [theirs] = account_data(bob)["proposals"]
    assert WORD not in json.dumps(theirs)
    invitations.invite(
        actor=alice, public_id=template.public_id, username=bob.username, role="viewer"
    )
    assert account_data(bob)["proposals"] == []


def test_they_go_with_the_account(alice: User, bob: User, template: Template) -> None:
    other = make_template(bob)
    let_in(bob, other.public_id, alice)
    let_in(alice, template.public_id, bob)
    keep(alice, template, WORD)
    keep(alice, other, WORD)
    keep(bob, template, "egret")
    delete_account(user=alice)
    assert rows_with(WORD) == rows_with("egret") == set()
    assert storage.used(bob.pk)["proposals"] == 0
    assert storage.recount(bob) == {}


def test_one_of_another_release_is_made_again(alice: User, template: Template) -> None:
    keep(alice, template, WORD, answer={**answer(WORD), "reading": {"understood": []}})
    assert ask(alice, template).status_code == 204
    assert rows_with(WORD) == set()
