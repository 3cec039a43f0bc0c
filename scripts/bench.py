"""`make bench`: measure on this machine; prints a table and writes `bench.json`."""

import sys

from bootstrap import ensure_or_exit, run

import frontend

if __name__ == "__main__":
    python = ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    sys.exit(run([python, "-m", "tests.bench", *sys.argv[1:]]))
