"""A remix whose author hides the prompts of a private template: names and labels, nothing more."""

from __future__ import annotations

import html
import json

import pytest

from accounts.models import User
from creations.models import Share
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.creations import completed, page_of, shared
from tests.support.builders.exports import export_of
from tests.support.builders.running import start_template
from tests.support.builders.secret_texts import NAMES, template, words_in
from tests.support.builders.templates import TEMPLATES, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
# One is too long for a row of the graph's picture.
NAMES_ON_PAGES = {*NAMES, "veiledBatchLabe"}


@pytest.fixture
def run(alice: User) -> Run:
    """A run of a private template of alice's, with words of hers in each field that takes some."""
    return completed(
        start_template(alice, make_template(alice, **template()), veiledInput="veiledValue")
    )


def remix_of(share: Share, person: User) -> Template:
    """This person's remix, made as one does on the creation's page."""
    answer = signed_in(person).post(f"/s/{share.public_id}/remix")
    assert answer.status_code == 302, answer.content.decode()
    return share.remixed_as.get(template__owner=person).template


def faces_of(share: Share, remixed: Template) -> dict[str, str]:
    """What the one who remixed a creation can read of it and of the remix, by address."""
    client = signed_in(remixed.owner)
    mine = f"{TEMPLATES}/{remixed.public_id}"
    forked = client.post(f"{mine}/fork", {"name": "Forked"}, content_type="application/json")
    assert forked.status_code == 201, forked.content.decode()
    paths = [
        f"/s/{share.public_id}",
        f"/embed/{share.public_id}",
        f"/oembed?url=http://testserver/s/{share.public_id}",
        mine,
        f"{TEMPLATES}/{forked.json()['data']['template']['id']}",
        f"/t/{remixed.public_id}",
        f"/t/{remixed.public_id}?tab=versions",
        f"/t/{remixed.public_id}?tab=remixes",
        f"/t/{remixed.public_id}/edit",
        f"/app/documents/{remixed.public_id}",
        f"/app/documents/{remixed.public_id}/changes?after=0",
        f"/app/documents/{remixed.public_id}/versions",
        f"/app/documents/{remixed.public_id}/versions/1",
        f"/app/documents/{remixed.public_id}/issues",
        "/me/templates",
    ]
    answers = {path: client.get(path) for path in paths}
    assert {path: one.status_code for path, one in answers.items() if one.status_code != 200} == {}
    faces = {path: html.unescape(one.content.decode()) for path, one in answers.items()}
    return faces | {name: text.decode() for name, text in export_of(remixed.owner).items()}


def test_names_and_labels_are_all_that_a_remix_has_of_a_hidden_template(
    alice: User, bob: User, run: Run
) -> None:
    share = shared(run, remix="on")
    faces = faces_of(share, remix_of(share, bob))
    assert [path for path, face in faces.items() if words_in(face) - NAMES_ON_PAGES] == []
    assert words_in(json.dumps(share.frozen)) == NAMES


def test_notes_are_in_a_remix_if_they_are_included(alice: User, bob: User, run: Run) -> None:
    form = signed_in(alice).get(f"/app/runs/{run.public_id}/share").content.decode()
    assert "Include notes" in form
    share = shared(run, remix="on", notes="on")
    remixed = remix_of(share, bob)
    assert words_in(remixed.head.spec) == {*NAMES, "veiledNote"}
    # Left out later, they are in no later remix.
    shared(run, remix="on")
    share.refresh_from_db()
    assert words_in(share.frozen) == NAMES
    shared(run, remix="on", prompts="on")
    share.refresh_from_db()
    assert "veiledPrompt" in words_in(share.frozen)
    assert "veiledNote" not in words_in(share.frozen)


def test_a_template_without_notes_has_no_switch_for_them(alice: User) -> None:
    plain = completed(start_template(alice, make_template(alice), brief="a harbor"))
    form = signed_in(alice).get(f"/app/runs/{plain.public_id}/share").content.decode()
    assert 'name="remix"' in form
    assert 'name="notes"' not in form


def test_what_an_earlier_release_froze_is_cut_down_as_well(
    alice: User, bob: User, run: Run
) -> None:
    share = shared(run, remix="on")
    stored = {"spec": {**template(), "name": "Dawn"}, "seeds": {}}
    Share.objects.filter(pk=share.pk).update(frozen=stored)
    assert words_in(page_of(share, bob)) <= NAMES_ON_PAGES
    assert words_in(remix_of(share, bob).head.spec) == NAMES
