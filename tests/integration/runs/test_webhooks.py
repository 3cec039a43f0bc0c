"""`POST /hooks/<provider>/<secret>`: what is not the service's own webhook changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
import standardwebhooks.webhooks
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from core import clock
from core.logs import scrubbed
from runs import states
from runs.models import RemoteJob
from runs.web.hooks import LIMIT_BYTES, path_of
from tests.support.builders.running import start
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.fakes.webhooks import SECRET, signed
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)

OVER = {"type": "video.completed", "data": {"id": "video_1"}}
BODY = json.dumps(OVER).encode()


@pytest.fixture(autouse=True)
def services(provide: Callable[..., None]) -> None:
    """A service that signs its webhooks, one that has none, and a ComfyUI."""
    openai = {"kind": "openai", "base_url": "http://127.0.0.1:9/v1", "videos": ["sora-2"]}
    provide(
        {
            "openai": {**openai, "webhook_secret": SECRET},
            "basement": openai,
            "comfyui": {"kind": "comfyui", "url": "http://127.0.0.1:9"},
        }
    )


def post(path: str, headers: Mapping[str, str], body: bytes = BODY, method: str = "POST") -> Answer:
    return request_app(method, path, headers, body)


def rows() -> dict[str, list[Any]]:
    """Everything that the database holds of the product."""
    models = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


FORGED: dict[str, tuple[Mapping[str, str], bytes]] = {
    "unsigned": ({}, BODY),
    "signed by another key": (signed(BODY, secret="whsec_" + "QUJD" * 8), BODY),
    "another body": (signed(BODY), BODY.replace(b"video_1", b"video_2")),
    "another id": ({**signed(BODY), "webhook-id": "wh_2"}, BODY),
    "another time": ({**signed(BODY), "webhook-timestamp": "1760000000"}, BODY),
    "no time": ({**signed(BODY), "webhook-timestamp": "soon"}, BODY),
    "no signature": ({**signed(BODY), "webhook-signature": "v1"}, BODY),
    "signature that is no base64": ({**signed(BODY), "webhook-signature": "v1,%"}, BODY),
    "another recipe": ({**signed(BODY), "webhook-signature": "v9,QUJD"}, BODY),
    "body that is no text": (signed(b"\xff\xfe"), b"\xff\xfe"),
    "body that is no JSON": (signed(b"video_1"), b"video_1"),
}


def test_a_forged_webhook_is_not_found_and_changes_nothing() -> None:
    before = rows()
    statuses = {
        which: post(path_of("openai"), headers, body).status
        for which, (headers, body) in FORGED.items()
    }
    assert statuses == dict.fromkeys(FORGED, 404)
    assert rows() == before


def test_of_old_and_early_webhooks_those_within_five_minutes_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And change nothing, as no job here is theirs."""
    # The package asks this class for the time, which stands still: the check is to the second.
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", clock_at(now))
    wanted = dict.fromkeys((0, 250, -250, 300, -300), (204, b""))
    before = rows()
    for late_s in (0, 250, -250, 300, -300, 301, -301, 86_400):
        headers = signed(BODY, late_s=late_s, webhook_id=f"wh{late_s}", now_s=now.timestamp())
        answer = post(path_of("openai"), headers)
        if late_s in wanted:
            assert (answer.status, answer.body) == wanted[late_s], late_s
        else:
            assert answer.status == 404, late_s
    assert rows() == before


def clock_at(moment: datetime) -> type[datetime]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return moment.astimezone(tz)

    return Clock


def test_an_event_that_ends_no_job_is_taken() -> None:
    for said in ({}, [], "x", {"type": "video.completed"}, {"type": "other"}):
        body = json.dumps(said).encode()
        answer = post(path_of("openai"), signed(body, webhook_id=str(said)), body)
        assert answer.status == 204, said


def wrong_addresses() -> dict[str, str]:
    right = path_of("openai")
    secret = right.rpartition("/")[2]
    return {
        "last letter": right[:-1] + ("A" if right[-1] != "A" else "B"),
        "cut short": right[:-1],
        "of another provider": f"/hooks/openai/{path_of('comfyui').rpartition('/')[2]}",
        "no such provider": path_of("no-such-one"),
        "a provider that sends none": path_of("studio"),
        "one without a webhook_secret": path_of("basement"),
        "not ASCII": f"/hooks/openai/%C3%A9{secret}",
        "empty": "/hooks/openai/%20",
    }


