"""The license of a template: chosen on publishing, in the API's metadata, on its page."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from creations import remixing
from templates_app.lifecycle.forking import fork_template
from templates_app.models import Template
from tests.support.builders.factories import make_key
from tests.support.builders.sharing import make_run, make_share
from tests.support.builders.templates import TEMPLATES, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
DEED = "https://creativecommons.org/licenses/by-sa/4.0/"


def publish(owner: User, template: Template, **fields: str) -> Any:
    sent = {"preview": "none", **fields}
    return signed_in(owner).post(f"/t/{template.public_id}/publish", sent)


def page_of(template: Template, person: User | None = None) -> str:
    client = signed_in(person) if person else Client()
    return unescape(client.get(f"/t/{template.public_id}").content.decode())


def metadata_of(owner: User, template: Template) -> Any:
    headers = {"api-key": make_key(owner)}
    answer = Client().get(f"{TEMPLATES}/{template.public_id}", headers=headers)
    return answer.json()["data"]["template"]["metadata"]


def test_it_is_chosen_on_publishing_and_the_rest_of_metadata_stays(alice: User) -> None:
    template = make_template(alice, metadata={"shot": {"by": "Ada"}, "n": 1})
    form = signed_in(alice).get(f"/t/{template.public_id}/publish").content.decode()
    assert '<option value="all_rights" selected>' in form
    assert publish(alice, template, license="cc_by_sa").status_code == 302
    assert metadata_of(alice, template) == {"shot": {"by": "Ada"}, "n": 1, "license": "cc_by_sa"}
    page = page_of(template)
    assert f'href="{DEED}"' in page
    assert "CC BY-SA 4.0" in page
    # Published again: what was chosen is offered first.
    form = signed_in(alice).get(f"/t/{template.public_id}/publish").content.decode()
    assert '<option value="cc_by_sa" selected>' in form


@pytest.mark.parametrize("value", ["", "mit", "CC_BY", "cc_by\x00"])
def test_what_is_not_on_the_list_is_refused(alice: User, value: str) -> None:
    template = make_template(alice)
    assert publish(alice, template, license=value).status_code in (400, 422)
    template.refresh_from_db()
    assert template.visibility == "private"


def test_a_text_that_a_program_wrote_stays_until_another_is_chosen(alice: User) -> None:
    own = "MIT <b>with love</b>"
    template = make_template(alice, metadata={"license": own})
    form = unescape(signed_in(alice).get(f"/t/{template.public_id}/publish").content.decode())
    assert f'<option value="keep" selected>{own}' in form
    assert publish(alice, template, license="keep").status_code == 302
    assert metadata_of(alice, template) == {"license": own}
    raw = Client().get(f"/t/{template.public_id}").content.decode()
    assert "<b>with love" not in raw
    assert own in unescape(raw)
    publish(alice, template, license="cc0")
    assert metadata_of(alice, template) == {"license": "cc0"}


@pytest.mark.parametrize("said", [None, 7, ["cc_by"], {"name": "cc_by"}, "", "  "])
def test_odd_metadata_shows_no_license_and_breaks_nothing(alice: User, said: Any) -> None:
    template = make_template(alice, metadata={"license": said})
    assert publish(alice, template).status_code == 302
    assert metadata_of(alice, template) == {"license": said}
    assert "<dt>License</dt>" not in page_of(template)


def test_a_remix_tells_the_license_and_author_of_its_source(alice: User, bob: User) -> None:
    template = make_template(alice, name="Harbor")
    publish(alice, template, license="cc_by_sa")
    fork = fork_template(actor=bob, public_id=template.public_id).template
    page = page_of(fork, bob)
    assert "Remix of" in page
    assert "CC BY-SA 4.0" in page
    assert alice.shown_name in page


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
def test_a_remix_of_a_creation_tells_that_and_no_one_an_unlisted_address(
    alice: User, bob: User, visibility: str
) -> None:
    share = make_share(
        alice,
        make_run(alice),
        title="Dawn",
        visibility=visibility,
        license="cc_by",
        allows_remix=True,
    )
    template = remixing.remix(actor=bob, share=share)
    own = page_of(template, bob)
    assert "CC BY 4.0" in own
    assert f"/s/{share.public_id}" in own
    assert publish(bob, template).status_code == 302
    others = page_of(template)
    assert (f"/s/{share.public_id}" in others) == (visibility == "public")
    assert ("CC BY 4.0" in others) == (visibility == "public")
    assert "Remix of" in others
