"""The page of an app: one shell for all addresses, and a form for those who hold a link."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from simple_apps import services
from simple_apps.models import GuestRun, SimpleApp
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.asking_templates import made_of, stage
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)

INPUTS = [
    {"name": "brief", "type": "text", "description": "Your idea", "required": True},
    {"name": "length", "type": "number", "description": "Seconds", "default": 5},
    {"name": "secret", "type": "text", "default": "zebra-okapi"},
]
STAGES = [stage("words", args={"text": "$inputs.brief"})]


@pytest.fixture
def app(alice: User) -> SimpleApp:
    return make_app(
        alice,
        make_template(alice, name="Zebra", inputs=INPUTS, stages=STAGES),
        slug="posters",
        title="Posters <for> you",
        intro="Made at home.",
        accent="#aa3300",
        inputs=[
            {"name": "length", "label": "How long", "help": "In seconds."},
            {"name": "brief"},
            {"name": "secret", "hidden": True},
        ],
    )


def get(path: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client().get(path, headers=headers)


def test_the_page_is_the_same_whether_there_is_an_app(app: SimpleApp) -> None:
    known, unknown = get("/a/posters"), get("/a/postcards")
    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content
    del known["X-Request-Id"], unknown["X-Request-Id"]
    assert known.items() == unknown.items()
    assert known["Cache-Control"] == "no-cache"
    assert known["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in known["Content-Security-Policy"]
    assert not known.cookies
    text = known.content.decode()
    assert "csrf" not in text
    assert 'style="' not in text
    assert "Posters" not in text


@pytest.mark.parametrize("path", ["/a/posters", "/a/posters/embed"])
def test_an_app_is_reported_from_its_footer(app: SimpleApp, path: str) -> None:
    shell = get(path).content.decode()
    footer = shell.partition("<footer")[2].partition("</footer>")[0]
    assert (shell.count("data-report-open"), footer.count("data-report-open")) == (1, 1)
    assert ("/check" in footer) == (not path.endswith("embed"))
    assert "data-report-open" not in get("/a/posters/form", make_link(app)).content.decode()


def test_a_frame_is_for_the_sites_that_the_author_named(alice: User, app: SimpleApp) -> None:
    assert "frame-ancestors 'none'" in get("/a/posters/embed")["Content-Security-Policy"]
    sites = ["https://studio.example", "http://localhost:3000"]
    services.change_app(actor=alice, app=app, changes={"embed_origins": sites})
    page = get("/a/posters/embed")
    policy = page["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://studio.example http://localhost:3000")
    assert policy.startswith("default-src 'none'")
    assert "X-Frame-Options" not in page
    assert page.content == get("/a/postcards/embed").content
    services.end_app(app=app)
    assert get("/a/posters/embed")["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_its_form_has_the_authors_order_and_words_for_a_link(alice: User, app: SimpleApp) -> None:
    picture = make_upload(alice, make_blob(jpeg_with_place(), kind="image", mime="image/jpeg"))
    services.change_app(actor=alice, app=app, changes={"picture": picture.public_id})
    token = make_link(app, runs=20)
    answer = get("/a/posters/form", token)
    assert answer["Cache-Control"] == "no-store"
    text = answer.content.decode()
    assert "Posters &lt;for&gt; you" in text
    assert "Made at home." in text
    assert text.index("How long") < text.index("Your idea")
    assert "In seconds." in text
    assert "okapi" not in text
    assert "secret" not in text
    assert "20 of 20 runs left" in text
    assert "The author of this app sees what you enter and make here." in text
    assert 'data-accent="#aa3300"' in text
    shown = re.search(r'src="(/media/a/posters/[^"]+)"', text)
    assert shown is not None
    picture_answer = request_app("GET", shown[1])
    assert (picture_answer.status, picture_answer.header("content-type")) == (200, "image/jpeg")


def test_without_a_token_that_holds_there_is_no_form(app: SimpleApp) -> None:
    token = make_link(app)
    assert get("/a/posters/form").status_code == 401
    refusals = [get(f"/a/{slug}/form", "no") for slug in ("posters", "postcards")]
    assert {one.status_code for one in refusals} == {404}
    assert get("/a/postcards/form", token).status_code == 404
    services.end_app(app=app)
    assert get("/a/posters/form", token).status_code == 404


def test_a_start_reads_the_form_and_names_the_fields_it_refuses(app: SimpleApp) -> None:
    token = make_link(app)

    def start(fields: dict[str, str], key: str = "k") -> Any:
        headers = {"Authorization": f"Bearer {token}", "X-Guest": "me", "Idempotency-Key": key}
        return Client(enforce_csrf_checks=True).post("/a/posters/runs", fields, headers=headers)

    refused = start({"input.brief": " ", "input.length": "long"})
    assert refused.status_code == 422, refused.content
    paths = {issue["path"] for issue in refused.json()["details"]["issues"]}
    assert paths == {"inputs.brief", "inputs.length"}
    assert refused.json()["message"]
    hidden = start({"input.brief": "A fox", "input.secret": "mine"})
    assert hidden.status_code == 201, hidden.content
    run = hidden.json()["data"]["run"]
    assert run["inputs"]["brief"] == "A fox"
    assert start({"input.brief": "A fox", "input.secret": "mine"}).status_code == 200
    assert GuestRun.objects.get().run.request["inputs"].get("secret") in (None, "zebra-okapi")
    ended = make_link(app)
    services.end_app(app=app)
    refused = Client().post("/a/posters/runs", headers={"Authorization": f"Bearer {ended}"})
    assert refused.status_code == 404
    assert "Ask the person who sent it" in refused.json()["message"]


def test_it_says_what_the_studio_leaves_out_before_a_run_and_under_its_result(alice: User) -> None:
    args = {"prompt": "$inputs.brief", "negative_prompt": "$inputs.not", "width": 64}
    hidden = {"name": "not", "type": "text", "default": "a trebuchet"}
    brief = {"name": "brief", "type": "text", "default": "A candle by the sea"}
    app = make_app(
        alice,
        made_of(alice, stage("draw", "generate_image", args=args), inputs=[brief, hidden]),
        slug="posters",
        inputs=[{"name": "brief"}, {"name": "not", "hidden": True}],
    )
    token = make_link(app)

    def post(path: str, **fields: str) -> Any:
        fields = {f"input.{name}": value for name, value in fields.items()}
        headers = {"Authorization": f"Bearer {token}", "X-Guest": "me"}
        return Client(enforce_csrf_checks=True).post(f"/a/posters/{path}", fields, headers=headers)

    page = get("/a/posters/form", token).content.decode()
    assert page.count("The draft studio can&#x27;t draw: candle.") == 1
    assert "trebuchet" not in page
    said = post("undrawn", brief="Eine Kerze am Meer").json()
    assert list(said.values()) == ["The draft studio can't draw: Kerze."]
    assert f'id="{next(iter(said))}-undrawn"' in page
    assert set(post("undrawn", brief="a lighthouse", extra="x").json().values()) == {""}
    assert get("/a/posters/undrawn").status_code == 405

    run = post("runs", brief="A lighthouse with a candle").json()["data"]["run"]
    assert "notice" not in run
    work_off()
    run = get(f"/v1/apps/posters/runs/{run['id']}").json()["data"]["run"]
    assert run["notice"] == (
        "Draft quality, made by the built-in studio. Drawn by a program."
        " The draft studio can't draw: candle."
    )
