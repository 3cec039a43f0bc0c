"""What the failures of an OpenAI-compatible service mean here, and that none is asked again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import (
    ProviderError,
    ProviderOutOfCredit,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnsure,
)
from tests.support.builders.jobs import run
from tests.support.fakes.openai_server import OpenAIServer, Reply, failure
from tools.providers.openai import OpenAIProvider

PICTURES = "/images/generations"
FOX = {"prompt": "a red fox", "model": "gpt-image-1"}
Make = Callable[..., OpenAIProvider]

FAILURES: list[tuple[str, Reply, type[ProviderError], str, bool, str]] = [
    ("bad request", failure(400, "Bad size."), ProviderError, "PARAMETER_INVALID", False, "Bad si"),
    ("refused", failure(400, "No.", code="moderation_blocked"), ProviderRefused,
     "SAFETY_REJECTED", False, "refused"),
    ("hard limit", failure(400, "Limit.", code="billing_hard_limit_reached"),
     ProviderOutOfCredit,
     "COST_LIMIT_EXCEEDED", False, "out of credit"),
    ("forbidden", failure(403, "Verify your organization."), ProviderError,
     "PERMISSION_REQUIRED", False, "Verify your organization"),
    ("not found", failure(404, "Not found."), ProviderError, "MODEL_UNAVAILABLE", False, "404"),
    ("no such model", failure(404, "No gpt-9.", code="model_not_found"), ProviderError,
     "MODEL_UNAVAILABLE", False, "doesn't have that model"),
    ("request timeout", failure(408, "Timeout."), ProviderTimeout, "PROVIDER_TIMEOUT", True, ""),
    ("conflict", failure(409, "Locked."), ProviderError, "GPU_WORKER_FAILED", True, "conflicts"),
    ("too large", failure(413, "Too big."), ProviderError, "PARAMETER_INVALID", False, "too large"),
    ("too many", failure(429, "Rate limit."), ProviderError, "GPU_WORKER_FAILED", True, "too much"),
    ("no credit", failure(429, "Quota.", code="insufficient_quota"), ProviderOutOfCredit,
     "COST_LIMIT_EXCEEDED", False, "out of credit"),
    ("failed", failure(500, "Sorry."), ProviderError, "GPU_WORKER_FAILED", True, "Sorry."),
    ("a plain detail", Reply(422, {"detail": "Nope"}), ProviderError, "PARAMETER_INVALID", False,
     "Nope."),
    ("an error of 200", Reply(200, {"error": {"message": "Bad."}}), ProviderError,
     "PARAMETER_INVALID", False, "Bad."),
    ("redirect", Reply(302, b"", {"Location": "http://10.0.0.7/"}), ProviderError,
     "MODEL_UNAVAILABLE", False, "base_url"),
    ("a page", Reply(200, b"<!doctype html><p>Sign in", {"Content-Type": "text/html"}),
     ProviderUnsure, "PROVIDER_TIMEOUT", False, "base_url"),
    ("nothing made", Reply(200, {"data": []}), ProviderUnsure, "PROVIDER_TIMEOUT", False,
     "no image"),
    ("odd data", Reply(200, {"data": [None, {"b64_json": None}, 7]}), ProviderUnsure,
     "PROVIDER_TIMEOUT", False, "no image"),
    ("damaged base64", Reply(200, {"data": [{"b64_json": "ä%"}]}), ProviderUnsure,
     "PROVIDER_TIMEOUT", False, "readable"),
    ("no image", Reply(200, {"data": [{"b64_json": "aGVsbG8="}]}), ProviderUnsure,
     "PROVIDER_TIMEOUT", False, "can't be used"),
    ("503 without words", Reply(503, b"<html>Unavailable</html>"), ProviderUnsure,
     "PROVIDER_TIMEOUT", True, "503"),
    ("see other", Reply(303, b"", {"Location": "/"}), ProviderUnsure, "PROVIDER_TIMEOUT", True,
     "303"),
    ("cut off", Reply(200, {"data": [{"b64_json": "aaaa"}]}, cut=9), ProviderUnsure,
     "PROVIDER_TIMEOUT", True, "broke off"),
    ("not JSON", Reply(200, b'{"data": [', {"Content-Type": "application/json"}), ProviderUnsure,
     "PROVIDER_TIMEOUT", True, "isn't JSON"),
    ("dropped", Reply(drop=True), ProviderUnsure, "PROVIDER_TIMEOUT", True, "broke off"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "kind", "error_type", "retryable", "words"),
    [case[1:] for case in FAILURES],
    ids=[case[0] for case in FAILURES],
)
def test_a_failure_says_what_it_means_here(
    make: Make,
    server: OpenAIServer,
    tmp_path: Path,
    reply: Reply,
    kind: type[ProviderError],
    error_type: str,
    retryable: bool,
    words: str,
):
    server.replies[PICTURES].append(reply)
    with pytest.raises(ProviderError) as caught:
        run(make(), tmp_path / "out", "generate_image", FOX)
    error = caught.value
    assert (type(error), error.error_type, error.retryable) == (kind, error_type, retryable)
    assert words in error.message
    assert "openai (127.0.0.1)" in error.message
    assert len(server.asked) == 1, "only the engine asks again"


@pytest.mark.parametrize(
    ("headers", "rest_s"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "999999"}, 900),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_service_says_how_long_it_wants_to_rest(
    make: Make, server: OpenAIServer, tmp_path: Path, headers: dict[str, str], rest_s: float | None
):
    server.replies[PICTURES].append(failure(429, "Rate limit.", headers=headers))
    with pytest.raises(ProviderError) as caught:
        run(make(), tmp_path / "out", "generate_image", FOX)
    assert caught.value.retry_after_s == rest_s


def test_an_answer_that_never_comes_is_unsure(make: Make, server: OpenAIServer, tmp_path: Path):
    ended = threading.Event()
    server.replies[PICTURES].append(Reply(hold=ended))
    with pytest.raises(ProviderUnsure, match="didn't answer in 1 seconds"):
        run(make(timeout_s=1), tmp_path / "out", "generate_image", FOX)
    ended.set()


def test_an_answer_without_end_is_not_taken(
    make: Make, server: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tools.providers.http.JSON_LIMIT", 1 << 20)
    monkeypatch.setattr("tools.providers.http.FILE_LIMIT", 1 << 20)
    server.replies[PICTURES].append(Reply(body=b" " * (2 << 20)))
    with pytest.raises(ProviderUnsure, match="sent more than 1 MB"):
        run(make(), tmp_path / "out", "generate_image", FOX)
    server.replies["/audio/speech"].append(Reply(body=b" " * (2 << 20)))
    with pytest.raises(ProviderUnsure, match="sent more than 1 MB"):
        run(make(), tmp_path / "out", "generate_speech", {"prompt": "Hello."})
