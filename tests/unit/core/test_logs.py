"""Log lines name the request and the work they belong to, and hold no secrets."""

import json
import logging
import sys
from types import SimpleNamespace

import pytest

from core.logs import (
    JsonLines,
    RequestIdFilter,
    TextLines,
    current_request_id,
    scrubbed,
    working_on,
)

KEY = "rg_9v0jzMY26U_" + "k" * 43
SIGNATURE = "q9" * 11
TOKEN = "Zt-" + "x_9Q" * 10
WORDS = "heron"
LINK = f"/sign-in/{TOKEN}"


def _filtered(**fields: object) -> logging.LogRecord:
    record = logging.makeLogRecord(fields)
    assert RequestIdFilter().filter(record)
    return record


def _request_id(**fields: object) -> str:
    return str(_filtered(**fields).__dict__["request_id"])


def _json(**fields: object) -> dict[str, object]:
    line = JsonLines().format(_filtered(**fields))
    assert "\n" not in line
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_a_line_outside_requests_has_a_dash() -> None:
    assert _request_id() == "-"


def test_a_line_within_a_request_has_its_id() -> None:
    token = current_request_id.set("req_1")
    try:
        assert _request_id() == "req_1"
    finally:
        current_request_id.reset(token)


def test_a_line_about_a_request_that_is_over_still_has_its_id_and_run() -> None:
    match = SimpleNamespace(kwargs={"run_id": "wf_1"})
    record = _filtered(request=SimpleNamespace(request_id="req_2", resolver_match=match))
    assert (record.__dict__["request_id"], record.__dict__["run"]) == ("req_2", "wf_1")
    assert _request_id(request=SimpleNamespace()) == "-"


def test_a_json_line_is_one_object_with_what_it_is_about() -> None:
    with working_on(run="wf_1"), working_on(step="shot", attempt=2):
        line = _json(
            name="runs.engine",
            levelname="WARNING",
            msg="two\nlines %s",
            args=("x",),
            created=0.25,
            msecs=250,
        )
    assert line == {
        "time": "1970-01-01T00:00:00.250Z",
        "level": "WARNING",
        "logger": "runs.engine",
        "message": "two\nlines x",
        "run": "wf_1",
        "step": "shot",
        "attempt": 2,
    }
    assert "run" not in _json(msg="afterwards")


def test_a_text_line_reads_the_same() -> None:
    with working_on(run="wf_1", step="shot", attempt=2):
        line = TextLines().format(_filtered(name="a", levelname="INFO", msg="done"))
    assert line.endswith(" INFO a [- wf_1 shot 2] done")


def test_a_failure_carries_its_traceback_without_secrets() -> None:
    try:
        raise ValueError(f"cannot use {{'prompt': 'a \\'secret\\' {WORDS}'}} with {KEY}")
    except ValueError:
        line = _json(msg="broken", exc_info=sys.exc_info())
    assert "test_logs.py" in str(line["error"])
    assert WORDS not in str(line)
    assert KEY not in str(line)


def test_only_known_extras_are_written() -> None:
    line = _json(msg="GET /", status=200, size=0, path=LINK, request="<WSGIRequest ?s=1>")
    assert (line["status"], line["size"], line["path"]) == (200, 0, "/sign-in/…")
    assert "request" not in line


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"key {KEY} is gone", KEY),
        (f"Authorization: Bearer {TOKEN}", TOKEN),
        ("{'authorization': 'Bearer abcdef'}", "abcdef"),
        ("headers api-key: hunter2-hunter2", "hunter2"),
        (f"GET /media/art_1/a.png?e=17&s={SIGNATURE} 200", SIGNATURE),
        (f"https://x.example/a?X-Amz-Signature={SIGNATURE}&b=1", SIGNATURE),
        (f"Not Found: {LINK}", TOKEN),
        ("token eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl expired", "eyJzdWIiOiIx"),
        ("postgres://reel:hunter2@db/reel is away", "hunter2"),
        ('{"prompt": "a heron in the fog", "seed": 4}', "heron"),
        ("cookie sessionid=0123456789abcdef; csrftoken=fedcba", "0123456789abcdef"),
        ("OPENAI said sk-proj-abcdefghijklmnopqrst is bad", "abcdefghijklmnopqrst"),
    ],
)
def test_secrets_do_not_pass(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in scrubbed(text)


def test_ids_and_hashes_stay_readable() -> None:
    text = f"run wf_01JD0000000000000000000000 blob {'0f' * 32} at /runs/wf_1?after=12 key rg_ab12"
    assert scrubbed(text) == text
