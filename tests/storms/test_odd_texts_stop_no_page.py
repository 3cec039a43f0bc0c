"""Ten people send the longest odd texts that are taken, and every page of everyone else answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.builders.templates import documented
from tests.support.server import Site
from tests.support.waiting import family, promised

PEOPLE = 10
# What a pattern may look for again and again, from each place of a text.
ODD = (" ", "$", "1", ".", "http://", "eyJaaaaa-", "“a", "and add music ", "{{a ", "\n ")
TEMPLATES = "/v1/creative-agent/workflows/templates"
EXECUTE = "/v1/creative-agent/tools/execute"


def long(odd: str, size: int) -> str:
    """So many bytes at most."""
    return odd * (size // len(odd.encode()))


def requests_of(odd: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests to the routes that read words. A message may have 2 MB, a brief 20,000 characters,
    and other texts 100,000."""
    user = {"role": "user", "content": long(odd, 1_900_000)}
    yield "POST", "/v1/chat/completions", {"json": {"messages": [user]}}
    yield "POST", "/v1/chat/runs", {"json": {"messages": [user]}}
    brief, text = long(odd, 19_000), long(odd, 95_000)
    for ask in ("Write a script: ", "Compose a reusable template: ", "Write lyrics: "):
        asked = {"role": "user", "content": ask + long(odd, 1_900_000)}
        yield "POST", "/v1/chat/completions", {"json": {"messages": [asked]}}
    for tool, arguments in (
        ("enhance_prompt", {"prompt": brief}),
        ("compose_script", {"brief": brief}),
        ("compose_lyrics", {"prompt": brief}),
        ("compose_instrumental", {"prompt": brief}),
        ("compose_workflow_template", {"brief": brief, "name": "Odd"}),
        (
            "compose_workflow_template",
            {"brief": brief, "name": "Odd", "existing_template": documented()},
        ),
    ):
        yield "POST", EXECUTE, {"json": {"tool": tool, "arguments": arguments}}
    yield "POST", "/v1/replay/records", {"json": {"run_id": "odd", "rounds": [{"text": text}]}}
    yield "GET", "/v1/replay/records", {}
    args = {"prompt": text, "negativePrompt": text}
    stage = {"id": "a", "type": "fixed", "tool": "generate_image", "args": args}
    yield "POST", TEMPLATES, {"json": {**documented(), "stages": [stage], "description": text}}
    yield "GET", TEMPLATES, {"params": {"q": long(odd, 500), "visibility": "all"}}
    yield "GET", "/", {"params": {"q": long(odd, 500)}}


class Person(threading.Thread):
    """Sends one odd text to all routes. answers: the codes they gave."""

    def __init__(self, site: Site, key: str, odd: str) -> None:
        super().__init__(daemon=True)
        self.site, self.key, self.odd = site, key, odd
        self.answers: list[tuple[str, int]] = []

    def run(self) -> None:
        with self.site.client(self.key) as client:
            for method, path, more in requests_of(self.odd):
                answer = client.request(method, path, **more)
                self.answers.append((path, answer.status_code))
            self.answers += list(self.look_at_chats(client))

    def look_at_chats(self, client: httpx.Client) -> Iterator[tuple[str, int]]:
        """The records of the chat runs, which are made of them when they are read."""
        for record in client.get("/v1/replay/records").json()["records"]:
            path = f"/v1/replay/records/{record['runId']}"
            yield path, client.get(path).status_code


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, workers=1) as running:
        yield running


def test_health_is_told_within_a_second_while_ten_send_odd_texts(site: Site) -> None:
    people = [Person(site, site.key(f"odd-{n}"), odd) for n, odd in enumerate(ODD)]
    assert len(people) == PEOPLE
    assert site.program is not None
    pids = family(site.program.process.pid)
    with httpx.Client(base_url=site.url, timeout=60) as client:
        client.get("/healthz")
        for person in people:
            person.start()
        while any(person.is_alive() for person in people):
            with promised(1, of=pids):
                assert client.get("/healthz").status_code == 200
            people[0].join(0.02)
    for person in people:
        # Every route answered, and none broke: what was too long was refused.
        assert len(person.answers) >= 17, person.answers
        assert [one for one in person.answers if one[1] >= 500] == []
