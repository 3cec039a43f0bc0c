"""What every start makes sure of: the first people and the samples. Safe to repeat."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from accounts import services as accounts
from moderation import services as moderation
from templates_app import services as templates

logger = logging.getLogger(__name__)

SAMPLES = Path(__file__).parent / "samples"


def prepare() -> None:
    """Make `owner`, `system` and the published sample templates, where they are missing."""
    moderation.ensure_moderators(accounts.ensure_owner())
    accounts.ensure_system_user()
    for path in sorted(SAMPLES.glob("*.json")):
        try:
            templates.ensure_sample(json.loads(path.read_text()))
        except templates.IdTaken as problem:
            # Somebody published the id before this release brought the sample: theirs stays, and
            # the studio starts all the same.
            logger.warning("%s was left out: %s", path.name, problem.message)
