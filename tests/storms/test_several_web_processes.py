"""Two web processes share one listening socket: load, limits, a killed one, and the end."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import signal
import socket
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.support.clients.connections import Line, holders
from tests.support.program import pid_of
from tests.support.server import Site, start
from tests.support.waiting import family, promised, wait_for

pytestmark = pytest.mark.slow
LIMIT = 12
MIB = 1 << 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    with Site(home, workers=0, web=2, settings="tests.support.settings.rated") as running:
        yield running


@contextlib.contextmanager
def opened(site: Site, count: int) -> Iterator[list[Line]]:
    """So many connections, which have been answered once."""
    lines = [Line(site) for _ in range(count)]
    try:
        assert {line.ask("/healthz") for line in lines} == {200}
        yield lines
    finally:
        for line in lines:
            line.close()


def test_connections_are_spread_evenly(site: Site) -> None:
    with opened(site, 200) as burst:
        shares = Counter(holders(site, burst))
        assert set(shares) == set(site.webs())
        assert min(shares.values()) >= 60, shares
    with contextlib.ExitStack() as kept:
        # One after the other, as people come.
        lines = []
        for _ in range(60):
            lines += kept.enter_context(opened(site, 1))
        shares = Counter(holders(site, lines))
        assert min(shares.values()) >= 20, shares
        assert len(shares) == 2


def test_a_killed_process_costs_no_request_that_it_did_not_hold(site: Site) -> None:
    killed, other = site.pid("web-1"), site.pid("web-2")
    assert killed is not None
    assert other is not None
    with opened(site, 40) as lines:
        held = holders(site, lines)
        os.kill(killed, signal.SIGKILL)
        with ThreadPoolExecutor(8) as pool:
            fresh = list(pool.map(lambda _: Line(site).ask("/healthz"), range(200)))
        assert fresh == [200] * 200
        kept = [line for line, pid in zip(lines, held, strict=True) if pid == other]
        assert kept
        assert {line.ask("/healthz") for line in kept} == {200}
    back = pid_of(site.home, "web-1", other_than=killed)
    wait_for(lambda: holds_some(site, back), "the new process accepts connections", 60)
    assert site.pid("web-2") == other


def holds_some(site: Site, pid: int) -> bool:
    with opened(site, 10) as lines:
        return pid in holders(site, lines)


def test_requests_wait_while_no_process_lives(site: Site) -> None:
    for pid in site.webs():
        os.kill(pid, signal.SIGKILL)
    assert Line(site).ask("/healthz") == 200


@pytest.fixture(scope="module")
def waiting_run(site: Site) -> tuple[str, str]:
    """A run that waits for a worker, and a key of its owner."""
    key = site.key("alice")
    with site.client(key) as client:
        run = start(client, {"input": {"steps": [{"toolName": "noop"}]}})
    return run["id"], key


def test_open_streams_are_limited_in_sum_and_a_killed_process_frees_its_share(
    site: Site, waiting_run: tuple[str, str]
) -> None:
    run_id, key = waiting_run

    def open_stream(line: Line) -> int:
        path = f"/v1/creative-agent/workflows/{run_id}/events/stream"
        line.http.request("GET", path, headers={"api-key": key})
        return line.http.getresponse().status

    with opened_on_both(site, 2 * LIMIT) as lines:
        by_holder: dict[int, list[Line]] = {}
        for line, pid in zip(lines, holders(site, lines), strict=True):
            by_holder.setdefault(pid, []).append(line)
        # One at each process, then all the others at the same time.
        lines = [line for pair in by_holder.values() for line in pair[:1]]
        answers = [open_stream(line) for line in lines]
        rest = [line for pair in by_holder.values() for line in pair[1:]]
        with ThreadPoolExecutor(len(rest)) as pool:
            answers += pool.map(open_stream, rest)
        lines += rest
        assert Counter(answers) == {200: LIMIT, 429: LIMIT}
        streams = [line for line, status in zip(lines, answers, strict=True) if status == 200]
        shares = Counter(holders(site, streams))
        assert len(shares) == 2, shares
        killed = site.pid("web-1")
        assert killed
        freed: list[Line] = []

        def one_more() -> bool:
            line = Line(site)
            if open_stream(line) == 200:
                freed.append(line)
                return True
            line.close()
            return False

        assert site.program is not None
        with promised(15, of=family(site.program.process.pid)):
            os.kill(killed, signal.SIGKILL)
            for _ in range(shares[killed]):
                wait_for(one_more, "room for a stream")
        assert not one_more()
        for line in freed:
            line.close()


def both_run(site: Site) -> None:
    """Wait until two processes accept connections."""
    with opened_on_both(site):
        pass


@contextlib.contextmanager
def opened_on_both(site: Site, count: int = 10) -> Iterator[list[Line]]:
    """So many connections, of which each process holds some."""
    lines: list[Line] = []

    def look() -> bool:
        for line in lines:
            line.close()
        lines[:] = [Line(site) for _ in range(count)]
        assert {line.ask("/healthz") for line in lines} == {200}
        return len(set(holders(site, lines))) == 2

    try:
        wait_for(look, "both processes accept connections", 60)
        yield lines
    finally:
        for line in lines:
            line.close()


def test_rates_hold_in_sum(site: Site) -> None:
    key = site.key("bob")
    with opened_on_both(site) as lines:
        statuses = Counter(
            line.ask("/v1/creative-agent/workflows", api_key=key)
            for _ in range(4)
            for line in lines
        )
    assert statuses == {200: 20, 429: 20}


def test_sign_in_tries_hold_in_sum(site: Site) -> None:
    with opened_on_both(site) as lines:
        statuses = Counter(wrong_password(line) for line in lines)
    assert statuses[429] == 4, statuses


def wrong_password(line: Line) -> int:
    line.http.request("GET", "/sign-in")
    page = line.http.getresponse()
    page.read()
    token = page.headers["Set-Cookie"].partition("csrftoken=")[2].partition(";")[0]
    body = f"username=carol&password=wrong&csrfmiddlewaretoken={token}"
    return line.ask(
        "/sign-in",
        "POST",
        body,
        Cookie=f"csrftoken={token}",
        Content_Type="application/x-www-form-urlencoded",
    )


def upload_address(site: Site) -> str:
    with site.client(site.key("alice")) as client:
        which = {"jobId": uuid.uuid4().hex, "id": "x", "type": "referenceImage"}
        given = client.get("/v1/image/uploadUrl", params=which)
        assert given.status_code == 200, given.text
        address: str = given.json()["data"]["uploadUrl"]
    return "/uploads/" + address.partition("/uploads/")[2]


def began_upload(site: Site, size: int, line: Line | None = None) -> Line:
    """A connection that has sent the head of a body, and nothing else."""
    line = line or Line(site)
    line.http.putrequest("PUT", upload_address(site))
    line.http.putheader("Content-Type", "image/png")
    line.http.putheader("Content-Length", str(size))
    line.http.endheaders()
    return line


def noise() -> bytes:
    """A PNG that can't be compressed."""
    file = io.BytesIO()
    Image.frombytes("RGB", (700, 700), os.urandom(3 * 700 * 700)).save(file, "PNG")
    return file.getvalue()


