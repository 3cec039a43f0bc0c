"""A worker is told to stop by a signal, whose handler runs in the thread that waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from accounts.models import User
from runs.engine.attempt_context import AttemptContext
from tests.support.builders.running import chain, start, take
from tools.providers.base import Stopped

pytestmark = pytest.mark.django_db(transaction=True)
# From another process, so that they also come between two instructions of a wait.
SENDER = """
import os, sys, time
while True:
    os.kill(int(sys.argv[1]), int(sys.argv[2]))
    time.sleep(0.0003)
"""


def test_a_signal_at_any_moment_of_a_wait_stops_it(alice: User) -> None:
    """A handler that waits for what its own thread holds never ends."""
    claim = take(start(alice, chain("note", 1)))
    contexts = [AttemptContext(claim)]
    before = signal.signal(signal.SIGUSR1, lambda *_: contexts[-1].stop())
    command = [sys.executable, "-c", SENDER, str(os.getpid()), str(int(signal.SIGUSR1))]
    try:
        with subprocess.Popen(command) as sender:
            try:
                while len(contexts) <= 2000:
                    contexts.append(AttemptContext(claim))
                    with suppress(Stopped):
                        while True:
                            assert sender.poll() is None
                            for _ in range(100):
                                contexts[-1].wait(0.000001)
            finally:
                sender.kill()
    finally:
        signal.signal(signal.SIGUSR1, before)
    # Once stopped it stays so.
    with pytest.raises(Stopped):
        contexts[1].wait(60.0)
