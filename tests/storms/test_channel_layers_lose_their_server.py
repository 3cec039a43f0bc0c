"""Redis and Postgres go away under the channel layer: hints stop, nothing fails, hints go on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from tests.support import postgres_server, redis_server
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.redis_server import RedisServer
from tests.support.server import Site, start, stream
from tests.support.waiting import wait_for

PROGRAM = """
import asyncio, sys, time
import django
django.setup()
from channels.layers import get_channel_layer
from core.channel_layers import publish
from core.database import drop_broken_connections
from tests.support.waiting import Late, promised

async def receive():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("run.1", channel)
    print("ready", flush=True)
    while True:
        print("received", (await layer.receive(channel))["seq"], flush=True)

if sys.argv[1] == "receive":
    asyncio.run(receive())
number = 0
while True:
    number += 1
    try:
        with promised(3):
            publish("run.1", {"type": "run.moved", "run": 1, "seq": number})
            drop_broken_connections()
    except Late as problem:
        print("slow:", problem, flush=True)
    time.sleep(0.02)
"""
LOST, BACK = "The channel layer can't reach", "The channel layer reaches"


@contextmanager
def program(home: Path, layer: str, database: str, word: str) -> Iterator[Program]:
    """A process of the product that receives hints, or sends them all the time."""
    env = {
        "DJANGO_SETTINGS_MODULE": "builder.settings",
        "DATABASE_URL": database,
        "REELGRAPH_CHANNEL_LAYER": layer,
        "REELGRAPH_HOME": str(home),
        "REELGRAPH_SECRET_KEY": "the same for both, and forty letters long",
        "PYTHONPATH": os.getcwd(),
    }
    with Program([sys.executable, "-c", PROGRAM, word], env) as started:
        yield started


def hears_more(receiver: Program) -> None:
    """Wait for a hint that was sent after this call."""
    before = len(receiver.lines)
    wait_for(
        lambda: any(line.startswith("received") for line in receiver.lines[before + 1 :]),
        "another hint",
    )


def logged(some: Program, words: str) -> int:
    return len([line for line in some.lines if words in line])


def test_redis_is_killed_and_started_again(tmp_path: Path) -> None:
    with (
        RedisServer() as server,
        program(tmp_path, server.url, "", "send") as sender,
        program(tmp_path, server.url, "", "receive") as receiver,
    ):
        hears_more(receiver)
        server.kill()
        for one in (receiver, sender):
            one.line_with(LOST)
        # A page that opens meanwhile gets its channel.
        with program(tmp_path, server.url, "", "receive") as late:
            late.line_with("ready")
            server.start()
            for one in (receiver, late):
                hears_more(one)
            for one in (receiver, sender, late):
                one.line_with(BACK)
                assert (logged(one, LOST), logged(one, BACK)) == (1, 1)
                assert redis_server.PASSWORD not in one.text()
                assert "Traceback" not in one.text()
                assert logged(one, "slow") == 0


def test_a_redis_with_another_password_is_named_without_it(tmp_path: Path) -> None:
    with RedisServer() as server:
        url = server.url.replace(redis_server.PASSWORD, "wrong-and-secret")
        with program(tmp_path, url, "", "receive") as receiver:
            receiver.line_with("ready")
            receiver.line_with(f"{LOST} Redis at 127.0.0.1:{server.port}")
            assert "wrong-and-secret" not in receiver.text()


def test_postgres_ends_the_connection_that_listens(tmp_path: Path) -> None:
    with PostgresServer() as server:
        url = f"{server.socket_url}?connect_timeout=3"
        with (
            program(tmp_path, "postgres", url, "send") as sender,
            program(tmp_path, "postgres", url, "receive") as receiver,
        ):
            hears_more(receiver)
            with psycopg.connect(server.url, autocommit=True) as asking:
                ended = asking.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'reelgraph hints'"
                ).fetchall()
            # A process that only sends listens to nothing.
            assert ended == [(True,)]
            receiver.line_with(LOST)
            receiver.line_with(BACK)
            hears_more(receiver)
            assert (logged(receiver, LOST), logged(receiver, BACK)) == (1, 1)
            assert logged(sender, LOST) == 0

            server.stop()
            wait_for(lambda: logged(receiver, LOST) == 2, "the receiver says so")
            sender.line_with(LOST)
            server.start()
            hears_more(receiver)
            for one in (receiver, sender):
                wait_for(lambda one=one: logged(one, LOST) == logged(one, BACK), "all is back")
                assert "Traceback" not in one.text()
                assert postgres_server.PASSWORD not in one.text()
            assert (logged(receiver, LOST), logged(sender, LOST)) == (2, 1)


def test_pages_follow_runs_while_redis_is_away(tmp_path: Path) -> None:
    env = {"REELGRAPH_LOG_FORMAT": "text"}
    with (
        RedisServer() as server,
        Site(tmp_path, workers=1, env={**env, "REELGRAPH_CHANNEL_LAYER": server.url}) as site,
        site.client(site.key("alice")) as client,
    ):
        types = follow(client)
        assert types[-1] == "workflow_completed"
        server.kill()
        # The second one meets a layer that is known to be away.
        assert follow(client) == follow(client) == types
        server.start()
        assert follow(client) == types
        logs = "".join(log.read_text() for log in (tmp_path / "logs").glob("*.log"))
        assert LOST in logs
        wait_for(lambda: BACK in (tmp_path / "logs" / "web.log").read_text(), "the layer is back")
        assert redis_server.PASSWORD not in logs
        assert "Traceback" not in logs


def follow(client: httpx.Client) -> list[str]:
    """Start a run of one short step, and follow its stream to the end: the events' types."""
    nap = {"id": "nap", "toolName": "sleep", "arguments": {"seconds": 1}}
    run = start(client, {"input": {"steps": [nap]}})
    shown = [data for name, data in stream(client, run["id"]) if name == "workflow_event"]
    path = f"/v1/creative-agent/workflows/{run['id']}/events"
    assert shown == client.get(path).json()["data"]["events"]
    return [event["type"] for event in shown if event["type"] != "step_progress"]


def test_a_value_that_cannot_be_used_ends_the_start_with_one_line(tmp_path: Path) -> None:
    """Which values cannot is told by tests/unit/builder/test_channel_layer_settings.py."""
    env = {
        "DJANGO_SETTINGS_MODULE": "builder.settings",
        "DATABASE_URL": "",
        "REELGRAPH_CHANNEL_LAYER": "redis://:secret-word@host:port/0",
        "REELGRAPH_HOME": str(tmp_path),
    }
    with Program([sys.executable, "manage.py", "serve"], env) as started:
        assert started.wait() != 0
    (line,) = started.lines
    assert "REELGRAPH_CHANNEL_LAYER" in line
    assert "write it like redis://user:password@host:6379/0" in line
    assert "secret-word" not in line
