"""Who moderates here, what they decide about, and how committed log entries leave again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from moderation.models import Case
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import forget_the_log, make_moderator, report
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import signed_in


@pytest.fixture
def moderator(mo: User) -> User:
    return make_moderator(mo)


@pytest.fixture
def colleague(db: None) -> User:
    """Another moderator."""
    return make_moderator(make_user("max"))


@pytest.fixture
def console(moderator: User) -> Client:
    """The browser of the moderator."""
    return signed_in(moderator)


@pytest.fixture
def open_template(alice: User) -> Template:
    """A published template of alice's."""
    return make_public(alice, id="open-marsh", name="Open marsh")


@pytest.fixture
def case(open_template: Template, bob: User) -> Case:
    """What bob reported of it."""
    return report(open_template, bob, reason="privacy", note="That is my face.")


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests that see other connections: rows are committed, the log is emptied afterwards."""
    yield
    forget_the_log()
