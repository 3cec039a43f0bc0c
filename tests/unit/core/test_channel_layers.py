"""The channel layer against Channels' specification, and between processes of one machine."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer

from core import channel_layers, wakeup
from core.channel_layers.local import LocalChannelLayer

HINT = {"type": "run.moved", "run": 1, "seq": 7}
SOON = 10.0

# Publishes hints, or shows those that it receives, one on a line.
OTHER_PROCESS = """
import asyncio, json, sys
import django
django.setup()
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
print("done", get_channel_layer().lost)
"""


@pytest.fixture
def run_dir(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run folder that processes started by the test share."""
    monkeypatch.setenv("REELGRAPH_HOME", str(tmp_path))
    settings.RUN_DIR = tmp_path / "run"
    settings.RUN_DIR.mkdir()
    return settings.RUN_DIR


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[LocalChannelLayer]:
    layer = LocalChannelLayer(**options)
    try:
        yield layer
    finally:
        await layer.close()


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


async def _in_order(layer: LocalChannelLayer) -> None:
    channel = await layer.new_channel()
    for number in range(3):
        await layer.send(channel, {**HINT, "seq": number})
    assert [(await layer.receive(channel))["seq"] for _ in range(3)] == [0, 1, 2]


async def _copies(layer: LocalChannelLayer) -> None:
    first, second = await member(layer), await member(layer)
    await layer.group_send("run.1", HINT)
    (await layer.receive(first))["seq"] = "changed"
    assert await layer.receive(second) == HINT


async def _full(layer: LocalChannelLayer) -> None:
    channel = await member(layer)
    for number in range(5):
        await layer.group_send("run.1", {**HINT, "seq": number})
    with pytest.raises(ChannelFull):
        await layer.send(channel, HINT)
    assert [(await layer.receive(channel))["seq"] for _ in range(3)] == [0, 1, 2]
    assert await nothing_comes(layer, channel)


async def _expired(layer: LocalChannelLayer) -> None:
    layer.expiry = 0.05
    channel = await layer.new_channel()
    for _ in range(3):
        await layer.send(channel, HINT)
    await asyncio.sleep(layer.expiry * 2)
    # Expired messages do not fill a channel either.
    await layer.send(channel, {**HINT, "seq": "new"})
    assert (await layer.receive(channel))["seq"] == "new"


async def _cancelled(layer: LocalChannelLayer) -> None:
    channel = await layer.new_channel()
    first = asyncio.create_task(layer.receive(channel))
    second = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    await layer.send(channel, HINT)
    first.cancel()
    assert await asyncio.wait_for(second, SOON) == HINT
    third = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    await layer.send(channel, HINT)
    third.cancel()
    await asyncio.gather(third, return_exceptions=True)
    assert await asyncio.wait_for(layer.receive(channel), SOON) == HINT


async def _left(layer: LocalChannelLayer) -> None:
    channel, other = await member(layer), await member(layer, "run.2")
    await layer.group_discard("run.1", channel)
    await layer.group_discard("run.1", other)
    await layer.group_send("run.1", HINT)
    assert await nothing_comes(layer, channel)
    await layer.group_send("run.2", HINT)
    assert await layer.receive(other) == HINT


async def _flushed(layer: LocalChannelLayer) -> None:
    channel = await member(layer)
    await layer.send(channel, HINT)
    await layer.flush()
    await layer.group_send("run.1", HINT)
    assert await nothing_comes(layer, channel)
    await layer.send(channel, HINT)
    assert await layer.receive(channel) == HINT


async def _names(layer: LocalChannelLayer) -> None:
    for name in ("no spaces", "a" * 101, "", 7):
        with pytest.raises(TypeError):
            await layer.group_send(name, HINT)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await layer.send(name, HINT)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not a channel"):
        await layer.group_add("run.1", "specific.1-00000000!0")


async def _messages(layer: LocalChannelLayer) -> None:
    for message in ("text", {**HINT, "bytes": b"1"}, {"__asgi_channel__": "x"}):
        with pytest.raises(TypeError):
            await layer.group_send("run.1", message)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="are possible"):
        await layer.group_send("run.1", {**HINT, "text": "x" * 20_000})


async def _shared(layer: LocalChannelLayer) -> None:
    waiting = asyncio.create_task(layer.receive("jobs"))
    await asyncio.sleep(0)
    await layer.send("jobs", HINT)
    assert await asyncio.wait_for(waiting, SOON) == HINT


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
def test_the_specification(case: Callable[[LocalChannelLayer], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(capacity=3) as layer:
            await case(layer)

    asyncio.run(run())


def test_the_first_of_a_large_group_go_on_before_the_last_is_woken() -> None:
    async def run() -> None:
        async with opened() as layer:
            channels = [await member(layer) for _ in range(1000)]
            readers = [asyncio.create_task(layer.receive(channel)) for channel in channels]
            await asyncio.sleep(0)
            await layer.group_send("run.1", HINT)
            done, waiting = await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
            assert done
            assert waiting
            async with asyncio.timeout(SOON):
                assert await asyncio.gather(*readers) == [HINT] * 1000

    asyncio.run(run())


def test_a_consumer_that_is_gone_leaves_nothing_behind(run_dir: Path) -> None:
    async def run() -> None:
        async with opened() as layer:
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


def test_one_layer_serves_an_event_loop_after_another(run_dir: Path) -> None:
    layer = LocalChannelLayer()

    async def run() -> None:
        channel = await member(layer)
        await asyncio.to_thread(layer.publish, "run.1", HINT)
        assert await asyncio.wait_for(layer.receive(channel), SOON) == HINT
        await layer.close()

    async def run_and_leave_open() -> None:
        await member(layer)

    asyncio.run(run())
    asyncio.run(run_and_leave_open())
    asyncio.run(run())
    assert wakeup.subscribers("layer") == []


def test_two_event_loops_at_once_receive_the_same(run_dir: Path) -> None:
    layer = LocalChannelLayer()

    async def run(others: asyncio.Future[None] | None = None) -> dict[str, Any]:
        channel = await member(layer)
        if others is None:
            inner = asyncio.create_task(asyncio.to_thread(asyncio.run, run(asyncio.Future())))
            while len(wakeup.subscribers("layer")) < 2:
                await asyncio.sleep(0.01)
            await layer.group_send("run.1", HINT)
            assert await asyncio.wait_for(inner, SOON) == HINT
        received = await asyncio.wait_for(layer.receive(channel), SOON)
        await layer.close()
        return received

    assert asyncio.run(run()) == HINT


def test_two_processes_hear_each_other(run_dir: Path) -> None:
    async def run() -> None:
        layer = get_channel_layer()
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
            assert await layer.receive(mine) == {**HINT, "seq": 9}
            other.kill()
            await other.wait()
        # The socket of a killed process is deleted at the next send.
        await layer.group_send("run.1", HINT)
        assert len(wakeup.subscribers("layer")) == 1
        await layer.close()

    asyncio.run(run())


def test_a_burst_of_another_process_loses_nothing_while_its_reader_reads(run_dir: Path) -> None:
    async def run() -> None:
        layer = get_channel_layer()
        channel = await member(layer)
        async with process("publish", "500") as other:
            async with asyncio.timeout(60):
                numbers = [(await layer.receive(channel))["seq"] for _ in range(500)]
            assert numbers == list(range(500))
            assert await line_of(other) == "done 0"
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
