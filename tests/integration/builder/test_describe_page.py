"""`/describe`: words become an empty template that the editor drafts at once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from templates_app.models import Template

pytestmark = pytest.mark.django_db
BRIEF = "A harbour at dawn, three shots, soft piano"
KEPT = "brief"


@pytest.fixture
def signed_in(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_the_words_open_in_the_editor(signed_in: Client) -> None:
    answer = signed_in.post("/describe", {"brief": f"  {BRIEF} "})
    (template,) = Template.objects.all()
    assert template.head is not None
    assert template.head.spec["brief"] == BRIEF
    assert template.visibility == "private"
    assert answer.status_code == 302
    assert answer["Location"] == f"/t/{template.public_id}/edit#describe"
    assert "harbour" not in answer["Location"]


def test_a_visitor_signs_in_and_comes_back_to_the_words(alice: User) -> None:
    client, brief = Client(), "港の夜明け、三つのショット、静かなピアノ"
    answer = client.post("/describe", {"brief": brief})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/describe")
    assert Template.objects.count() == 0
    client.force_login(alice)
    for path in ("/", "/me/templates", "/describe"):
        assert brief in client.get(path).content.decode()
    drafted = client.post("/describe", {"brief": brief})
    assert drafted.cookies[KEPT].value == ""
    assert brief not in client.get("/describe").content.decode()


def test_a_visitor_s_words_fill_no_table() -> None:
    from django.contrib.sessions.models import Session

    before = Session.objects.count()
    client = Client()
    for _ in range(3):
        client.post("/describe", {"brief": BRIEF})
    assert Session.objects.count() == before
    assert len(client.cookies[KEPT].value) < 4000


@pytest.mark.parametrize(
    ("brief", "says"),
    [
        ("   ", "Write what you want first."),
        ("x" * 20_001, "The limit is 20,000 characters."),
        ("nul \x00 byte", "NUL character"),
    ],
)
def test_words_that_cannot_be_used_are_refused_in_place(
    signed_in: Client, brief: str, says: str
) -> None:
    answer = signed_in.post("/describe", {"brief": brief})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Template.objects.count() == 0


@pytest.mark.parametrize("is_visitor", [True, False], ids=["visitor", "signed in"])
def test_words_that_name_nothing_to_show_are_answered_with_a_question(
    alice: User, signed_in: Client, is_visitor: bool
) -> None:
    answer = (Client() if is_visitor else signed_in).post("/describe", {"brief": "..."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "What should it show? Write it, such as “a lighthouse at dusk”." in page
    assert ">...</textarea>" in page
    assert "autofocus" in page
    assert "aria-invalid" not in page
    assert Template.objects.count() == 0
    assert KEPT not in answer.cookies


def test_long_words_of_a_visitor_stay_on_the_page() -> None:
    from random import Random

    brief = "".join(chr(Random(place).randint(0x4E00, 0x9FFF)) for place in range(3000))
    answer = Client().post("/describe", {"brief": brief})
    assert answer.status_code == 422
    assert brief in answer.content.decode()
    assert "Sign in first" in answer.content.decode()


def test_a_forged_cookie_is_ignored() -> None:
    client = Client()
    client.cookies[KEPT] = "IkJ1eSBteSBjb2luIg:forged"
    assert "coin" not in client.get("/describe").content.decode()
