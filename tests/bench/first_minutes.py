"""Rows about a newcomer: from a fresh clone to ready, and from the Run button to a film."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.bench.figures import Figure, skipped
from tests.bench.ground import serving
from tests.support.program import ROOT
from tests.support.server import Site

SAMPLE = "wf_two-shot-product-teaser_a1b2c3d4"
ADDRESS = f"/t/{SAMPLE}"


def fresh_clone() -> Iterator[Figure]:
    """`make run` in a fresh clone of the last commit, until it says it is ready; once.

    scripts/first_start.py does it, with whatever package cache this machine has.
    """
    done = subprocess.run(
        [sys.executable, "scripts/first_start.py"], cwd=ROOT, capture_output=True, text=True
    )
    times = re.search(r"ready after ([\d.]+) s, stopped in ([\d.]+) s", done.stdout)
    if not times:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        yield skipped("fresh clone → ready", f"failed: {' '.join(last)}")
        return
    yield Figure(
        "fresh clone → ready",
        {"seconds": float(times[1])},
        unit="s",
        judged="seconds",
        target=90,
        beside=f"stopped in {times[2]} s",
    )


def first_film() -> Iterator[Figure]:
    """The sample's form sent by a signed-in browser's requests, to the first bytes of its first
    video answered; once, with the first run of a fresh server.
    """
    with serving() as site, _signed_in(site) as browser:
        page = browser.get(ADDRESS).text
        (form,) = [part for part in re.split(r"(?=<form)", page) if f'action="{ADDRESS}"' in part]
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        words = re.search(r'<textarea[^>]* name="([^"]+)"', form)
        assert words, form
        fields[words[1]] = "A copper kettle on a mossy stone, morning light"
        clicked = time.perf_counter()
        answer = browser.post(ADDRESS, data=fields)
        if answer.status_code != 302:
            raise RuntimeError(f"the form was answered {answer.status_code}")
        run_id = answer.headers["location"].rpartition("/")[2]
        video = _first_video(browser, run_id)
        first = browser.get(video, headers={"Range": "bytes=0-65535"})
        took_s = time.perf_counter() - clicked
        if first.status_code != 206:
            raise RuntimeError(f"the film was answered {first.status_code}")
    yield Figure(
        "Run click → first playable film",
        {"seconds": took_s},
        unit="s",
        judged="seconds",
        target=20,
    )


@contextmanager
def _signed_in(site: Site) -> Iterator[httpx.Client]:
    """The cookies of the owner's browser after the one-click link."""
    origin = {"Origin": site.url}
    with httpx.Client(base_url=site.url, timeout=120, headers=origin) as browser:
        link = site.signin_link()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(link).text)
        assert token
        answer = browser.post(link, data={"csrfmiddlewaretoken": token[1]})
        if answer.status_code != 302:
            raise RuntimeError(f"sign-in was answered {answer.status_code}")
        yield browser


def _first_video(browser: httpx.Client, run_id: str) -> str:
    """Follow the run's events, as its page does, to the address of its first video."""
    path = f"/v1/creative-agent/workflows/{run_id}/events/stream"
    with browser.stream("GET", path) as events:
        for line in events.iter_lines():
            if '"type":"video"' in line and line.startswith("data: "):
                address = re.search(r'"url":"([^"]+)"', line)
                assert address, line
                return address[1]
    raise RuntimeError("the run ended without a video")
