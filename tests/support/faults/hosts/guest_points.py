"""A guest's start that ends at its first point, at its second, and so on, and is sent again each
time: its run and its guest's row are there together or not at all.

Run as a program, it prints a line of JSON with the number of points. It imports no pytest, see
`tests.support.faults.crash_process`.
"""

from __future__ import annotations

import json
import os
import signal
from functools import partial
from itertools import count

from tests.support.faults.crash_process import in_a_process, prepare


def _make_link() -> None:
    from accounts.models import User
    from tests.support.builders.apps import make_app, make_link
    from tests.support.builders.asking_templates import BRIEF, stage
    from tests.support.builders.templates import make_template

    owner = User.objects.get(username="alice")
    template = make_template(owner, inputs=[BRIEF], stages=[stage("one")])
    make_link(make_app(owner, template), runs=10_000, units=1_000_000)


def _start(key: str) -> None:
    from simple_apps import guest_runs
    from simple_apps.models import GuestLink

    link = GuestLink.objects.select_related("app__owner", "app__version", "allowance").get()
    link.app.template = link.app.version.template
    guest_runs.start(link=link, guest="me", inputs={"brief": "A fox"}, key=key)


def _check(key: str, number: int) -> None:
    """Check what the end has left, and that the start, sent again, makes one run of it."""
    from runs.models import Allowance, Run
    from simple_apps.models import GuestRun

    assert GuestRun.objects.count() == Run.objects.count() in (number - 1, number)
    _start(key)
    allowance = Allowance.objects.get()
    runs = list(Run.objects.select_related("guest_run"))
    assert len(runs) == allowance.runs == number == GuestRun.objects.count()
    assert allowance.milli == sum(run.estimated_milli for run in runs)


def _main() -> None:
    prepare()
    if in_a_process(_make_link, None):
        raise RuntimeError("the app could not be made")
    for number in count(1):
        key = f"start-{number}"
        status = in_a_process(partial(_start, key), number)
        if in_a_process(partial(_check, key, number), None):
            raise RuntimeError(f"the start was not whole after its end at point {number}")
        if status == 0:
            print(json.dumps({"counted": {"points": number - 1}}), flush=True)
            return
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            raise RuntimeError(f"the start failed with {status} at point {number}")


if __name__ == "__main__":
    _main()
