"""Preparation at every start: the first people and the samples. Safe to repeat."""

from __future__ import annotations

import logging

from accounts import services as accounts
from builder.ops.samples import sample_files
from media import folder_mark
from moderation import moderators
from templates_app.lifecycle import samples, version_writes

logger = logging.getLogger(__name__)


def prepare() -> None:
    """Make `owner`, `system` and the published sample templates, where they are missing.

    The samples have their previews at once, where those that are committed show this release's.
    Raises MediaFolderAway.
    """
    folder_mark.ensure_marked()
    moderators.ensure_moderators(accounts.ensure_owner())
    accounts.ensure_system_user()
    # The newest comes first in the gallery.
    for name in reversed(sample_files.names()):
        sample = sample_files.read(name)
        sample_files.store(sample.files)
        try:
            samples.ensure_sample(sample.spec, references=sample.files)
        except version_writes.IdTaken as problem:
            # Someone published the id before this release brought the sample: theirs stays, and
            # the server starts all the same.
            logger.warning("%s.json was left out: %s", name, problem.message)
