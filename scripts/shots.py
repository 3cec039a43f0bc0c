"""`make shots`: photograph again the pages that README and docs show."""

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
