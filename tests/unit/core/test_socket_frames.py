"""Messages to a WebSocket's client, as bytes on the wire."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from core.socket_guard import BINARY, TEXT, frame_head


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_of_any_size_is_one_whole_frame(size: int, opcode: int) -> None:
    reader = StreamReader()
    reader.feed_data(frame_head(opcode, size) + b"x" * size)
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    frame: Frame = parsed.value.value
    assert (frame.opcode, frame.fin, len(frame.data)) == (Opcode(opcode), True, size)
    assert [frame.rsv1, frame.rsv2, frame.rsv3] == [False] * 3
