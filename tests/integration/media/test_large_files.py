"""Files larger than memory, through the real web server."""

import hashlib
import json
import re
import secrets
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from django.conf import settings
from django.test import override_settings

from media.blobs import path_of
from media.signing import signed_path
from tests.support.program import Program
from tests.support.waiting import WAIT_S, promised, wait_for

SIZE = 600_000_000
# Beyond what the server has before the first file is asked for.
RSS_GROWTH_LIMIT = 25_000_000


@dataclass
class Served:
    """A running media server. path: the signed address of its file. rss: its bytes at its start."""

    origin: str
    pid: int
    path: str
    rss: int = field(default=0, init=False)

    def __post_init__(self):
        self.rss = self.peak_rss()

    def rss_growth(self):
        return self.peak_rss() - self.rss

    def peak_rss(self):
        """The most memory it ever had, where the system keeps count; else what it has now."""
        status = Path(f"/proc/{self.pid}/status")
        if status.exists():
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
        return psutil.Process(self.pid).memory_info().rss


@pytest.fixture(scope="module")
def media_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def served(media_dir):
    """One server for the module, over a sparse file of SIZE."""
    with override_settings(MEDIA_DIR=media_dir):
        sparse = place([(0, b"start"), (SIZE - 3, b"end")])
    given = media_dir / "files.json"
    blobs = {"art_sparse": {"sha256": sparse.name, "size": SIZE, "mime": "video/mp4"}}
    key = settings.SECRET_KEY
    given.write_text(json.dumps({"dir": str(media_dir), "secret_key": key, "blobs": blobs}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "core.server", "-b", "127.0.0.1", "-p", str(port)]
    command.append("tests.support.fakes.media_server:application")
    with Program(command, {"MEDIA_FILES": str(given)}) as program:
        program.line_with("Listening on TCP address")
        path = signed_path("art_sparse", "film.mp4")
        yield Served(f"http://127.0.0.1:{port}", program.process.pid, path)


def place(parts):
    """A sparse file at the place of a blob; its hash is not that of its bytes."""
    path = path_of(hashlib.sha256(secrets.token_bytes(8)).hexdigest())
    path.parent.mkdir(parents=True)
    with open(path, "wb") as file:
        for offset, data in parts:
            file.seek(offset)
            file.write(data)
    return path


@pytest.mark.slow
def test_a_large_file_passes_through_without_staying_in_memory(served):
    received, url = 0, served.origin + served.path
    with httpx.stream("GET", url, timeout=WAIT_S) as answer:
        assert answer.headers["content-length"] == str(SIZE)
        for chunk in answer.iter_raw():
            received += len(chunk)
    assert received == SIZE
    assert served.rss_growth() < RSS_GROWTH_LIMIT


def test_the_end_of_a_large_file_comes_at_once(served):
    url, last = served.origin + served.path, {"Range": "bytes=-3"}
    with promised(2, of=[served.pid]):
        answer = httpx.get(url, headers=last, timeout=WAIT_S)
    assert (answer.status_code, answer.content) == (206, b"end")
    assert answer.headers["content-range"] == f"bytes {SIZE - 3}-{SIZE - 1}/{SIZE}"


@pytest.mark.slow
def test_readers_that_stop_reading_are_waited_for(served):
    def sent():
        return int(httpx.get(served.origin + "/sent", timeout=WAIT_S).text)

    before = sent()
    host = served.origin.removeprefix("http://")
    request = f"GET {served.path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    readers = []
    counts = []

    def settled():
        counts.append(sent())
        return len(counts) > 25 and len(set(counts[-25:])) == 1

    try:
        for _ in range(5):
            reader = socket.create_connection(host.split(":"), timeout=WAIT_S)
            # A reader with small buffers that looks at the first bytes and then at nothing more.
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            reader.sendall(request)
            assert reader.recv(12) == b"HTTP/1.1 200"
            readers.append(reader)
        wait_for(settled, "an end to what is sent to no one")
        # What the kernel and one write buffer hold, of 3 GB asked for.
        assert sent() - before < 5 * 16_000_000
        assert served.rss_growth() < RSS_GROWTH_LIMIT
    finally:
        for reader in readers:
            reader.close()
    wait_for(
        lambda: not [f for f in psutil.Process(served.pid).open_files() if "/blobs/" in f.path],
        "the files to be closed once the readers are gone",
    )


def test_an_answer_that_fails_half_way_is_broken_off_and_harms_no_other(served):
    for _ in range(2):
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            httpx.get(served.origin + "/break", timeout=WAIT_S)
        # Told by the server's next look at its applications, a second later at most.
        assert httpx.get(served.origin + "/fail", timeout=WAIT_S).status_code == 500
