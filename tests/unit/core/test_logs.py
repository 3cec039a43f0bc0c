"""Each log line names the request it belongs to."""

import logging
from types import SimpleNamespace

from core.logs import RequestIdFilter, current_request_id


def _filtered(**fields: object) -> str:
    record = logging.makeLogRecord(fields)
    assert RequestIdFilter().filter(record)
    return str(record.__dict__["request_id"])


def test_a_line_outside_requests_has_a_dash() -> None:
    assert _filtered() == "-"


def test_a_line_within_a_request_has_its_id() -> None:
    token = current_request_id.set("req_1")
    try:
        assert _filtered() == "req_1"
    finally:
        current_request_id.reset(token)


def test_a_line_about_a_request_that_is_over_still_has_its_id() -> None:
    assert _filtered(request=SimpleNamespace(request_id="req_2")) == "req_2"
    assert _filtered(request=SimpleNamespace()) == "-"
