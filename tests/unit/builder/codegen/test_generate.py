"""What is derived from declarations is current, and a stale file is named with the remedy."""

from __future__ import annotations

import shutil

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from builder.codegen.files import GENERATED
from builder.settings import BASE_DIR


def test_every_generated_file_is_current():
    call_command("generate", "--check")


@pytest.mark.parametrize("path", [one.path for one in GENERATED])
def test_a_stale_file_is_named_with_the_command_that_writes_it(settings, tmp_path, path):
    settings.BASE_DIR = tmp_path
    for one in GENERATED:
        (tmp_path / one.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(BASE_DIR / one.path, tmp_path / one.path)
    call_command("generate", "--check")
    text = (tmp_path / path).read_text()
    last = "text" if "text" in text else "r"
    before, _, after = text.rpartition(last)
    (tmp_path / path).write_text(f"{before}words{after}")
    with pytest.raises(CommandError, match=rf"^Out of date: {path}\. Run `manage\.py generate`\.$"):
        call_command("generate", "--check")
    call_command("generate")
    assert (tmp_path / path).read_text() == text
