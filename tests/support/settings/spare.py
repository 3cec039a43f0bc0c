"""The settings of the tests, with a sandbox child for a job that may come, as people have it."""

from tests.support.settings import *  # noqa: F403
from tests.support.settings import SANDBOX as _SANDBOX

SANDBOX = {**_SANDBOX, "keeps_spare": True}
