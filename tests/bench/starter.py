"""Starts runs by the service, in a process of its own: `python -m tests.bench.starter COUNT`.

Then waits until every run is over and prints one JSON object: `started_s` and `all_s` since the
first start, `ended_at` of the last run. With COUNT 0 it only waits.
"""

from __future__ import annotations

import json
import sys
import time

import django


def main() -> None:
    django.setup()
    from accounts.auth import Principal
    from accounts.models import User
    from runs.admission.start import start_run
    from runs.models import Run
    from tests.bench.starting import ONE_NOOP
    from tests.support.waiting import wait_for

    alice = Principal(user=User.objects.get(username="alice"), api_key=None, via="session")
    began = time.time()
    for _ in range(int(sys.argv[1])):
        start_run(actor=alice, body=ONE_NOOP)
    started_s = time.time() - began
    wait_for(lambda: not Run.objects.filter(finished_at=None).exists(), "the end of all runs", 240)
    last = Run.objects.order_by("-finished_at").first()
    assert last is not None
    assert last.finished_at is not None
    unfinished = Run.objects.exclude(status="completed").count()
    assert not unfinished, f"{unfinished} runs did not complete"
    ended_at = last.finished_at.timestamp()
    print(json.dumps({"started_s": started_s, "all_s": ended_at - began, "ended_at": ended_at}))


if __name__ == "__main__":
    main()
