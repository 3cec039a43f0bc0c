"""A service's webhook makes its job's step due at once, through real web and worker processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.fakes.openai_server import OpenAIServer
from tests.support.fakes.webhooks import SECRET, signed
from tests.support.faults.kept_waiting import family_of
from tests.support.faults.workers import rows
from tests.support.server import SHARED_SERVICES, Site, finished, start
from tests.support.waiting import promised, wait_for

SITE_OPTIONS = SHARED_SERVICES

pytestmark = pytest.mark.slow

SEEN_WITHIN_S = 2.0
TABLES = ("runs_run", "runs_step", "runs_attempt", "runs_event", "runs_remotejob")


@pytest.fixture
def server(hooking: OpenAIServer) -> OpenAIServer:
    return hooking


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


@pytest.fixture
def hook(site: Site) -> str:
    """Where the service's webhooks go."""
    shown = dict(line.split() for line in site.manage("webhooks").splitlines())
    return site.url + httpx.URL(shown["hooking"]).path


def parked(alice: httpx.Client, site: Site, server: OpenAIServer) -> tuple[str, str]:
    """A run whose video is made by the service, and the job's id."""
    clip = {"prompt": "it runs", "videoModel": "sora-2-pro", "duration": 4}
    step = {"id": "clip", "toolName": "generate_video", "arguments": clip}
    job = f"video_{len(server.jobs) + 1}"
    run_id: str = start(alice, {"input": {"steps": [step]}})["id"]
    is_parked = f"SELECT 1 FROM runs_step WHERE status = 'parked' AND run_id = (SELECT id FROM runs_run WHERE public_id = '{run_id}')"  # noqa: E501
    wait_for(lambda: rows(site, is_parked), "the step is parked")
    return run_id, job


def everything(site: Site) -> list[Any]:
    return [rows(site, f"SELECT * FROM {table} ORDER BY id") for table in TABLES]


def test_a_signed_webhook_is_seen_at_once_and_others_change_nothing(
    alice: httpx.Client, site: Site, server: OpenAIServer, hook: str
) -> None:
    run_id, job = parked(alice, site, server)
    body = json.dumps({"type": "video.completed", "data": {"id": job}}).encode()
    looked = len(server.calls(f"/videos/{job}", "GET"))
    before = everything(site)
    elsewhere = hook.replace("/hooking/", "/studio/")
    huge = body + b" " * 70_000
    with httpx.Client() as outsider:
        statuses = [
            outsider.post(hook, content=body).status_code,
            outsider.post(hook, content=body, headers=signed(b"{}")).status_code,
            outsider.post(hook, content=body, headers=signed(body, late_s=400)).status_code,
            outsider.post(hook, content=body, headers=signed(body, late_s=-400)).status_code,
            outsider.post(hook[:-2], content=body, headers=signed(body)).status_code,
            outsider.post(elsewhere, content=body, headers=signed(body)).status_code,
            outsider.get(hook, headers=signed(body)).status_code,
            outsider.post(hook, content=huge, headers=signed(huge)).status_code,
        ]
        other = json.dumps({"type": "video.completed", "data": {"id": "video_999"}}).encode()
        headers = signed(other, webhook_id="wh_unknown")
        statuses.append(outsider.post(hook, content=other, headers=headers).status_code)
    assert statuses == [404] * 6 + [405, 413, 204]
    assert everything(site) == before
    assert len(server.calls(f"/videos/{job}", "GET")) == looked
    server.hook = hook
    with promised(SEEN_WITHIN_S, of=family_of(site)):
        server.end_job(job)
        wait_for(lambda: len(server.calls(f"/videos/{job}", "GET")) > looked, "a look")
    done = finished(alice, run_id)
    assert server.hooked == [204]
    assert done["status"] == "completed", done
    assert done["steps"][0]["attempt"] == 1
    assert server.submitted["it runs"] == len(server.jobs)


def test_a_webhook_that_is_sent_again_wakes_nothing(
    alice: httpx.Client, site: Site, server: OpenAIServer, hook: str
) -> None:
    run_id, job = parked(alice, site, server)
    server.hook = ""
    body = json.dumps({"type": "video.completed", "data": {"id": job}}).encode()
    told = json.dumps({"type": "other"}).encode()
    with httpx.Client() as service:
        first = signed(told, webhook_id="wh_twice")
        assert service.post(hook, content=told, headers=first).status_code == 204
        before = everything(site)
        again = signed(body, webhook_id="wh_twice")
        # On connections of their own, so that both web processes are asked.
        statuses = [httpx.post(hook, content=body, headers=again).status_code for _ in range(8)]
        assert statuses == [204] * 8
        assert everything(site) == before
        server.end_job(job)
        fresh = signed(body, webhook_id="wh_fresh")
        assert service.post(hook, content=body, headers=fresh).status_code == 204
    assert finished(alice, run_id)["status"] == "completed"


def test_the_address_is_in_no_log(site: Site, hook: str) -> None:
    secret = hook.rpartition("/")[2]
    with httpx.Client() as client:
        client.post(hook, content=b"{}")
        client.get(hook)
        client.post(hook, content=b"x" * 70_000)
    logs = "".join(path.read_text() for path in (site.home / "logs").glob("*.log"))
    assert "/hooks/hooking/" in logs
    assert secret not in logs
    assert SECRET not in logs
