"""The row about picking the next step among very many.

`python -m tests.bench.picking` fills a server's database and asks there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, spread
from tests.bench.ground import Ground
from tests.bench.wire import ms_since
from tests.support.program import ROOT

OWNERS = 1_000
RUNS_EACH = 10
READY_EACH = 10
ASKED = 200


def pick(ground: Ground, database: str) -> Iterator[Figure]:
    """Which step is next, of 100,000 ready ones among as many pending; 1,000 owners, then one.

    200 times each in a process of its own, without a claim in between.
    """
    with ground.site(database, workers=0) as site:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.picking"],
            cwd=ROOT,
            env={**os.environ, **site.env},
            capture_output=True,
            text=True,
            check=True,
        )
    for owners, samples in json.loads(done.stdout.strip().splitlines()[-1]).items():
        yield spread(f"pick of 100,000 ready steps, owners: {owners}, {database}", samples, None)


def main() -> None:
    import django

    django.setup()
    from accounts.models import User
    from runs.models import Attempt, Run, Step

    people = User.objects.bulk_create(
        User(username=f"owner-{number}", display_name="") for number in range(OWNERS)
    )
    runs = Run.objects.bulk_create(
        Run(public_id=f"wf_{person.pk}_{place}", owner=person, kind="x", request={}, plan={})
        for person in people
        for place in range(RUNS_EACH)
    )
    for run in runs:
        steps = Step.objects.bulk_create(
            Step(
                run=run,
                owner_id=run.queue_owner_id,
                key=f"s{place}",
                sequence=place,
                tool="noop",
                wire_tool="noop",
                status="ready" if place < READY_EACH else "pending",
            )
            for place in range(2 * READY_EACH)
        )
        Attempt.objects.bulk_create(
            Attempt(
                step=step, owner_id=run.owner_id, number=1, generation=1, worker="", provider_key=""
            )
            for step in steps[:READY_EACH]
        )
    found = {f"{OWNERS:,}": _asked()}
    Run.objects.update(owner=people[0])
    Step.objects.update(owner=people[0])
    Attempt.objects.update(owner=people[0])
    found["1"] = _asked()
    print(json.dumps(found))


def _asked() -> list[float]:
    from django.db import connection

    from runs.engine import queue_order
    from tests.support.builders.running import USUAL

    with connection.cursor() as cursor:
        # Postgres would do so by itself within minutes.
        cursor.execute("ANALYZE")
    samples = []
    for _ in range(ASKED):
        began = time.perf_counter()
        assert queue_order.pick(USUAL)
        samples.append(ms_since(began))
    return samples


if __name__ == "__main__":
    main()
