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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.house import House, finished, start
from tests.support.program import ROOT

SEED = 20261120
# In the short form each does half of what schemathesis knows; with more time both do everything.
EVERY = "examples,coverage,fuzzing,stateful"
PHASES = {"alice": "examples,coverage", "bob": "fuzzing,stateful"}
# Nor what is gone: under the id of one's own deleted template a public one may stand.
NOT_ASKED = "positive_data_acceptance,negative_data_rejection,use_after_free"


def send(house: House, person: str, folder: Path, seconds: int) -> subprocess.CompletedProcess[str]:
    """Let schemathesis loose with this person's key."""
    with house.client(key := house.key(person)) as client:
        run = start(client, {"input": {"steps": [{"toolName": "note"}]}})
        finished(client, run["id"])
    (folder / "schemathesis.toml").write_text("")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{house.url}/v1/openapi.json"),
        *("--header", f"api-key: {key}", "--seed", str(SEED), "--max-time", str(seconds)),
        *("--phases", PHASES[person] if seconds < 120 else EVERY),
        *("--exclude-tag", "Not offered", "--exclude-path-regex", "/(stream|nonce)$"),
        *("--exclude-checks", NOT_ASKED, "--request-timeout", "30", "--no-color"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds + 240,
    )


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("seconds", [25, pytest.param(600, marks=pytest.mark.thorough)])
def test_nothing_breaks_and_every_answer_is_as_announced(
    house: House, tmp_path: Path, seconds: int
) -> None:
    people = list(PHASES)
    folders = [tmp_path / person for person in people]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(lambda p, f: send(house, p, f, seconds), people, folders))
    for done in answers:
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
        sent = re.search(r"(\d+) generated", done.stdout)
        assert sent, done.stdout[-2_000:]
        assert int(sent[1]) > 50
        print(f"schemathesis: {sent[1]} requests")
