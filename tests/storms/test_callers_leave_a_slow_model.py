"""Someone who closes the page while a model thinks ends its work, and the server goes on."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.fakes.compose_model_server import KEY, MODEL, ComposeModelServer
from tests.support.fakes.openai_server import Reply
from tests.support.server import Site
from tests.support.waiting import WAIT_S, family, promised, wait_for

pytestmark = pytest.mark.slow


def test_a_closed_connection_ends_the_request_to_the_model(tmp_path: Path) -> None:
    held = threading.Event()
    with ComposeModelServer(lambda asked: Reply(hold=held)) as model:
        env = {
            "REELGRAPH_COMPOSE_URL": model.url,
            "REELGRAPH_COMPOSE_KEY": KEY,
            "REELGRAPH_COMPOSE_MODEL": MODEL,
        }
        with Site(tmp_path, workers=0, env=env) as site:
            key = site.key("alice")
            arguments = {"brief": "A candle shop", "name": "Candles"}
            body = json.dumps({"tool": "compose_workflow_template", "arguments": arguments})
            head = (
                "POST /v1/creative-agent/tools/execute HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            address = urlsplit(site.url)
            with socket.create_connection((address.hostname, address.port)) as client:
                client.sendall((head + body).encode())
                wait_for(lambda: model.chats, "the model is asked")
            assert site.program is not None
            with promised(5, of=family(site.program.process.pid)):
                assert model.left.wait(WAIT_S)
            assert len(model.chats) == 1
        held.set()
