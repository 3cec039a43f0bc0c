"""`/t/<id>`: what outsiders and owners see, the form, the quote, the pictures."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.models import User
from media.models import Blob
from runs.admission.template_quotes import quote_template
from runs.billing import estimates
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.factories import PASSWORD
from tests.support.builders.forms import ALL_KINDS, make_all_kinds
from tests.support.builders.running import start, work_off
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import HOSTS, make_public, make_template, name_as_before
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

HOSTILE_NAMES = [
    "\"><img src=x onerror=alert(1)>\u202e{{ 7 * 7 }}{% include 'x' %}",
    "</title></svg><script>alert(1)</script><svg onload=alert(1)>🎬👩‍🚀",
]


@pytest.fixture
def template(alice: User) -> Template:
    return make_all_kinds(alice)


class Handlers(HTMLParser):
    """Attributes of a page that would run a script, and elements only a script would bring."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [name for name, value in attrs if name.startswith("on") or name == "style"]
        self.found += [str(value) for name, value in attrs if name == "src" and value == "x"]


def text(response: object) -> str:
    return flat(response.content)  # type: ignore[attr-defined]


def test_anyone_sees_what_is_published(template: Template) -> None:
    for tail in ("", "?tab=remixes", "?tab=versions", "?tab=nonsense"):
        response = Client().get(f"/t/{template.public_id}{tail}")
        assert response.status_code == 200, tail
        shown = text(response)
        assert "All kinds" in shown, tail
        assert shown.count("<h1") == 1, tail
        assert "style=" not in shown.replace('rel="stylesheet"', ""), tail
        assert not re.findall(r"<script(?![^>]*\bsrc=)", shown), tail


def test_the_form_has_a_field_for_every_input(template: Template) -> None:
    shown = text(Client().get(f"/t/{template.public_id}"))
    for name in (known["name"] for known in ALL_KINDS["inputs"]):
        assert f'name="input.{name}"' in shown, name
    assert 'role="switch"' in shown
    assert re.search(r'type="range" min="0" max="10" step="1"', shown)
    assert re.search(r'value="24"\s+checked', shown)


def test_a_list_of_one_length_shows_one_number(alice: User) -> None:
    shots = {
        "name": "shots",
        "type": "text",
        "required": True,
        "description": "What each shot shows",
        "multiple": {"min": 3, "max": 3},
        "default": ["A harbor", "A boat", "A net"],
    }
    images = {
        "id": "images",
        "type": "batch",
        "itemName": "text",
        "overBinding": "$inputs.shots",
        "produces": ["images"],
        "itemStage": {"tool": "generate_image", "args": {"prompt": "$item"}},
    }
    template = make_public(alice, inputs=[shots], stages=[images])
    shown = text(Client().get(f"/t/{template.public_id}"))
    assert '<span class="faint">3</span>' in shown
    assert shown.count('name="input.shots"') == 3


def test_a_required_input_that_no_stage_uses_stops_no_run(alice: User) -> None:
    used, unused = ({"name": one, "type": "text", "required": True} for one in ("say", "spare"))
    stage = {"id": "one", "type": "fixed", "tool": "note", "args": {"text": "$inputs.say"}}
    template = make_template(alice, inputs=[used, unused], stages=[stage])
    path, client = f"/t/{template.public_id}", signed_in(alice)
    fields = re.findall(r'<textarea[^>]*name="input.(\w+)"[^>]*>', text(client.get(path)))
    needed = re.findall(
        r'<textarea[^>]*name="input.(\w+)"[^>]* required[^>]*>', text(client.get(path))
    )
    assert (fields, needed) == (["say", "spare"], ["say"])
    assert client.post(path, {"key": "a", "input.spare": "x"}).status_code == 422
    started = client.post(path, {"key": "b", "input.say": "A heron"})
    assert started["Location"] == f"/runs/{Run.objects.get().public_id}"


def test_the_owner_sees_their_head_with_a_note_and_outsiders_what_is_published(
    alice: User, template: Template
) -> None:
    patched(template, description="Not for everyone yet.", publish=False)
    mine = text(signed_in(alice).get(f"/t/{template.public_id}"))
    assert "Not for everyone yet." in mine
    assert "Others see v0.0.1" in mine
    assert "Not for everyone yet." not in text(Client().get(f"/t/{template.public_id}"))


def test_other_sites_are_told_of_a_public_template_alone(alice: User, template: Template) -> None:
    shown = text(Client().get(f"/t/{template.public_id}"))
    assert f'property="og:image" content="http://testserver/t/{template.public_id}/share.png"' in (
        shown
    )
    private = f"/t/{make_template(alice).public_id}"
    assert "og:image" not in text(signed_in(alice).get(private))
    assert signed_in(alice).get(f"{private}/share.png").status_code == 404


