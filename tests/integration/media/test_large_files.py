"""Files larger than memory, through the real web server."""

import hashlib
import json
import re
import secrets
import socket
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

import av
import httpx
import numpy as np
import psutil
import pytest
from django.conf import settings
from django.test import override_settings

from media.blobs import path_of
from media.signing import signed_path
from tests.support.clients.browser import chromium
from tests.support.program import Program
from tests.support.waiting import WAIT_S, promised, wait_for

SIZE = 600_000_000
# Beyond what the server has before the first file is asked for.
RSS_GROWTH_LIMIT = 25_000_000
SECONDS = 60


@dataclass
class Served:
    """A running media server. paths: signed addresses by id. rss: bytes of it at its start."""

    origin: str
    pid: int
    paths: dict[str, str]
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
    """One server for the module, over a sparse file and a real film, both of SIZE and more."""
    with override_settings(MEDIA_DIR=media_dir):
        sparse = place(b"sparse", [(0, b"start"), (SIZE - 3, b"end")])
        film = place(b"film", padded_film(media_dir / "film.mp4"))
    given = media_dir / "files.json"
    blobs = {
        "art_sparse": {"sha256": sparse.name, "size": SIZE, "mime": "video/mp4"},
        "art_film": {"sha256": film.name, "size": film.stat().st_size, "mime": "video/mp4"},
    }
    key = settings.SECRET_KEY
    given.write_text(json.dumps({"dir": str(media_dir), "secret_key": key, "blobs": blobs}))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "core.server", "-b", "127.0.0.1", "-p", str(port)]
    command.append("tests.support.fakes.media_server:application")
    with Program(command, {"MEDIA_FILES": str(given)}) as program:
        program.line_with("Listening on TCP address")
        paths = {public_id: signed_path(public_id, "film.mp4") for public_id in blobs}
        yield Served(f"http://127.0.0.1:{port}", program.process.pid, paths)


def place(name, parts):
    """A sparse file at the place of a blob; its hash is not that of its bytes."""
    path = path_of(hashlib.sha256(name + secrets.token_bytes(8)).hexdigest())
    path.parent.mkdir(parents=True)
    with open(path, "wb") as file:
        for offset, data in parts:
            file.seek(offset)
            file.write(data)
    return path


def padded_film(path):
    """A film whose second half lies 600 MB behind its first, as (offset, bytes) parts.

    The index comes first; a `free` box fills the gap. Anyone who shows the end must ask for it.
    """
    data = film(path)
    boxes = {kind: (start, size) for kind, start, size in boxes_of(data, 0, len(data))}
    start, size = boxes[b"mdat"]
    head = bytearray(data[:start])
    table = head.index(b"stco") + 8
    count = struct.unpack(">I", head[table : table + 4])[0]
    offsets = list(struct.unpack(f">{count}I", head[table + 4 : table + 4 + 4 * count]))
    split = next(offset for offset in offsets if offset > start + size // 2)
    # The second half gets a box header of its own behind the gap.
    shift = SIZE + 8
    moved = [offset + shift if offset >= split else offset for offset in offsets]
    head[table + 4 : table + 4 + 4 * count] = struct.pack(f">{count}I", *moved)
    first, second = data[start + 8 : split], data[split : start + size]
    return [
        (0, bytes(head) + struct.pack(">I", len(first) + 8) + b"mdat" + first),
        (split, struct.pack(">I", SIZE) + b"free"),
        (split + SIZE, struct.pack(">I", len(second) + 8) + b"mdat" + second),
    ]


def film(path):
    """A minute of film with a picture to start at every second, index in front."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "10", "bf": "0"}
        noise = np.random.default_rng(1)
        for _ in range(SECONDS * 10):
            picture = noise.integers(0, 255, (48, 64, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def boxes_of(data, start, end):
    while start < end:
        size, kind = struct.unpack(">I4s", data[start : start + 8])
        yield kind, start, size
        start += size


@pytest.mark.slow
def test_a_large_file_passes_through_without_staying_in_memory(served):
    received, url = 0, served.origin + served.paths["art_sparse"]
    with httpx.stream("GET", url, timeout=WAIT_S) as answer:
        assert answer.headers["content-length"] == str(SIZE)
        for chunk in answer.iter_raw():
            received += len(chunk)
    assert received == SIZE
    assert served.rss_growth() < RSS_GROWTH_LIMIT


def test_the_end_of_a_large_file_comes_at_once(served):
    url, last = served.origin + served.paths["art_sparse"], {"Range": "bytes=-3"}
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
    request = f"GET {served.paths['art_sparse']} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
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


@pytest.mark.browser
def test_chromium_plays_the_end_of_a_large_film(served):
    answers = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("response", lambda r: answers.append((r.status, r.headers.get("content-range"))))
        page.goto(f"{served.origin}/page?{served.paths['art_film']}")
        page.wait_for_function("film.readyState >= 1")
        assert page.evaluate("film.duration") == pytest.approx(SECONDS, abs=0.2)
        page.evaluate("film.currentTime = 55")
        # Seeked, and the picture there is decoded.
        page.wait_for_function("!film.seeking && film.readyState >= 2 && !film.error")
        assert page.evaluate("film.currentTime") == pytest.approx(55, abs=0.1)
    parts = [re.match(r"bytes (\d+)-", part) for status, part in answers if status == 206]
    assert any(int(part[1]) > SIZE for part in parts), answers
    assert served.rss_growth() < RSS_GROWTH_LIMIT
