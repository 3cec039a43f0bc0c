"""Every field that takes a name refuses characters that deceive, and says so."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import one_time_links
from accounts.models import ApiKey, OneTimeLink, User
from core import errors
from templates_app.models import Template, TemplateVersion
from tests.support.builders.factories import make_user
from tests.support.builders.templates import make_template
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
BAD = "a\u202eb"
SAYS = "is invisible"
TEMPLATES = "/v1/creative-agent/workflows/templates"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/me/profile", {"display_name": BAD}),
        ("/me/keys", {"name": BAD}),
        ("/me/templates", {"name": BAD}),
        ("/admin/data/accounts/onetimelink/add/", {"note": BAD}),
    ],
)
def test_forms_refuse_them(mo: User, path: str, form: dict[str, str]) -> None:
    answer = signed_in(mo).post(path, form)
    assert answer.status_code == 422
    assert SAYS in answer.content.decode()
    mo.refresh_from_db()
    assert not mo.display_name
    for model in (ApiKey, Template, OneTimeLink):
        assert not model.objects.exists()


@pytest.mark.parametrize(
    "body", [{"name": BAD}, {"name": "Sky", "tags": ["night", BAD]}, {"name": "a\nb"}]
)
def test_templates_by_rest(alice_key: str, body: dict[str, object]) -> None:
    api = Api(alice_key)
    answer = api.post(TEMPLATES, body)
    assert answer.status_code == 422
    assert SAYS in json.dumps(answer.json())
    made = api.post(TEMPLATES, {"name": "Sky"}).json()["data"]["template"]["id"]
    assert api.patch(f"{TEMPLATES}/{made}", body).status_code == 422
    assert api.post(f"{TEMPLATES}/{made}/fork", {"name": BAD}).status_code == 422


def test_what_looks_the_same_is_stored_the_same(alice_key: str) -> None:
    answer = Api(alice_key).post(TEMPLATES, {"name": "e\u0301clair \U0001f469\u200d\U0001f680"})
    assert answer.json()["data"]["template"]["name"] == "éclair \U0001f469\u200d\U0001f680"


def test_labels_of_versions(alice: User) -> None:
    template = make_template(alice, name="Sky").public_id
    client = signed_in(alice)
    client.get(f"/t/{template}/edit")
    client.get(f"/app/documents/{template}")
    body = json.dumps({"label": BAD})
    answer = client.post(
        f"/app/documents/{template}/versions", body, content_type="application/json"
    )
    assert answer.status_code == 422
    assert not TemplateVersion.objects.filter(label=BAD).exists()


@pytest.mark.parametrize("name", [BAD, "al\u3164ice", "ali\u200bce"])
def test_people_whom_a_command_adds(name: str) -> None:
    with pytest.raises(CommandError):
        call_command("key", user=name, new=True)
    with pytest.raises(errors.InvalidInput):
        make_user(name)
    assert not User.objects.filter(username=name).exists()


def test_people_who_are_invited(mo: User) -> None:
    link = one_time_links.create_invitation(actor=mo, note="", base_url="http://testserver")
    form = {"username": "newcomer", "display_name": BAD}
    answer = Client().post(link.removeprefix("http://testserver"), form)
    assert answer.status_code == 422
    assert SAYS in answer.content.decode()
