"""`make shots`: photograph every page into docs/shots, to be looked at and kept."""

import os
import shlex
import sys

from bootstrap import ensure_or_exit, run

import frontend

if __name__ == "__main__":
    python = ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    names = sys.argv[1:] or shlex.split(os.environ.get("T", ""))
    sys.exit(run([python, "-m", "tests.shots", *names]))
