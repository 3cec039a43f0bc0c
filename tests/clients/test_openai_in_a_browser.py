"""OpenAI's own JavaScript client, unchanged but for its base URL and key, in a page of another
website."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.support.clients.browser import Visit, chromium
from tests.support.node import npm_packages
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PACKAGE = "openai@7.59.0"
PAGE = """<!doctype html><title>Elsewhere</title>
<script type="module">
  import OpenAI from '/node_modules/openai/index.mjs'
  const { server, key } = Object.fromEntries(new URLSearchParams(location.search))
  const client = new OpenAI({
    apiKey: key,
    baseURL: `${server}/v1`,
    organization: 'org',
    project: 'project',
    dangerouslyAllowBrowser: true,
  })
  const body = { model: 'reelgraph-rules', messages: [{ role: 'user', content: 'Hello' }] }
  window.answers = (async () => {
    const models = []
    for await (const model of client.models.list()) models.push(model.id)
    const whole = await client.chat.completions.create(body)
    const parts = []
    const headers = { 'Idempotency-Key': 'once', 'OpenAI-Beta': 'any=v1' }
    const stream = await client.chat.completions.create({ ...body, stream: true }, { headers })
    for await (const part of stream) parts.push(part.choices[0]?.delta?.content ?? '')
    return { models, whole: whole.choices[0].message.content, streamed: parts.join('') }
  })()
</script>"""


class Elsewhere(SimpleHTTPRequestHandler):
    extensions_map: ClassVar[dict[str, str]] = {".mjs": "text/javascript", ".html": "text/html"}

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another website: a page, and the client as npm has it."""
    folder: Path = npm_packages(tmp_path_factory.mktemp("npm"), PACKAGE)
    (folder / "page.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Elsewhere, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_models_chat_and_stream_from_a_page_of_another_origin(site: Site, elsewhere: str) -> None:
    key = site.key("alice")
    with chromium() as browser, Visit(browser, elsewhere) as page:
        page.goto(f"/page.html?server={site.url}&key={key}")
        answers = json.loads(page.evaluate("answers.then(JSON.stringify)"))
    assert "reelgraph-rules" in answers["models"]
    assert "No language model is configured" in answers["whole"]
    assert "No language model is configured" in answers["streamed"]
