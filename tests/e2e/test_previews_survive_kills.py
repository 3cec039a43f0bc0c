"""Workers are killed while the samples get their previews: each gets one, none is made twice."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from functools import partial

import httpx
import pytest

from tests.support.blows import lives, rows
from tests.support.house import House
from tests.support.waiting import wait_for

# Where the worker is that gets killed, as the database shows it.
MOMENTS = {
    "working on a step": "SELECT id FROM runs_step WHERE status = 'running'",
    "between a run's end and its showing": (
        "SELECT r.id FROM runs_run r JOIN templates_app_template t"
        " ON t.published_id = r.template_version_id WHERE r.status = 'completed'"
    ),
    "showing a film": "SELECT id FROM media_upload",
}


def shown(house: House) -> int:
    """How many samples have their preview."""
    return len(rows(house, "SELECT DISTINCT version_id FROM templates_app_templatemedia"))


def kill_whoever_tends(house: House) -> None:
    """Kill the worker whose duty the previews are."""
    holders = rows(house, "SELECT owner FROM runs_heartbeat WHERE name = 'chore:previews'")
    for pid, life in lives(house).values():
        if {"owner": life} in holders:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("enough", [2, pytest.param(5, marks=pytest.mark.thorough)])
def test_each_sample_gets_one_preview_whoever_dies(
    tmp_path_factory: pytest.TempPathFactory, enough: int
) -> None:
    home = tmp_path_factory.mktemp("house")
    with House(home, settings="tests.support.samples_settings") as house:
        for moment, sql in MOMENTS.items():
            wait_for(partial(rows, house, sql), moment, 60)
            kill_whoever_tends(house)
        wait_for(lambda: shown(house) >= enough, f"{enough} previews", 90)

        versions = rows(house, "SELECT template_id FROM templates_app_templateversion")
        assert max(Counter(row["template_id"] for row in versions).values()) == 2
        runs = rows(house, "SELECT template_version_id, status, priority FROM runs_run")
        assert max(Counter(row["template_version_id"] for row in runs).values()) == 1
        assert {row["priority"] for row in runs} == {-10}
        going = {"queued", "running", "waiting_for_user"}
        assert {row["status"] for row in runs} <= going | {"completed"}
        media = "SELECT version_id, blob_id, role FROM templates_app_templatemedia"
        for row in rows(house, media):
            medium = httpx.get(f"{house.url}/media/t/{row['version_id']}/{row['blob_id']}")
            assert medium.status_code == 200
            if row["role"] == "poster":
                assert len(medium.content) < 100_000
