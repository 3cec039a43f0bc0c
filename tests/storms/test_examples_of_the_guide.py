"""The programs of `docs/examples`, which the guide shows, run against the started product.

In the middle the web process is killed: what they print must have no gap and no double.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.support.clients.browser import chromium
from tests.support.node import node
from tests.support.program import ROOT, Program, pid_of
from tests.support.server import Site, finished, start
from tests.support.waiting import WAIT_S, wait_for

EXAMPLES = ROOT / "docs" / "examples"
PROGRAMS = ("follow_run.py", "follow_run.mjs")
STEPS = [
    {
        "id": f"s{place}",
        "toolName": "sleep",
        "arguments": {"seconds": 0.7},
        **({"dependsOn": [f"s{place - 1}"]} if place else {}),
    }
    for place in range(8)
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("home"), env={"PYTHONPATH": str(ROOT)}) as site:
        yield site


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.key("alice")


def command(name: str) -> list[str]:
    # Node 20 has its WebSocket behind this flag.
    by = [sys.executable] if name.endswith(".py") else [node(), "--experimental-websocket"]
    return [*by, str(EXAMPLES / name)]


def kill_web(site: Site) -> None:
    killed = site.pid("web")
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    pid_of(site.home, "web", other_than=killed)


def events_of(site: Site, key: str, run: str) -> list[int]:
    with site.client(key) as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, "the web process", 60)
        assert finished(client, run)["status"] == "completed"
        answer = client.get(f"/v1/creative-agent/workflows/{run}/events?limit=1000").json()
    return [event["sequence"] for event in answer["data"]["events"]]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_run_is_followed_without_gaps_while_the_web_process_is_killed(
    site: Site, key: str, name: str
) -> None:
    with site.client(key) as client:
        run = start(client, {"input": {"steps": STEPS}})["id"]
    with Program([*command(name), run], {"URL": site.url, "KEY": key}) as program:
        program.line_with("4 ", 60)
        kill_web(site)
        program.line_with("completed", 90)
        assert program.wait() == 0
    printed = [int(line.split()[0]) for line in program.lines if line[:1].isdigit()]
    assert printed == events_of(site, key, run)
    assert program.lines[-1] == "completed"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_may_not_follow_ends(site: Site, name: str) -> None:
    with Program([*command(name), "wf_run_unknown"], {"URL": site.url, "KEY": "x"}) as program:
        assert program.wait(60) != 0
    assert "4401" in program.text()


def test_a_program_edits_a_template_beside_others(site: Site, key: str) -> None:
    # No one has opened it: it is as a program has just made it.
    with site.client(key) as client:
        body = {"name": "Sky", "stages": []}
        made = client.post("/v1/creative-agent/workflows/templates", json=body).json()
    template = made["data"]["template"]["id"]
    words = [*command("edit_template.py"), template, "A new name"]
    with Program(words, {"URL": site.url, "KEY": key}) as program:
        assert program.wait(60) == 0, program.text()
    assert program.lines[0] == "open: alice"
    assert program.lines[-1] == "1 alice API update"
    with site.client(key) as client:
        answer = client.get(f"/v1/creative-agent/workflows/templates/{template}").json()
    assert answer["data"]["template"]["name"] == "A new name"


class Elsewhere(BaseHTTPRequestHandler):
    """Someone's own website: a page that follows a run, and what fetches tickets for it."""

    reelgraph: str
    key: str

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == "/ticket":
            request = urllib.request.Request(
                f"{self.reelgraph}/v1/realtime/tickets",
                data=json.dumps({"run": path.query}).encode(),
                headers={"api-key": self.key, "Content-Type": "application/json"},
            )
            try:
                with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                    self._answer(json.load(answer)["data"]["ticket"], "text/plain")
            except OSError:
                self.send_error(502)
        else:
            script = (EXAMPLES / "follow_run.js").read_text()
            self._answer(f"<!doctype html><script>{script}</script>", "text/html")

    def _answer(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(site: Site, key: str) -> Iterator[str]:
    handler = type("Website", (Elsewhere,), {"reelgraph": site.url, "key": key})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


FOLLOW = """([url, run]) => {
  window.seen = []
  const ticket = async (id) => {
    const answer = await fetch('/ticket?' + id)
    if (!answer.ok) throw new Error(answer.status)
    return answer.text()
  }
  const ended = followRun(url, run, ticket, (event) => seen.push(event.sequence))
  ended.then((status) => { window.end = status })
}"""


def test_a_page_on_another_origin_follows_a_run_with_tickets(
    site: Site, key: str, elsewhere: str
) -> None:
    with site.client(key) as client:
        run = start(client, {"input": {"steps": STEPS}})["id"]
    with chromium() as browser:
        page = browser.new_page()
        page.goto(elsewhere)
        page.evaluate(FOLLOW, [site.url, run])
        page.wait_for_function("seen.length >= 4")
        kill_web(site)
        page.wait_for_function("window.end", timeout=90_000)
        assert page.evaluate("end") == "completed"
        assert page.evaluate("seen") == events_of(site, key, run)
