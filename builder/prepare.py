"""What every start makes sure of: the first people and the sample. Safe to repeat."""

from __future__ import annotations

import json
from pathlib import Path

from accounts import services as accounts
from templates_app import services as templates

SAMPLES = Path(__file__).parent / "samples"


def prepare() -> None:
    """Make `owner`, `system` and the published sample templates, where they are missing."""
    accounts.ensure_owner()
    accounts.ensure_system_user()
    for path in sorted(SAMPLES.glob("*.json")):
        templates.ensure_sample(json.loads(path.read_text()))
