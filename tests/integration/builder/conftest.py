"""What tests of pages, and those of `manage.py serve` and its supervisor, have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from builder.ops.server.processes import ProcessBook
from tests.support.clients.visitors import signed_in
from tests.support.program import Program


@pytest.fixture
def browser(alice: User) -> Client:
    """A browser in which alice is signed in."""
    return signed_in(alice)


@pytest.fixture
def staff(mo: User) -> Client:
    """A browser in which an operator is signed in."""
    return signed_in(mo)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for the product. No process of it outlives the test."""
    yield tmp_path
    # Whatever a test left running: its supervisor may have been killed on purpose.
    ProcessBook(tmp_path / "run").stop_left_behind(grace_s=0.2)


@pytest.fixture
def launch(home: Path) -> Iterator[Callable[..., Program]]:
    """`launch(command, environment)` starts a program that ends with the test."""
    with ExitStack() as programs:
        yield lambda *command: programs.enter_context(Program(*command))
