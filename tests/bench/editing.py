"""Rows about people who edit a template together."""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, spread
from tests.bench.ground import SETTINGS, serving
from tests.bench.wire import ms_since
from tests.support.faults.edit_storm import Caller, Webs, storm
from tests.support.server import Site

EDITS = 200


def acknowledged_edit(database: str) -> Iterator[Figure]:
    """200 changes of one field each over one keep-alive connection, in a document of 8 and in one
    of 1,000 stages: request sent to acknowledgement read, which comes after the commit.
    """
    with serving(database, workers=1) as site:
        for stages in (8, 1_000):
            samples, size = _edits(site, stages)
            yield spread(
                f"edit of a document of {stages:,} stages → acknowledged, {database}",
                samples,
                50,
                beside=f"{size / 1000:.0f} kB of state",
            )


def killed_server() -> Iterator[Figure]:
    """Six people edit one document over two web processes, of which one is killed (every fifth time
    both, with the supervisor) after a few more changes, 60 times. They send a change again until it
    is acknowledged. Lost, doubled: what was acknowledged and is not there, or twice.
    """
    with (
        tempfile.TemporaryDirectory(prefix="rg-bench-") as home,
        Webs(Path(home), stages=8, settings=SETTINGS) as webs,
    ):
        left = storm(webs, writers=6, kills=60)
    yield Figure(
        "edits under kill -9",
        {"acknowledged": left.acknowledged, "lost": left.lost, "doubled": left.doubled},
        unit="changes",
        beside=f"{left.kills} kills, {left.resent} changes sent again of which {left.unheard} had"
        f" been kept; {left.gaps} gaps, {left.apart} views apart, state"
        f" {'is' if left.is_replay else 'is NOT'} the replay of its changes",
    )


def _edits(site: Site, stages: int) -> tuple[list[float], int]:
    furnish = f"from tests.support.builders.editing import furnish; furnish({stages})"
    facts = json.loads(site.manage("shell", "-c", furnish).strip().splitlines()[-1])
    caller = Caller((site.port,), facts["sessions"][0])
    path = f"/app/documents/{facts['id']}"
    opened, _ = caller.until_answered("GET", path)
    client_id, rev = str(uuid.uuid4()), 0
    samples: list[float] = []
    for turn in range(EDITS + 10):
        op = {
            "op": "set",
            "table": "stages",
            "key": f"s{turn % stages}",
            "path": ["args", "prompt"],
            "value": f"A darker sky, take {turn}",
        }
        change = {"id": str(uuid.uuid4()), "label": "Prompt", "ops": [op]}
        began = time.perf_counter()
        said, _ = caller.until_answered(
            "POST", f"{path}/changes", {"clientId": client_id, "base": rev, "changes": [change]}
        )
        samples.append(ms_since(began))
        rev = said["rev"]
    # The first ones wait for what is loaded once.
    return samples[10:], len(json.dumps(opened["state"]))
