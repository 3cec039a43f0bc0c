"""The brief of a private template inside a published one: read by those who work on it alone.

Publishing the one shows the stages of the other, and not the words that it was described in.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from templates_app.models import Collaborator, Template
from tests.support.builders.document_plans import open_document, put_plan
from tests.support.builders.drafts import note
from tests.support.builders.editing import apply
from tests.support.builders.exports import export_of
from tests.support.builders.factories import make_key
from tests.support.builders.stage_bodies import stage
from tests.support.builders.template_stages import patched, saved
from tests.support.builders.templates import TEMPLATES, make_public, make_template
from tests.support.clients.agents import called
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = [pytest.mark.django_db(transaction=True)]

BRIEF, PLANNED, PROMPT = "bittern for my aunt", "kestrel over Wells", "plain evening sky"
INNER = "template:shot@0.0.1"


@pytest.fixture
def film(alice: User) -> Template:
    """A public template of alice's whose stage is a private one of hers, with both words."""
    settings: dict[str, Any] = {"inputs": [], "stages": [note("sky", PROMPT)]}
    shot = make_template(alice, id="shot", name="Shot", brief=BRIEF, **settings)
    apply(alice, open_document(alice, shot), put_plan(PLANNED))
    made = make_template(alice, id="film", name="Film", inputs=[], stages=[stage(INNER, "a")])
    agreed = {"visibility": "public", "showsStagesOf": [INNER]}
    saved(Api(make_key(alice)).patch(f"{TEMPLATES}/film", agreed))
    # Its author went on with it.
    patched(shot, stages=[note("sky", "another sky")])
    return made


def document_texts(person: User, public_id: str) -> dict[str, str]:
    """What the editor reads of a template, by the ending of the address."""
    page = signed_in(person)
    endings = ["", "/uses/inside?in=a", "/uses/bundle", f"/uses/newer?reference={INNER}"]
    endings += ["/versions/1", "/changes?after=0", "/versions"]
    return {one: page.get(f"/app/documents/{public_id}{one}").content.decode() for one in endings}


def words_in(text: str) -> set[str]:
    return {word for word in (BRIEF, PLANNED) if word in text}


def test_no_way_to_read_the_published_one_shows_a_word(
    client: Any, film: Template, alice: User, bob: User, mo: User
) -> None:
    key = make_key(bob)
    copy = saved(Api(key).post(f"{TEMPLATES}/film/fork"))
    texts = [json.dumps(copy)]
    for path in ("/t/film", "/t/film/edit", "/", f"/people/{alice.public_id}"):
        texts += [one.get(path).content.decode() for one in (client, signed_in(mo))]
    for person in (mo, bob):
        own = Api(make_key(person))
        paths = (
            f"{TEMPLATES}/film",
            f"{TEMPLATES}/film?expand=1",
            f"{TEMPLATES}?visibility=public",
        )
        texts += [own.get(path).content.decode() for path in paths]
        texts += document_texts(person, "film").values()
    remixed = document_texts(bob, copy["id"])
    texts += remixed.values()
    texts.append(
        json.dumps(called("get_template", {"template_id": "film", "detail": "whole"}, key))
    )
    texts += [text.decode("latin-1") for text in export_of(bob).values()]

    assert words_in("\n".join(texts)) == set()
    # Its stages are there to be read.
    assert PROMPT in remixed["/uses/inside?in=a"]
    assert PROMPT in remixed["/uses/bundle"]


def test_no_search_finds_the_published_one_by_a_word(
    client: Any, film: Template, bob_key: str
) -> None:
    def found_by(word: str) -> set[bool]:
        rows = Api(bob_key).get(f"{TEMPLATES}?q={word}&visibility=public").content.decode()
        agent = called("search_templates", {"query": word}, bob_key)
        gallery = client.get(f"/?q={word}").content.decode()
        return {"/t/film" in gallery, '"film"' in rows, "film" in json.dumps(agent)}

    assert [found_by(word) for word in ("Film", "bittern", "kestrel")] == [{True}, {False}, {False}]


def test_who_works_on_it_reads_its_brief(film: Template, alice: User, bob: User) -> None:
    for person in (alice, bob):
        texts = document_texts(person, "film")
        shown = {ending for ending, text in texts.items() if BRIEF in text}
        wanted = {"/uses/inside?in=a", "/uses/bundle", f"/uses/newer?reference={INNER}"}
        assert shown == (wanted if person == alice else set())
    shot = Template.objects.get(public_id="shot")
    Collaborator.objects.create(template=shot, user=bob, role="viewer")
    assert BRIEF in document_texts(bob, "film")["/uses/inside?in=a"]


def test_a_brief_from_before_it_was_public_stays_private(film: Template, bob: User) -> None:
    copy = saved(Api(make_key(bob)).post(f"{TEMPLATES}/film/fork"))
    patched(Template.objects.get(public_id="shot"), brief="", visibility="public")
    # The version that stages are is an earlier one.
    for public_id in ("film", copy["id"]):
        assert words_in("\n".join(document_texts(bob, public_id).values())) == set()


def test_a_published_brief_is_read_by_all(alice: User, bob: User) -> None:
    inner = make_public(alice, id="open", brief=BRIEF, inputs=[], stages=[note("sky", PROMPT)])
    reference = f"template:open@{inner.published.semver}" if inner.published else ""
    make_public(alice, id="film", name="Film", inputs=[], stages=[stage(reference, "a")])
    texts = document_texts(bob, "film")
    assert BRIEF in texts["/uses/inside?in=a"]
    assert BRIEF in texts["/uses/bundle"]
