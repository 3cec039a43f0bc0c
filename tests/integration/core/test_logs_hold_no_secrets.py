"""What is done with keys, links and prompts leaves no trace of them in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts import one_time_links
from accounts.models import User
from core.logs import JsonLines, RequestIdFilter, TextLines
from core.server import log_access
from media import signing
from runs.models import Artifact, Run
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)
WORKFLOWS = "/v1/creative-agent/workflows"
PROMPT = "a heron no one may read about"


@pytest.fixture
def written() -> Iterator[tuple[StringIO, StringIO]]:
    """Everything that is logged meanwhile, down to DEBUG: as JSON and as text."""
    # Loading the application sets logging up again, which would take these handlers away.
    import builder.asgi  # noqa: F401

    streams = (StringIO(), StringIO())
    root = logging.getLogger()
    level = root.level
    handlers = []
    for stream, formatter in zip(streams, (JsonLines(), TextLines()), strict=True):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        handler.addFilter(RequestIdFilter())
        handlers.append(handler)
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield streams
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def served(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> int:
    """As the web server does it: answer, then write the line of the access log."""
    status = request_app(method, url, headers, body).status
    facts = {"path": url, "status": status, "method": method, "client": "127.0.0.1:1"}
    log_access("http", "complete", {**facts, "time_taken": 0.01, "size": 5})
    return status


def test_a_run_from_its_start_to_its_failure(
    alice: User, written: tuple[StringIO, StringIO]
) -> None:
    key = make_key(alice)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    refused = {"retryable": False, "prompt": PROMPT}
    steps = [
        {"id": "look", "toolName": "note", "arguments": {"text": PROMPT, "prompt": PROMPT}},
        {"id": "shots", "toolName": "fail", "arguments": refused, "dependsOn": ["look"]},
        {"id": "odd", "toolName": "stray", "arguments": {"prompt": PROMPT}},
    ]
    body = json.dumps({"input": {"title": "Title", "steps": steps}}).encode()
    assert served("POST", WORKFLOWS, headers, body) == 201
    work_off()
    run = Run.objects.get()
    assert run.status == "failed"
    assert served("GET", f"{WORKFLOWS}/{run.public_id}", headers) == 200
    assert served("GET", f"{WORKFLOWS}/{run.public_id}x", {"api-key": key + "x"}) == 401
    assert served("POST", WORKFLOWS, headers, body[:-9]) == 400
    address = signing.signed_path(Artifact.objects.get().public_id, "a.png")
    assert served("GET", address, {}) == 200
    [signature] = parse_qs(urlsplit(address).query)["s"]
    assert served("GET", address.replace(signature, signature[:-2] + "zz"), {}) in (403, 404)
    link = one_time_links.create_signin_link(user=alice, base_url="")
    assert served("GET", link, {}) == 200
    assert served("GET", link + "x", {}) in (200, 404)
    try:
        raise ValueError(f"{link} {key} {address} {{'prompt': '{PROMPT}'}}")
    except ValueError:
        logging.getLogger("test").exception("it broke with %s", headers)

    for stream in written:
        text = stream.getvalue()
        for secret in (
            key,
            key[-43:],
            signature[:-2],
            link.rpartition("/")[2],
            PROMPT,
        ):
            assert secret not in text
    lines = [json.loads(line) for line in written[0].getvalue().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    access = [line for line in lines if line["logger"] == "access"]
    assert len(access) == 8
    assert {line["status"] for line in access} >= {200, 201, 400, 401}
    named = [line for line in lines if line.get("run") == run.public_id]
    assert named, "nothing names the run"
    assert any(line.get("request_id", "").startswith("req_") for line in lines)


def test_a_step_that_breaks_names_its_run_step_and_attempt(
    alice: User, written: tuple[StringIO, StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.builders.running import chain, start
    from tests.support.fakes.tools import TestProvider

    def broken(self: object, job: object, context: object) -> None:
        raise RuntimeError("the pen broke")

    monkeypatch.setattr(TestProvider, "run", broken)
    run = start(alice, chain("noop", 1))
    work_off()
    lines = [json.loads(line) for line in written[0].getvalue().splitlines()]
    [line] = [line for line in lines if line["level"] == "ERROR"]
    assert (line["run"], line["step"], line["attempt"]) == (run.public_id, "s0", 1)
    assert "the pen broke" in line["error"]
    assert f"[- {run.public_id} s0 1]" in written[1].getvalue()


def test_anyone_who_watches_the_server_fills_no_log(written: tuple[StringIO, StringIO]) -> None:
    assert served("GET", "/healthz", {}) == 200
    assert served("GET", "/readyz", {}) == 503
    lines = [json.loads(line) for line in written[0].getvalue().splitlines()]
    assert [line["path"] for line in lines if line["logger"] == "access"] == ["/readyz"]
