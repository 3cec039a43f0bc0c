"""`make run`: set up what is missing, then become the supervisor until Ctrl-C."""

import os
import signal
import sys

from bootstrap import ROOT, SetupProblem, ensure_or_exit, further_locks

import frontend


def build_editor() -> None:
    """Build it; without it, the studio still makes films, and the editor's page says what to do."""
    try:
        frontend.ensure()
    except SetupProblem as problem:
        print(f"{problem}\nStarting without the newest editor.", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        sys.exit("Stopped. Run the same command to continue.")


def main() -> None:
    python = ensure_or_exit("runtime", *further_locks())
    build_editor()
    # A Ctrl-C while the server command is still loading waits for it; it unblocks both.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    os.chdir(ROOT)
    os.execv(python, [python, "manage.py", "serve"])


if __name__ == "__main__":
    main()
