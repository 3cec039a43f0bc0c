"""The main way through the product in Firefox, which speaks WebDriver BiDi with a client from npm.

The client is no dependency of ours: see `tests.support.node.npm_packages`. Without Firefox or the
registry of npm the test is skipped, and in CI it fails (see `tests.support.required`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.clients.browser import LEFT
from tests.support.node import node, npm_packages
from tests.support.program import ROOT
from tests.support.server import SHARED, Site

SITE_OPTIONS = SHARED
PERSON = "fox"

pytestmark = pytest.mark.slow

PROGRAMS = ("firefox-esr", "firefox")
# The newest whose Node is the one of the editor: 25 needs Node 22.
CLIENT = "puppeteer-core@24.43.1"
JOURNEY = ROOT / "tests" / "support" / "clients" / "firefox_journey.mjs"
SAMPLE = "/t/wf_two-shot-product-teaser_a1b2c3d4"
LIMIT_S = 120


@pytest.fixture(scope="module")
def firefox() -> str:
    """Firefox of this machine."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.skip(f"Firefox isn't installed: none of {', '.join(PROGRAMS)} is on the PATH")
    return found


def test_in_firefox_a_person_signs_in_runs_a_sample_and_sees_the_result(
    site: Site, firefox: str, tmp_path: Path
) -> None:
    site.key(PERSON)
    link = re.search(r"http\S+", site.manage("signin-link", PERSON))
    assert link
    env = {
        "PACKAGES": str(npm_packages(tmp_path, CLIENT)),
        "FIREFOX": firefox,
        "SIGN_IN": link[0],
        "SAMPLE": SAMPLE,
        "TEXT": "A brass lamp on a desk",
        "LIMIT_MS": str(1000 * LIMIT_S),
    }
    done = subprocess.run(
        [node(), str(JOURNEY)],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=4 * LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["version"].lower().startswith("firefox")
    assert told["run"].startswith("/runs/")
    assert told["state"] == "Done"
    assert told["result"]["error"] == ""
    assert told["result"]["width"] > 0
    assert told["result"]["seconds"] > 0
    # Inputs and the sample's stages.
    assert told["nodes"] > 2
    complaints = [one for one in told["complaints"] if not any(part in one for part in LEFT)]
    assert complaints == []
