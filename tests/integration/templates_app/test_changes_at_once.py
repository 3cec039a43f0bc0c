"""Two changes of one template at the same moment: both apply, or one hears of it. None is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from templates_app.models import Template, TemplateVersion
from tests.support.builders.templates import TEMPLATES, documented, make_template

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 6


def at_once(calls):
    """Run all calls at the same moment, each with a connection of its own; their answers."""
    gate = Barrier(len(calls))

    def one(call):
        try:
            gate.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


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
