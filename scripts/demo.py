"""`make demo`: fill the local studio with people, remixes, reports and runs to look around in."""

import sys

from bootstrap import ensure_or_exit, further_locks, run


def main() -> int:
    python = ensure_or_exit("runtime", *further_locks())
    # Also before the first `make run`: the samples that are remixed must be there.
    code = run([python, "manage.py", "prepare"])
    return code or run([python, "manage.py", "demo"])


if __name__ == "__main__":
    sys.exit(main())
