"""The cast and their keys, for every test."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.core.servers.basehttp import WSGIServer
from django.db import connection
from pytest_django import DjangoDbBlocker

from accounts.models import User
from core import counters, installation, media_folder, server_settings
from runs.dispatch import dispatch
from tests.support.builders.factories import make_key, make_user
from tests.support.clients.api import Api
from tests.support.django_tests import hasten
from tests.support.module_db import (
    forget_rows,
    mark_media_folder,
    module_db,
    rest_in_transaction,
)

__all__ = ["module_db"]

# Tests connect 40 clients to `live_server` at once: of a backlog of 10 the kernel resets some.
WSGIServer.request_queue_size = 128


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """A test's hints end with it: what sends them would hold tables that are being emptied, and a
    database that is being dropped."""
    dispatch().close()


@pytest.fixture
def alice(db: None) -> User:
    """Owns things."""
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """An outsider to alice."""
    return make_user("bob")


@pytest.fixture
def mo(db: None) -> User:
    """Moderates."""
    return make_user("mo", is_staff=True)


@pytest.fixture
def alice_key(alice: User) -> str:
    return make_key(alice)


@pytest.fixture
def bob_key(bob: User) -> str:
    return make_key(bob)


@pytest.fixture
def mo_key(mo: User) -> str:
    return make_key(mo)


@pytest.fixture
def api() -> Callable[..., Api]:
    """`api(key).get(path)`, `.post(path, json)`, `.patch`, `.put`, `.delete`."""
    return Api


@pytest.fixture(autouse=True)
def _fresh_limits(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests share the counters. On Postgres they are rows, also for a test without a database.

    They are cleared behind a test, not before the next: that one may roll back what it deletes.
    """
    yield
    with django_db_blocker.unblock():
        counters.clear_all()


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test meets nothing that one before it in this process has left.

    One fixture, as each costs every test. No operator has set anything: known without asking, also
    in a test without a database. Settings that a test leaves behind would be those of all after it.
    """
    before = django_settings._wrapped
    forget_rows()
    server_settings.known.assume({})
    if has_database(request):
        is_marked = bool(media_folder.mark_text())
        if not is_marked or connection.vendor == "postgresql":
            request.getfixturevalue("_django_db_helper")
            mark_media_folder()
            rest_in_transaction()
    yield
    assert django_settings._wrapped is before, "Change settings by the fixture `settings` alone."


def has_database(request: pytest.FixtureRequest) -> bool:
    fixtures = {"db", "transactional_db"} & set(request.fixturenames)
    return bool(fixtures) or request.node.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True, scope="session")
def _hastened() -> Iterator[None]:
    # Not a quiet copy: known without asking, also in a test without a database.
    installation.assume("")
    with pytest.MonkeyPatch.context() as patch:
        hasten(patch)
        yield
