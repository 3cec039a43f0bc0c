"""Who moderates here, and how committed log entries leave again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import User
from templates_app.models import Template
from tests.support.builders.moderation import forget_the_log, make_moderator
from tests.support.builders.templates import make_public


@pytest.fixture
def moderator(mo: User) -> User:
    return make_moderator(mo)


@pytest.fixture
def open_template(alice: User) -> Template:
    """A published template of alice's."""
    return make_public(alice, id="open-marsh", name="Open marsh")


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests that see other connections: rows are committed, the log is emptied afterwards."""
    yield
    forget_the_log()
