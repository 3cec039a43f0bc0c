"""A job is one line of JSON in, and lines of progress and one answer out."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from mediakit.errors import Refused
from mediakit.job_protocol import TOOLS, Message, completed, perform, serve
from studio.artist.speech import espeak

SMALL = {"width": 160, "height": 90, "fps": 12, "duration_s": 0.5}


def served(*requests: Any) -> list[Message]:
    sent: list[Message] = []
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in requests]
    serve(lines, sent.append)
    return sent


def test_each_line_is_a_job_and_its_messages_have_its_id(tmp_path: Path) -> None:
    job = {"tool": "generate_image", "params": {"prompt": "a red fox"}, "studio": SMALL}
    sent = served(
        {**job, "id": "a", "out": str(tmp_path / "a")}, {**job, "id": "b", "out": str(tmp_path)}
    )
    assert [one["id"] for one in sent if "result" in one] == ["a", "b"]
    assert all(0 <= one["progress"][0] <= 1 for one in sent if "progress" in one)
    first, second = (one["result"]["files"][0] for one in sent if "result" in one)
    assert Path(first["path"]).read_bytes() == Path(second["path"]).read_bytes()
    assert (first["width"], first["height"]) == (160, 90)


def test_a_result_is_a_file_of_the_next_job(tmp_path: Path) -> None:
    (made,) = [
        one["result"]["files"][0]
        for one in served(
            {"tool": "generate_image", "params": {"prompt": "a fox"}, "studio": SMALL,
             "out": str(tmp_path)}
        )
        if "result" in one
    ]  # fmt: skip
    sent = served(
        {
            "tool": "upscale_image",
            "params": {"scale": 2},
            "media": {"image": [{"path": made["path"]}]},
            "out": str(tmp_path / "large"),
        }
    )
    assert sent[-1]["result"]["files"][0]["width"] == 320


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (b"no json", "not JSON"),
        (b"[]", "Name the job's “tool”"),
        ({"tool": "generate_image"}, "“out”"),
        ({"tool": "paint", "out": "OUT"}, "The tools are: add_subtitles"),
        ({"tool": "generate_image", "out": "OUT", "params": []}, ""),
        ({"tool": "generate_image", "out": "OUT", "params": [1]}, "“params” must be an object"),
        ({"tool": "upscale_image", "out": "OUT", "media": {"image": [{"path": "/no/file"}]}},
         "The job's files can't be used"),
        ({"tool": "upscale_image", "out": "OUT"}, "Add an image"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_the_remedy(
    request_: Any, said: str, tmp_path: Path
) -> None:
    if isinstance(request_, dict) and request_.get("out"):
        request_ = {**request_, "out": str(tmp_path), "studio": SMALL, "id": 1}
    answer = served(request_)[-1]
    if said:
        assert said in answer["refused"]
        assert answer["error_type"]
    else:
        assert answer["result"]


def test_a_failure_is_told_and_the_next_line_is_done(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    sent = served(
        {"tool": "upscale_image", "media": {"image": [{"path": str(broken)}]},
         "out": str(tmp_path)},
        {"tool": "generate_image", "params": {"prompt": "a fox"}, "studio": SMALL,
         "out": str(tmp_path)},
    )  # fmt: skip
    assert "damaged" in sent[0]["refused"]
    assert "result" in sent[-1]


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (Refused("Too long.", "ASSET_NOT_FOUND"),
         {"refused": "Too long.", "error_type": "ASSET_NOT_FOUND"}),
        (MemoryError(), {"exhausted": "memory"}),
        (OSError(errno.EFBIG, "File too large"), {"exhausted": "file"}),
        (OSError(errno.ENOSPC, "No space left"), {"exhausted": "disk"}),
        (RuntimeError("OpenCV: Insufficient memory"), {"exhausted": "memory"}),
    ],
)  # fmt: skip
def test_every_way_to_fail_has_its_message(error: Exception, answer: Message) -> None:
    def job(arguments: dict[str, Any], report: Any) -> dict[str, Any]:
        raise error

    assert perform(job, {}, lambda message: None) == answer


def test_a_result_that_is_no_json_fails() -> None:
    answer = perform(lambda arguments, report: {"a": float("nan")}, {}, lambda message: None)
    assert "ValueError" in answer["failed"]


def test_speech_is_the_same_in_every_job_of_one_pipe(tmp_path: Path) -> None:
    espeak.stop()  # of other tests in this process
    job = {"tool": "generate_speech", "params": {"prompt": "The lamp is lit."}, "seed": 3}
    sent = served(*({**job, "out": str(tmp_path / name)} for name in ("first", "second")))
    first, second = (one["result"]["files"][0]["path"] for one in sent if "result" in one)
    assert Path(first).read_bytes() == Path(second).read_bytes()


def test_what_a_request_leaves_out_is_filled_in(tmp_path: Path) -> None:
    arguments = completed({"tool": "generate_image", "out": str(tmp_path / "new")})
    assert arguments["studio"]["width"] == 1024
    assert (tmp_path / "new").is_dir()
    assert "generate_image" in TOOLS
