"""What benches read from sockets."""

from __future__ import annotations

import json

import pytest

from tests.bench.listeners import event_of, sse_messages, take_frames, ws_messages

LONG = b"x" * 300
HEAD = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
FRAMES = b"\x81\x02hi" + b"\x81\x7e\x01\x2c" + LONG + b"\x88\x02\x03\xe8"


def test_takes_whole_frames_and_leaves_the_rest() -> None:
    buffer = bytearray(FRAMES + b"\x81\x05hal")
    assert take_frames(buffer) == [(1, b"hi"), (1, LONG), (8, b"\x03\xe8")]
    assert buffer == b"\x81\x05hal"
    buffer += b"lo"
    assert take_frames(buffer) == [(1, b"hallo")]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_reads_the_same_messages_however_they_are_cut(size: int) -> None:
    sent = HEAD + FRAMES
    chunks = [(0.0, sent[start : start + size]) for start in range(0, len(sent), size)]
    assert [text for _, text in ws_messages(chunks)] == [b"hi", LONG]
    sent = b'HTTP/1.1 200 OK\r\n\r\n: keep-alive\nid: 1\nevent: x\ndata: {"a":1}\n\n'
    chunks = [(0.0, sent[start : start + size]) for start in range(0, len(sent), size)]
    assert [text for _, text in sse_messages(chunks)] == [b'{"a":1}']


def test_a_message_came_with_its_last_byte() -> None:
    chunks = [(1.0, HEAD + b"\x81\x05ha"), (2.0, b"llo")]
    assert list(ws_messages(chunks)) == [(2.0, b"hallo")]


@pytest.mark.parametrize("kind", ["sse", "ws"])
def test_counts_live_events_and_knows_the_end(kind: str) -> None:
    event = {"sequence": 3, "createdAt": "2026-11-21T10:00:00.000Z", "data": {"attempt": 1}}
    replayed, end = {**event, "sequence": 2}, {"workflowId": "wf_1", "status": "completed"}
    sent = [one if kind == "sse" else {"data": one} for one in (event, replayed, end)]
    assert [event_of(json.dumps(one).encode()) for one in sent] == [
        (1795255200.0, False),
        (None, False),
        (None, True),
    ]
