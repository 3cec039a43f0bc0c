"""Row: drafting templates from briefs by rules, without a language model."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, spread
from tests.bench.ground import SETTINGS, Ground
from tests.support.program import ROOT

ROUNDS = 3


def drafts(ground: Ground) -> Iterator[Figure]:
    """Every brief of tests/fixtures/briefs.json to a checked, laid out and priced draft.

    CPU time of each in this process, three times over after a first round.
    """
    del ground
    fixture = json.loads((ROOT / "tests" / "fixtures" / "briefs.json").read_text())
    briefs = [case["brief"] for cases in fixture.values() for case in cases]
    with tempfile.TemporaryDirectory(prefix="rg-bench-") as home:
        os.environ["REELGRAPH_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
        import django

        django.setup()
        from django.core.management import call_command

        from compose.drafting import DraftRequest, draft

        # What tools took lately is part of a quote.
        call_command("migrate", verbosity=0)
        samples = []
        for number in range(ROUNDS + 1):
            for brief in briefs:
                before = time.process_time()
                draft(DraftRequest(brief))
                if number:
                    samples.append(1000 * (time.process_time() - before))
    yield spread(f"CPU of a draft by rules, {len(briefs)} briefs", samples, 50)
