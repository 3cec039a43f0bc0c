"""The settings of the photographs, with a folder for backups."""

from tests.shots.settings import *  # noqa: F403
from tests.shots.settings import HOME

BACKUP_DIR = str(HOME / "backup")
