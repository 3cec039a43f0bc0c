"""DELETE /v1/creative-agent/workflows/templates/:id."""

from templates_app.models import Template, TemplateVersion
from tests.support.builders.templates import TEMPLATES, documented, make_public, make_template


def test_a_deleted_template_cannot_be_deleted_changed_or_forked(api, alice, alice_key):
    make_template(alice, id="mine")
    api(alice_key).delete(f"{TEMPLATES}/mine")
    assert api(alice_key).delete(f"{TEMPLATES}/mine").status_code == 404
    assert api(alice_key).patch(f"{TEMPLATES}/mine", {"name": "x"}).status_code == 404
    assert api(alice_key).post(f"{TEMPLATES}/mine/fork", {}).status_code == 404


def test_versions_stay_for_runs_and_forks(api, alice, alice_key, bob, bob_key):
    make_public(alice, id="open")
    fork = api(bob_key).post(f"{TEMPLATES}/open/fork", {}).json()["data"]["template"]
    api(alice_key).delete(f"{TEMPLATES}/open")
    assert TemplateVersion.objects.filter(template__public_id="open").count() == 1
    after = api(bob_key).get(f"{TEMPLATES}/{fork['id']}").json()["data"]["template"]
    assert after["clonedFromTemplateId"] == "open"


def test_the_owner_may_use_the_id_again(api, alice, alice_key):
    make_public(alice, id="again")
    api(alice_key).delete(f"{TEMPLATES}/again")
    body = {**documented(), "id": "again", "visibility": "public"}
    response = api(alice_key).post(TEMPLATES, body)
    assert response.status_code == 201
    assert response.json()["data"]["template"]["version"] == "0.0.1"
    assert Template.objects.filter(public_id="again").count() == 2