def test_an_upload_goes_on_while_the_other_process_restarts(site: Site) -> None:
    both_run(site)
    # More than stays in memory.
    data = noise()
    assert len(data) > MIB
    line = began_upload(site, len(data))
    try:
        line.http.send(data[: MIB // 2])
        wait_for(lambda: holders(site, [line])[0], "a process takes it")
        (holder,) = holders(site, [line])
        name = next(name for name in ("web-1", "web-2") if site.pid(name) != holder)
        other = site.pid(name)
        assert other
        os.kill(other, signal.SIGKILL)
        back = pid_of(site.home, name, other_than=other)
        wait_for(lambda: holds_some(site, back), "the other process is back", 60)
        line.http.send(data[MIB // 2 :])
        answer = line.http.getresponse()
        said = json.loads(answer.read())
        assert answer.status == 200, said
    finally:
        line.close()
    folders = {path.name.rpartition("-")[0] for path in (site.home / "run" / "bodies").iterdir()}
    assert folders == {"web-1", "web-2"}
    assert len(list((site.home / "run" / "bodies").iterdir())) == 2


def test_bodies_on_their_way_are_limited_in_sum(site: Site) -> None:
    first = began_upload(site, 40 * MIB)
    try:
        for _ in range(39):
            first.http.send(bytes(MIB))
        with opened_on_both(site) as others:
            for line in others:
                began_upload(site, 40 * MIB, line)
                answer = line.http.getresponse()
                assert answer.status == 503, answer.read()
    finally:
        first.close()

    def fits_again() -> bool:
        line = began_upload(site, 40 * MIB)
        line.socket.settimeout(0.5)
        try:
            return line.socket.recv(1) == b"never"
        except TimeoutError:
            return True
        finally:
            line.close()

    wait_for(fits_again, "the room of a body that was given up")


def test_ctrl_c_stops_all(tmp_path: Path) -> None:
    with Site(tmp_path, workers=1, web=3) as site:
        assert sorted(path.stem for path in (tmp_path / "run").glob("*.pid")) == [
            "web-1",
            "web-2",
            "web-3",
            "worker-1",
        ]
        pids = [*site.webs(), *site.workers()]
        assert len(pids) == 4
        assert site.program is not None
        site.program.send(signal.SIGINT)
        assert site.program.wait() == 0
        assert not any(psutil.pid_exists(pid) for pid in pids)
        assert not list((tmp_path / "run").glob("*.pid"))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", site.port), 5)
        with pytest.raises((http.client.HTTPException, OSError)):
            Line(site).ask("/healthz")
