"""What opens a line is in no log: no key and no ticket, refused or accepted."""

from __future__ import annotations

from contextlib import suppress

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.support.server import SHARED, Site, start
from tests.support.waiting import WAIT_S

SITE_OPTIONS = SHARED
TICKETS = "/v1/realtime/tickets"


def test_no_secret_of_a_handshake_is_logged(site: Site, rest: httpx.Client) -> None:
    key = site.key("owner")
    run = {"input": {"title": "Mine", "steps": [{"toolName": "noop"}]}}
    run_id = str(start(rest, run)["id"])
    address = f"{site.url.replace('http', 'ws')}/ws/runs/{run_id}"
    tickets = [
        str(rest.post(TICKETS, json={"run": run_id}).json()["data"]["ticket"]) for _ in range(4)
    ]
    handshakes: list[tuple[str, list[str]]] = [
        (f"{address}?ticket={tickets[0]}", []),
        (f"{address}?ticket={tickets[0]}", []),
        (f"{address}x?ticket={tickets[1]}", []),
        (f"{address.replace('/runs/', '/nothing/')}?ticket={tickets[2]}", []),
        (f"{address}?ticket={tickets[3]}&after=%ff", []),
        (f"{address}?api-key={key}", []),
        (f"{address}?ticket={key}", []),
        (address, ["bearer", key]),
        (address, ["bearer", f"{key}x"]),
        # Refused below our code, by the library that reads handshakes.
        (address, ["bearer", key, key]),
    ]
    for url, offered in handshakes:
        subprotocols = [Subprotocol(one) for one in offered]
        with (
            suppress(ConnectionClosed, InvalidHandshake),
            connect(url, subprotocols=subprotocols, origin=None, open_timeout=WAIT_S) as socket,
        ):
            while True:
                socket.recv(WAIT_S)
    # The last one has been served once another request has.
    rest.get("/v1/account/me")
    assert site.program is not None
    logs = [site.program.text()]
    logs += [path.read_text() for path in (site.home / "logs").rglob("*") if path.is_file()]
    written = "\n".join(logs)
    assert run_id in written
    for secret in (*tickets, key, key[-43:]):
        assert secret not in written
        assert secret[3:] not in written
