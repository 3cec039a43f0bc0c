"""The settings of the tests: the real ones, with small media, test tools and room to run."""

from builder.settings import *  # noqa: F403
from builder.settings import DATABASES, HOME

# A file, not memory: threads and child processes of a test share it.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}

STUDIO = {"width": 320, "height": 180, "fps": 24, "max_duration_s": 60.0, "duration_s": 1.0}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
