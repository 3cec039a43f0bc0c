"""The row about the gallery among many templates."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import cycle, islice
from urllib.parse import urlsplit

from tests.bench.figures import Figure, spread
from tests.bench.ground import Ground
from tests.bench.many_templates import COMMON, KNOWN, RARE
from tests.bench.wire import ms_since
from tests.support.program import ROOT
from tests.support.server import Site

COUNT = 100_000
ASKED = 60
_MORE = re.compile(r'href="([^"]*after=[^"]*)"')
CASES = {
    "trending": ("/",),
    "new": ("/?sort=new",),
    "most remixed": ("/?sort=forked",),
    "categories": tuple(
        f"/?category={category}{sort}"
        for category in ("music", "other", "video-social")
        for sort in ("", "&sort=new", "&sort=forked")
    ),
    "tags": tuple(
        f"/?{tags}{sort}"
        for tags in ("tag=product", "tag=poster", "tag=product&tag=poster", "tag=neon&tag=rain")
        for sort in ("", "&sort=new", "&sort=forked")
    ),
    "searches": tuple(
        f"/?q={words}{sort}"
        for words in (
            COMMON[0],
            KNOWN[0],
            RARE[0],
            "fil",
            "o",
            f"{KNOWN[0]}+{COMMON[0]}",
            "nothing",
        )
        for sort in ("", "&sort=new", "&sort=forked")
    ),
    "searches within": tuple(
        f"/?q={words}&{within}"
        for words in (COMMON[0], KNOWN[0], RARE[0], "r")
        for within in ("category=other", "tag=poster", "category=music&tag=neon&sort=new")
    ),
}


def gallery(ground: Ground, database: str) -> Iterator[Figure]:
    """The front page among 100,000 public templates: 60 requests of each kind, as a visitor.

    From sending the request to having read the page, through the real web server, one after the
    other over one keep-alive connection; the addresses of a kind take turns, and the first round is
    not counted. Deep pages follow "Show more" 60 times. Beside it the largest page without media.
    """
    with ground.site(database, workers=0) as site:
        _fill(site)
        parts = urlsplit(site.url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        for name, addresses in CASES.items():
            yield _measured(f"gallery, {name}, {database}", line, addresses)
        samples, weights, address = [], [], "/?sort=forked&q=fil"
        for _ in range(ASKED):
            took, page = _asked(line, address)
            samples.append(took)
            weights.append(len(page.encode()))
            address = unescape(_MORE.findall(page)[-1])
        yield spread(f"gallery, deep pages, {database}", samples, 100, beside=_weight(weights))


def _fill(site: Site) -> None:
    command = [sys.executable, "-m", "tests.bench.many_templates", str(COUNT)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **site.env}, check=True)


def _measured(name: str, line: http.client.HTTPConnection, addresses: Sequence[str]) -> Figure:
    samples, weights = [], []
    for number, address in enumerate(islice(cycle(addresses), len(addresses) + ASKED)):
        took, page = _asked(line, address)
        if number >= len(addresses):
            samples.append(took)
            weights.append(len(page.encode()))
    return spread(name, samples, 100, beside=_weight(weights))


def _asked(line: http.client.HTTPConnection, address: str) -> tuple[float, str]:
    started = time.perf_counter()
    line.request("GET", address)
    answer = line.getresponse()
    page = answer.read()
    took = ms_since(started)
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return took, page.decode()


def _weight(weights: Sequence[int]) -> str:
    return f"largest page {max(weights) / 1000:.0f} KB of 100"
