"""A program that a job needs beside it: `python -m media.sandbox.helper PARENT MODULE`.

It is confined before anything of the module is imported: it reads our code and its input, writes
its output, and does not outlive the process PARENT. A confined job can start no process, so the
job's module starts it from `before_confinement`.
"""

from __future__ import annotations

import runpy
import sys

from core.process_death import die_with
from media.sandbox.confine import code_paths, confine


def main(parent: int, module: str) -> None:
    die_with(parent)
    confine(code_paths(), [])
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
