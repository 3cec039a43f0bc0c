"""One person's calls wait by the dozen; everyone else's pages answer as if nothing were."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.server import Site
from tests.support.waiting import WAIT_S, family, promised, wait_for

pytestmark = pytest.mark.slow
PATH = "/v1/creative-agent/tools/execute"
# No worker runs: its run does not end.
CALL = {"tool": "create_asset_manifest", "arguments": {}}
CALLS = 90
# What three pages may take while others wait; a wait itself lasts 60 s.
PROMPT_S = 20.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("home"), workers=0) as running:
        yield running


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(CALLS + 10)
    yield pool
    pool.shutdown(wait=False, cancel_futures=True)


def call(site: Site, key: str, name: str) -> httpx.Response:
    with site.client(key) as client:
        return client.post(PATH, json=CALL, headers={"Idempotency-Key": name}, timeout=90)


def answers_promptly(site: Site, key: str) -> None:
    """Another person's pages and calls of the API are answered in time."""
    with site.client(key) as client, promised(PROMPT_S, of=processes(site)):
        for path in ("/", "/v1/account/balance", "/v1/creative-agent/workflows"):
            assert client.get(path).status_code == 200


def processes(site: Site) -> set[int]:
    assert site.program is not None
    return family(site.program.process.pid)


def runs_of(site: Site, key: str) -> list[dict[str, Any]]:
    with site.client(key) as client:
        answer = client.get("/v1/creative-agent/workflows", params={"kind": "tool_call"})
        return list(answer.json()["data"]["workflows"])


def cancel(site: Site, key: str) -> None:
    with site.client(key) as client:
        for run in runs_of(site, key):
            client.post(f"/v1/creative-agent/workflows/{run['id']}/cancel")


def test_many_calls_with_one_key_wait_for_one_run(site: Site, callers: ThreadPoolExecutor) -> None:
    alice, bob = site.key("alice"), site.key("bob")
    first = callers.submit(call, site, alice, "one")
    wait_for(lambda: runs_of(site, alice), "the run is there")
    others = [callers.submit(call, site, alice, "one") for _ in range(CALLS - 1)]
    answers_promptly(site, bob)
    answers = [one.result(timeout=WAIT_S) for one in others]
    assert {one.status_code for one in answers} == {200}
    [run] = runs_of(site, alice)
    for one in answers:
        result = one.json()["data"]["result"]
        assert (result["ok"], result["retryable"]) == (False, True)
        assert result["workflowId"] == run["id"]
        assert result["url"] == f"/v1/creative-agent/workflows/{run['id']}"
    # The one who waits is told how it ended.
    assert not first.done()
    cancel(site, alice)
    assert first.result(timeout=WAIT_S).json()["data"]["result"]["error_type"] == "USER_CANCELLED"


def test_a_person_waits_for_so_many_runs_at_once(site: Site, callers: ThreadPoolExecutor) -> None:
    carol, dave = site.key("carol"), site.key("dave")
    calls = [callers.submit(call, site, carol, f"key-{number}") for number in range(CALLS // 2)]
    answers_promptly(site, dave)
    refused = _answers(calls, CALLS // 2 - 16)
    assert Counter(one.status_code for one in refused) == {429: CALLS // 2 - 16}
    assert "16 of your tool calls" in refused[0].json()["message"]
    assert int(refused[0].headers["Retry-After"]) >= 1
    # What was refused began nothing, and another person waits as if nothing were.
    assert len(runs_of(site, carol)) == 16
    theirs = callers.submit(call, site, dave, "mine")
    wait_for(lambda: runs_of(site, dave), "another person's run is there")
    assert not theirs.done()
    cancel(site, carol)
    cancel(site, dave)
    ended = [one.result(timeout=WAIT_S) for one in [*calls, theirs]]
    assert Counter(one.status_code for one in ended) == {200: 17, 429: CALLS // 2 - 16}


def test_a_wait_ends_when_its_client_leaves(site: Site, callers: ThreadPoolExecutor) -> None:
    erin = site.key("erin")
    with socket.create_connection(("127.0.0.1", site.port)) as client:
        body = b'{"tool": "create_asset_manifest", "arguments": {}}'
        client.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {erin}\r\n"
            "Content-Type: application/json\r\nIdempotency-Key: left\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        wait_for(lambda: runs_of(site, erin), "the run is there")
        assert "already waits" in call(site, erin, "left").json()["data"]["result"]["message"]
    again: list[Future[httpx.Response]] = []

    def waits() -> bool:
        # Who comes once the first has left waits in its place.
        again.append(callers.submit(call, site, erin, "left"))
        # One that is refused is answered sooner than so many others, one after the other.
        for _ in range(10):
            runs_of(site, erin)
        return not again[-1].done()

    wait_for(waits, "the next one waits")
    cancel(site, erin)
    result = again[-1].result(timeout=WAIT_S).json()["data"]["result"]
    assert result["error_type"] == "USER_CANCELLED"


def test_a_revoked_key_ends_its_waits(site: Site, callers: ThreadPoolExecutor) -> None:
    frank, other = site.key("frank"), site.key("frank")
    waits = callers.submit(call, site, frank, "revoked")
    wait_for(lambda: runs_of(site, other), "the run is there")
    lookup = frank.removeprefix("rg_").partition("_")[0]
    site.manage(
        "shell",
        "--command",
        "from accounts import services; from accounts.models import ApiKey;"
        f" services.revoke_api_key(key=ApiKey.objects.get(lookup={lookup!r}))",
    )
    with promised(5, of=processes(site)):
        assert waits.result(timeout=WAIT_S).status_code == 401


def _answers(calls: list[Future[httpx.Response]], count: int) -> list[httpx.Response]:
    """Those that are there, once they are so many."""
    wait_for(lambda: sum(one.done() for one in calls) >= count, f"{count} answers")
    return [one.result() for one in calls if one.done()]
