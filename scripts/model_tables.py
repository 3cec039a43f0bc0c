"""`make model-tables`: rows of models whose prices, or whose proof, are older than 90 days."""

import sys

from bootstrap import ensure_or_exit, further_locks, run

if __name__ == "__main__":
    python = ensure_or_exit("runtime", *further_locks())
    sys.exit(run([python, "manage.py", "providers", "tables"]))
