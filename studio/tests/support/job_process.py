"""A job of the studio in a process of its own, as it always has one, with its peak of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

# The peak that getrusage knows is also that of the process it was forked from: a test runner may
# have needed more than any job. Linux counts a program's own from its start.
_RUN = """
import json, resource, sys
from importlib import import_module
import cv2
cv2.setNumThreads(1)
call = json.loads(sys.stdin.read())
job = import_module("studio.jobs." + call["tool"])
answer = job.run(call, lambda fraction, message: None)
if sys.platform == "linux":
    with open("/proc/self/status") as status:
        own = next(line for line in status if line.startswith("VmHWM"))
    answer["peak_mb"] = int(own.split()[1]) / 2**10
else:
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps(answer))
"""


def run_in_process(call: dict[str, Any]) -> dict[str, Any]:
    """The job's answer with `peak_mb`, its largest resident memory in MB. call: of films.arguments.

    Raises CalledProcessError when the job fails.
    """
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        input=json.dumps(call),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