@pytest.mark.slow
def test_the_share_picture_is_painted_once_for_anyone(template: Template) -> None:
    first = Client().get(f"/t/{template.public_id}/share.png")
    assert first.status_code == 200
    assert first["Content-Type"] == "image/png"
    assert first.content.startswith(b"\x89PNG")
    count = Blob.objects.count()
    assert Client().get(f"/t/{template.public_id}/share.png").status_code == 200
    assert Blob.objects.count() == count


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_harms_no_page(alice: User, name: str) -> None:
    template = make_public(
        alice,
        name="Old",
        description=name,
        inputs=[
            {"name": "a", "type": "text", "description": name},
            {"name": "b", "type": "select", "options": [{"value": name, "label": name}]},
        ],
        stages=[
            {
                "id": "one",
                "label": name,
                "type": "fixed",
                "tool": "note",
                "args": {"text": "$inputs.a", "prompt": name},
            }
        ],
    )
    name_as_before(template, name, [name[:60]])
    client = signed_in(alice)
    for tail in ("", "?tab=versions", "/publish", "/delete"):
        shown = text(client.get(f"/t/{template.public_id}{tail}"))
        assert "<script>alert" not in shown
        assert Handlers(shown).found == []
    svg = text(client.get(f"/t/{template.public_id}/poster.svg"))
    assert {child.tag.rpartition("}")[2] for child in ElementTree.fromstring(svg).iter()} <= {
        *("svg", "title", "defs", "radialGradient", "stop", "rect", "path", "circle")
    }
    fork = client.post(f"/t/{template.public_id}/fork")
    assert client.get(fork["Location"].removesuffix("/edit")).status_code == 200


# --- the quote ------------------------------------------------------------------------------------


def test_the_quote_says_stages_and_units_and_starts_nothing(template: Template) -> None:
    response = Client().post(f"/t/{template.public_id}/quote", {"input.story": "Herons"})
    assert response.status_code == 200
    assert re.search(r"1 stage\b.*1 credit\b", text(response), re.DOTALL)
    assert Run.objects.count() == 0


def test_a_quote_for_an_empty_form_makes_up_what_is_missing(template: Template) -> None:
    assert "about 1 credit" in " ".join(
        re.sub(r"<[^>]+>", "", text(Client().post(f"/t/{template.public_id}/quote"))).split()
    )


def test_a_quote_says_what_stands_against_a_run(alice: User) -> None:
    says = {"id": "say", "type": "fixed", "tool": "unheard_of", "args": {"prompt": "Hi"}}
    template = make_public(alice, stages=[says])
    shown = text(Client().post(f"/t/{template.public_id}/quote", {"input.brief": "x"}))
    assert "Not ready to run" in shown
    assert "Unheard of isn&#x27;t available on this server." in shown


def drawn_from_brief(alice: User) -> Template:
    stage = {"id": "draw", "type": "fixed", "tool": "generate_image"}
    brief = {"name": "brief", "type": "text", "default": "A candle by the sea"}
    return make_public(
        alice, inputs=[brief], stages=[{**stage, "args": {"prompt": "$inputs.brief"}}]
    )


def undrawn(page: str) -> str:
    (note,) = re.findall(r'<p class="help undrawn"[^>]*>(.*?)</p>', page, re.DOTALL)
    return unescape(re.sub(r"</?span[^>]*>", "", note)).strip()


def test_the_form_says_below_a_text_what_of_it_will_not_be_drawn(alice: User) -> None:
    template = drawn_from_brief(alice)
    page = f"/t/{template.public_id}"
    assert undrawn(text(Client().get(page))) == "The draft studio can't draw: candle."
    for typed, said in (
        ("Ein Leuchtturm, eine Kerze und ein Besen", "Kerze, Besen"),
        ("Ein Leuchtturm am Meer", ""),
        ("", "candle"),
        ("a trebuchet " * 900, "trebuchet"),
    ):
        quote = text(Client().post(f"{page}/quote", {"input.brief": typed}))
        assert undrawn(quote) == (f"The draft studio can't draw: {said}." if said else "")
        assert 'hx-swap-oob="true"' in quote


