"""`make key USER=alice`: print a new API key as the last line; creates the person if needed."""

import os
import sys

from bootstrap import ensure_or_exit, further_locks, run


def main() -> int:
    python = ensure_or_exit("runtime", *further_locks())
    # The data folder may be new: a key can be made before the studio was ever started.
    code = run([python, "manage.py", "prepare"])
    return code or run([python, "manage.py", "key", "--new", "--user", os.environ["KEY_USER"]])


if __name__ == "__main__":
    sys.exit(main())
