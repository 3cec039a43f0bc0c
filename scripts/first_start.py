"""A newcomer's first start: clone, `make run`, open the page, Ctrl-C. Fails where that would.

Clones this checkout's last commit into an empty folder, so that nothing it needs can be missing
from the repository. Prints how long everything took.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from bootstrap import ROOT
from ports import free_port

READY_WITHIN_S = 600.0
STOPPED_WITHIN_S = 5.0


class FirstStart:
    """One `make run` in a fresh clone: its lines, and when each came."""

    def __init__(self, checkout: Path, port: int) -> None:
        # No setting of the caller's: an outsider has none. Theirs are the package sources, kept.
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("REELGRAPH_", "MAKE", "MFLAGS")) and name != "DATABASE_URL"
        }
        self.started = time.monotonic()
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            ["make", "run"],
            cwd=checkout,
            env={**environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._print_lines, daemon=True).start()

    def _print_lines(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            print(f"  | {line}", end="", flush=True)
            self.lines.append(line.rstrip())

    def wait_for(self, pattern: str, within_s: float) -> str:
        """The first line that matches; ends the check when none comes."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            is_over = self.process.poll() is not None
            for line in list(self.lines):
                if re.search(pattern, line):
                    return line
            if is_over:
                sys.exit(f"`make run` ended with {self.process.returncode} before {pattern!r}.")
            time.sleep(0.05)
        sys.exit(f"`make run` did not say {pattern!r} within {within_s:.0f} s.")

    def stop(self) -> float:
        """Press Ctrl-C; returns the seconds until all was over."""
        start = time.monotonic()
        # A terminal's Ctrl-C goes to make and to what it runs.
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(STOPPED_WITHIN_S * 4)
        except subprocess.TimeoutExpired:
            sys.exit("`make run` did not stop after Ctrl-C.")
        return time.monotonic() - start

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return int(answer.status)


def pids(home: Path) -> list[int]:
    return [int(path.read_text()) for path in sorted((home / "run").glob("*.pid"))]


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="rg-first-"))
    checkout = folder / "reelgraph"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
    port = free_port()
    start = FirstStart(checkout, port)
    try:
        start.wait_for(rf"^Reelgraph is ready: http://127\.0\.0\.1:{port}/$", READY_WITHIN_S)
        ready_s = time.monotonic() - start.started
        link = start.wait_for(rf"http://127\.0\.0\.1:{port}/sign-in/\S+", 10).split()[-1]
        for url in (f"http://127.0.0.1:{port}/", link):
            if status_of(url) != 200:
                sys.exit(f"{url} does not answer 200.")
        processes = pids(checkout / ".reelgraph")
        if len(processes) < 2:
            sys.exit("There are no pid files of the web process and the workers.")
        stopped_s = start.stop()
        if stopped_s > STOPPED_WITHIN_S:
            sys.exit(f"Stopping took {stopped_s:.1f} s, more than {STOPPED_WITHIN_S:.0f}.")
        living = [pid for pid in processes if Path(f"/proc/{pid}").exists()]
        if living:
            sys.exit(f"Processes outlived Ctrl-C: {living}")
        if pids(checkout / ".reelgraph"):
            sys.exit("Pid files outlived Ctrl-C.")
        status = subprocess.run(
            ["git", "status", "--porcelain"], cwd=checkout, capture_output=True, text=True
        ).stdout
        if status:
            sys.exit(f"Running left files that git does not ignore:\n{status}")
        print(f"First start: ready after {ready_s:.1f} s, stopped in {stopped_s:.1f} s.")
    finally:
        start.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
