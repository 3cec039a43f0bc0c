"""POST /v1/creative-agent/workflows/templates/:id/fork."""

import pytest

from templates_app.models import Template, TemplateVersion
from tests.support.builders.templates import TEMPLATES, documented, make_public, make_template


def forked(response):
    assert response.status_code == 201, response.content
    return response.json()["data"]["template"]


def test_copies_a_public_template_into_a_private_one(api, alice, bob, bob_key):
    make_public(alice, id="wf_source_template", version="3.1.4", tags=["x"], futureField=1)
    response = api(bob_key).post(
        f"{TEMPLATES}/wf_source_template/fork", {"name": "My product teaser variant"}
    )
    template = forked(response)
    assert template["name"] == "My product teaser variant"
    assert template["id"].startswith("wf_my-product-teaser-variant_")
    assert template["version"] == "0.0.1"
    assert template["visibility"] == "private"
    assert template["author"]["userId"] == bob.public_id
    assert template["clonedFromTemplateId"] == "wf_source_template"
    assert template["stages"] == documented()["stages"]
    assert template["tags"] == ["x"]
    assert template["futureField"] == 1


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"newName": "By SDK"}, "By SDK"),
        ({"name": "First", "newName": "Second"}, "First"),
        ({"name": " ", "newName": "Second"}, "Second"),
        ({"name": None}, "Two-shot product teaser (remix)"),
        ({}, "Two-shot product teaser (remix)"),
        (None, "Two-shot product teaser (remix)"),
    ],
)
def test_takes_the_name_in_both_spellings(api, alice, alice_key, body, name):
    make_template(alice, id="mine")
    assert forked(api(alice_key).post(f"{TEMPLATES}/mine/fork", body))["name"] == name


def test_a_remix_of_a_remix_says_so_once_and_is_numbered(api, alice, alice_key):
    name = "Two-shot product teaser"
    source = make_template(alice, id="mine").public_id
    for ending in ("(remix)", "(remix 2)", "(remix 3)"):
        remix = forked(api(alice_key).post(f"{TEMPLATES}/{source}/fork"))
        assert remix["name"] == f"{name} {ending}"
        source = remix["id"]


def test_the_default_name_of_a_long_one_still_fits(api, alice, alice_key):
    make_template(alice, id="mine", name="n" * 200)
    name = forked(api(alice_key).post(f"{TEMPLATES}/mine/fork"))["name"]
    assert len(name) == 200
    assert name.endswith(" (remix)")


def test_a_name_that_is_too_long_is_refused(api, alice, alice_key):
    make_template(alice, id="mine")
    response = api(alice_key).post(f"{TEMPLATES}/mine/fork", {"name": "n" * 201})
    assert response.status_code == 422
    assert response.json()["data"]["validation"]["issues"][0]["path"] == "name"


def test_owners_fork_their_head_and_outsiders_what_is_published(
    api, alice, alice_key, bob, bob_key
):
    template = make_public(alice, id="open")
    draft = TemplateVersion.objects.create(
        template=template,
        number=2,
        semver="0.0.2",
        spec={**template.head.spec, "brief": "Draft"},
        content_sha256="0" * 64,
        cause="save",
        created_by=alice,
    )
    Template.objects.filter(pk=template.pk).update(head=draft)
    assert "brief" not in forked(api(bob_key).post(f"{TEMPLATES}/open/fork"))
    assert forked(api(alice_key).post(f"{TEMPLATES}/open/fork"))["brief"] == "Draft"
    assert Template.objects.get(owner=bob).source == template.published
    assert set(draft.forks.values_list("owner", flat=True)) == {alice.pk}


def test_a_hidden_template_cannot_be_forked_by_outsiders(api, alice, bob_key):
    make_public(alice, id="bad")
    Template.objects.update(moderation="quarantined")
    assert api(bob_key).post(f"{TEMPLATES}/bad/fork", {}).status_code == 404


def test_stops_at_the_quota(api, alice, alice_key, settings):
    settings.TEMPLATES_PER_USER = 1
    make_template(alice, id="mine")
    response = api(alice_key).post(f"{TEMPLATES}/mine/fork", {})
    assert response.status_code == 409
    assert response.json()["details"] == {"count": 1, "limit": 1}


def test_the_source_does_not_change_when_the_fork_does(api, alice, bob_key):
    make_public(alice, id="open")
    fork = forked(api(bob_key).post(f"{TEMPLATES}/open/fork"))
    api(bob_key).patch(f"{TEMPLATES}/{fork['id']}", {"stages": []})
    source = api(bob_key).get(f"{TEMPLATES}/open").json()["data"]["template"]
    assert source["stages"] == documented()["stages"]


def test_a_public_fork_does_not_name_a_source_that_was_never_public(api, alice, alice_key, bob_key):
    make_template(alice, id="secret-plan")
    fork = forked(api(alice_key).post(f"{TEMPLATES}/secret-plan/fork"))
    api(alice_key).patch(f"{TEMPLATES}/{fork['id']}", {"visibility": "public"})
    hers = api(alice_key).get(f"{TEMPLATES}/{fork['id']}").json()["data"]["template"]
    his = api(bob_key).get(f"{TEMPLATES}/{fork['id']}").json()["data"]["template"]
    assert hers["clonedFromTemplateId"] == "secret-plan"
    assert "clonedFromTemplateId" not in his


def test_a_public_fork_of_a_public_source_names_it(api, alice, bob_key, mo_key):
    make_public(alice, id="open")
    fork = forked(api(bob_key).post(f"{TEMPLATES}/open/fork"))
    api(bob_key).patch(f"{TEMPLATES}/{fork['id']}", {"visibility": "public"})
    seen = api(mo_key).get(f"{TEMPLATES}/{fork['id']}").json()["data"]["template"]
    assert seen["clonedFromTemplateId"] == "open"
