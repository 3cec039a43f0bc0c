"""Calls at the same moment, as from several processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from tests.support.waiting import WAIT_S


def at_once(
    calls: Sequence[Callable[[], Any]], *, refusals: tuple[type[Exception], ...] = ()
) -> list[Any]:
    """Return what the calls return, each made in a thread with connections of its own.

    refusals: exceptions that are returned in the place of an answer.
    """
    gate = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        gate.wait(WAIT_S)
        try:
            return call()
        except refusals as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
