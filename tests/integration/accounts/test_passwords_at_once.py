"""Passwords that are sent at the same time are counted like those sent one after the other."""

import threading
from collections import Counter
from typing import Any

import httpx
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from pytest_django import Settings

from accounts.hashing import IN_LINE, PER_ADDRESS, HashGate
from accounts.models import User
from core import errors
from tests.support.at_once import at_once
from tests.support.builders.factories import PASSWORD, make_user
from tests.support.examples import examples
from tests.support.waiting import WAIT_S

pytestmark = [
    pytest.mark.urls("tests.support.fakes.core_urls"),
    pytest.mark.django_db(transaction=True),
]
AT_ONCE = examples(40, share=2)
# Each client would read all certificates by itself, for 30 ms.
TLS = httpx.create_ssl_context()
# Of a form in a browser.
TOKEN = "t" * 32
# What Django ships, with fewer rounds: many really are there at once while one is being hashed.
SLOW = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.MD5PasswordHasher",
]


@pytest.fixture
def keeper(transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 300_000)
    settings.PASSWORD_HASHERS = SLOW
    return make_user("keeper", password=PASSWORD)


def by_page(url: str, username: str, password: str) -> httpx.Response:
    form = {"username": username, "password": password, "csrfmiddlewaretoken": TOKEN}
    cookies = {"csrftoken": TOKEN}
    return httpx.post(f"{url}/sign-in", data=form, cookies=cookies, timeout=150, verify=TLS)


def by_api(url: str, username: str, password: str) -> httpx.Response:
    body = {"username": username, "password": password}
    return httpx.post(f"{url}/v1/account/login", json=body, timeout=150, verify=TLS)


def test_of_many_wrong_passwords_at_once_no_more_than_allowed_are_looked_at(
    live_server: Any, keeper: User, settings: Settings
) -> None:
    answers = at_once([lambda: by_api(live_server.url, "keeper", "wrong") for _ in range(AT_ONCE)])
    counts = Counter(answer.status_code for answer in answers)
    assert 1 <= counts[401] <= settings.SIGN_IN_TRIES
    assert counts[401] + counts[429] + counts[503] == AT_ONCE
    for answer in answers:
        if answer.status_code != 401:
            assert int(answer.headers["Retry-After"]) > 0
            assert "Wait" in answer.text


def test_many_names_at_once_from_one_address_are_mostly_turned_away_at_once(
    live_server: Any, keeper: User
) -> None:
    names = [f"name-{number}" for number in range(AT_ONCE)]
    answers = at_once([lambda one=one: by_page(live_server.url, one, "x") for one in names])  # type: ignore[misc]
    refused = [answer for answer in answers if answer.status_code == 429]
    # 503 where hashing is so slow that the line is full.
    assert {answer.status_code for answer in answers} <= {422, 429, 503}
    assert refused
    for answer in refused:
        assert "Wait a few seconds" in answer.text
        assert int(answer.headers["Retry-After"]) >= 1
    # The count of tries locked no name.
    assert by_page(live_server.url, "keeper", PASSWORD).status_code == 302


def test_names_from_one_address_are_counted_together(
    live_server: Any, keeper: User, settings: Settings
) -> None:
    settings.SIGN_IN_TRIES_PER_ADDRESS = 3
    for number in range(3):
        assert by_page(live_server.url, f"name-{number}", "x").status_code == 422
    assert by_api(live_server.url, "keeper", PASSWORD).status_code == 429


class Crowd:
    """Callers of a gate, each held inside until it is told to go."""

    def __init__(self, gate: HashGate) -> None:
        self.gate = gate
        self.inside: list[str] = []
        self.come = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.threads: list[threading.Thread] = []

    def call(self, address: str, *, waits: bool) -> None:
        thread = threading.Thread(target=self._visit, args=(address,), daemon=True)
        before = self._waiting()
        thread.start()
        self.threads.append(thread)
        if waits:
            while self._waiting() == before:
                thread.join(0.001)
        else:
            assert self.come.acquire(timeout=WAIT_S)

    def next(self) -> str:
        """Let one go; who came in then."""
        self.go.release()
        assert self.come.acquire(timeout=WAIT_S)
        return self.inside[-1]

    def end(self) -> None:
        for _ in self.threads:
            self.go.release()
        for thread in self.threads:
            thread.join(WAIT_S)

    def _visit(self, address: str) -> None:
        with self.gate.slot(address):
            self.inside.append(address)
            self.come.release()
            self.go.acquire()

    def _waiting(self) -> int:
        return sum(map(len, self.gate._lines.values()))


def test_another_address_waits_for_one_password_not_for_the_line() -> None:
    crowd = Crowd(HashGate(1))
    crowd.call("flood", waits=False)
    for _ in range(PER_ADDRESS - 1):
        crowd.call("flood", waits=True)
    with pytest.raises(errors.QuotaExceeded), crowd.gate.slot("flood"):
        pass
    crowd.call("visitor", waits=True)
    assert "visitor" in [crowd.next(), crowd.next()]
    crowd.end()


def test_a_long_line_is_closed() -> None:
    crowd = Crowd(HashGate(1))
    crowd.call("first", waits=False)
    for number in range(IN_LINE):
        crowd.call(f"address-{number}", waits=True)
    with pytest.raises(errors.Unavailable) as refusal, crowd.gate.slot("one-more"):
        pass
    assert refusal.value.retry_after_s
    crowd.end()
    with crowd.gate.slot("one-more"):
        pass


def test_who_gives_up_leaves_the_line() -> None:
    crowd = Crowd(HashGate(1, patience_s=0.05))
    crowd.call("first", waits=False)
    with pytest.raises(errors.Unavailable), crowd.gate.slot("second"):
        pass
    assert crowd._waiting() == 0
    crowd.end()
    with crowd.gate.slot("second"):
        pass
