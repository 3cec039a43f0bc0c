"""The row about public lists among many templates and creations."""

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

from tests.bench.bulk import FIRST_ID
from tests.bench.figures import Figure, spread
from tests.bench.ground import Ground
from tests.bench.many_creations import BYGONE, ONCE, PROLIFIC
from tests.bench.many_templates import COMMON, KNOWN, RARE
from tests.bench.meters import Meter, Used
from tests.bench.wire import ms_since
from tests.support.program import ROOT

COUNT = 100_000
ASKED = 60
_MORE = re.compile(r'href="([^"]*after=[^"]*)"')
SORTS = ("", "&sort=new", "&sort=forked")
LIKED_TOO = ("", "&sort=new", "&sort=liked")
TEMPLATES = {
    "trending": ("/",),
    "new": ("/?sort=new",),
    "most remixed": ("/?sort=forked",),
    "categories": tuple(
        f"/?category={category}{sort}"
        for category in ("music", "other", "video-social")
        for sort in SORTS
    ),
    "tags": tuple(
        f"/?{tags}{sort}"
        for tags in ("tag=product", "tag=poster", "tag=product&tag=poster", "tag=neon&tag=rain")
        for sort in SORTS
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
        for sort in SORTS
    ),
    "searches within": tuple(
        f"/?q={words}&{within}"
        for words in (COMMON[0], KNOWN[0], RARE[0], "r")
        for within in ("category=other", "tag=poster", "category=music&tag=neon&sort=new")
    ),
}
CREATIONS = {
    "creations": tuple(f"/creations?{sort[1:]}" for sort in LIKED_TOO),
    "creations by kind": tuple(
        f"/creations?kind={kind}{sort}" for kind in ("video", "model") for sort in LIKED_TOO
    ),
    **{
        f"creations, {what}": tuple(
            f"/creations?{asked}{sort}" for asked in addresses for sort in LIKED_TOO
        )
        for what, addresses in {
            "common word": (f"q={COMMON[0]}", "q=fil", "q=o"),
            "known word": (f"q={KNOWN[0]}", f"q={KNOWN[0]}+{COMMON[0]}"),
            "rare word": (f"q={RARE[0]}",),
            "nothing found": ("q=nothing+here", "tag=nothing"),
            "tags": ("tag=product", "tag=poster", "tag=product&tag=poster", "tag=neon&tag=rain"),
            "bygone tag": (f"tag={BYGONE}",),
            "person": tuple(f"q={name.replace(' ', '+')}" for name in (PROLIFIC, ONCE)),
            "searches within": (f"q={COMMON[0]}&kind=model", f"q={RARE[0]}&tag=neon"),
        }.items()
    },
}
DEEP = {"deep pages": "/?sort=forked&q=fil", "deep pages of creations": "/creations?sort=liked&q=o"}


def gallery(ground: Ground, database: str) -> Iterator[Figure]:
    """Public lists among 100,000 templates, 100,000 creations and 100,000 people, as a visitor.

    60 requests of each kind, from sending the request to having read the page, through the real web
    server, one after the other over one keep-alive connection; the addresses of a kind take turns,
    and the first round is not counted. Deep pages follow "Show more" 60 times. Beside it the CPU
    time of a page, of the web process and of Postgres, and the largest page without media.
    """
    with ground.site(database, workers=0) as site:
        for module in ("many_templates", "many_creations"):
            command = [sys.executable, "-m", f"tests.bench.{module}", str(COUNT)]
            subprocess.run(command, cwd=ROOT, env={**os.environ, **site.env}, check=True)
        meter = Meter(site)
        parts = urlsplit(site.url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        for name, addresses in (TEMPLATES | CREATIONS | _of_people(meter)).items():
            yield _measured(f"gallery, {name}, {database}", meter, line, addresses)
        for name, address in DEEP.items():
            yield _deep(f"gallery, {name}, {database}", meter, line, address)


def _of_people(meter: Meter) -> dict[str, tuple[str, ...]]:
    """Pages of authors, and of the template that most was made with."""

    def address(where: str) -> str:
        found = meter.text(f"SELECT public_id FROM accounts_user WHERE {where} ORDER BY id LIMIT 1")
        return f"/u/{found}"

    many, one = (address(f"display_name = '{name}'") for name in (PROLIFIC, ONCE))
    maker = address("username = 'maker-7'")
    used = f"wf_made_{FIRST_ID:08x}"
    return {
        "author pages": (many, one, maker, f"{maker}?show=templates"),
        "pages of a template": (f"/t/{used}",),
        "made with a template": tuple(f"/creations?template={used}{sort}" for sort in LIKED_TOO),
    }


def _measured(
    name: str, meter: Meter, line: http.client.HTTPConnection, addresses: Sequence[str]
) -> Figure:
    samples, weights, before = [], [], meter.read()
    for number, address in enumerate(islice(cycle(addresses), len(addresses) + ASKED)):
        if number == len(addresses):
            before = meter.read()
        took, page = _asked(line, address)
        if number >= len(addresses):
            samples.append(took)
            weights.append(len(page.encode()))
    return spread(name, samples, 100, beside=_beside(meter.read() - before, weights))


def _deep(name: str, meter: Meter, line: http.client.HTTPConnection, address: str) -> Figure:
    samples, weights, before = [], [], meter.read()
    for _ in range(ASKED):
        took, page = _asked(line, address)
        samples.append(took)
        weights.append(len(page.encode()))
        address = unescape(_MORE.findall(page)[-1])
    return spread(name, samples, 100, beside=_beside(meter.read() - before, weights))


def _asked(line: http.client.HTTPConnection, address: str) -> tuple[float, str]:
    started = time.perf_counter()
    line.request("GET", address)
    answer = line.getresponse()
    page = answer.read()
    took = ms_since(started)
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return took, page.decode()


def _beside(used: Used, weights: Sequence[int]) -> str:
    cpu = (used.web + used.server) * 1000 / len(weights)
    return f"{cpu:.0f} ms CPU a page, largest page {max(weights) / 1000:.0f} KB of 100"
