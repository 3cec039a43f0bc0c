"""Two changes of one template at the same moment: both apply, or one hears of it. None is lost."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from core import clock
from runs.engine import periodic
from runs.models import Run
from templates_app import uses
from templates_app.document_ops.convert import to_document
from templates_app.document_ops.diff import diff
from templates_app.lifecycle import services
from templates_app.models import (
    EDITOR,
    Collaborator,
    Document,
    Template,
    TemplateUse,
    TemplateVersion,
)
from tests.integration.creations.test_sharing_races import OnceBefore
from tests.support.at_once import at_once
from tests.support.builders.drafts import note
from tests.support.builders.editing import edit, make_document, template_of
from tests.support.builders.stage_bodies import stage
from tests.support.builders.templates import TEMPLATES, documented, make_public, make_template
from tests.support.clients.visitors import signed_in

pytestmark = [pytest.mark.django_db(transaction=True)]

THREADS = 6


def test_changes_of_different_fields_all_apply(api, alice, alice_key):
    make_template(alice, id="mine")
    calls = [
        lambda n=n: api(alice_key).patch(f"{TEMPLATES}/mine", {f"field{n}": n})
        for n in range(THREADS)
    ]
    answers = at_once(calls)
    assert {answer.status_code for answer in answers} == {200}, [a.content for a in answers]
    final = api(alice_key).get(f"{TEMPLATES}/mine").json()["data"]["template"]
    assert {n: final[f"field{n}"] for n in range(THREADS)} == {n: n for n in range(THREADS)}
    assert final["version"] == f"0.0.{THREADS + 1}"
    # They follow each other at once, so they are one version, with the number of the last.
    numbers = TemplateVersion.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, THREADS + 1]


def test_of_several_changes_on_one_version_a_single_one_applies(api, alice, alice_key):
    make_template(alice, id="mine")
    calls = [
        lambda n=n: api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": f"{n}"}, if_match='"0.0.1"')
        for n in range(THREADS)
    ]
    statuses = sorted(answer.status_code for answer in at_once(calls))
    assert statuses == [200] + [409] * (THREADS - 1)
    assert TemplateVersion.objects.count() == 2


def test_of_several_templates_with_one_id_a_single_one_is_saved(api, alice_key):
    body = {**documented(), "id": "once"}
    answers = at_once([lambda: api(alice_key).post(TEMPLATES, body)] * THREADS)
    assert sorted(a.status_code for a in answers) == [201] + [409] * (THREADS - 1)
    assert Template.objects.count() == TemplateVersion.objects.count() == 1


def test_of_several_people_a_single_one_gets_a_public_id(api, alice_key, bob_key, mo_key):
    body = {**documented(), "id": "fame", "visibility": "public"}
    answers = at_once(
        [lambda key=key: api(key).post(TEMPLATES, body) for key in (alice_key, bob_key, mo_key)]
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409]
    assert Template.objects.count() == 1


def test_a_change_and_a_deletion_leave_it_deleted(api, alice, alice_key):
    make_template(alice, id="mine")
    changed, deleted = at_once(
        [
            lambda: api(alice_key).patch(f"{TEMPLATES}/mine", {"visibility": "public"}),
            lambda: api(alice_key).delete(f"{TEMPLATES}/mine"),
        ]
    )
    assert changed.status_code in (200, 404)
    assert deleted.status_code == 200
    template = Template.objects.get()
    assert template.deleted_at is not None
    assert (template.visibility, template.published) == ("private", None)


def test_a_change_made_while_a_version_is_saved_is_still_to_be_saved(alice):
    document = make_document(alice)
    edit(alice, document, "dawn")
    path = f"/app/documents/{template_of(document).public_id}"
    page = signed_in(alice)

    def save():
        answer = page.post(f"{path}/versions", json.dumps({"label": ""}), "application/json")
        assert answer.status_code == 201, answer.content
        opened = page.get(path).json()
        spec = TemplateVersion.objects.get(number=answer.json()["number"]).spec
        return spec["stages"][0]["args"]["prompt"], opened["rev"], opened["savedRev"]

    # The draft is read first; there is room in the storage; then the version is written.
    late = OnceBefore("accounts_storageuse", lambda: edit(alice, document, "night"))
    with connection.execute_wrapper(late):
        assert save() == ("dawn", 2, 1)
    assert save() == ("night", 2, 2)


def test_a_document_that_is_made_while_a_version_is_written_has_it(api, alice, alice_key):
    template = make_template(alice, id="film", name="Film", inputs=[], stages=[note("a")])
    path, page = "/app/documents/film", signed_in(alice)

    def rename():
        answer = api(alice_key).patch(f"{TEMPLATES}/film", {"name": "Renamed"})
        assert answer.status_code == 200, answer.content

    # The template was read; then there is no document, and one is made of its head.
    with connection.execute_wrapper(OnceBefore("templates_app_document", rename)):
        assert page.get(path).json()["base"]["number"] == 2
    saved = page.post(f"{path}/versions", json.dumps({"label": "Mine"}), "application/json")
    assert saved.status_code == 201, saved.content
    template.refresh_from_db()
    assert template.head.spec["name"] == "Renamed"


def test_of_two_editors_who_make_a_template_of_a_stage_one_does(alice, bob):
    names = ("a", "b", "c")
    stages = [note(name, produces=[name]) for name in names]
    film = make_template(alice, id="film", name="Film", inputs=[], stages=stages)
    Collaborator.objects.create(template=film, user=bob, role=EDITOR)
    path, kind = "/app/documents/film", "application/json"
    pages = {"A": signed_in(alice), "B": signed_in(bob)}
    for page in pages.values():
        page.get(path)

    def collapse(title, stages):
        body = {"stages": stages, "title": title}
        return title, pages[title].post(f"{path}/uses/collapse", json.dumps(body), kind)

    def change(title, ops):
        changes = [{"id": str(uuid4()), "label": "Make template", "ops": ops}]
        body = {"base": 0, "clientId": str(uuid4()), "changes": changes}
        answer = pages[title].post(f"{path}/changes", json.dumps(body), kind)
        assert answer.json()["accepted"], answer.content

    selections = {"A": ["a", "b"], "B": ["b", "c"]}
    answers = dict(at_once([lambda one=one: collapse(*one) for one in selections.items()]))
    [winner] = [title for title, answer in answers.items() if answer.status_code == 200]
    [loser] = {*answers} - {winner}
    refusals = [answers[loser], collapse(loser, selections[loser])[1]]
    ops = answers[winner].json()["ops"]
    change(winner, ops)
    refusals.append(collapse(loser, selections[loser])[1])
    for answer in refusals:
        assert answer.status_code == 409, answer.content
        assert answer.json()["error"]["code"] == "template.not_collapsible"
    assert {one.name for one in Template.objects.all()} == {"Film", winner}
    # The stages are back after an undo, and no one has to wait.
    document = Document.objects.get()
    change(winner, diff(document.state, to_document(film.head.spec)))
    assert collapse(loser, selections[loser])[1].status_code == 200


@pytest.fixture
def film_with_old_row(alice, settings):
    """A template with a row that nothing names and no one asked for since it may be pruned."""
    film = make_template(alice, id="film", name="Film", inputs=[], stages=[])
    make_template(alice, id="shot", name="Shot", inputs=[], stages=[note("n")])
    uses.add_use(actor=alice, holder=film, public_id="shot")
    past = clock.now() - timedelta(days=settings.CHANGES_KEPT_DAYS + 1)
    TemplateUse.objects.update(created_at=past)
    return film


def test_a_stage_that_is_saved_while_its_row_is_pruned_has_one(api, alice_key, film_with_old_row):
    pruned = []

    def prune():
        periodic._registered["unnamed uses"]()
        pruned.append(not TemplateUse.objects.exists())

    # The row is read first; there is room in the storage; then the version is written.
    with connection.execute_wrapper(OnceBefore("accounts_storageuse", prune)):
        answer = api(alice_key).patch(f"{TEMPLATES}/film", {"stages": [stage("template:shot")]})
    assert (answer.status_code, pruned) == (200, [True])
    assert TemplateUse.objects.get().reference == "template:shot@0.0.1"


def test_pruning_and_saving_at_once_leave_a_row(api, alice, alice_key, film_with_old_row):
    changes = {"stages": [stage("template:shot")]}
    answer, *_ = at_once(
        [
            lambda: api(alice_key).patch(f"{TEMPLATES}/film", changes),
            periodic._registered["unnamed uses"],
            lambda: uses.add_use(actor=alice, holder=film_with_old_row, public_id="shot"),
        ]
    )
    assert answer.status_code == 200, answer.content
    assert TemplateUse.objects.get().reference == "template:shot@0.0.1"


def test_while_what_is_inside_is_taken_down_a_start_is_whole_or_refused(
    api, alice, bob, bob_key, settings
):
    shot = make_public(alice, id="shot", name="Shot", inputs=[], stages=[note("n")])
    make_template(bob, id="film", name="Film", inputs=[], stages=[stage("template:shot")])
    runs = "/v1/creative-agent/workflows"
    # One more than start at once, for the last.
    settings.ACTIVE_RUNS_PER_USER = 21

    def start():
        return api(bob_key).post(runs, {"workflow_id": "film"})

    def take_down():
        with transaction.atomic():
            services.set_moderation(template=shot, state="removed", expected="visible")

    calls = [start] * 20
    calls.insert(7, take_down)
    answers = [answer for answer in at_once(calls) if answer is not None]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert all(
        answer.status_code == 422 and "template_hidden" in answer.content.decode()
        for answer in refused
    ), [answer.content for answer in refused]
    assert Run.objects.count() == len(answers) - len(refused)
    assert {run.steps.count() for run in Run.objects.all()} <= {2}
    assert "template_hidden" in start().content.decode()
