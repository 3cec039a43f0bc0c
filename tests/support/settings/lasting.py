"""As the tests' settings, with films that last long enough for a moment in them."""

from tests.support.settings import *  # noqa: F403
from tests.support.settings import STUDIO as _STUDIO

STUDIO = {**_STUDIO, "duration_s": 4.0}
