"""`make test-studio`: the tests of the studio alone, slow ones included, without Django."""

from __future__ import annotations

import sys

from suite import exit_code, requested_arguments, run_tests

FOLDER = "studio/tests"
# The conftest of all tests sets up the server.
ALONE = ["-c", f"{FOLDER}/without_django.ini", "--rootdir=.", "--noconftest"]


def main() -> int:
    chosen = sys.argv[1:] or requested_arguments()
    arguments = [*ALONE, "-m", "not thorough", FOLDER, *chosen]
    return exit_code(run_tests(arguments, builds_editor=False))


if __name__ == "__main__":
    sys.exit(main())
