"""Which answers are compressed, for those who take it, and which never are."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

import pytest

from accounts.models import User
from media.signing import signed_path
from runs.models import Artifact
from tests.support.builders.factories import make_key
from tests.support.builders.running import chain, start, work_off
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.oauth import TOKEN, make_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
TAKES = {"accept-encoding": "gzip, deflate, br, zstd"}

COMPRESSED = [
    "/",
    "/docs/api",
    "/me/keys",
    "/t/TEMPLATE/poster.svg",
    "/app/tools",
    "/no/such/page",
    "/v1/openapi.json",
    "/v1/asyncapi.json",
    "/static/css/parts.css",
]
"""GET of each, by someone signed in; `TEMPLATE` is one of their own."""


class Browser:
    """Someone signed in, with a template."""

    def __init__(self, person: User) -> None:
        self.client = signed_in(person)
        self.template_id = make_template(person).public_id

    def ask(self, path: str, method: str = "GET", **headers: str) -> Any:
        path = path.replace("TEMPLATE", self.template_id)
        return self.client.generic(method, path, headers=headers)

    def get(self, path: str, **headers: str) -> tuple[Mapping[str, str], bytes]:
        """Headers and the whole body, as it was sent."""
        answer = self.ask(path, **headers)
        return answer.headers, b"".join(answer) if answer.streaming else answer.content


@pytest.fixture
def browser(alice: User) -> Browser:
    return Browser(alice)


@pytest.mark.parametrize("path", COMPRESSED)
def test_text_is_compressed_for_those_who_take_it(browser: Browser, path: str) -> None:
    plain, body = browser.get(path)
    assert "Content-Encoding" not in plain
    packed, sent = browser.get(path, **TAKES)
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(sent) < len(body) * 0.6
    unpacked = gzip.decompress(sent)
    assert abs(len(unpacked) - len(body)) < 100
    for headers in (plain, packed):
        assert "Accept-Encoding" in headers["Vary"]
    if "ETag" in plain and not path.startswith("/static/"):
        assert packed["ETag"] == f"W/{plain['ETag']}"


@pytest.mark.parametrize("path", ["/", "/static/css/parts.css", "/v1/openapi.json"])
def test_a_head_request_has_the_headers_of_the_answer(browser: Browser, path: str) -> None:
    packed, _ = browser.get(path, **TAKES)
    answer = browser.ask(path, "HEAD", **TAKES)
    assert not b"".join(answer)
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Type"] == packed["Content-Type"]
    assert abs(int(answer["Content-Length"]) - int(packed["Content-Length"])) < 200


@pytest.mark.parametrize("takes", ["br", "gzip; q=0.0, br", "x-gzipped"])
@pytest.mark.parametrize("path", ["/", "/static/css/parts.css"])
def test_who_does_not_take_it_gets_it_plain(browser: Browser, path: str, takes: str) -> None:
    headers, body = browser.get(path, **{"accept-encoding": takes})
    assert "Content-Encoding" not in headers
    assert b"{" in body


@pytest.mark.parametrize(
    "path",
    ["/app/tools", "/v1/openapi.json", "/t/TEMPLATE/poster.svg", "/static/css/parts.css"],
)
@pytest.mark.parametrize("other", [{}, TAKES])
def test_what_is_known_is_not_sent_again(
    browser: Browser, path: str, other: dict[str, str]
) -> None:
    packed, _ = browser.get(path, **TAKES)
    answer = browser.ask(path, **{"if-none-match": packed["ETag"], **other})
    assert answer.status_code == 304
    assert "Accept-Encoding" in answer["Vary"]


def test_a_part_of_a_static_file_is_a_part_of_it_as_it_is(browser: Browser) -> None:
    _, body = browser.get("/static/css/parts.css")
    headers, part = browser.get("/static/css/parts.css", range="bytes=10-59", **TAKES)
    assert "Content-Encoding" not in headers
    assert headers["Content-Range"] == f"bytes 10-59/{len(body)}"
    assert part == body[10:60]


def test_what_is_packed_already_stays_as_it_is(browser: Browser) -> None:
    for path in ("/static/fonts/inter-latin-wght.woff2", "/static/img/night.webp"):
        headers, body = browser.get(path, **TAKES)
        assert "Content-Encoding" not in headers
        assert int(headers["Content-Length"]) == len(body)


@pytest.mark.django_db(transaction=True)
def test_media_streams_and_agents_are_not_compressed(alice: User) -> None:
    run = start(alice, chain("note", 1, text="x"))
    work_off()
    artifact = Artifact.objects.filter(run=run).first()
    assert artifact is not None
    key = {"api-key": make_key(alice), **TAKES}
    media = signed_path(artifact.public_id, "a.png")
    answers = {
        "a file": request_app("GET", media, TAKES),
        "a part": request_app("GET", media, {"range": "bytes=5-9", **TAKES}),
        "a stream": request_app(
            "GET", f"/v1/creative-agent/workflows/{run.public_id}/events/stream", key
        ),
        "an agent": request_app("POST", "/mcp", key, b'{"jsonrpc": "2.0", "id": 1}'),
        "a probe": request_app("GET", "/healthz", TAKES),
    }
    assert answers["a file"].status == 200
    assert (answers["a part"].status, len(answers["a part"].body)) == (206, 5)
    assert answers["a stream"].header("content-type").startswith("text/event-stream")
    assert not [what for what, answer in answers.items() if answer.header("content-encoding")]


def test_secrets_that_are_shown_once_are_not_compressed(browser: Browser, alice: User) -> None:
    made = browser.client.post(
        "/me/keys", {"name": "phone", "scope": "run", "days": "", "units": ""}
    )
    assert made.status_code == 302
    headers, body = browser.get("/me/keys", **TAKES)
    assert b"rg_" in body
    assert "no-transform" in headers["Cache-Control"]
    assert "Content-Encoding" not in headers
    app = make_app()
    code = app.code(alice)
    for answer in (
        app.ask({"grant_type": "authorization_code", "code": code}, **TAKES),
        app.redeem(code),
        app.ask({"token": "x"}, path=TOKEN, **TAKES),
    ):
        assert "Content-Encoding" not in answer
