"""What the worker of hints leans on inside Procrastinate: an upgrade that moves it fails here."""

from __future__ import annotations

import inspect

import pytest

procrastinate = pytest.importorskip("procrastinate")

from procrastinate import App  # noqa: E402
from procrastinate.worker import Worker  # noqa: E402


def test_a_worker_is_made_where_we_make_ours() -> None:
    assert "self._worker(" in inspect.getsource(App.run_worker_async)


def test_a_notification_sets_the_event_that_a_fetch_clears() -> None:
    """Once it is cleared before the fetch, `AttentiveWorker` has nothing to mend and can go."""
    heard = inspect.getsource(Worker._handle_notification)
    fetch = inspect.getsource(Worker._fetch_and_process_jobs)
    assert "self._new_job_event.set()" in heard
    assert fetch.index("job_manager.fetch_job(") < fetch.index("self._new_job_event.clear()")


def test_the_loop_calls_what_we_override() -> None:
    loop = inspect.getsource(Worker._run_loop)
    assert loop.count("await self._fetch_and_process_jobs()") == 2
    assert "self._new_job_event.wait()" in loop
    assert "self._persist_job_status(" in inspect.getsource(Worker._process_job)
