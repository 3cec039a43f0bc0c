"""`make fmt`: format the code and fix what the linter can fix."""

import sys

from bootstrap import ensure_or_exit, run

import frontend

if __name__ == "__main__":
    ruff = [ensure_or_exit("runtime", "dev"), "-m", "ruff"]
    lint = run([*ruff, "check", "--fix", "."])
    layout = run([*ruff, "format", "."])
    # Its exit code says whether it changed anything.
    run([ruff[0], "-m", "djlint", "--reformat", "--quiet", "."])
    node = frontend.packages_or_exit()
    editor = run(node.command("run", "fmt"), **node.environment())
    sys.exit(lint or layout or editor)
