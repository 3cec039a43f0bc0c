"""Each channel layer against Channels' specification, and between processes."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from channels.exceptions import ChannelFull
from django.db import connection, transaction
from django.utils.module_loading import import_string

from builder.ops import channel_layer_settings
from core import channel_layers, wakeup
from core.channel_layers.base import HintLayer, Message
from core.channel_layers.local import LocalChannelLayer
from tests.support.redis_server import RedisServer
from tests.support.waiting import WAIT_S

HINT = {"type": "run.moved", "run": 1, "seq": 7}

# Publishes hints, or shows those that it receives, one on a line. It needs no apps.
OTHER_PROCESS = """
import asyncio, json, os, sys
from django.db import connection
connection.settings_dict["NAME"] = os.environ["TEST_DATABASE"]
from channels.layers import get_channel_layer
from core.channel_layers import publish

async def receive():
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("run.1", channel)
    print(channel, flush=True)
    while True:
        print(json.dumps(await layer.receive(channel)), flush=True)

if sys.argv[1] == "receive":
    asyncio.run(receive())
for number in range(int(sys.argv[2])):
    publish("run.1", {"type": "run.moved", "run": 1, "seq": number})
print(getattr(get_channel_layer(), "lost", 0), flush=True)
"""

Make = Callable[..., HintLayer]
ALL = [
    "local",
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("redis", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
def run_dir(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run folder that processes started by the test share."""
    monkeypatch.setenv("REELGRAPH_HOME", str(tmp_path))
    settings.RUN_DIR = tmp_path / "run"
    settings.RUN_DIR.mkdir()
    return settings.RUN_DIR


