"""`make bench`: measure on this machine; prints a table and writes `bench.json`.

`make bench T="start chain"` measures these rows alone.
"""

import sys

from bootstrap import ensure_or_exit, run
from suite import requested_arguments

import frontend

if __name__ == "__main__":
    python = ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    rows = sys.argv[1:] or requested_arguments()
    sys.exit(run([python, "-m", "tests.bench", *rows]))
