"""The row about the moderators' queue and the operators' list of people."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.bench.bulk import FIRST_ID
from tests.bench.figures import Figure, spread
from tests.bench.ground import Ground
from tests.bench.many_cases import KNOWN_PERSON, MODERATOR
from tests.bench.wire import ms_since
from tests.support.program import ROOT

CASES, PEOPLE, SUBJECTS = 10_000, 100_000, 5_000
ASKED = 40
QUEUE_MS, PEOPLE_MS = 100, 300
_QUEUE, _PEOPLE = "/admin/moderation/", "/admin/people"
_NAME = KNOWN_PERSON.split()[0]
# What is asked, and how long it should take at most.
PAGES = {
    "queue, open": (_QUEUE, QUEUE_MS),
    "queue, hidden": (f"{_QUEUE}?show=hidden", QUEUE_MS),
    "queue, closed": (f"{_QUEUE}?show=closed", QUEUE_MS),
    "queue, search by a name": (f"{_QUEUE}?q={_NAME}", QUEUE_MS),
    "a case's page": (f"{_QUEUE}cases/{FIRST_ID}", QUEUE_MS),
    "people": (_PEOPLE, PEOPLE_MS),
    "people, last seen": (f"{_PEOPLE}?sort=seen", PEOPLE_MS),
    "people, credits used": (f"{_PEOPLE}?sort=credits", PEOPLE_MS),
    "people, storage used": (f"{_PEOPLE}?sort=storage", PEOPLE_MS),
    "people, over quota": (f"{_PEOPLE}?show=over", PEOPLE_MS),
    "people, search": (f"{_PEOPLE}?q={_NAME}", PEOPLE_MS),
}


def moderation(ground: Ground, database: str) -> Iterator[Figure]:
    """Pages of moderators among 10,000 cases, and of operators among 100,000 people.

    40 requests of each, from sending the request to having read the page, through the real web
    server, one after the other over one keep-alive connection; the first is not counted. Beside it
    how many queries a page makes and how long they take, asked in a process of its own.
    """
    with ground.site(database, workers=0) as site:
        env = {**os.environ, **site.env}

        def run(module: str, *arguments: str) -> str:
            command = [sys.executable, "-m", f"tests.bench.{module}", *arguments]
            done = subprocess.run(
                command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
            )
            return done.stdout

        run("many_templates", str(SUBJECTS))
        run("many_creations", str(SUBJECTS))
        run("many_cases", str(CASES), str(PEOPLE))
        found = json.loads(run("asked_pages", MODERATOR, *(page for page, _ in PAGES.values())))
        parts = urlsplit(site.url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        for name, (address, target) in PAGES.items():
            samples = [asked(line, address, found["cookie"]) for _ in range(ASKED + 1)][1:]
            queries, sql_ms = found["pages"][address]
            beside = f"{queries} queries of {sql_ms:.0f} ms"
            yield spread(f"moderation, {name}, {database}", samples, target, beside=beside)


def asked(line: http.client.HTTPConnection, address: str, cookie: str) -> float:
    """Milliseconds from sending a request of a page to having read it."""
    started = time.perf_counter()
    line.request("GET", address, headers={"Cookie": cookie})
    answer = line.getresponse()
    answer.read()
    took = ms_since(started)
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return took
