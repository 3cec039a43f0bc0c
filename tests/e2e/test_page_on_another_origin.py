"""A page of another website follows a run in real Chromium: by a ticket, or by its key.

The other website is an HTTP server on another port. Cookies ignore ports, so its page brings the
cookies of someone who is signed in here: that alone opens nothing.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.clients.browser import Visit
from tests.support.server import SHARED, Site, finished, start
from tests.support.waiting import wait_for

SITE_OPTIONS = SHARED

pytestmark = pytest.mark.browser
TICKETS = "/v1/realtime/tickets"
PAGE = """<!doctype html><title>Elsewhere</title><ol></ol><output></output>
<script type="module">
  const asked = new URLSearchParams(location.search)
  const { server, run, by, key } = Object.fromEntries(asked)
  const address = `${server.replace('http', 'ws')}/ws/runs/${run}`
  const post = { method: 'POST', body: JSON.stringify({ run }) }
  async function open() {
    if (by === 'cookies') return new WebSocket(address)
    if (by === 'bearer') return new WebSocket(address, ['bearer', key])
    const answer = by === 'backend'
      ? await fetch(`/ticket?run=${run}`)
      : await fetch(`${server}/v1/realtime/tickets`, {
          ...post,
          headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        })
    const { data } = await answer.json()
    return new WebSocket(`${address}?ticket=${data.ticket}`)
  }
  const socket = await open()
  const shown = document.querySelector('output')
  socket.onopen = () => { shown.dataset.protocol = socket.protocol }
  socket.onmessage = ({ data }) => {
    const { id, event } = JSON.parse(data)
    if (event === 'ping') return
    const item = document.createElement('li')
    item.textContent = event
    item.dataset.message = data
    document.querySelector('ol').append(item)
  }
  socket.onclose = ({ code }) => { shown.textContent = code }
</script>"""


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.key("owner")


@pytest.fixture(scope="module")
def elsewhere(site: Site, key: str) -> Iterator[str]:
    """The other website: one page, and a backend that holds a key and creates tickets for it."""

    class Website(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            kind, body = "text/html", PAGE.encode()
            if asked.path == "/ticket":
                with site.client(key) as backend:
                    run = parse_qs(asked.query)["run"][0]
                    kind, body = (
                        "application/json",
                        backend.post(TICKETS, json={"run": run}).content,
                    )
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def resting(rest: httpx.Client, go: Path) -> str:
    """A run that has made something and rests until the file is there."""
    steps = [
        {"id": "one", "toolName": "note", "arguments": {"text": "x"}},
        {
            "id": "two",
            "toolName": "sleep",
            "arguments": {"seconds": 60, "until": str(go)},
            "dependsOn": ["one"],
        },
    ]
    return str(start(rest, {"input": {"title": "Followed", "steps": steps}})["id"])


def log_of(rest: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    answer = rest.get(f"/v1/creative-agent/workflows/{run_id}/events?limit=1000")
    return list(answer.json()["data"]["events"])


def seen(page: Page) -> list[dict[str, Any]]:
    """The messages that the page has shown so far."""
    shown = page.locator("li").evaluate_all("all => all.map(one => one.dataset.message)")
    return [json.loads(one) for one in shown]


def open_page(page: Page, elsewhere: str, site: Site, **asked: str) -> None:
    page.goto(str(httpx.URL(elsewhere, params={"server": site.url, **asked})))


def test_it_shows_each_event_live_to_the_end(
    site: Site,
    browser: Browser,
    rest: httpx.Client,
    key: str,
    elsewhere: str,
    tmp_path: Path,
) -> None:
    """Its backend creates the ticket, it does so itself, or it brings the key as a subprotocol."""
    with Visit(browser, elsewhere) as page:
        for by in ("backend", "fetch", "bearer"):
            brings = {} if by == "backend" else {"key": key}
            go = tmp_path / by
            run_id = resting(rest, go)
            open_page(page, elsewhere, site, run=run_id, by=by, **brings)
            follows(page, rest, run_id, go, protocol="bearer" if by == "bearer" else "")
        # A credential that holds no more closes with a code that the page sees.
        open_page(page, elsewhere, site, run=run_id, by="bearer", key="nonsense")
        expect(page.locator("output")).to_have_text("4401")


def follows(page: Page, rest: httpx.Client, run_id: str, go: Path, protocol: str) -> None:
    """Check that the page shows what happened, and what happens until the run ends."""
    wait_for(lambda: len(seen(page)) >= 4, "the replay")
    expect(page.locator("output")).to_have_text("")
    expect(page.locator("output")).to_have_attribute("data-protocol", protocol)
    replayed = [one["data"] for one in seen(page)]
    so_far = len(replayed)
    assert replayed == log_of(rest, run_id)[:so_far]
    go.touch()
    expect(page.locator("output")).to_have_text("1000")
    *events, last = seen(page)
    assert len(events) > so_far
    assert [one["data"] for one in events] == log_of(rest, run_id)
    assert (last["event"], last["data"]["status"]) == ("workflow_status", "completed")
    assert finished(rest, run_id)["status"] == "completed"


def test_with_cookies_alone_it_is_refused_and_our_own_page_is_not(
    visit: Callable[..., Visit], site: Site, rest: httpx.Client, elsewhere: str
) -> None:
    run = {"input": {"title": "Mine", "steps": [{"toolName": "noop"}]}}
    run_id = str(start(rest, run)["id"])
    with visit(expected=("WebSocket connection to",)) as page:
        open_page(page, elsewhere, site, run=run_id, by="cookies")
        # It was never opened, and the page is told nothing of why.
        expect(page.locator("output")).to_have_text("1006")
        assert page.locator("output").get_attribute("data-protocol") is None
        assert seen(page) == []
        page.goto("/")
        code = page.evaluate(
            """address => new Promise(resolve => {
                 new WebSocket(address).onclose = ({ code }) => resolve(code)
               })""",
            f"{site.url.replace('http', 'ws')}/ws/runs/{run_id}",
        )
        assert code == 1000
