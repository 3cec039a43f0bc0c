"""`make previews`: render previews of the samples that changed, with the built-in studio."""

import os
import shlex
import shutil
import sys
import tempfile

from bootstrap import ensure_or_exit, run

if __name__ == "__main__":
    python = ensure_or_exit("runtime")
    # Settings, services and data of a server on this machine must not change the previews.
    for name in [name for name in os.environ if name.startswith("REELGRAPH_")]:
        del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    home = tempfile.mkdtemp(prefix="reelgraph-previews-")
    os.environ["REELGRAPH_HOME"] = home
    try:
        names = sys.argv[1:] or shlex.split(os.environ.get("T", ""))
        sys.exit(run([python, "scripts/sample_previews", *names]))
    finally:
        shutil.rmtree(home, ignore_errors=True)
