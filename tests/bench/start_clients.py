"""Starts runs over several keep-alive connections from one process:
`python -m tests.bench.start_clients URL KEY CONNECTIONS SECONDS`.

Each connection sends its next start as soon as it has read the answer to its last one. Prints one
JSON object: `starts` that were answered, `took_s` from the first request to the last answer,
`latencies_ms` (p50, p95, max), `opened` connections, and `cpu_s`, this process's own CPU time. Raw
HTTP/1.1 in one epoll loop: what a client does is taken from the server on the same machine.

Raises RuntimeError with the answer's beginning when a start is refused.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from urllib.parse import urlsplit

from tests.bench.figures import percentile
from tests.bench.starting import ONE_NOOP
from tests.bench.wire import RUNS, take_answer

CHUNK = 256 * 1024


class Client:
    """One connection that starts a run again and again."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self._address, self._request = address, request
        self.opened = 0
        self.socket = self._open()
        self.began = 0.0
        self._answer = bytearray()

    def _open(self) -> socket.socket:
        self.opened += 1
        return socket.create_connection(self._address)

    def send(self) -> None:
        self._answer.clear()
        self.began = time.perf_counter()
        self.socket.sendall(self._request)

    def open_again(self) -> None:
        self.socket.close()
        self.socket = self._open()

    def read(self) -> bytes | None:
        """The whole answer's head once the body is there, too; empty when the server hung up."""
        data = self.socket.recv(CHUNK)
        if not data:
            return b""
        self._answer += data
        answer = take_answer(self._answer)
        return answer[0] if answer else None


def main(url: str, key: str, connections: int, seconds: float) -> None:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    body = json.dumps(ONE_NOOP).encode()
    request = (
        f"POST {RUNS} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    clients = [Client((parts.hostname, parts.port), request) for _ in range(connections)]
    by_number = {one.socket.fileno(): one for one in clients}
    epoll = select.epoll()
    for number in by_number:
        epoll.register(number, select.EPOLLIN)
    cpu_s = time.process_time()
    began = ended = time.perf_counter()
    for one in clients:
        one.send()
    latencies: list[float] = []
    while by_number:
        for number, _ in epoll.poll():
            one = by_number[number]
            head = one.read()
            if head is None:
                continue
            ended = time.perf_counter()
            if head:
                if not head.startswith(b"HTTP/1.1 20"):
                    raise RuntimeError(f"a start was refused: {head.splitlines()[0].decode()}")
                latencies.append(1000 * (ended - one.began))
            is_closing = not head or b"connection: close" in head.lower()
            if is_closing or ended - began > seconds:
                epoll.unregister(number)
                del by_number[number]
                if ended - began > seconds:
                    continue
                one.open_again()
                by_number[one.socket.fileno()] = one
                epoll.register(one.socket, select.EPOLLIN)
            one.send()
    found = {
        "starts": len(latencies),
        "took_s": ended - began,
        "latencies_ms": {
            "p50": percentile(latencies, 0.5),
            "p95": percentile(latencies, 0.95),
            "max": max(latencies),
        },
        "opened": sum(one.opened for one in clients),
        "cpu_s": time.process_time() - cpu_s,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