def test_the_form_says_it_of_the_items_of_a_batch_too(alice: User) -> None:
    shots = {"name": "brief", "type": "text", "multiple": True, "default": ["a fox", "a candle"]}
    item = {"tool": "generate_image", "args": {"prompt": "$item"}}
    batch = {"id": "each", "type": "batch", "overBinding": "$inputs.brief", "itemName": "shot"}
    batch |= {"itemLabelTemplate": "Shot {index}", "concurrency": 1, "produces": ["shots"]}
    template = make_public(alice, inputs=[shots], stages=[{**batch, "itemStage": item}])
    page = text(Client().get(f"/t/{template.public_id}"))
    assert undrawn(page) == "The draft studio can't draw: candle."


@pytest.mark.parametrize(
    ("tool", "argument", "value"),
    [
        ("add_subtitles", "srt", "$inputs.brief"),
        (
            "overlay_video",
            "overlays",
            [{"kind": "text", "position": "center", "text": "$inputs.brief"}],
        ),
    ],
)
def test_the_form_says_which_letters_no_typeface_here_has(
    alice: User, tool: str, argument: str, value: object
) -> None:
    film = {"name": "film", "type": "video"}
    brief = {"name": "brief", "type": "text", "default": "Привет Καλημέρα \u0378"}
    arguments = {"reference_video_url": "$inputs.film", argument: value}
    stage = {"id": "write", "type": "fixed", "tool": tool, "args": arguments}
    template = make_public(alice, inputs=[film, brief], stages=[stage])
    page = f"/t/{template.public_id}"
    assert undrawn(text(Client().get(page))) == "The draft studio can't draw: \u0378."
    for typed, said in (("\u0379 Γειά \u0378", "\u0379, \u0378"), ("Добрый день", "")):
        quote = text(Client().post(f"{page}/quote", {"input.brief": typed}))
        assert undrawn(quote) == (f"The draft studio can't draw: {said}." if said else "")


def test_the_form_says_it_of_titles_on_an_image(alice: User) -> None:
    photo = {"name": "photo", "type": "image"}
    brief = {"name": "brief", "type": "text", "default": "Add the title “Καλημέρα \u0378”"}
    arguments = {"source_image_url": "$inputs.photo", "prompt": "$inputs.brief"}
    stage = {"id": "edit", "type": "fixed", "tool": "edit_image", "args": arguments}
    template = make_public(alice, inputs=[photo, brief], stages=[stage])
    page = f"/t/{template.public_id}"
    assert undrawn(text(Client().get(page))) == "The draft studio can't draw: \u0378."
    for typed, said in (
        ("Write \u0379", "\u0379"),
        ("Make the sky blue \u0379", ""),
        ("Add the title “Добрый день”", ""),
    ):
        quote = text(Client().post(f"{page}/quote", {"input.brief": typed}))
        assert undrawn(quote) == (f"The draft studio can't draw: {said}." if said else "")


def test_the_time_comes_from_what_the_tools_took_lately(alice: User, template: Template) -> None:
    version = template.published
    assert version is not None
    estimates.forget_history()
    assert quote_template(version, {"story": "x"}, person=None, own_hosts=HOSTS).seconds is None
    start(alice, [{"toolName": "note", "arguments": {"text": "x"}}])
    work_off()
    estimates.forget_history()
    found = quote_template(version, {"story": "x"}, person=None, own_hosts=HOSTS)
    assert found.seconds is not None
    assert found.seconds < 30
    estimates.forget_history()


def test_a_hostile_quote_is_refused(template: Template) -> None:
    form = "application/x-www-form-urlencoded"
    for body in ("input.story=%00", "input.story=" + "x" * 200_000):
        response = Client().post(f"/t/{template.public_id}/quote", body, content_type=form)
        assert response.status_code == 400, body[:20]


# --- the form ------------------------------------------------------------------------------------


def test_words_are_kept_across_sign_in(alice: User, template: Template) -> None:
    client = Client()
    away = client.post(
        f"/t/{template.public_id}",
        {"input.story": "Herons at dawn", "input.scenes": ["one", "two"], "input.grain": "7"},
    )
    assert away["Location"] == f"/sign-in?next=/t/{template.public_id}"
    alice.set_password(PASSWORD)
    alice.save()
    back = client.post(
        "/sign-in",
        {"username": "alice", "password": PASSWORD, "next": f"/t/{template.public_id}"},
        follow=True,
    )
    shown = text(back)
    assert "Herons at dawn" in shown
    assert re.search(r"\btwo</textarea>", shown)
    assert re.search(r'name="input.grain" value="7"', shown)
    started = client.post(f"/t/{template.public_id}", {"input.story": "Herons at dawn"})
    assert started.status_code == 302
    assert "Herons at dawn" not in text(client.get(f"/t/{template.public_id}"))


