"""GET /v1/creative-agent/workflows/templates/:id."""

import pytest

from accounts.services import ensure_system_user
from templates_app.models import Template
from tests.support.builders.templates import TEMPLATES, make_public, make_template


def test_the_owner_reads_a_private_template(api, alice, alice_key):
    make_template(alice, id="mine")
    response = api(alice_key).get(f"{TEMPLATES}/mine")
    assert response.status_code == 200
    assert response.json()["data"]["template"]["id"] == "mine"


def test_a_outsiders_private_template_looks_like_an_unknown_one(api, alice, bob_key):
    make_template(alice, id="secret")
    hidden = api(bob_key).get(f"{TEMPLATES}/secret")
    unknown = api(bob_key).get(f"{TEMPLATES}/nothing")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json() == unknown.json()


def test_anyone_signed_in_reads_a_public_template(api, alice, bob_key):
    alice.display_name = "Alice Lamplight"
    alice.email = "alice@example.com"
    alice.save(update_fields=["display_name", "email"])
    make_public(alice, id="open")
    response = api(bob_key).get(f"{TEMPLATES}/open")
    template = response.json()["data"]["template"]
    assert template["author"] == {"userId": alice.public_id, "displayName": "Alice Lamplight"}
    assert "alice@example.com" not in response.content.decode()


@pytest.mark.parametrize("moderation", ["quarantined", "removed"])
def test_what_moderation_hides_only_the_owner_sees(api, alice, alice_key, bob_key, moderation):
    make_public(alice, id="bad")
    Template.objects.update(moderation=moderation)
    assert api(bob_key).get(f"{TEMPLATES}/bad").status_code == 404
    assert api(alice_key).get(f"{TEMPLATES}/bad").status_code == 200


def test_an_own_template_comes_before_a_public_one_of_the_same_id(api, alice, bob, bob_key):
    make_public(alice, id="same", name="Hers")
    make_template(bob, id="same", name="His")
    assert api(bob_key).get(f"{TEMPLATES}/same").json()["data"]["template"]["name"] == "His"


def test_the_samples_are_by_system(api, bob_key):
    make_public(ensure_system_user(), id="sample")
    template = api(bob_key).get(f"{TEMPLATES}/sample").json()["data"]["template"]
    assert template["author"] == "system"


@pytest.mark.parametrize(
    "path", ["wf%20%2F%20one", "%00", "%F0%9F%92%A1", "x" * 200, "a%0Ab", "..."]
)
def test_a_strange_id_is_plainly_not_found(api, alice_key, path):
    response = api(alice_key).get(f"{TEMPLATES}/{path}")
    assert response.status_code == 404
    assert response.json()["status"] == "error"


def test_a_percent_encoded_id_is_decoded(api, alice, alice_key):
    make_template(alice, id="a:b")
    assert api(alice_key).get(f"{TEMPLATES}/a%3Ab").status_code == 200


def test_needs_credentials(api, alice):
    make_public(alice, id="open")
    assert api().get(f"{TEMPLATES}/open").status_code == 401


def test_costs_one_query_beside_the_credentials(
    api, alice, alice_key, django_assert_max_num_queries
):
    make_template(alice, id="mine")
    api(alice_key).get(f"{TEMPLATES}/mine")  # the first use of a key is written down
    with django_assert_max_num_queries(2):
        api(alice_key).get(f"{TEMPLATES}/mine")


def test_refuses_methods_it_does_not_have(api, alice_key):
    response = api(alice_key).put(f"{TEMPLATES}/mine", {})
    assert response.status_code == 405
    assert response.json()["status"] == "error"
