"""Two people send what our own OpenAPI document allows, and what it does not: nothing breaks.

Schemathesis makes the requests, with a fixed seed: every route of the accounts and of workflows and
templates, alone and one after the other. Left out are routes that answer 501 on purpose, event
streams, which other tests read to their end, and two checks that ask whether the document says all
about a body: it does not, as the public contract has rules that JSON Schema cannot express.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.clients.browser_actions import withdraw
from tests.support.program import ROOT
from tests.support.server import SHARED, Site, cancel_all, finished, start
from tests.support.waiting import WAIT_S

SITE_OPTIONS = SHARED

SEED = 20261120
PEOPLE = ("sylvia", "sybil")
# In the short form each does half of what schemathesis knows, as far as a count goes: all that
# covers two routes, and one example of everything else. In the long forms both do the same, each
# phase in a test of its own, for as long as there is time.
SHORT = (
    ("--phases=examples,coverage", "--include-path-regex=/templates$"),
    ("--phases=fuzzing,stateful", "--max-examples=1"),
)
LONG = {
    phases: (f"--phases={phases}", "--max-time=140")
    for phases in ("examples,coverage", "fuzzing", "stateful")
}
# Nor what is gone: under the id of one's own deleted template a public one may be.
NOT_ASKED = "positive_data_acceptance,negative_data_rejection,use_after_free"


@pytest.fixture(autouse=True)
def _leave_nothing_behind(site: Site) -> Iterator[None]:
    yield
    withdraw(site, *PEOPLE)
    for person in PEOPLE:
        with site.client(site.key(person)) as client:
            cancel_all(client)


def send(
    site: Site, person: str, folder: Path, options: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    """Let schemathesis loose with this person's key."""
    with site.client(key := site.key(person)) as client:
        run = start(client, {"input": {"steps": [{"toolName": "note"}]}})
        finished(client, run["id"])
    (folder / "schemathesis.toml").write_text("")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{site.url}/v1/openapi.json"),
        *("--header", f"api-key: {key}", "--seed", str(SEED), *options),
        *("--exclude-tag", "Not offered", "--exclude-path-regex", "/(stream|nonce)$"),
        *("--exclude-checks", NOT_ASKED, "--request-timeout", f"{WAIT_S:.0f}", "--no-color"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=500
    )


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(SHORT, id="short"),
        *(
            pytest.param((one, one), id=phase, marks=pytest.mark.thorough)
            for phase, one in LONG.items()
        ),
    ],
)
def test_nothing_breaks_and_every_answer_is_as_announced(
    site: Site, tmp_path: Path, options: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    folders = [tmp_path / person for person in PEOPLE]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        asked = [
            pool.submit(send, site, person, folder, some)
            for person, folder, some in zip(PEOPLE, folders, options, strict=True)
        ]
        answers = [one.result() for one in asked]
    for done in answers:
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
        sent = re.search(r"(\d+) generated", done.stdout)
        assert sent, done.stdout[-2_000:]
        assert int(sent[1]) > 50
        print(f"schemathesis: {sent[1]} requests")
