"""The settings of the tests, with addresses that show how failures are answered."""

from tests.support.settings import *  # noqa: F403

ROOT_URLCONF = "tests.support.fakes.core_urls"
