"""Templates to start from: which are near a brief, who sees them, and a form with the brief."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import blocks
from accounts.models import User
from templates_app.lifecycle import services
from templates_app.models import Template
from templates_app.nearest import WORDS_READ, nearest
from tests.support.builders.suspending import lift, suspend
from tests.support.builders.templates import HOSTS, documented, make_public, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db

ASK = "/app/templates/nearest"
TEXT_INPUT = documented()["inputs"][0]


def plain(name: str, **more: Any) -> dict[str, Any]:
    """A template whose words are only those given."""
    return {"name": name, "description": "", "brief": "", "tags": [], **more}


@pytest.fixture
def gallery(alice: User) -> None:
    """Twelve templates; "film" is in most of them."""
    for name in (
        "Otter film",
        "Otter and heron film",
        "Harbor film",
        "Harbor lamps film",
        "Glass bottle film",
        "Robots film",
        "Marsh film",
        "Moss film",
        "Café Müller",
        "猫の映画",
        "고양이 영상",
        "Свет маяка",
    ):
        make_public(alice, **plain(name))


def names(brief: str, person: User | None = None, **more: Any) -> list[str]:
    return [one.card["name"] for one in nearest(brief, person, **more)]


def ask(client: Client, brief: Any) -> Any:
    return client.post(ASK, {"brief": brief}, content_type="application/json")


NEAR: dict[str, list[str]] = {
    "A heron and an otter by a river, with music": ["Otter and heron film", "Otter film"],
    "A robot with a bottle": ["Robots film", "Glass bottle film"],
    "ROBOT dances": ["Robots film"],
    "otters at play": [],
    "ein Film im Cafe Muller": ["Café Müller"],
    "маяка ночью": ["Свет маяка"],
    "猫が海を見ている": ["猫の映画"],
    "电影里的猫": ["猫の映画"],
    "고양이가 춤춘다": ["고양이 영상"],
    "A portrait of a woman": [],
    "": [],
    " \n!!! ---": [],
}


@pytest.mark.usefixtures("gallery")
def test_any_rare_word_of_a_brief_leads_to_a_template() -> None:
    assert {brief: names(brief) for brief in NEAR} == NEAR


@pytest.mark.usefixtures("gallery")
def test_a_word_of_most_templates_counts_only_where_there_is_no_other() -> None:
    assert names("A film about moss") == ["Moss film"]
    assert len(names("film")) == 3
    assert set(names("film")) < {f"{name} film" for name in (
        "Otter", "Otter and heron", "Harbor", "Harbor lamps", "Glass bottle", "Robots", "Marsh",
        "Moss",
    )}  # fmt: skip


@pytest.mark.usefixtures("gallery")
def test_the_rarest_words_come_first_and_three_are_enough(alice: User) -> None:
    make_public(alice, **plain("Harbor at dawn"))
    assert names("harbor lamps") == ["Harbor lamps film", "Harbor at dawn", "Harbor film"]
    assert names("harbor heron", most=1) == ["Otter and heron film"]
    assert len(names("harbor moss marsh otter bottle", most=5)) == 5


@pytest.mark.usefixtures("gallery")
def test_words_are_read_up_to_a_number() -> None:
    others = " ".join(f"unknown{number}" for number in range(WORDS_READ - 1))
    assert names(f"{others} moss") == ["Moss film"]
    assert names(f"{others} one moss") == []
    assert names(f"{others} {others} moss") == ["Moss film"]


HOSTILE = [
    '"moss',
    "moss' OR 1=1 --",
    "NEAR(moss marsh)",
    "words:moss",
    "moss:* & | ! ( )",
    "moss\\",
    "moss \ud800",
    "moss %s %(term0)s {0}",
    "moss\x00marsh",
    "moss " + "a " * 10_000,
    "moss " + "é" * 10_000,
]


@pytest.mark.usefixtures("gallery")
def test_no_text_breaks_the_query() -> None:
    assert [brief[:60] for brief in HOSTILE if "Moss film" not in names(brief)] == []


def _moderate(state: str) -> Callable[[Template], None]:
    def moderate(template: Template) -> None:
        Template.objects.filter(pk=template.pk).update(moderation=state)

    return moderate


def _withdraw(template: Template) -> None:
    services.patch_template(
        actor=template.owner,
        public_id=template.public_id,
        changes={"visibility": "private"},
        own_hosts=HOSTS,
    )


def _delete(template: Template) -> None:
    services.delete_template(actor=template.owner, public_id=template.public_id)


@pytest.mark.parametrize(
    "end",
    [_moderate("quarantined"), _moderate("removed"), _withdraw, _delete],
    ids=["quarantined", "removed", "withdrawn", "deleted"],
)
def test_what_is_not_public_is_not_near(
    alice: User, bob: User, end: Callable[[Template], None]
) -> None:
    template = make_public(alice, **plain("Marsh"))
    make_template(alice, **plain("Marsh of my own"))
    for person in (None, bob, alice):
        assert names("marsh", person) == names("A marsh at dusk", person) == ["Marsh"]
    end(template)
    for person in (None, bob, alice):
        assert names("marsh", person) == names("A marsh at dusk", person) == []


def test_a_suspended_persons_template_is_near_again_afterwards(alice: User, bob: User) -> None:
    make_public(alice, **plain("Marsh"))
    suspend(alice)
    assert names("marsh") == names("marsh", bob) == []
    lift(alice)
    assert names("marsh") == names("marsh", bob) == ["Marsh"]


@pytest.mark.parametrize("apart", [blocks.block, blocks.mute])
def test_people_who_are_blocked_or_muted_are_left_out(
    alice: User, bob: User, mo: User, apart: Callable[..., None]
) -> None:
    for name in ("Marsh at dusk", "Marsh at dawn"):
        make_public(alice, **plain(name))
    make_public(mo, **plain("A marsh"))
    apart(actor=bob, other=alice)
    assert names("marsh dawn", bob) == ["A marsh"]
    assert names("marsh dawn", mo)[0] == names("marsh dawn")[0] == "Marsh at dawn"
    blocks.undo(actor=bob, other=alice)
    assert names("marsh dawn", bob)[0] == "Marsh at dawn"


@pytest.mark.usefixtures("gallery")
def test_the_answer_costs_the_same_few_queries_however_many_are_near() -> None:
    counts = []
    for brief in ("moss", "otter heron harbor lamps glass moss marsh"):
        with CaptureQueriesContext(connection) as queries:
            [one.template.owner.shown_name for one in nearest(brief, None)]
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_a_visitor_and_a_person_get_what_the_rows_show(alice: User, bob: User) -> None:
    inputs = [{"name": "photo", "type": "image"}, TEXT_INPUT]
    template = make_public(alice, **plain("Marsh"), inputs=inputs)
    picture = make_public(alice, **plain("Marsh photo"), inputs=[inputs[0]], stages=[
        {"id": "big", "type": "fixed", "tool": "upscale_image",
         "args": {"sourceImageUrl": "$inputs.photo"}}
    ])  # fmt: skip
    for client in (Client(), signed_in(bob)):
        answer = ask(client, "marsh")
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        photo_row, row = answer.json()["templates"]
        page = f"/t/{template.public_id}"
        assert row == {
            "id": template.public_id,
            "name": "Marsh",
            "href": page,
            "previewUrl": f"{page}/poster.svg",
            "units": row["units"],
            "textInput": "brief",
        }
        assert row["units"] > 0
        assert (photo_row["id"], photo_row["textInput"]) == (picture.public_id, None)
    assert ask(Client(), "xyzzy").json() == {"templates": []}


def test_what_is_no_brief_is_refused() -> None:
    for brief in (7, ["marsh"], "x" * 20_001):
        assert ask(Client(), brief).status_code == 400


def test_a_page_of_another_site_cannot_ask() -> None:
    assert ask(Client(enforce_csrf_checks=True), "marsh").status_code == 403
    assert Client().get(ASK).status_code == 405


def test_the_words_are_in_no_log(caplog: pytest.LogCaptureFixture, alice: User) -> None:
    make_public(alice, **plain("Marsh"))
    with caplog.at_level(logging.INFO):
        assert ask(Client(), "marsh unspeakable").status_code == 200
        assert ask(Client(), "unspeakable" * 2_000).status_code == 400
    assert "unspeakable" not in caplog.text


def test_use_opens_the_form_with_the_words_in_its_first_text(alice: User, bob: User) -> None:
    inputs = [
        {"name": "title", "type": "text", "internal": True},
        TEXT_INPUT,
        {"name": "mood", "type": "text", "default": "calm"},
    ]
    template = make_public(alice, **plain("Marsh"), inputs=inputs)
    brief = 'A marsh at dawn & a "heron"\n<b>slowly</b>'
    for client in (Client(), signed_in(bob)):
        answer = client.post(f"/t/{template.public_id}/use", {"brief": brief})
        assert (answer.status_code, answer["Location"]) == (302, f"/t/{template.public_id}#run")
        page = unescape(client.get(f"/t/{template.public_id}").content.decode())
        assert page.count(brief) == 1
        assert "calm" in page
        assert brief not in unescape(Client().get(f"/t/{template.public_id}").content.decode())


def test_use_of_a_template_without_a_text_opens_its_form(alice: User) -> None:
    template = make_public(alice, **plain("Marsh"), inputs=[], stages=[
        {"id": "still", "type": "fixed", "tool": "generate_image", "args": {"prompt": "A marsh"}}
    ])  # fmt: skip
    answer = Client().post(f"/t/{template.public_id}/use", {"brief": "A heron"})
    assert answer.status_code == 302
    assert "A heron" not in Client().get(answer["Location"]).content.decode()


def test_use_of_what_is_not_public_is_not_there(alice: User, bob: User) -> None:
    template = make_template(alice, **plain("Marsh"))
    answer = signed_in(bob).post(f"/t/{template.public_id}/use", {"brief": "A heron"})
    assert answer.status_code == 404
    body = json.dumps({"brief": "A heron"})
    path = f"/t/{make_public(alice, **plain('Fen')).public_id}/use"
    refusal = signed_in(bob).post(path, body, content_type="application/json")
    assert refusal.status_code == 400
