"""`make contact-sheet`: what every tool of the studio makes, on pages to be looked at."""

import sys

from bootstrap import ensure_or_exit, run

if __name__ == "__main__":
    python = ensure_or_exit("runtime", "dev")
    sys.exit(run([python, "-m", "tests.sheets", *sys.argv[1:]]))
