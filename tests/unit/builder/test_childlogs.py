import json
from pathlib import Path

import pytest

from builder.ops.server import child_logs
from builder.ops.server.child_logs import ChildLog, ErrorFilter

TRACEBACK = [
    "2026-01-31 12:00:00,000 ERROR runs.engine [-] The step broke",
    "Traceback (most recent call last):",
    '  File "work.py", line 1, in run',
    "    raise ValueError(1)",
    "ValueError: 1",
]


def test_shows_errors_with_their_traceback_and_nothing_else() -> None:
    lines = [
        "2026-01-31 12:00:00,000 INFO runs.engine [-] Claimed",
        *TRACEBACK,
        '127.0.0.1:4000 - - [31/Jan/2026:12:00:00] "GET /" 200 5',
        "2026-01-31 12:00:01,000 WARNING runs.engine [-] Slow",
    ]
    assert list(ErrorFilter().pick(lines)) == TRACEBACK


def test_shows_errors_of_json_lines_as_text() -> None:
    def line(**fields: object) -> str:
        return json.dumps({"time": "T", "logger": "runs.engine", "message": "broke", **fields})

    lines = [
        line(level="INFO"),
        line(level="ERROR", run="wf_1", step="shot", attempt=2, error="\n".join(TRACEBACK[1:])),
        '{"not": "ours"}',
        "{neither",
        line(level="CRITICAL"),
    ]
    assert list(ErrorFilter().pick(lines)) == [
        "T ERROR runs.engine [wf_1 shot 2] broke",
        *TRACEBACK[1:],
        "T CRITICAL runs.engine [-] broke",
    ]


def test_shows_only_what_came_since_the_last_look(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    path.write_text("\n".join(TRACEBACK) + "\n")
    log = ChildLog(path)
    assert log.new_errors() == []
    with path.open("a") as file:
        file.write("2026-01-31 12:00:02,000 CRITICAL core [-] Dis")
        file.flush()
        assert log.new_errors() == []
        file.write("k full\n")
    assert log.new_errors() == ["2026-01-31 12:00:02,000 CRITICAL core [-] Disk full"]


def test_moves_a_grown_log_aside_while_its_writer_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_logs, "MOST_BYTES", 10)
    path = tmp_path / "worker-1.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"older than old\n")
        log = ChildLog(path)
        log.rotate()
        writer.write(b"new\n")
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "worker-1.log.1").read_bytes() == b"older than old\n"
