"""`make bench`: measure on this machine; prints a table and writes `bench.json`."""

import sys

from bootstrap import ensure_or_exit, run

if __name__ == "__main__":
    python = ensure_or_exit("runtime", "dev")
    sys.exit(run([python, "-m", "tests.bench", *sys.argv[1:]]))