@pytest.fixture(params=ALL)
def layer_of(
    request: pytest.FixtureRequest,
    settings: Any,
    run_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Make:
    """Makes layers of one kind; the configured one is of this kind too, here and in children."""
    value = request.param
    if value == "postgres":
        request.getfixturevalue("transactional_db")
    elif value == "redis":
        value = request.getfixturevalue("redis").url
    monkeypatch.setenv("REELGRAPH_CHANNEL_LAYER", value)
    monkeypatch.setenv("REELGRAPH_SECRET_KEY", settings.SECRET_KEY)
    monkeypatch.setenv("TEST_DATABASE", str(connection.settings_dict["NAME"]))
    engine = settings.DATABASES["default"]["ENGINE"]
    entry = channel_layer_settings.read(value, database=engine)
    settings.CHANNEL_LAYERS = {"default": entry}

    def make(**options: Any) -> HintLayer:
        layer: HintLayer = import_string(entry["BACKEND"])(**{**entry["CONFIG"], **options})
        return layer

    return make


@asynccontextmanager
async def process(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process of the product: see OTHER_PROCESS."""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield other
    finally:
        if other.returncode is None:
            other.kill()
        await other.wait()


async def line_of(other: asyncio.subprocess.Process) -> str:
    assert other.stdout is not None
    return (await asyncio.wait_for(other.stdout.readline(), 60)).decode().strip()


async def member(layer: Any, group: str = "run.1") -> str:
    channel: str = await layer.new_channel()
    await layer.group_add(group, channel)
    return channel


async def nothing_comes(layer: Any, channel: str) -> bool:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.05)
    return True


async def _in_order(layer: HintLayer) -> None:
    channel = await layer.new_channel()
    for number in range(3):
        await layer.send(channel, {**HINT, "seq": number})
    assert [(await layer.receive(channel))["seq"] for _ in range(3)] == [0, 1, 2]


async def _copies(layer: HintLayer) -> None:
    first, second = await member(layer), await member(layer)
    await layer.group_send("run.1", HINT)
    (await layer.receive(first))["seq"] = "changed"
    assert await layer.receive(second) == HINT


async def _full(layer: HintLayer) -> None:
    channel = await member(layer)
    for number in range(5):
        await layer.group_send("run.1", {**HINT, "seq": number})
    with pytest.raises(ChannelFull):
        await layer.send(channel, HINT)
    assert [(await layer.receive(channel))["seq"] for _ in range(3)] == [0, 1, 2]
    assert await nothing_comes(layer, channel)


async def _expired(layer: HintLayer) -> None:
    layer.expiry = 0.05
    channel = await layer.new_channel()
    for _ in range(3):
        await layer.send(channel, HINT)
    await asyncio.sleep(layer.expiry * 2)
    layer.expiry = WAIT_S
    # Expired messages do not fill a channel either.
    await layer.send(channel, {**HINT, "seq": "new"})
    assert (await layer.receive(channel))["seq"] == "new"


async def _cancelled(layer: HintLayer) -> None:
    channel = await layer.new_channel()
    first = asyncio.create_task(layer.receive(channel))
    second = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    await layer.send(channel, HINT)
    first.cancel()
    assert await asyncio.wait_for(second, WAIT_S) == HINT
    third = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    await layer.send(channel, HINT)
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    assert await asyncio.wait_for(layer.receive(channel), WAIT_S) == HINT


async def _left(layer: HintLayer) -> None:
    channel, other = await member(layer), await member(layer, "run.2")
    await layer.group_discard("run.1", channel)
    await layer.group_discard("run.1", other)
    await layer.group_send("run.1", HINT)
    assert await nothing_comes(layer, channel)
    await layer.group_send("run.2", HINT)
    assert await layer.receive(other) == HINT


async def _flushed(layer: HintLayer) -> None:
    channel = await member(layer)
    await layer.send(channel, HINT)
    await layer.flush()
    await layer.group_send("run.1", HINT)
    assert await nothing_comes(layer, channel)
    await layer.send(channel, HINT)
    assert await layer.receive(channel) == HINT


async def _names(layer: HintLayer) -> None:
    for name in ("no spaces", "a" * 101, "", 7):
        with pytest.raises(TypeError):
            await layer.group_send(name, HINT)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await layer.send(name, HINT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a channel"):
        await layer.group_add("run.1", "specific.1-00000000!0")


async def _messages(layer: HintLayer) -> None:
    for message in ("text", {**HINT, "bytes": b"1"}, {"__asgi_channel__": "x"}):
        with pytest.raises(TypeError):
            await layer.group_send("run.1", message)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="are possible"):
        await layer.group_send("run.1", {**HINT, "text": "x" * 20_000})


async def _shared(layer: HintLayer) -> None:
    waiting = asyncio.create_task(layer.receive("jobs"))
    await asyncio.sleep(0)
    await layer.send("jobs", HINT)
    assert await asyncio.wait_for(waiting, WAIT_S) == HINT


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(_in_order, id="messages of a channel come in order"),
        pytest.param(_copies, id="each member gets a copy"),
        pytest.param(_full, id="send raises when full, group_send drops the newest"),
        pytest.param(_expired, id="what has expired is not received"),
        pytest.param(_cancelled, id="a cancelled receive loses nothing"),
        pytest.param(_left, id="who left a group gets no more of it"),
        pytest.param(_flushed, id="flush drops messages and memberships, channels stay"),
        pytest.param(_names, id="names are checked"),
        pytest.param(_messages, id="messages are checked"),
        pytest.param(_shared, id="a channel with a name of its own"),
    ],
)
def test_the_specification(case: Callable[[HintLayer], Awaitable[None]], layer_of: Make) -> None:
    async def run() -> None:
        layer = layer_of(capacity=3)
        try:
            await case(layer)
        finally:
            await layer.close()

    asyncio.run(run())


def test_the_first_of_a_large_group_go_on_before_the_last_is_woken(layer_of: Make) -> None:
    async def run() -> None:
        layer = layer_of()
        channels = [await member(layer) for _ in range(1000)]
        readers = [asyncio.create_task(layer.receive(channel)) for channel in channels]
        # From before it is sent: a busy machine may wake all before `group_send` goes on.
        first = asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
        first_woken = asyncio.create_task(first)
        await asyncio.sleep(0)
        await layer.group_send("run.1", HINT)
        done, waiting = await first_woken
        assert done
        assert waiting
        async with asyncio.timeout(WAIT_S):
            assert await asyncio.gather(*readers) == [HINT] * 1000
        await layer.close()

    asyncio.run(run())


def test_two_processes_hear_each_other(layer_of: Make) -> None:
    async def run() -> None:
        layer = layer_of()
        mine = await member(layer)
        async with process("receive") as other:
            theirs = await line_of(other)
            await layer.group_send("run.1", HINT)
            assert json.loads(await line_of(other)) == HINT
            assert await layer.receive(mine) == HINT
            await layer.send(theirs, {**HINT, "seq": 8})
            assert json.loads(await line_of(other)) == {**HINT, "seq": 8}
            await asyncio.to_thread(channel_layers.publish, "run.1", {**HINT, "seq": 9})
            assert json.loads(await line_of(other)) == {**HINT, "seq": 9}
            async with asyncio.timeout(WAIT_S):
                assert await layer.receive(mine) == {**HINT, "seq": 9}
            other.kill()
            await other.wait()
        await layer.group_send("run.1", HINT)
        async with asyncio.timeout(WAIT_S):
            assert await layer.receive(mine) == HINT
        await layer.close()

    asyncio.run(run())


def test_a_burst_of_another_process_loses_no_more_than_it_counts(layer_of: Make) -> None:
    # On a busy machine this process may get no turn for 10 ms: then a message is lost, and counted.
    async def run() -> None:
        layer = layer_of()
        channel = await member(layer)
        numbers: list[int] = []

        async def read() -> None:
            while True:
                numbers.append((await layer.receive(channel))["seq"])

        async with process("publish", "500") as other:
            reading = asyncio.create_task(read())
            lost = int(await line_of(other))
            # What was sent and not read yet: 500 - lost in all, and then none for a while.
            async with asyncio.timeout(WAIT_S):
                while len(numbers) < 500 - lost:
                    await asyncio.sleep(0.02)
            with suppress(TimeoutError):
                await asyncio.wait_for(reading, 0.2)
        assert numbers == sorted(set(numbers))
        assert len(numbers) == 500 - lost
        await layer.close()

    asyncio.run(run())


def test_two_event_loops_of_one_process_receive_the_same(layer_of: Make) -> None:
    layer = layer_of()

    def other_loop(member_is_here: threading.Event) -> Message:
        async def run() -> Message:
            channel = await member(layer)
            member_is_here.set()
            received = await asyncio.wait_for(layer.receive(channel), WAIT_S)
            await layer.close()
            return received

        return asyncio.run(run())

    async def run() -> None:
        channel = await member(layer)
        member_is_here = threading.Event()
        other = asyncio.create_task(asyncio.to_thread(other_loop, member_is_here))
        await asyncio.to_thread(member_is_here.wait, WAIT_S)
        await layer.group_send("run.1", HINT)
        assert await other == HINT
        assert await asyncio.wait_for(layer.receive(channel), WAIT_S) == HINT
        await layer.close()

    asyncio.run(run())


def test_one_layer_serves_an_event_loop_after_another(layer_of: Make) -> None:
    layer = layer_of()

    async def run(*, close: bool = True) -> None:
        channel = await member(layer)
        await asyncio.to_thread(layer.publish, "run.1", HINT)
        assert await asyncio.wait_for(layer.receive(channel), WAIT_S) == HINT
        if close:
            await layer.close()

    asyncio.run(run())
    asyncio.run(run(close=False))
    asyncio.run(run())
    assert wakeup.subscribers("layer") == []


def test_a_channel_ends_with_its_name(run_dir: Path) -> None:
    async def run() -> None:
        layer = LocalChannelLayer()
        channel, other = await member(layer), await member(layer)
        assert len(wakeup.subscribers("layer")) == 1
        del channel
        gc.collect()
        await asyncio.sleep(0)
        await layer.group_send("run.1", HINT)
        assert await layer.receive(other) == HINT
        del other
        gc.collect()
        await asyncio.sleep(0)
        # No member is left: the process subscribes to nothing.
        assert wakeup.subscribers("layer") == []

    asyncio.run(run())


def test_the_socket_of_a_killed_process_is_deleted_by_the_next_sender(run_dir: Path) -> None:
    killed = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    killed.bind(str(run_dir / "layer-1-00000000.sock"))
    killed.close()
    LocalChannelLayer().publish("run.1", HINT)
    assert wakeup.subscribers("layer") == []


@pytest.mark.parametrize("layer_of", ALL[1:2], indirect=True)
def test_a_hint_in_a_transaction_leaves_after_the_commit(layer_of: Make) -> None:
    def change(layer: HintLayer) -> None:
        with transaction.atomic():
            layer.publish("run.1", {**HINT, "seq": "second"})
            asyncio.run(layer.group_send("run.1", {**HINT, "seq": "first"}))

    async def run() -> None:
        layer = layer_of()
        channel = await member(layer)
        await asyncio.to_thread(change, layer)
        async with asyncio.timeout(WAIT_S):
            assert [(await layer.receive(channel))["seq"] for _ in range(2)] == ["first", "second"]
        await layer.close()

    asyncio.run(run())


def test_publish_never_raises(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel_layers.publish("no spaces", HINT)
    channel_layers.publish("run.1", {**HINT, "text": "x" * 20_000})
    assert len([one for one in caplog.records if "the channel layer failed" in one.message]) <= 1
    settings.RUN_DIR = tmp_path / "gone"
    channel_layers.publish("run.1", HINT)
    settings.CHANNEL_LAYERS = {}
    channel_layers.publish("run.1", HINT)
    # A layer of another make.
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    channel_layers.publish("run.1", HINT)
