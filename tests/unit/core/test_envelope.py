"""core.http.envelope: every exception, one shape."""

import logging
from typing import Annotated, Any, Literal

import pytest
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from pydantic import AwareDatetime, BaseModel, Field, StrictBool
from rest_framework import exceptions as drf

from core import errors
from core.http import envelope, parse


@pytest.mark.parametrize(
    ("exc", "status", "number"),
    [
        (errors.Unauthenticated(), 401, 101),
        (errors.Unauthenticated(number=102), 401, 102),
        (drf.NotAuthenticated(), 401, 101),
        (drf.AuthenticationFailed(), 401, 102),
        (drf.PermissionDenied(), 403, 4030),
        (drf.NotFound(), 404, 4040),
        (drf.MethodNotAllowed("PUT"), 405, 4050),
        (drf.NotAcceptable(), 400, 4000),
        (drf.UnsupportedMediaType("text/x"), 415, 4150),
        (drf.ParseError(), 400, 4000),
        (drf.ValidationError({"a": ["bad"]}), 400, 4000),
        (drf.Throttled(wait=3), 429, 4290),
        (Http404(), 404, 4040),
        (RequestDataTooBig(), 413, 4130),
        (TooManyFieldsSent(), 400, 4000),
        (DisallowedHost(), 400, 4000),
        (UnreadablePostError(), 400, 4000),
        (OperationalError(), 503, 5030),
        (errors.NotOffered(), 501, 5010),
        (ValueError("x"), 500, 1000),
    ],
)
def test_every_exception_has_its_status_and_number(
    exc: Exception, status: int, number: int
) -> None:
    got, _, body = envelope(exc, request_id="req_1")
    assert (got, body["status"], body["errorCode"]) == (status, "error", number)
    assert body["message"]
    named = body["error"]
    assert named == {"code": named["code"], "type": named["type"], "message": body["message"]}
    assert named["type"] == {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        429: "rate_limit_error",
    }.get(status, "server_error" if status >= 500 else "invalid_request_error")
    assert isinstance(body["details"], dict)


def test_missing_credentials_have_the_words_clients_test_for() -> None:
    _, headers, body = envelope(errors.Unauthenticated(), request_id="req_1")
    assert body["message"] == "Authorization header or auth cookie required"
    assert headers["WWW-Authenticate"] == "Bearer"


def test_retry_after_is_the_same_in_header_and_body() -> None:
    _, headers, body = envelope(errors.QuotaExceeded(retry_after_s=2.1), request_id="req_1")
    assert (headers["Retry-After"], body["retryAfter"]) == ("3", 3)


def test_a_422_shows_its_information_in_data_in_details_and_on_top() -> None:
    found = {"compileErrors": [{"code": "missing_input"}], "compileWarnings": []}
    exc = errors.InvalidInput("No.", number=4221, details=found, top=found)
    _, _, body = envelope(exc, request_id="req_1")
    assert body["data"] == body["details"] == found
    assert body["compileErrors"] == found["compileErrors"]
    assert body["compileWarnings"] == []


def test_data_alone_also_reaches_details_of_a_422() -> None:
    exc = errors.InvalidInput("No.", data={"validation": {"valid": False}})
    assert envelope(exc, request_id="r")[2]["details"] == {"validation": {"valid": False}}


def test_top_fields_never_replace_the_envelope() -> None:
    exc = errors.Conflict("Taken.", top={"status": "success", "message": "fine", "extra": 1})
    body = envelope(exc, request_id="r")[2]
    assert (body["status"], body["message"], body["extra"]) == ("error", "Taken.", 1)


@pytest.mark.parametrize("exc", [RuntimeError("the password is x"), OperationalError("dsn x")])
def test_an_unknown_failure_is_logged_and_answered_with_its_reference_alone(
    exc: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        _, _, body = envelope(exc, request_id="req_77")
    assert body["details"] == {"requestId": "req_77"}
    assert str(exc) not in str(body)
    assert "req_77" in caplog.text
    assert str(exc) in caplog.text


class Form(BaseModel):
    name: str = Field(min_length=2)
    seed: int = 0


def test_parse_names_each_field_and_counts_the_rest() -> None:
    with pytest.raises(errors.InvalidBody) as caught:
        parse(Form, {"name": "x", "seed": "many"})
    issues = caught.value.details["issues"]
    assert [issue["path"] for issue in issues] == ["name", "seed"]
    assert caught.value.message == (
        "`name` must have at least 2 characters. (1 more in details.issues)"
    )
    assert issues[1]["message"] == "`seed` must be a whole number."


class Nested(BaseModel):
    form: Form
    extra: dict[str, int]
    tags: list[str]
    name: str


def test_parse_speaks_json_not_python() -> None:
    with pytest.raises(errors.InvalidBody) as caught:
        parse(Nested, {"form": 1, "extra": [], "tags": "x", "name": 7})
    assert [issue["message"] for issue in caught.value.details["issues"]] == [
        "`form` must be a JSON object.",
        "`extra` must be a JSON object.",
        "`tags` must be a list.",
        "`name` must be text.",
    ]


class Every(BaseModel):
    """One field for each rule that a body of ours uses."""

    flag: StrictBool = False
    word: Literal["auto", "tokens"] = "auto"
    figure: Annotated[float, Field(ge=0, strict=True)] = 0
    whole: Annotated[int, Field(lt=8, strict=True)] = 0
    few: Annotated[list[int], Field(max_length=1)] = []
    when: AwareDatetime | None = None
    form: Form | None = None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"flag": "yes"}, "`flag` must be true or false."),
        ({"word": "cash"}, "`word` must be `auto` or `tokens`."),
        ({"figure": -1}, "`figure` must be 0 or more."),
        ({"figure": "1"}, "`figure` must be a number."),
        ({"whole": 8}, "`whole` must be less than 8."),
        ({"whole": 1.5}, "`whole` must be a whole number."),
        ({"few": [1, 2]}, "`few` must have at most 1 entry."),
        ({"few": ["x"]}, "`few[0]` must be a whole number."),
        ({"when": "noon"}, "`when` must be a time such as 2026-01-31T18:00:00Z."),
        ({"form": {}}, "`form.name` is required."),
    ],
)
def test_parse_says_what_to_send_in_our_words(body: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.InvalidBody) as caught:
        parse(Every, body)
    assert caught.value.message == message


def test_parse_takes_null_for_absent() -> None:
    assert parse(Form, {"name": "xy", "seed": None}).seed == 0


def test_every_error_class_has_its_own_code_and_number() -> None:
    def below(cls: type[errors.AppError]) -> list[type[errors.AppError]]:
        return [cls, *(one for child in cls.__subclasses__() for one in below(child))]

    family = [cls for cls in below(errors.AppError) if cls.__module__ == "core.errors"]
    assert len({cls.code for cls in family}) == len(family)
    assert len({cls.number for cls in family}) == len(family)
    tree = errors.__doc__ or ""
    missing = [cls.__name__ for cls in family if cls.__name__ not in tree]
    assert not missing, f"add to the tree at the top of core/errors.py: {missing}"
