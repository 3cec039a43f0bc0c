"""The settings of the tests: the real ones, with small media, test tools and room to run."""

import atexit
import os
import shutil
import sys
import tempfile

if "pytest" in sys.modules:
    # Each test process (every xdist worker is one) gets a home of its own, never the checkout's.
    # Processes that a test starts inherit it, or are given another by that test.
    _home = tempfile.mkdtemp(prefix="reelgraph-", dir=os.environ.get("REELGRAPH_TEST_ROOT"))
    os.environ["REELGRAPH_HOME"] = _home
    atexit.register(shutil.rmtree, _home, ignore_errors=True)

from builder.settings import *  # noqa: F403
from builder.settings import DATABASES, HOME, SANDBOX

# A file, not memory: threads and child processes of a test share it.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}

STUDIO = {"width": 320, "height": 180, "fps": 24, "max_duration_s": 60.0, "duration_s": 1.0}
SANDBOX_PREFIXES = ("tests.support.",)
# Most processes of the tests end before another job comes: to start its child took 0.3 s of CPU.
SANDBOX = {**SANDBOX, "keeps_spare": False}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", "[::1]"]
# Everyone in the tests has just joined.
FIRST_STEPS = False
# Nothing listens at the usual ones, whatever runs on the machine of the tests.
_ports = map(int, os.environ.get("TEST_MODEL_PORTS", "1 2 3").split())
LOCAL_MODEL_PORTS = dict(zip(("ollama", "lm-studio", "llama-cpp"), _ports, strict=True))
EXTRA_TOOL_MODULES = ["tests.support.fakes.tools"]
