"""Mail in the whole product: a mail server that hangs delays no run, a killed worker loses none."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.builders.running import chain
from tests.support.fakes.smtp_server import SENDER, Received, SmtpServer
from tests.support.server import Site, finished, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
DUE = """
from core import clock
from notices.models import Mail
Mail.objects.update(due_at=clock.now())
"""


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def site(smtp: SmtpServer, tmp_path: Path) -> Iterator[Site]:
    env = {"REELGRAPH_MAIL": smtp.address, "REELGRAPH_MAIL_FROM": SENDER}
    with Site(tmp_path, workers=1, env=env) as running:
        yield running


@pytest.fixture
def browser(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=60) as client:
        link = site.signin_link()
        post(client, link, link, {})
        yield client


def post(client: httpx.Client, page: str, path: str, form: dict[str, str]) -> httpx.Response:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(page).text)
    assert found, page
    return client.post(path, data={"csrfmiddlewaretoken": found[1], **form})


def ask_to_verify(client: httpx.Client, address: str) -> None:
    answer = post(client, "/me", "/me/address", {"address": address})
    assert answer.status_code == 200, answer.text
    assert address in answer.text


def mail_to(smtp: SmtpServer, address: str, count: int = 1) -> list[Received]:
    return wait_for(
        lambda: found if len(found := smtp.messages_to(address)) >= count else None,
        f"{count} mails to {address}",
        60,
    )


def test_runs_go_on_while_the_mail_server_hangs(
    site: Site, smtp: SmtpServer, browser: httpx.Client
) -> None:
    held = smtp.hold()
    ask_to_verify(browser, "owner@example.org")
    assert smtp.arrived.wait(60)
    # The only worker waits for the mail server, and works.
    with site.client(site.key("owner")) as api:
        run = start(api, {"input": {"steps": chain("noop", 3)}})
        assert finished(api, run["id"], 60)["status"] == "completed"
        assert api.get("/readyz").status_code == 200
    assert not smtp.received
    held.set()
    [one] = mail_to(smtp, "owner@example.org")
    [link] = re.findall(r"http://\S+/mail/\S+", one.text)
    assert "Address confirmed" in post(browser, link, link, {}).text


def test_a_worker_killed_while_it_sends_sends_it_once_more_under_the_same_id(
    site: Site, smtp: SmtpServer, browser: httpx.Client
) -> None:
    held = smtp.hold()
    ask_to_verify(browser, "second@example.org")
    assert smtp.arrived.wait(60)
    [old] = site.workers()
    os.kill(old, signal.SIGKILL)
    held.set()
    mail_to(smtp, "second@example.org")
    wait_for(lambda: site.workers() not in ([], [old]), "another worker", 60)
    # While it counts as being sent, no one else sends it.
    assert len(smtp.received) == 1
    site.manage("shell", "-c", DUE)
    first, second = mail_to(smtp, "second@example.org", 2)
    assert first.message["Message-ID"] == second.message["Message-ID"]
