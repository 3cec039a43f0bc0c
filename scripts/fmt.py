"""`make fmt`: format the code and mend what the linter can mend."""

import sys

from bootstrap import ensure_or_exit, run

if __name__ == "__main__":
    ruff = [ensure_or_exit("runtime", "dev"), "-m", "ruff"]
    fixed = run([*ruff, "check", "--fix", "."])
    sys.exit(run([*ruff, "format", "."]) or fixed)
