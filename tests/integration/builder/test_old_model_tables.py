"""`manage.py providers tables`: rows of models and proofs that are older than 90 days."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tools.provider_trials import proofs
from tools.provider_trials.ages import old_facts
from tools.providers.makers.table import STALE_DAYS, offered_at

pytestmark = pytest.mark.django_db

ROW = """
schema = 1
read = 2026-01-02
[[model]]
name = "mine"
title = "Mine"
by = "Me"
tools = ["generate_image"]
[[model.at]]
service = "fal"
id = "me/mine"
off = true
body.prompt = "prompt"
result = { path = "images[].url", kind = "image" }
price = { usd = 0.01 }
"""


def said() -> str:
    out = StringIO()
    call_command("providers", "tables", stdout=out)
    return out.getvalue()


def test_old_rows_and_old_proofs_are_listed(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    newest = max(one.read for one in offered_at("fal"))
    assert list(old_facts(newest)) == []
    assert list(old_facts(newest + timedelta(days=STALE_DAYS + 1)))
    folder = tmp_path / "models.d"
    folder.mkdir()
    (folder / "mine.toml").write_text(ROW)
    old = {"service": "fal", "url": "u", "fact": "price", "model": "mine", "id": "me/mine"}
    known = [
        proofs.Proof(**old, on=date(2026, 1, 3)),
        proofs.Proof(service="router", url="u", fact=proofs.SUBMIT, on=date(2026, 1, 4)),
        proofs.Proof(service="router", url="u", fact="crash", on=newest),
    ]
    rows = ",".join(proof.model_dump_json() for proof in known)
    (folder / "proven.json").write_text(f'{{"proofs": [{rows}]}}')
    lines = said().splitlines()
    assert "fal: mine, me/mine: compared with the provider's pages on 2 Jan 2026" in lines
    assert "fal: price of mine, me/mine: proven with a real key on 3 Jan 2026" in lines
    assert "router: repeated request: proven with a real key on 4 Jan 2026" in lines
    (folder / "mine.toml").write_text("[")
    with pytest.raises(CommandError, match=r"mine\.toml is no TOML"):
        said()
