"""`make run`: set up what is missing, then become the supervisor until Ctrl-C."""

import os
import signal

from bootstrap import ROOT, database_locks, ensure_or_exit


def main() -> None:
    python = ensure_or_exit("runtime", *database_locks())
    # A Ctrl-C while the server command is still loading waits for it; it unblocks both.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    os.chdir(ROOT)
    os.execv(python, [python, "manage.py", "studio"])


if __name__ == "__main__":
    main()
