"""`make bench-peers`: Celery and DBOS on the same steps as ours; writes `bench-peers.json`.

They live in an environment of their own, `.peers/`, from requirements/peers.txt. Their servers are
started for it, below the system's temporary folder, and gone afterwards. Never a part of CI.
"""

import shutil
import sys

import test_postgres
from bootstrap import ROOT, ensure_or_exit, run

import frontend

PEERS = ROOT / ".peers"
ROWS = ("chain", "step-cost", "thousand", "ready", "kill", "celery", "dbos")
NOT_HERE = (
    "`make bench-peers` needs {}. Run: sudo apt install redis-server postgresql"
    " (macOS: brew install redis postgresql)."
)


def missing() -> list[str]:
    """The servers that are not installed here."""
    programs = {"Redis": shutil.which("redis-server"), "Postgres": test_postgres.binaries()}
    return [name for name, path in programs.items() if path is None]


def main(arguments: list[str]) -> int:
    servers = missing()
    if servers:
        sys.exit(NOT_HERE.format(" and ".join(servers)))
    python = ensure_or_exit("runtime", "dev")
    ensure_or_exit("peers", venv=PEERS)
    frontend.ensure_or_exit()
    out = ["--out", str(ROOT / "bench-peers.json")]
    return run([python, "-m", "tests.bench", *out, *(arguments or ROWS)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
