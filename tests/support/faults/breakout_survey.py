"""The breakouts in a child of their own, with a part of the sandbox left out: a test of the test.

`survey` starts this file as a program, which makes the targets, starts itself again as the child,
and prints what that found. It needs only the standard library, so any interpreter can run it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from media.sandbox import breakouts, confine  # noqa: E402

USER = 65534


@cache
def interpreter_for(user: int) -> str:
    """A Python that this user may start, or "". Ours may lie in root's home."""
    for python in (sys.executable, "/usr/bin/python3"):
        program = [
            python,
            "-c",
            "import sys; sys.path.insert(0, sys.argv[1]); import media.sandbox",
        ]
        try:
            if (
                subprocess.run([*program, str(ROOT)], user=user, group=user, cwd="/").returncode
                == 0
            ):
                return python
        except OSError:
            continue
    return ""


def survey(*, without: str = "", abi: int = 0, user: int = 0) -> dict[str, Any]:
    """without: "files", "calls" or "all". abi: the version of Landlock to make do with; 0 is the
    kernel's. user: 0 is the one who runs the tests."""
    python, options = sys.executable, {}
    if user:
        python, options = interpreter_for(user), {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [python, "-P", __file__, json.dumps({"without": without, "abi": abi})],
        cwd="/",
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def environment_of(*, protected: bool) -> str:
    """What an ordinary user's process finds in the environment of another one, or what keeps it."""
    python, options = sys.executable, {}
    if os.geteuid() == 0:
        python = interpreter_for(USER)
        options = {"user": USER, "group": USER, "extra_groups": []}
    holder = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from media.sandbox.confine import not_inspectable\n"
        "if sys.argv[2]: not_inspectable()\n"
        "print(flush=True); sys.stdin.read()"
    )
    looker = (
        "import sys\n"
        "try: print(open(f'/proc/{sys.argv[1]}/environ').read().strip(chr(0)))\n"
        "except OSError as error: print(type(error).__name__)"
    )
    with subprocess.Popen(
        [python, "-c", holder, str(ROOT), "yes" if protected else ""],
        cwd="/",
        env={"SECRET": breakouts.SECRET},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **options,
    ) as process:
        assert process.stdout.readline()
        program = [python, "-c", looker, str(process.pid)]
        return subprocess.check_output(program, cwd="/", text=True, **options).strip()


def _parent(given: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, breakouts.planted(Path(folder)) as targets:
        read, write = os.pipe()
        arguments = json.dumps({**given, "targets": targets, "reply": write})
        with subprocess.Popen([sys.executable, "-P", __file__, arguments], pass_fds=(write,)):
            os.close(write)
            with open(read) as reply:
                sys.stdout.write(reply.read())


def _child(given: dict[str, Any]) -> None:
    for name, most in (("AS", 3 << 30), ("FSIZE", 2 << 30), ("NOFILE", 256)):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    targets = given["targets"]
    os.chdir(targets["out"])
    abi = min(given["abi"] or 99, confine.landlock_abi())
    confine.landlock_abi = lambda: abi
    if given["without"] == "files":
        confine._restrict_files = lambda reads, writes: ""
    if given["without"] == "calls":
        confine._filter_calls = lambda: ""
    held: Any = confine.Confinement()
    if given["without"] != "all":
        held = confine.confine([*confine.code_paths(), targets["input"]], [targets["out"]])
    answer = {**breakouts.survey(targets), "missing": held.missing(), "files": held.files}
    os.write(given["reply"], json.dumps(answer).encode())
    os._exit(0)


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    if "targets" in told:
        _child(told)
    else:
        _parent(told)