def test_a_refused_start_keeps_the_words_and_says_what_is_wrong(
    alice: User, template: Template
) -> None:
    response = signed_in(alice).post(
        f"/t/{template.public_id}",
        {"input.grain": "a lot", "input.scenes": ["kept words"]},
    )
    assert response.status_code == 422
    shown = text(response)
    assert "kept words" in shown
    assert re.search(r'id="input.grain-bad"', shown)
    assert re.search(r'id="input.story-bad"', shown)
    assert Run.objects.count() == 0


def test_every_type_of_input_reaches_the_run(alice: User, template: Template) -> None:
    started = signed_in(alice).post(
        f"/t/{template.public_id}",
        {
            "key": "k",
            "input.story": "Herons",
            "input.grain": "7",
            "input.voice": "false",
            "input.length": "12",
            "input.scenes": ["one", "", "two"],
            "input.keeper": "https://example.org/a.png",
        },
    )
    assert started.status_code == 302
    assert Run.objects.get().request["inputs"] == {
        "story": "Herons",
        "grain": "7",
        "voice": False,
        "length": "12",
        "scenes": ["one", "two"],
        "keeper": "https://example.org/a.png",
    }


def test_two_clicks_start_one_run(alice: User, template: Template) -> None:
    client, path = signed_in(alice), f"/t/{template.public_id}"
    first = client.post(path, {"key": "k", "input.story": "Herons"})
    again = client.post(path, {"key": "k", "input.story": "Herons"})
    assert first["Location"] == again["Location"]
    assert Run.objects.count() == 1


def test_rows_are_added_and_removed_without_a_script(template: Template) -> None:
    client, path = Client(), f"/t/{template.public_id}/form"
    rows = "data-row>"
    more = text(client.post(path, {"input.scenes": ["one"], "add": "scenes"}))
    assert more.count(rows) == 2
    full = text(client.post(path, {"input.scenes": ["a", "b", "c"], "add": "scenes"}))
    assert full.count(rows) == 3
    less = text(client.post(path, {"input.scenes": ["one", "two"], "remove": "scenes:0"}))
    assert less.count(rows) == 1
    assert "two" in less
    last = text(client.post(path, {"input.scenes": ["one"], "remove": "scenes:0"}))
    assert "one</textarea>" in last


class TestUses:
    """The templates that its stages are, and those whose stages it is."""

    @pytest.fixture
    def film(self, alice: User, bob: User) -> Template:
        make_public(bob, id="shot", **{**SHOT, "name": "Slow shot"})
        stages = [stage("template:shot", subject="a")]
        return make_public(alice, id="film", name="Film", inputs=[], stages=stages)

    def test_each_page_leads_to_the_other(self, client: Client, film: Template) -> None:
        uses = fact(client.get("/t/film"), "Uses")
        assert ("/t/shot" in uses, "Slow shot" in uses) == (True, True)
        assert "/t/film" in fact(client.get("/t/shot"), "Used in")
        assert fact(client.get("/t/film"), "Used in") == ""

    def test_what_a_viewer_may_not_read_is_not_named(
        self, client: Client, alice: User, film: Template
    ) -> None:
        stages = [stage("template:shot", subject="a")]
        make_template(alice, id="own", name="zebra-okapi", inputs=[], stages=stages)
        assert "zebra-okapi" not in client.get("/t/shot").content.decode()
        browser = signed_in(alice)
        assert "zebra-okapi" in fact(browser.get("/t/shot"), "Used in")
        Template.objects.filter(public_id="shot").update(visibility="private")
        for one in (client, browser):
            assert fact(one.get("/t/film"), "Uses") == ""
        assert client.get("/t/shot").status_code == 404

    def test_what_only_an_unpublished_version_uses_stays_its_owners(
        self, client: Client, alice: User, film: Template
    ) -> None:
        patched(film, stages=SHOT["stages"], inputs=SHOT["inputs"], publish=False)
        assert "/t/film" in fact(client.get("/t/shot"), "Used in")
        assert fact(signed_in(alice).get("/t/shot"), "Used in") == ""

    def test_many_are_counted(self, client: Client, alice: User, film: Template) -> None:
        stages = [stage("template:shot", subject="a")]
        for number in range(22):
            make_public(alice, id=f"film-{number}", name="Film", inputs=[], stages=stages)
        row = fact(client.get("/t/shot"), "Used in")
        assert (row.count("<a "), "and 3 more" in row) == (20, True)


def fact(page: Any, name: str) -> str:
    """What a page says beside a word; "" for nothing."""
    assert page.status_code == 200
    _, _, rest = page.content.decode().partition(f"<dt>{name}</dt>")
    return str(rest.partition("</div>")[0])
