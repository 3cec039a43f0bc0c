"""A template's brief may be the words that it was described in: published only when asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from templates_app.models import Template
from tests.support.builders.document_plans import open_document
from tests.support.builders.drafts import note
from tests.support.builders.templates import TEMPLATES, make_template
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
WORD = "bittern"
BOX = "Publish the description for agents"


@pytest.fixture
def template(alice: User) -> Template:
    made = make_template(
        alice, name="Marsh", brief=f"a {WORD} for my aunt", stages=[note("a")], inputs=[]
    )
    open_document(alice, made)
    return made


def found_by_others(template: Template, api: Any, key: str) -> bool:
    """Whether someone else reads the words, and search finds the template by them."""
    body = api(key).get(f"{TEMPLATES}/{template.public_id}").json()["data"]["template"]
    gallery = signed_in(template.owner).get(f"/?q={WORD}").content.decode()
    signs = {WORD in json.dumps(body), "/t/" + template.public_id in gallery}
    assert len(signs) == 1
    return signs.pop()


@pytest.mark.parametrize("choice", [{}, {"showsBrief": False}, {"showsBrief": True}])
def test_the_editor_publishes_it_only_when_asked(
    alice: User, template: Template, api: Any, bob_key: str, choice: dict[str, bool]
) -> None:
    path = f"/app/documents/{template.public_id}"
    page = signed_in(alice)
    body = json.dumps({"number": 1, **choice})
    assert page.post(f"{path}/publish", body, "application/json").status_code == 200
    is_shown = choice.get("showsBrief", False)
    assert found_by_others(template, api, bob_key) == is_shown
    draft = page.get(path).json()["state"]["root"]["rows"]["template"]
    assert ("brief" in draft) == is_shown


@pytest.mark.parametrize("is_checked", [False, True])
def test_the_publishing_form_has_a_check_box_that_is_off(
    alice: User, template: Template, api: Any, bob_key: str, is_checked: bool
) -> None:
    page, path = signed_in(alice), f"/t/{template.public_id}/publish"
    form = flat(page.get(path).content)
    box = form.partition('name="brief"')[2].partition(">")[0]
    assert BOX in form
    assert WORD in form
    assert "checked" not in box
    fields = {"preview": "none", **({"brief": "1"} if is_checked else {})}
    assert page.post(path, fields).status_code == 302
    assert found_by_others(template, api, bob_key) == is_checked


def test_a_template_without_a_brief_has_no_check_box(alice: User) -> None:
    template = make_template(alice, name="Marsh")
    form = signed_in(alice).get(f"/t/{template.public_id}/publish").content.decode()
    assert BOX not in form


def test_programs_publish_what_they_send(
    template: Template, api: Any, alice_key: str, bob_key: str
) -> None:
    address = f"{TEMPLATES}/{template.public_id}"
    assert api(alice_key).patch(address, {"visibility": "public"}).status_code == 200
    assert found_by_others(template, api, bob_key)
