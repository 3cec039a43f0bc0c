"""What is derived from declarations is current, and a stale file is named with the remedy."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from builder.codegen.files import GENERATED
from builder.settings import BASE_DIR


def test_every_generated_file_is_current():
    call_command("generate", "--check")


def test_stale_files_are_named_with_the_command_that_writes_them(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    texts = {one.path: (BASE_DIR / one.path).read_text() for one in GENERATED}
    for path, text in texts.items():
        before, _, after = text.rpartition("text" if "text" in text else "r")
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{before}words{after}")
    # Together: to generate them all once costs a quarter of a second.
    says = f"Out of date: {', '.join(texts)}. Run `manage.py generate`."
    with pytest.raises(CommandError, match=rf"^{re.escape(says)}$"):
        call_command("generate", "--check")
    call_command("generate")
    assert {path: (tmp_path / path).read_text() for path in texts} == texts