def test_a_wrong_address_tells_nothing() -> None:
    before = rows()
    known = post("/hooks/openai/x", {})
    assert known.status == 404
    for which, path in wrong_addresses().items():
        answer = post(path, signed(BODY))
        assert answer.status == 404, which
        assert answer.json()["message"] == known.json()["message"], which
    assert rows() == before


def test_other_methods_are_refused_alike_at_every_address() -> None:
    for path in (path_of("openai"), "/hooks/openai/x"):
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = post(path, signed(BODY), method=method)
            assert (answer.status, answer.header("allow")) == (405, "POST"), (method, path)


def test_a_large_body_is_refused() -> None:
    before = rows()
    body = b'{"x": "%s"}' % (b"x" * LIMIT_BYTES)
    assert post(path_of("openai"), signed(body), body).status == 413
    assert rows() == before


def test_a_repeated_webhook_is_answered_and_says_nothing() -> None:
    provider = registry.provider_named("openai")
    assert provider is not None
    headers = signed(BODY, webhook_id="wh_again")
    assert provider.heard(headers, BODY) == ("video_1",)
    # Sent again with a new signature, as services do without an answer, or by one who overheard it.
    assert provider.heard(signed(BODY, webhook_id="wh_again", late_s=9), BODY) == ()
    assert provider.heard(headers, BODY) == ()
    before = rows()
    assert post(path_of("openai"), headers).status == 204
    assert rows() == before


@contextmanager
def without_remote_jobs() -> Iterator[None]:
    """The database fails where a wake is stored."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE runs_remotejob RENAME TO runs_remotejob_away")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE runs_remotejob_away RENAME TO runs_remotejob")


def test_a_webhook_that_could_not_be_stored_counts_when_it_is_sent_again(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "say", "arguments": {"text": "a fox"}}])
    later = clock.now() + timedelta(hours=1)
    run.steps.update(status=states.PARKED, not_before=later)
    RemoteJob.objects.create(step=run.steps.get(), provider="openai", key="video_1")
    with without_remote_jobs():
        assert post(path_of("openai"), signed(BODY, webhook_id="wh_stored")).status >= 500
    assert run.steps.get().not_before == later
    # As services do without an answer.
    assert post(path_of("openai"), signed(BODY, webhook_id="wh_stored")).status == 204
    assert run.steps.get().not_before < clock.now()
    # Now it is taken.
    run.steps.update(not_before=later)
    assert post(path_of("openai"), signed(BODY, webhook_id="wh_stored")).status == 204
    assert run.steps.get().not_before == later


def test_comfyui_hears_a_prompt_by_its_id() -> None:
    provider = registry.provider_named("comfyui")
    assert provider is not None
    assert provider.heard({}, b'{"prompt_id": "p1"}') == ("p1",)
    assert provider.job_keys({"prompt_id": "p1", "url": "http://x"}) == ("p1",)
    assert post(path_of("comfyui"), {}, b'{"prompt_id": "p1"}').status == 204


def test_comfyui_hears_nothing_without_a_prompt() -> None:
    for body in (b"", b"[]", b"{}", b'{"prompt_id": 7}', b"[" * 60_000, b"\xff"):
        assert post(path_of("comfyui"), {}, body).status == 404, body[:20]


def test_the_command_prints_the_addresses_of_those_that_take_webhooks(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PUBLIC_URL = "https://studio.example.org"
    call_command("webhooks")
    shown = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert shown == {
        name: f"https://studio.example.org{path_of(name)}" for name in ("openai", "comfyui")
    }


def test_an_address_is_no_secret_of_the_logs() -> None:
    line = f'"POST {path_of("openai")} HTTP/1.1" 204'
    assert scrubbed(line) == '"POST /hooks/openai/… HTTP/1.1" 204'


@pytest.mark.parametrize("secret", ["", "whsec_", "QUJDREVGR0g=", "whsec_é"])
def test_a_webhook_secret_that_cannot_be_one_is_refused_without_being_shown(
    secret: str, settings: Any
) -> None:
    settings.PROVIDERS = {"openai": {"kind": "openai", "webhook_secret": secret}}
    registry.rebuild()
    (problem,) = registry.problems()
    assert "webhook_secret" in problem
    assert not secret.removeprefix("whsec_") or secret not in problem
