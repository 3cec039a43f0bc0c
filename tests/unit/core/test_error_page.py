"""What a person sees when an address fails. It is drawn without the database: none is open here."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject
from django.utils.html import escape

from core import errors
from core.http import error_response


def page_of(problem: Exception, path: str = "/runs/x", method: str = "GET") -> tuple[int, str]:
    request = RequestFactory().generic(method, path)
    answer = error_response(request, problem)
    assert answer["Content-Type"].startswith("text/html")
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("problem", "status", "title"),
    [
        (errors.InvalidBody("Invalid request."), 400, "We couldn't read this request"),
        (errors.Forbidden(), 403, "You don't have access"),
        (errors.NotFound(), 404, "Page not found, or you don't have access."),
        (errors.QuotaExceeded(retry_after_s=3), 429, "Too many requests"),
        (RuntimeError("wires crossed"), 500, "Something went wrong on our side"),
        (errors.Unavailable(), 503, "Not ready yet"),
    ],
)
def test_each_failure_has_a_page_that_says_what_it_is(
    problem: Exception, status: int, title: str
) -> None:
    code, page = page_of(problem)
    assert code == status
    assert f"<h1>{escape(title)}</h1>" in page
    assert page.count("<h1>") == 1
    assert 'href="/"' in page
    assert "wires crossed" not in page


@pytest.mark.parametrize("header", ["HTTP_HX_REQUEST", "HTTP_ACCEPT"])
def test_a_script_is_answered_in_json(header: str) -> None:
    value = "true" if header == "HTTP_HX_REQUEST" else "application/json"
    request = RequestFactory().get("/a/nothing-here/form", **{header: value})
    answer = error_response(request, errors.NotFound())
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert json.loads(answer.content)["error"]["code"]


def test_a_missing_page_offers_the_search() -> None:
    assert 'role="search"' in page_of(errors.NotFound())[1]
    assert 'role="search"' not in page_of(errors.Forbidden())[1]


def test_what_may_work_the_next_time_can_be_tried_again() -> None:
    path = '/runs/x?q="><script>'
    page = page_of(RuntimeError(), path)[1]
    assert "Try again</a>" in page
    assert "<script>" not in page.replace('<script src="', "")
    assert "Try again</a>" not in page_of(RuntimeError(), path, "POST")[1]
    assert "Try again</a>" not in page_of(errors.NotFound(), path)[1]


def test_a_broken_page_names_the_reference() -> None:
    assert "report reference req_" in page_of(RuntimeError())[1]


def test_a_missing_page_comes_without_its_bar_where_the_database_is_away() -> None:
    def ask() -> object:
        raise OperationalError("gone")

    request = RequestFactory().get("/nowhere")
    request.user = SimpleLazyObject(ask)  # type: ignore[assignment]
    answer = error_response(request, errors.NotFound())
    assert answer.status_code == 404
    assert 'role="search"' in answer.content.decode()
