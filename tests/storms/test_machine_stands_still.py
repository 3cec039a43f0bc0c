"""All processes stand still for 12 s in the middle of a Postgres transaction: no run fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.builders.running import chain
from tests.support.faults.pauses import Standstill, postgres
from tests.support.faults.workers import rows
from tests.support.server import Site, finished, start

pytestmark = pytest.mark.slow
STANDS_S = 12.0
NOTES = {"input": {"steps": chain("note", 12, text="x")}}
# Where a worker is: it has ended a step, its results are kept, or anyone is anywhere.
SAID_LAST = ("UPDATE runs_step SET status", "UPDATE runs_attempt", "runs_artifact", "")
PATH = "/v1/creative-agent/workflows"


# With one worker nothing but its own mistake can come between it and its step; of two, one may take
# the step back from the other.
@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    with (
        postgres() as url,
        Site(home, workers=request.param, env={"DATABASE_URL": url}) as site,
    ):
        yield site


class Visitor(threading.Thread):
    """Starts runs until it is told to end, as people do who do not know of the standstill.

    So work is left until a worker is met at the wanted place.
    """

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(daemon=True)
        self.client = client
        self.over = threading.Event()
        self.answers: list[int] = []
        self.begun: list[str] = []

    def run(self) -> None:
        while not self.over.wait(0.05):
            answer = self.client.post(PATH, json=NOTES)
            self.answers.append(answer.status_code)
            if answer.status_code in (200, 201):
                self.begun.append(answer.json()["data"]["workflow"]["id"])


@pytest.mark.parametrize("place", range(5))
def test_no_run_fails_when_the_machine_stands_still_in_a_transaction(
    site: Site, place: int
) -> None:
    with site.client(site.key("alice")) as alice, site.client(site.key("bob")) as bob:
        runs = [start(alice, NOTES)["id"] for _ in range(12)]
        visitor = Visitor(bob)
        visitor.start()
        still = Standstill(site)
        try:
            still.stop(SAID_LAST[place % len(SAID_LAST)])
            time.sleep(STANDS_S)
            still.until_the_server_ended_it()
        finally:
            still.go_on()
            visitor.over.set()
            visitor.join(90)
        assert not visitor.is_alive()
        ends = [finished(alice, run)["status"] for run in runs]
        ends += [finished(bob, run)["status"] for run in visitor.begun]
    assert set(ends) == {"completed"}, ends
    # 409: bob has as many unfinished runs as a person may have.
    assert set(visitor.answers) <= {201, 409, 429, 503}, visitor.answers
    (failed,) = rows(site, "SELECT count(*) AS runs FROM runs_run WHERE status = 'failed'")
    assert failed["runs"] == 0
