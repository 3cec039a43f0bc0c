"""Which failures are an outage, and how little is logged about one."""

from __future__ import annotations

import asyncio
import errno
import logging
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from procrastinate.exceptions import ConnectorException
from procrastinate.sync_psycopg_connector import wrap_exceptions

from core import outages
from core.http import envelope
from core.outages import DATABASE, DISK, Outage, OutageFilter, kind_of
from core.server import Message, Receive, Send, abort_on_failure
from tests.support.waiting import wait_for


def full_database(folder: Path) -> sqlite3.Error:
    with closing(sqlite3.connect(folder / "one")) as one:
        one.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.Error) as caught:
            one.execute("CREATE TABLE much (of TEXT)")
    return caught.value


def failed(problem: BaseException) -> logging.LogRecord:
    """A line with a traceback, as a handler gets it."""
    try:
        raise problem
    except BaseException:
        found = sys.exc_info()
    return logging.LogRecord("runs", logging.ERROR, __file__, 1, "it broke", (), found)


def test_full_disk_is_507_in_words_anyone_who_noticed_it(tmp_path: Path) -> None:
    wrapped = OperationalError("database or disk is full")
    wrapped.__cause__ = full_database(tmp_path)
    for problem in (wrapped, OSError(errno.ENOSPC, "No space left on device")):
        assert kind_of(problem) == DISK
        status, headers, body = envelope(problem, request_id="req_1")
        assert (status, body["error"]["code"]) == (507, "disk.full")
        assert "disk is full" in body["message"]
        assert headers["Retry-After"]


def test_a_database_that_a_library_asked_without_django_is_an_outage() -> None:
    """Procrastinate's heartbeat, say: each would be logged with its traceback."""
    with pytest.raises(ConnectorException) as caught, wrap_exceptions():
        psycopg.connect(host="127.0.0.1", port=9, connect_timeout=2)
    assert kind_of(caught.value) == DATABASE
    with pytest.raises(ConnectorException) as caught, wrap_exceptions():
        raise psycopg.errors.UndefinedTable("no such table")
    assert kind_of(caught.value) == ""


def test_other_failures_are_no_outage() -> None:
    assert kind_of(OSError(errno.EACCES, "Permission denied")) == ""
    assert kind_of(ValueError("ours")) == ""
    assert kind_of(None) == ""


def test_an_outage_is_logged_when_it_begins_and_when_it_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[bool] = []
    outage = Outage("gone: {reason}", "back after {seconds} s", lambda: bool(answers))
    monkeypatch.setattr(outages, "OUTAGES", {DATABASE: outage})
    monkeypatch.setattr(outages, "PROBE_EVERY_S", 0.01)
    look = OutageFilter()
    away = OperationalError("connection refused\n  Is the server running?")
    with caplog.at_level(logging.WARNING, "core.outages"):
        assert [look.filter(failed(away)) for _ in range(50)] == [False] * 50
        assert caplog.messages == ["gone: connection refused"]
        answered = logging.LogRecord("django.request", logging.ERROR, "", 1, "503", (), None)
        answered.status_code = 503
        assert not look.filter(answered)
        assert look.filter(failed(ValueError("ours")))
        answers.append(True)
        wait_for(lambda: not outage.is_on, "the end of the outage")
        wait_for(lambda: len(caplog.messages) == 2, "its line")
        assert caplog.messages[1] == "back after 0 s"
        assert look.filter(answered)


def test_a_socket_that_an_outage_broke_is_told_to_come_again() -> None:
    async def application(scope: Message, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        raise OperationalError("connection refused")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def run() -> None:
        await abort_on_failure(application)({"type": "websocket", "path": "/ws"}, receive, send)

    asyncio.run(run())
    assert sent[1:] == [{"type": "websocket.close", "code": 1013}]
