"""A proposal that waits for its answer is seen in My templates, by the person who asked alone."""

from __future__ import annotations

import pytest

from accounts.models import User
from compose import kept_proposals
from templates_app import selectors
from templates_app.lifecycle import services
from templates_app.models import Template
from tests.support.builders.collaborating import let_in
from tests.support.builders.document_plans import keep, open_document
from tests.support.builders.templates import HOSTS, make_template
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
PILL = "Proposal, not accepted"


@pytest.fixture
def described(alice: User) -> Template:
    """A template that holds a person's words and nothing else."""
    body = {"name": "Untitled template", "brief": "A heron at dawn"}
    template = services.create_template(
        actor=alice, body=body, own_hosts=HOSTS, cause=selectors.DESCRIBED
    ).template
    open_document(alice, template)
    return template


def page_of(person: User, query: str = "") -> str:
    return flat(signed_in(person).get(f"/me/templates{query}").content)


def test_words_are_listed_while_their_proposal_waits_under_its_name(
    alice: User, described: Template
) -> None:
    assert "No templates yet" in page_of(alice)
    keep(alice, described)
    page = page_of(alice)
    assert page.count(PILL) == 1
    assert f'<a href="/t/{described.public_id}">Heron</a>' in page
    assert f'class="pill pill-wait" href="/t/{described.public_id}/edit"' in page
    assert PILL in page_of(alice, "?q=heron")
    assert PILL not in page_of(alice, "?q=egret")
    kept_proposals.forget(alice, described)
    assert "No templates yet" in page_of(alice)


def test_a_change_that_waits_is_seen_beside_the_name_that_was_given(alice: User, bob: User) -> None:
    template = make_template(alice, name="Sky")
    let_in(alice, template.public_id, bob)
    keep(bob, template)
    assert PILL in page_of(bob)
    assert PILL not in page_of(alice)
    assert f'<a href="/t/{template.public_id}">Sky</a>' in page_of(alice)


def test_deleting_the_template_takes_the_proposal_with_it(alice: User, described: Template) -> None:
    keep(alice, described)
    signed_in(alice).post(f"/me/templates/{described.public_id}/delete")
    assert "No templates yet" in page_of(alice)
    assert kept_proposals.read(alice, described) is None
